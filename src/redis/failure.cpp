#include "redis/failure.hpp"

#include <algorithm>
#include <array>

namespace kurs::redis {

LogFailure failed(std::string_view text) {
    constexpr std::size_t longest = 160;
    std::string shown(text.substr(0, longest));
    std::ranges::replace_if(
        shown, [](char c) { return c < ' ' || c > '~'; }, '?');
    return {"Redis: " + shown};
}

LogFailure unexpected(const Reply& reply) {
    if (reply.kind != Reply::Kind::error) return failed("an answer that was not expected");
    // Redis appends the script's name, which would turn one reason into many.
    auto failure = failed(std::string_view(reply.text).substr(0, reply.text.find(" script: ")));
    failure.is_permanent =
        reply.is_error("NOAUTH") || reply.is_error("WRONGPASS") || reply.is_error("NOPERM");
    return failure;
}

bool is_refused_connection(const Reply& reply) {
    constexpr std::array codes{"READONLY", "LOADING", "MASTERDOWN", "UNBLOCKED", "NOAUTH", "WRONGPASS"};
    return std::ranges::any_of(codes, [&](const auto* code) { return reply.is_error(code); });
}

}  // namespace kurs::redis
