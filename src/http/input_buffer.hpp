#pragma once

#include <boost/asio/buffer.hpp>
#include <cstring>
#include <string_view>
#include <vector>

namespace kurs::http {

/// Bytes that were received and not yet used. Bounded; grows only if a request is larger than usual.
class InputBuffer {
public:
    /// Where the next bytes go. Empty if `is_full`. Ends the validity of `bytes`.
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

}  // namespace kurs::http
