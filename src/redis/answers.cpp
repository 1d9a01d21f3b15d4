#include "redis/answers.hpp"

#include <algorithm>
#include <array>

#include "kurs/domain/whole_number.hpp"

namespace kurs::redis {
namespace {

using enum Reply::Kind;

/// The value of an entry's field; empty if it has no such field.
std::string find_field(const Reply& fields, std::string_view name) {
    for (std::size_t i = 0; i + 1 < fields.array.size(); i += 2) {
        if (fields.array[i].text == name) return fields.array[i + 1].text;
    }
    return {};
}

}  // namespace

LogFailure failed(std::string_view text) {
    constexpr std::size_t longest = 160;
    std::string shown(text.substr(0, longest));
    std::ranges::replace_if(
        shown, [](char c) { return c < ' ' || c > '~'; }, '?');
    return {shown};
}

LogFailure unexpected(const Reply& reply) {
    if (reply.kind != error) return failed("an answer that was not expected");
    // Redis appends the script's name, which would turn one reason into many.
    return failed(std::string_view(reply.text).substr(0, reply.text.find(" script: ")));
}

bool is_refused_connection(const Reply& reply) {
    constexpr std::array codes{"READONLY", "LOADING", "MASTERDOWN", "UNBLOCKED", "NOAUTH", "WRONGPASS"};
    return std::ranges::any_of(codes, [&](const auto* code) { return reply.is_error(code); });
}

Epoch parse_epoch(std::string_view text) {
    const auto epoch = parse_whole_number<std::uint64_t>(text);
    return epoch ? Epoch{*epoch} : Epoch{};
}

log_result<bool> is_one(const log_result<Reply>& reply) {
    if (!reply) return reply.error();
    if (reply->kind != integer) return unexpected(*reply);
    return reply->integer == 1;
}

log_result<std::vector<StoredEntry>> parse_reading(const Reply& reply) {
    std::vector<StoredEntry> parsed;
    if (reply.kind == nil) return parsed;
    if (reply.array.size() != 1 || reply.array[0].array.size() != 2) return unexpected(reply);
    const auto& entries = reply.array[0].array[1];
    if (entries.kind != array) return unexpected(entries);
    for (const auto& entry : entries.array) {
        if (entry.array.size() != 2 || entry.array[0].kind != text) return unexpected(entry);
        const auto& fields = entry.array[1];
        parsed.push_back({entry.array[0].text, parse_epoch(find_field(fields, "epoch")),
                          find_field(fields, "text"), find_field(fields, "after")});
    }
    return parsed;
}

}  // namespace kurs::redis
