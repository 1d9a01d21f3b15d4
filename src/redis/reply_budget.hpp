#pragma once

#include <hiredis/hiredis.h>

namespace kurs::redis {

/// A bound on the memory of one answer, which hiredis lacks: ten bytes of a hostile server would have it
/// allocate an array of 2^31 elements. Outlives the reader.
class ReplyBudget {
public:
    explicit ReplyBudget(std::size_t bytes) : bytes_(bytes), left_(bytes) {}
    ReplyBudget(const ReplyBudget&) = delete;
    ReplyBudget& operator=(const ReplyBudget&) = delete;

    /// From here on the reader gives up, as if out of memory, where an answer would be larger.
    void watch(redisReader& reader);

    /// Whether the reader gave up, or holds too much of an answer that is not complete.
    bool is_spent(const redisReader& reader) const { return was_exceeded_ || reader.len > bytes_; }

    /// The answer has been taken: the next one begins.
    void renew() { left_ = bytes_; }

private:
    static void* create_string(const redisReadTask* task, char* text, std::size_t size);
    static void* create_array(const redisReadTask* task, int elements);
    bool take(std::size_t bytes);

    std::size_t bytes_;
    std::size_t left_;
    bool was_exceeded_ = false;
    redisReplyObjectFunctions standard_{};  ///< hiredis's own
    redisReplyObjectFunctions bounded_{};
};

}  // namespace kurs::redis
