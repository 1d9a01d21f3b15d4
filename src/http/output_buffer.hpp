#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <string>
#include <string_view>

namespace kurs::http {

/// Answers that are to be sent. Bodies that last are not copied.
class OutputBuffer {
public:
    using Pieces = std::array<boost::asio::const_buffer, 2>;

    /// Not behind a body that lasts.
    void append(std::string_view bytes) { copied_.append(bytes); }
    void append_lasting(std::string_view body) { lasting_ = body; }

    /// What is to be sent next, at most `most` bytes.
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
    static constexpr std::size_t most_kept = 16 * 1024;  ///< of memory, by an idle connection

    std::string copied_;
    std::size_t sent_ = 0;  ///< of it
    std::string_view lasting_;
};

}  // namespace kurs::http
