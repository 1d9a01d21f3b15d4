#include "binance_stream.hpp"

#include <fmt/format.h>

#include "binance_payloads.hpp"
#include "corruption.hpp"
#include "rest_faults.hpp"

namespace sim {
namespace {

constexpr std::size_t inbound_per_second = 5;

// With such frequent pings, which tests use, the client's pongs alone would exceed the limit.
constexpr Millis slowest_free_ping{1000};

constexpr Millis longest_lateness{15'000};

}  // namespace

BinanceSession::BinanceSession(BinanceStream& stream, Peer& peer, Subscriptions subscriptions, int line,
                               Instant now)
    : stream_(stream),
      peer_(peer),
      subscriptions_(std::move(subscriptions)),
      line_(line),
      inbound_(inbound_per_second),
      pongs_(stream.policy_.ping_every, stream.policy_.pong_limit, now),
      expires_at_(now + stream.policy_.lifetime) {
    stream_.sessions_.insert(this);
}

BinanceSession::~BinanceSession() {
    stream_.sessions_.erase(this);
}

bool BinanceSession::count_inbound(Instant now) {
    if (inbound_.arrive(now)) return true;
    peer_.end({.code = 1008, .reason = "Too many requests"});
    return false;
}

void BinanceSession::on_text(std::string_view text, Instant now) {
    if (!count_inbound(now)) return;
    Frame answer{.text = answer_command(text, subscriptions_), .may_be_overtaken = true};
    const Place here{Endpoint::binance_stream, line_, {}, {}};
    if (stream_.faults_.take(FaultKind::lose_ack, here, now)) return;
    if (const auto delayed = stream_.faults_.take(FaultKind::delay_ack, here, now))
        answer.delay = milliseconds_of(*delayed);
    peer_.send(std::move(answer));
}

void BinanceSession::on_ping(Instant now) {
    count_inbound(now);
}

void BinanceSession::on_pong(std::string_view payload, Instant now) {
    const bool was_owed = pongs_.pong(payload, now);
    const bool is_free = was_owed && stream_.policy_.ping_every < slowest_free_ping;
    if (!is_free) count_inbound(now);
}

void BinanceSession::advance(Instant now) {
    const Place here{Endpoint::binance_stream, line_, {}, {}};
    const bool is_dark = stream_.faults_.has(FaultKind::blackhole, here, now);
    peer_.hold_writes(is_dark);
    if (is_dark) return;
    if (const auto payload = pongs_.ping_due(now)) peer_.ping(*payload);
    if (pongs_.is_overdue(now)) peer_.end({.code = 1008, .reason = "Pong timeout"});
    if (now >= expires_at_) peer_.end({.code = 1001, .reason = ""});
    if (shutdown_at_ && now >= *shutdown_at_) peer_.end({.code = 1001, .reason = ""});
}

Millis BinanceSession::delay_of(const Place& place, Instant now) {
    Millis delay{0};
    for (const auto kind : {FaultKind::slow, FaultKind::late}) {
        if (const auto fault = stream_.faults_.take(kind, place, now)) delay += milliseconds_of(*fault);
    }
    return delay;
}

/// None if the log does not reach back to the requested book.
std::optional<std::string> BinanceSession::payload_of(const StreamEvent& event, const Place& place,
                                                      Instant now) {
    if (event.kind != "bookTicker") return event.payload;
    const auto fault = stream_.faults_.take(FaultKind::old_book, place, now);
    if (!fault) return event.payload;
    return stream_.books_.find(event.symbol, fault->since - milliseconds_of(*fault));
}

bool BinanceSession::deliver(const StreamEvent& event, Instant happened_at, Instant now) {
    if (!subscriptions_.contains(event.name)) return false;
    auto& faults = stream_.faults_;
    const Place place{Endpoint::binance_stream, line_, event.symbol, event.kind};
    if (faults.has(FaultKind::blackhole, place, now)) return false;
    if (faults.take(FaultKind::mute, place, now)) return false;
    const auto delay = std::max(Millis{0}, delay_of(place, now) - (now - happened_at));
    if (const auto* corrupt = faults.find(FaultKind::corrupt, place, now)) {
        const std::string corruption = corrupt->value;
        if (deliver_corrupted(event, corruption, delay, now)) {
            faults.take(FaultKind::corrupt, place, now);
            return false;
        }
    } else {
        frozen_.erase(event.name);
    }
    const auto sent = payload_of(event, place, now);
    if (!sent) return false;
    const auto payload = subscriptions_.microseconds ? in_microseconds(*sent) : *sent;
    peer_.send({.text = in_envelope(subscriptions_, event.name, payload), .delay = delay});
    if (event.kind == "bookTicker") last_update_ids_[event.symbol] = parse_book(*sent).update_id;
    return *sent == event.payload;
}

bool BinanceSession::deliver_corrupted(const StreamEvent& event, std::string_view corruption, Millis delay,
                                       Instant now) {
    const auto last_update_id = last_update_ids_[event.symbol];
    const CorruptionContext context{now, last_update_id, &frozen_, event.name};
    const auto payload = subscriptions_.microseconds ? in_microseconds(event.payload) : event.payload;
    const auto whole = in_envelope(subscriptions_, event.name, payload);
    if (auto frame = corrupt_frame(corruption, whole)) {
        frame->delay = delay;
        peer_.send(std::move(*frame));
        return true;
    }
    const auto corrupted = corrupt_payload(corruption, payload, context);
    if (!corrupted) return false;
    peer_.send({.text = in_envelope(subscriptions_, event.name, *corrupted), .delay = delay});
    return true;
}

void BinanceSession::strike(const Fault& fault, Instant now) {
    if (fault.kind == FaultKind::cut) peer_.end(cut_ending(fault));
    if (fault.kind == FaultKind::server_shutdown) {
        const auto notice = fmt::format(R"({{"e":"serverShutdown","E":{}}})", to_unix_ms(now));
        peer_.send({.text = in_envelope(subscriptions_, "!serverShutdown", notice)});
        shutdown_at_ = now + milliseconds_of(fault);
    }
    if (fault.kind == FaultKind::error_frame) {
        const bool nested = fault.value == "nested";
        peer_.send({.text = nested
                                ? R"({"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":2})"
                                : R"({"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"})"});
    }
}

BinanceStream::BinanceStream(FaultTable& faults, BinanceStreamPolicy policy, Opened opened, Sent sent)
    : faults_(faults), policy_(policy), opened_(std::move(opened)), sent_(std::move(sent)) {}

std::optional<Reply> BinanceStream::refusal(const Request& request, int line, Instant now) {
    const Place here{Endpoint::binance_stream, line, {}, {}};
    if (const auto refuse = faults_.take(FaultKind::refuse, here, now)) return upgrade_refusal(*refuse);
    if (!parse_stream_request(request))
        return Reply{.status = 404, .type = "text/plain", .body = "Not Found"};
    return std::nullopt;
}

std::unique_ptr<StreamSession> BinanceStream::open(const Request& request, Peer& peer, int line,
                                                   Instant now) {
    if (opened_) opened_(now);
    auto subscriptions = parse_stream_request(request).value_or(Subscriptions{});
    auto session = std::make_unique<BinanceSession>(*this, peer, std::move(subscriptions), line, now);
    send_what_is_on_its_way(*session, now);
    return session;
}

/// A client that connects to a delayed venue receives events from before it connected.
void BinanceStream::send_what_is_on_its_way(BinanceSession& session, Instant now) {
    const auto* late = faults_.find(FaultKind::late, {Endpoint::binance_stream, session.line(), {}, {}}, now);
    if (!late) return;
    const auto first = now - milliseconds_of(*late);
    for (const auto& [event, happened_at] : past_) {
        if (happened_at >= first) session.deliver(event, happened_at, now);
    }
}

void BinanceStream::publish(const StreamEvent& event, Instant now) {
    books_.note(event, now);
    past_.push_back({event, now});
    while (past_.front().happened_at < now - longest_lateness) past_.pop_front();
    bool was_sent = false;
    for (auto* session : sessions_) was_sent = session->deliver(event, now) || was_sent;
    if (was_sent && sent_) sent_(event);
}

void BinanceStream::advance(Instant now) {
    for (auto* session : sessions_) session->advance(now);
}

void BinanceStream::strike(const Fault& fault, Instant now) {
    for (auto* session : sessions_) {
        if (fault.line == 0 || fault.line == session->line()) session->strike(fault, now);
    }
}

Reply upgrade_refusal(const Fault& fault) {
    if (fault.value == "never") return {.delivery = Delivery::never};
    return binance_status_reply(static_cast<unsigned>(std::stoul(fault.value)), Instant{});
}

Ending cut_ending(const Fault& fault) {
    if (fault.value == "rst") return {.how = Ending::How::reset};
    if (fault.value == "1006") return {.how = Ending::How::drop};
    return {.code = static_cast<std::uint16_t>(std::stoul(fault.value)), .reason = ""};
}

}  // namespace sim
