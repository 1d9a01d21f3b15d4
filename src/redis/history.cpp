#include "redis/history.hpp"

#include <algorithm>
#include <iterator>

#include "redis/answers.hpp"

namespace kurs::redis {
namespace {

constexpr auto history_key = "kurs:history";
constexpr auto group = "archive";
constexpr auto forget_every = std::chrono::hours(1);

// Trimmed by time, as the view is, and by size. The size is that of all entries (SAMPLES 0): what Redis
// reckons from the oldest few is wrong by far where those are batches that an outage has held up, a hundred
// times as large as others. As that takes milliseconds where the stream is long, it is looked at once in 64
// lengths: a stream grows by one entry at a time, so that it cannot grow without coming by.
constexpr auto append_text = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local now = redis.call('TIME')
local oldest = string.format('%.0f', math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[2]))
local dropped = redis.call('XTRIM', KEYS[2], 'MINID', '~', oldest)
local length = redis.call('XLEN', KEYS[2])
if length % 64 == 0 then
  while length > 0 and redis.call('MEMORY', 'USAGE', KEYS[2], 'SAMPLES', 0) > tonumber(ARGV[3]) do
    length = math.floor(length * 0.9)
    dropped = dropped + redis.call('XTRIM', KEYS[2], 'MAXLEN', length)
  end
end
return {redis.call('XADD', KEYS[2], '*', 'epoch', ARGV[1], 'text', ARGV[4]), dropped}
)";

constexpr auto acknowledge_text = R"(
local group = table.remove(ARGV, 1)
local acknowledged = redis.call('XACK', KEYS[1], group, unpack(ARGV))
redis.call('XDEL', KEYS[1], unpack(ARGV))
return acknowledged
)";

constexpr auto find_oldest_text = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
return redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
)";

// Every copy there has ever been would stay a consumer otherwise.
constexpr auto forget_text = R"(
for _, listed in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #listed, 2 do consumer[listed[i]] = listed[i + 1] end
  if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
  end
end
)";

store_result<std::optional<Appended>> parse_appended(Reply reply) {
    using enum Reply::Kind;
    auto& parts = reply.array;
    const bool is_expected =
        parts.size() == 2 && parts[0].kind == text && parts[1].kind == integer && parts[1].integer >= 0;
    if (!is_expected) return unexpected(reply);
    return Appended{std::move(parts[0].text), static_cast<std::size_t>(parts[1].integer)};
}

}  // namespace

History::History(Line& commands, Line& readings, std::string copy, RedisLimits limits)
    : commands_(commands),
      readings_(readings),
      copy_(std::move(copy)),
      limits_(limits),
      append_(append_text),
      acknowledge_(acknowledge_text),
      find_oldest_(find_oldest_text),
      forget_(forget_text) {}

SharedQueue::Answer<std::optional<Appended>> History::append(Epoch epoch, std::string text) {
    if (text.size() > limits_.text_bytes) co_return too_large(limits_.text_bytes);
    Connection::Words keys{epoch_key, history_key};
    Connection::Words arguments{to_string(epoch), std::to_string(limits_.history_kept.count()),
                                std::to_string(limits_.history_bytes), std::move(text)};
    auto reply = co_await append_.run(commands_, std::move(keys), std::move(arguments));
    if (!reply) co_return reply.error();
    if (reply->kind == Reply::Kind::nil) co_return std::nullopt;
    co_return parse_appended(std::move(*reply));
}

SharedQueue::Answer<std::vector<QueueEntry>> History::read(std::size_t most, Duration wait,
                                                           Duration idle_limit) {
    most = std::clamp<std::size_t>(most, 1, most_entries);
    auto claimed = co_await claim(most, idle_limit);
    if (!claimed || !claimed->empty()) co_return claimed;
    if (std::chrono::steady_clock::now() >= forget_at_) co_await forget_consumers();
    co_return co_await read_new(most, wait);
}

SharedQueue::Answer<History::Entries> History::claim(std::size_t most, Duration idle_limit) {
    const Connection::Words words{
        "XAUTOCLAIM", history_key,         group, copy_, std::to_string(idle_limit.count()), claim_from_,
        "COUNT",      std::to_string(most)};
    auto reply = co_await readings_.command(words);
    if (!reply) co_return reply.error();
    if (reply->is_error("NOGROUP")) co_return co_await make_group();
    if (reply->array.size() < 2) co_return unexpected(*reply);
    claim_from_ = reply->array[0].text;
    co_return parse_entries(reply->array[1]);
}

SharedQueue::Answer<History::Entries> History::read_new(std::size_t most, Duration wait) {
    Connection::Words words{"XREADGROUP", "GROUP", group, copy_, "COUNT", std::to_string(most)};
    add_wait(words, wait);
    words.insert(words.end(), {"STREAMS", history_key, ">"});
    auto reply = co_await readings_.read(words, wait);
    if (!reply) co_return reply.error();
    co_return parse_reading(*reply);
}

/// Returns no entries. From the stream's beginning, so that nothing is lost that was appended before.
SharedQueue::Answer<History::Entries> History::make_group() {
    const Connection::Words words{"XGROUP", "CREATE", history_key, group, "0", "MKSTREAM"};
    auto reply = co_await readings_.command(words);
    if (!reply) co_return reply.error();
    const bool is_there = reply->kind == Reply::Kind::text || reply->is_error("BUSYGROUP");
    if (!is_there) co_return unexpected(*reply);
    co_return Entries();
}

/// If it fails the next reading will, or it is tried again in an hour.
net::awaitable<void> History::forget_consumers() {
    forget_at_ = std::chrono::steady_clock::now() + forget_every;
    Connection::Words keys{history_key};
    Connection::Words arguments{group, std::to_string(limits_.history_kept.count())};
    co_await forget_.run(readings_, std::move(keys), std::move(arguments));
}

SharedQueue::Answer<bool> History::acknowledge(std::vector<std::string> ids) {
    if (ids.empty()) co_return true;
    const auto count = static_cast<std::int64_t>(ids.size());
    Connection::Words keys{history_key};
    Connection::Words arguments{group};
    std::ranges::move(ids, std::back_inserter(arguments));
    auto reply = co_await acknowledge_.run(commands_, std::move(keys), std::move(arguments));
    if (!reply) co_return reply.error();
    if (reply->kind != Reply::Kind::integer) co_return unexpected(*reply);
    co_return reply->integer == count;
}

SharedQueue::Answer<std::optional<QueueEntry>> History::find_oldest(Epoch epoch) {
    Connection::Words keys{epoch_key, history_key};
    Connection::Words arguments{to_string(epoch)};
    auto reply = co_await find_oldest_.run(commands_, std::move(keys), std::move(arguments));
    if (!reply) co_return reply.error();
    if (reply->kind == Reply::Kind::nil) co_return std::nullopt;
    auto entries = parse_entries(*reply);
    if (!entries) co_return entries.error();
    std::optional<QueueEntry> oldest(std::in_place);
    if (!entries->empty()) oldest = std::move(entries->front());
    co_return oldest;
}

}  // namespace kurs::redis
