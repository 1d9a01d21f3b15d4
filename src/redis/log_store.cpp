#include "kurs/redis/log_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "kurs/redis/address.hpp"
#include "redis/failure_log.hpp"
#include "redis/line.hpp"

namespace kurs::redis {
namespace {

constexpr auto lease_key = "kurs:lease";  // the holder's name and epoch
constexpr auto epoch_key = "kurs:epoch";  // the newest epoch ever
constexpr auto entries_key = "kurs:view";
constexpr auto last_entry_key = "kurs:view-last";  // the id of the newest entry
constexpr auto version_key = "kurs:view-version";  // and its version
constexpr auto snapshot_key = "kurs:snapshot";
constexpr auto replicas_key = "kurs:replicas";  // when each replica last checked in
constexpr auto counted_for = std::chrono::milliseconds(10'000);

std::string note_key(const std::string& name) {
    return "kurs:note:" + name;
}

// The epoch is at least the time in microseconds (which fits into Lua's numbers), so that it grows even if
// Redis has lost its data: replicas ignore entries of an older epoch than they have seen.
constexpr auto take_lease_script = R"(
if redis.call('EXISTS', KEYS[1]) == 1 then return false end
local now = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2])) or 0
local epoch = string.format('%.0f', math.max(last + 1, now[1] * 1000000 + now[2]))
redis.call('SET', KEYS[2], epoch)
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. epoch, 'PX', ARGV[2])
return epoch
)";

// Rewritten rather than extended: a Redis that is out of memory would extend the lease but refuse the
// entries.
constexpr auto renew_lease_script = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
)";

constexpr auto release_lease_script = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
)";

// Ids begin with the time at which Redis added the entry, so trimming by id is trimming by time. A request
// that was given up may arrive after newer ones, for example once a network passes packets again: versions
// grow.
constexpr auto append_script = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
if tonumber(ARGV[5]) <= (tonumber(redis.call('GET', KEYS[5])) or 0) then
  return redis.error_reply('ERR a newer entry has overtaken this one')
end
-- Before the entry: a script that fails is not undone.
if ARGV[4] ~= '' then redis.call('HSET', KEYS[4], 'epoch', ARGV[1]) end
local now = redis.call('TIME')
local oldest = string.format('%.0f', math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[2]))
local id = redis.call('XADD', KEYS[2], 'MINID', '~', oldest, '*',
  'epoch', ARGV[1], 'after', redis.call('GET', KEYS[3]) or '', 'text', ARGV[3])
redis.call('SET', KEYS[3], id)
redis.call('SET', KEYS[5], ARGV[5])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[4], 'id', id, 'epoch', ARGV[1], 'text', ARGV[4]) end
return id
)";

// By the clock of Redis, which all replicas share.
constexpr auto check_in_script = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
)";

using Words = Connection::Words;

std::string to_string(Epoch epoch) {
    return std::to_string(static_cast<std::uint64_t>(epoch));
}

/// Uses two connections, since a read that waits for entries delays every command after it.
class RedisLogStore final : public LogStore {
public:
    RedisLogStore(const net::any_io_executor& loop, const log_result<Address>& address, std::string replica,
                  RedisLimits limits, const TlsTrust* trust)
        : limits_(limits),
          replica_(std::move(replica)),
          commands_(loop, address, limits, std::hash<std::string>{}(replica_), nullptr, trust),
          reads_(loop, address, limits, std::hash<std::string>{}(replica_ + " reads"), &commands_, trust) {}

    Answer<std::optional<Epoch>> take_lease(Duration lease) override {
        Words keys{lease_key, epoch_key};
        Words arguments{replica_, std::to_string(lease.count())};
        auto reply = co_await run(take_lease_script, std::move(keys), std::move(arguments));
        if (!reply) co_return reply.error();
        if (reply->kind == Reply::Kind::nil) co_return std::nullopt;
        const auto epoch = parse_epoch(reply->text);
        if (reply->kind != Reply::Kind::text || epoch == Epoch{}) co_return unexpected(*reply);
        co_return epoch;
    }

    Answer<bool> renew_lease(Epoch epoch, Duration lease) override {
        Words keys{lease_key};
        Words arguments{holder(epoch), std::to_string(lease.count())};
        auto reply = co_await run(renew_lease_script, std::move(keys), std::move(arguments));
        co_return is_one(reply);
    }

    Answer<bool> release_lease(Epoch epoch) override {
        Words keys{lease_key};
        Words arguments{holder(epoch)};
        auto reply = co_await run(release_lease_script, std::move(keys), std::move(arguments));
        co_return is_one(reply);
    }

    Answer<std::optional<std::string>> append(Epoch epoch, std::uint64_t version, std::string text,
                                              std::string snapshot) override {
        Words keys{epoch_key, entries_key, last_entry_key, snapshot_key, version_key};
        Words arguments{to_string(epoch), std::to_string(limits_.view_kept.count()), std::move(text),
                        std::move(snapshot), std::to_string(version)};
        auto reply = co_await run(append_script, std::move(keys), std::move(arguments));
        if (!reply) co_return reply.error();
        if (reply->kind == Reply::Kind::nil) co_return std::nullopt;
        if (reply->kind != Reply::Kind::text) co_return unexpected(*reply);
        std::optional<std::string> id = std::move(reply->text);
        co_return id;
    }

    Answer<std::optional<StoredSnapshot>> load_snapshot() override {
        Words words{"HMGET", snapshot_key, "id", "epoch", "text"};
        auto reply = co_await call(commands_, std::move(words));
        if (!reply) co_return reply.error();
        auto& values = reply->array;
        if (values.size() != 3) co_return unexpected(*reply);
        if (values[0].kind == Reply::Kind::nil) co_return std::nullopt;
        StoredSnapshot snapshot{std::move(values[0].text), parse_epoch(values[1].text),
                                std::move(values[2].text)};
        co_return snapshot;
    }

    Answer<std::vector<StoredEntry>> read_entries(std::string id, Duration wait) override {
        Words words{"XREAD", "COUNT", std::to_string(most_entries)};
        // Redis treats a wait of zero as infinite.
        if (wait > Duration{0}) words.insert(words.end(), {"BLOCK", std::to_string(wait.count())});
        words.insert(words.end(), {"STREAMS", entries_key, id.empty() ? "0" : std::move(id)});
        auto reply = co_await call(reads_, std::move(words), wait);
        if (!reply) co_return reply.error();
        co_return parse_reading(*reply);
    }

    Answer<bool> leave_note(std::string name, std::string text, Duration kept) override {
        Words words{"SET", note_key(name), std::move(text), "PX", std::to_string(kept.count())};
        auto reply = co_await call(commands_, std::move(words));
        if (!reply) co_return reply.error();
        if (reply->kind != Reply::Kind::text) co_return unexpected(*reply);
        co_return true;
    }

    Answer<std::vector<std::string>> read_notes(std::vector<std::string> names) override {
        std::vector<std::string> texts;
        if (names.empty()) co_return texts;
        if (names.size() > most_entries) co_return failed("too many notes at once");
        Words words{"MGET"};
        for (const auto& name : names) words.push_back(note_key(name));
        auto reply = co_await call(commands_, std::move(words));
        if (!reply) co_return reply.error();
        if (reply->array.size() != names.size()) co_return unexpected(*reply);
        for (auto& value : reply->array) {
            if (value.kind != Reply::Kind::text && value.kind != Reply::Kind::nil)
                co_return unexpected(value);
            texts.push_back(std::move(value.text));
        }
        co_return texts;
    }

    Answer<std::size_t> check_in() override {
        Words keys{replicas_key};
        Words arguments{replica_, std::to_string(Duration(counted_for).count())};
        auto reply = co_await run(check_in_script, std::move(keys), std::move(arguments));
        if (!reply) co_return reply.error();
        if (reply->kind != Reply::Kind::integer || reply->integer < 1) co_return unexpected(*reply);
        co_return static_cast<std::size_t>(reply->integer);
    }

    void close() override {
        is_closed_ = true;
        commands_.close();
        reads_.close();
    }

private:
    /// Runs a script, atomically. Lua's false is returned as nil.
    net::awaitable<log_result<Reply>> run(const char* script, Words keys, Words arguments) {
        // Sent in full: Redis caches it in any case, and its digest would save half a kilobyte.
        Words words{"EVAL", script, std::to_string(keys.size())};
        std::ranges::move(keys, std::back_inserter(words));
        std::ranges::move(arguments, std::back_inserter(words));
        co_return co_await call(commands_, std::move(words));
    }

    /// An error reply is a failure too. Logs each new failure, and the first success after failures.
    net::awaitable<log_result<Reply>> call(Line& line, Words words, Duration wait = {}) {
        const auto largest = std::ranges::max_element(words, {}, &std::string::size)->size();
        log_result<Reply> reply =
            failed("a text is larger than " + std::to_string(limits_.text_bytes) + " bytes");
        if (largest <= limits_.text_bytes) reply = co_await line.command(words, wait);
        if (reply && reply->kind == Reply::Kind::error) reply = unexpected(*reply);
        if (!is_closed_) note(reply);
        co_return reply;
    }

    void note(const log_result<Reply>& reply) {
        const auto now = std::chrono::steady_clock::now();
        if (reply) {
            if (failures_.note_success(now)) spdlog::info("redis: calls succeed again");
        } else if (failures_.note_failure(reply.error().text, now)) {
            spdlog::warn("redis: calls fail, reason={}", reply.error().text);
        }
    }

    std::string holder(Epoch epoch) const { return replica_ + ":" + to_string(epoch); }

    RedisLimits limits_;
    std::string replica_;
    Line commands_;
    Line reads_;
    FailureLog failures_;
    bool is_closed_ = false;
};

}  // namespace

std::unique_ptr<LogStore> make_log_store(const net::any_io_executor& loop, const std::string& url,
                                         const std::string& replica, RedisLimits limits,
                                         const TlsTrust* trust) {
    return std::make_unique<RedisLogStore>(loop, parse_address(url), replica, limits, trust);
}

}  // namespace kurs::redis
