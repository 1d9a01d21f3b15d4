#include "redis/notes.hpp"

#include "redis/answers.hpp"

namespace kurs::redis {
namespace {

constexpr auto copies_key = "kurs:copies";
constexpr auto counted_for = std::chrono::milliseconds(10'000);

// By Redis's clock, which the copies have in common.
constexpr auto check_in_text = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
)";

std::string note_key(const std::string& name) {
    return "kurs:note:" + name;
}

}  // namespace

Notes::Notes(Line& line, std::string copy, RedisLimits limits)
    : line_(line), copy_(std::move(copy)), limits_(limits), check_in_(check_in_text) {}

SharedQueue::Answer<bool> Notes::leave(std::string name, std::string text, Duration kept) {
    if (text.size() > limits_.text_bytes) co_return too_large(limits_.text_bytes);
    const Connection::Words words{"SET", note_key(name), std::move(text), "PX", std::to_string(kept.count())};
    auto reply = co_await line_.command(words);
    if (!reply) co_return reply.error();
    if (reply->kind != Reply::Kind::text) co_return unexpected(*reply);
    co_return true;
}

SharedQueue::Answer<std::vector<std::string>> Notes::read(std::vector<std::string> names) {
    std::vector<std::string> texts;
    if (names.empty()) co_return texts;
    if (names.size() > most_entries) co_return too_many(names.size());
    Connection::Words words{"MGET"};
    for (const auto& name : names) words.push_back(note_key(name));
    auto reply = co_await line_.command(words);
    if (!reply) co_return reply.error();
    if (reply->array.size() != names.size()) co_return unexpected(*reply);
    for (auto& value : reply->array) {
        if (value.kind != Reply::Kind::text && value.kind != Reply::Kind::nil) co_return unexpected(value);
        texts.push_back(std::move(value.text));
    }
    co_return texts;
}

SharedQueue::Answer<std::size_t> Notes::check_in() {
    Connection::Words keys{copies_key};
    Connection::Words arguments{copy_, std::to_string(Duration(counted_for).count())};
    auto reply = co_await check_in_.run(line_, std::move(keys), std::move(arguments));
    if (!reply) co_return reply.error();
    if (reply->kind != Reply::Kind::integer || reply->integer < 1) co_return unexpected(*reply);
    co_return static_cast<std::size_t>(reply->integer);
}

}  // namespace kurs::redis
