#include "redis/view.hpp"

#include "redis/answers.hpp"

namespace kurs::redis {
namespace {

constexpr auto view_key = "kurs:view";
constexpr auto last_key = "kurs:view-last";
constexpr auto snapshot_key = "kurs:snapshot";

// Ids begin with the time at which Redis took the entry, so trimming by id is trimming by time.
constexpr auto append_text = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local now = redis.call('TIME')
local oldest = string.format('%.0f', math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[2]))
local id = redis.call('XADD', KEYS[2], 'MINID', '~', oldest, '*',
  'epoch', ARGV[1], 'after', redis.call('GET', KEYS[3]) or '', 'text', ARGV[3])
redis.call('SET', KEYS[3], id)
return id
)";

constexpr auto save_text = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'id', ARGV[2], 'epoch', ARGV[1], 'text', ARGV[3])
return 1
)";

}  // namespace

View::View(Line& commands, Line& readings, RedisLimits limits)
    : commands_(commands), readings_(readings), limits_(limits), append_(append_text), save_(save_text) {}

SharedQueue::Answer<std::optional<std::string>> View::append(Epoch epoch, std::string text) {
    if (text.size() > limits_.text_bytes) co_return too_large(limits_.text_bytes);
    Connection::Words keys{epoch_key, view_key, last_key};
    Connection::Words arguments{to_string(epoch), std::to_string(limits_.view_kept.count()), std::move(text)};
    auto reply = co_await append_.run(commands_, std::move(keys), std::move(arguments));
    if (!reply) co_return reply.error();
    if (reply->kind == Reply::Kind::nil) co_return std::nullopt;
    if (reply->kind != Reply::Kind::text) co_return unexpected(*reply);
    std::optional<std::string> id = std::move(reply->text);
    co_return id;
}

SharedQueue::Answer<bool> View::save(QueueSnapshot snapshot) {
    if (snapshot.text.size() > limits_.text_bytes) co_return too_large(limits_.text_bytes);
    Connection::Words keys{epoch_key, snapshot_key};
    Connection::Words arguments{to_string(snapshot.epoch), std::move(snapshot.id), std::move(snapshot.text)};
    auto reply = co_await save_.run(commands_, std::move(keys), std::move(arguments));
    co_return is_one(reply);
}

SharedQueue::Answer<std::optional<QueueSnapshot>> View::load() {
    const Connection::Words words{"HMGET", snapshot_key, "id", "epoch", "text"};
    auto reply = co_await commands_.command(words);
    if (!reply) co_return reply.error();
    auto& values = reply->array;
    if (values.size() != 3) co_return unexpected(*reply);
    if (values[0].kind == Reply::Kind::nil) co_return std::nullopt;
    QueueSnapshot snapshot{std::move(values[0].text), parse_epoch(values[1].text), std::move(values[2].text)};
    co_return snapshot;
}

SharedQueue::Answer<std::vector<QueueEntry>> View::read(std::string id, Duration wait) {
    Connection::Words words{"XREAD", "COUNT", std::to_string(most_entries)};
    add_wait(words, wait);
    words.insert(words.end(), {"STREAMS", view_key, id.empty() ? "0" : std::move(id)});
    auto reply = co_await readings_.read(words, wait);
    if (!reply) co_return reply.error();
    co_return parse_reading(*reply);
}

}  // namespace kurs::redis
