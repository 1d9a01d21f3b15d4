#include "redis/lease.hpp"

#include "redis/answers.hpp"

namespace kurs::redis {
namespace {

constexpr auto lease_key = "kurs:lease";

// The epoch is at least the time in microseconds (which Lua's numbers hold), so that it also grows if Redis
// has lost what it held: the copies ignore what is of an older epoch than they have seen.
constexpr auto take_text = R"(
if redis.call('EXISTS', KEYS[1]) == 1 then return false end
local now = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2])) or 0
local epoch = string.format('%.0f', math.max(last + 1, now[1] * 1000000 + now[2]))
redis.call('SET', KEYS[2], epoch)
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. epoch, 'PX', ARGV[2])
return epoch
)";

// Written anew rather than prolonged: a Redis without memory would prolong it, and take nothing that is
// published.
constexpr auto renew_text = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
)";

constexpr auto release_text = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
)";

}  // namespace

Lease::Lease(Line& line, std::string copy)
    : line_(line), copy_(std::move(copy)), take_(take_text), renew_(renew_text), release_(release_text) {}

SharedQueue::Answer<std::optional<Epoch>> Lease::take(Duration lease) {
    Connection::Words keys{lease_key, epoch_key};
    Connection::Words arguments{copy_, std::to_string(lease.count())};
    auto reply = co_await take_.run(line_, std::move(keys), std::move(arguments));
    if (!reply) co_return reply.error();
    if (reply->kind == Reply::Kind::nil) co_return std::nullopt;
    const auto epoch = parse_epoch(reply->text);
    if (reply->kind != Reply::Kind::text || epoch == Epoch{}) co_return unexpected(*reply);
    co_return epoch;
}

SharedQueue::Answer<bool> Lease::renew(Epoch epoch, Duration lease) {
    Connection::Words keys{lease_key};
    Connection::Words arguments{holder(epoch), std::to_string(lease.count())};
    auto reply = co_await renew_.run(line_, std::move(keys), std::move(arguments));
    co_return is_one(reply);
}

SharedQueue::Answer<bool> Lease::release(Epoch epoch) {
    Connection::Words keys{lease_key};
    Connection::Words arguments{holder(epoch)};
    auto reply = co_await release_.run(line_, std::move(keys), std::move(arguments));
    co_return is_one(reply);
}

std::string Lease::holder(Epoch epoch) const {
    return copy_ + ":" + to_string(epoch);
}

}  // namespace kurs::redis
