#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace kurs::server {

/// Received bytes that are not yet consumed. Bounded; grows only if a request is larger than usual.
class InputBuffer {
public:
    /// The space for the next bytes. Empty if `is_full`. Invalidates `bytes`.
    boost::asio::mutable_buffer room() {
        if (begin_ != 0) {
            std::memmove(storage_.data(), storage_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == storage_.size() && !is_full()) storage_.resize(storage_.empty() ? usual : most);
        return boost::asio::buffer(storage_.data() + end_, storage_.size() - end_);
    }

    void commit(std::size_t count) { end_ += count; }

    std::string_view bytes() const { return {storage_.data() + begin_, end_ - begin_}; }

    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) clear();
    }

    void clear() { begin_ = end_ = 0; }
    bool is_empty() const { return begin_ == end_; }
    bool is_full() const { return end_ - begin_ == most; }

private:
    static constexpr std::size_t usual = 4 * 1024;
    static constexpr std::size_t most = 16 * 1024;

    std::vector<char> storage_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// Responses to be sent. Lasting bodies are not copied.
class OutputBuffer {
public:
    using Pieces = std::array<boost::asio::const_buffer, 2>;

    /// Must not follow a lasting body.
    void append(std::string_view bytes) { copied_.append(bytes); }
    void append_lasting(std::string_view body) { lasting_ = body; }

    /// The next bytes to send, at most `most`.
    Pieces front(std::size_t most) const {
        const auto copied = std::string_view(copied_).substr(sent_, most);
        const auto lasting = lasting_.substr(0, most - copied.size());
        return {boost::asio::buffer(copied), boost::asio::buffer(lasting)};
    }

    void consume(std::size_t count) {
        const auto of_copied = std::min(count, copied_.size() - sent_);
        sent_ += of_copied;
        lasting_.remove_prefix(count - of_copied);
        if (is_empty()) clear();
    }

    void clear() {
        if (copied_.capacity() > most_kept) copied_ = {};
        copied_.clear();
        sent_ = 0;
        lasting_ = {};
    }

    bool is_empty() const { return sent_ == copied_.size() && lasting_.empty(); }
    bool ends_with_lasting() const { return !lasting_.empty(); }
    std::size_t size() const { return copied_.size() - sent_ + lasting_.size(); }

private:
    static constexpr std::size_t most_kept = 16 * 1024;  ///< memory kept by an idle connection

    std::string copied_;
    std::size_t sent_ = 0;  ///< bytes sent of the current buffer
    std::string_view lasting_;
};

}  // namespace kurs::server
