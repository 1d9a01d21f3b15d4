#include "redis/reply.hpp"

#include <hiredis/hiredis.h>

namespace kurs::redis {

bool Reply::is_error(std::string_view code) const {
    return kind == Kind::error && text.starts_with(code) &&
           (text.size() == code.size() || text[code.size()] == ' ');
}

Reply copy_reply(const redisReply& reply) {
    Reply copy;
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            copy.kind = Reply::Kind::integer;
            copy.integer = reply.integer;
            break;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
        case REDIS_REPLY_ERROR:
            copy.kind = reply.type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
            copy.text.assign(reply.str, reply.len);
            break;
        case REDIS_REPLY_ARRAY:
            copy.kind = Reply::Kind::array;
            copy.array.reserve(reply.elements);
            for (std::size_t i = 0; i < reply.elements; ++i)
                copy.array.push_back(
                    copy_reply(*reply.element[i]));  // at most seven deep: hiredis sees to it
            break;
        default: break;
    }
    return copy;
}

}  // namespace kurs::redis
