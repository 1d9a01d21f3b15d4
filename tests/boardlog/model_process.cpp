#include "model_process.hpp"

#include <algorithm>

namespace kurs::model {

using namespace log_event;
using namespace log_action;

namespace {

// In slots: a second for a reply, and a second of waiting for entries.
constexpr int reply_limit = 2;
constexpr int read_wait = 2;

/// The limits of the service, but for the length of a slot.
ReplicaLimits limits_of(const Rules& rules) {
    ReplicaLimits limits;
    limits.slots = {slot, slot};
    limits.role.lease = rules.lease_of_replicas;
    return limits;
}

}  // namespace

const MarketMap& market() {
    static const MarketMap map = [] {
        MarketMap made;
        made.venues = {"venue"};
        made.exchangers = {VenueId{0}};
        made.directions = {Direction::parse("BTC-USD").value(), Direction::parse("ETH-USD").value()};
        return made;
    }();
    return map;
}

Content content_of(const Board& board) {
    Content content{};
    for (std::size_t i = 0; i < content.size(); ++i) {
        const auto* const quote = board.find(VenueId{0}, static_cast<DirectionId>(i));
        if (quote) content[i] = static_cast<std::uint64_t>(quote->value.units());
    }
    return content;
}

std::size_t request_of(const LogAction& action) {
    if (std::holds_alternative<Append>(action)) return static_cast<std::size_t>(Request::publish);
    const bool is_read =
        std::holds_alternative<LoadBoard>(action) || std::holds_alternative<ReadEntries>(action);
    return static_cast<std::size_t>(is_read ? Request::read : Request::lease);
}

bool Pending::has_expired(int tick) const {
    const bool waits = std::holds_alternative<ReadEntries>(action);
    return tick - sent_at >= reply_limit + (waits ? read_wait : 0);
}

void Pending::add_to(StateDigest& digest) const {
    digest.add(action.index());
    if (const auto* const renewal = std::get_if<RenewLease>(&action)) digest.add(renewal->epoch);
    if (const auto* const reading = std::get_if<ReadEntries>(&action)) digest.add(reading->after);
    if (const auto* const entry = std::get_if<Append>(&action)) {
        digest.add(entry->epoch);
        digest.add(entry->change);
        digest.add(entry->snapshot);
    }
    digest.add(static_cast<std::uint64_t>(sent_at));
    digest.add(asked_at);
    digest.add(snapshot);
    digest.add(std::uint64_t{answer.has_value()});
    if (answer) digest.add(*answer);
    digest.add(std::uint64_t{is_held});
}

Process::Process(const Rules& rules) : state(market(), limits_of(rules)), served(market(), Duration{}) {}

bool Process::can_execute(const Pending& request, const ModelStore& store, int tick) const {
    if (request.answer || request.is_held || link == Link::losing_requests) return false;
    const auto* const reading = std::get_if<ReadEntries>(&request.action);
    return !reading || store.has_after(reading->after) || tick - request.sent_at >= read_wait;
}

bool Process::can_answer(const Pending& request) const {
    const bool is_lost = link == Link::losing_answers || link == Link::losing_requests;
    return request.answer && !request.is_held && !is_lost;
}

bool Process::has_step(const ModelStore& store, int tick) const {
    if (!is_up || is_frozen) return false;
    if (is_due) return true;
    return std::ranges::any_of(requests, [&](const auto& request) {
        return request && (link == Link::refusing || can_answer(*request) ||
                           can_execute(*request, store, tick) || request->has_expired(tick));
    });
}

StateDigest Process::digest() const {
    StateDigest digest;
    digest.add(state);
    for (const auto value : content_of(served)) digest.add(value);
    digest.add(served.version());
    for (const bool flag : {is_up, is_frozen, is_due, answers_first}) digest.add(std::uint64_t{flag});
    digest.add(static_cast<std::uint64_t>(link));
    digest.add(static_cast<std::uint64_t>(offset.count()));
    for (const auto& request : requests) {
        digest.add(std::uint64_t{request.has_value()});
        if (request) request->add_to(digest);
    }
    return digest;
}

}  // namespace kurs::model
