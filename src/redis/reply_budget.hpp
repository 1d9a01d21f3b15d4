#pragma once

#include <hiredis/hiredis.h>

namespace kurs::redis {

/// A memory limit for one reply, which hiredis lacks: ten bytes from a hostile server would make it allocate
/// an array of 2^31 elements. Must outlive the reader.
class ReplyBudget {
public:
    explicit ReplyBudget(std::size_t bytes) : bytes_(bytes), left_(bytes) {}
    ReplyBudget(const ReplyBudget&) = delete;
    ReplyBudget& operator=(const ReplyBudget&) = delete;

    /// Makes the reader fail, as if out of memory, if a reply would exceed the limit.
    void watch(redisReader& reader);

    /// Whether the reader failed, or holds too much of an incomplete reply.
    bool is_spent(const redisReader& reader) const { return was_exceeded_ || reader.len > bytes_; }

    /// The reply has been taken; the next one begins.
    void renew() { left_ = bytes_; }

private:
    static void* create_string(const redisReadTask* task, char* text, std::size_t size);
    static void* create_array(const redisReadTask* task, int elements);
    bool take(std::size_t bytes);

    std::size_t bytes_;
    std::size_t left_;
    bool was_exceeded_ = false;
    redisReplyObjectFunctions standard_{};  ///< hiredis's own functions
    redisReplyObjectFunctions bounded_{};
};

}  // namespace kurs::redis
