#include "redis/answers.hpp"

#include <charconv>

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

void add_wait(Connection::Words& words, Duration wait) {
    // Redis treats a wait of zero as infinite.
    if (wait > Duration{0}) words.insert(words.end(), {"BLOCK", std::to_string(wait.count())});
}

LogFailure too_large(std::size_t limit) {
    auto failure = failed("a text is larger than " + std::to_string(limit) + " bytes");
    failure.is_permanent = true;
    return failure;
}

LogFailure too_many(std::size_t count) {
    auto failure = failed(std::to_string(count) + " at once are too many");
    failure.is_permanent = true;
    return failure;
}

Epoch parse_epoch(std::string_view text) {
    std::uint64_t epoch = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), epoch);
    return error == std::errc{} && stop == text.data() + text.size() ? Epoch{epoch} : Epoch{};
}

std::string to_string(Epoch epoch) {
    return std::to_string(static_cast<std::uint64_t>(epoch));
}

log_result<bool> is_one(const log_result<Reply>& reply) {
    if (!reply) return reply.error();
    if (reply->kind != integer) return unexpected(*reply);
    return reply->integer == 1;
}

log_result<std::vector<StoredEntry>> parse_reading(const Reply& reply) {
    if (reply.kind == nil) return std::vector<StoredEntry>{};
    const bool is_of_one_stream = reply.kind == array && reply.array.size() == 1 &&
                                  reply.array[0].kind == array && reply.array[0].array.size() == 2;
    if (!is_of_one_stream) return unexpected(reply);
    return parse_entries(reply.array[0].array[1]);
}

log_result<std::vector<StoredEntry>> parse_entries(const Reply& entries) {
    if (entries.kind != array) return unexpected(entries);
    std::vector<StoredEntry> parsed;
    for (const auto& entry : entries.array) {
        if (entry.kind == nil) continue;
        if (entry.array.size() != 2 || entry.array[0].kind != text) return unexpected(entry);
        const auto& fields = entry.array[1];
        if (fields.kind == nil) continue;
        parsed.push_back({entry.array[0].text, parse_epoch(find_field(fields, "epoch")),
                          find_field(fields, "text"), find_field(fields, "after")});
    }
    return parsed;
}

}  // namespace kurs::redis
