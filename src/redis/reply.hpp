#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct redisReply;

namespace kurs::redis {

/// A reply of Redis.
struct Reply {
    enum class Kind { nil, integer, text, array, error };

    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;  ///< for an error: its code, a space and a sentence
    std::vector<Reply> array;

    bool is_error(std::string_view code) const;
};

/// A status such as OK becomes text.
Reply copy_reply(const redisReply& reply);

}  // namespace kurs::redis
