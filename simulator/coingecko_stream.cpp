#include "coingecko_stream.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "binance_stream.hpp"
#include "coingecko_update.hpp"
#include "corruption.hpp"
#include "rest_faults.hpp"

namespace sim {
namespace {

using nlohmann::json;

constexpr std::size_t most_subscriptions = 100;
constexpr Place here{Endpoint::coingecko_stream, 0, {}, {}};

std::string code_frame(int code, std::string_view message) {
    return fmt::format(R"({{"code":{},"message":{}}})", code, json(message).dump());
}

std::vector<std::string> texts(const json& list) {
    std::vector<std::string> found;
    if (!list.is_array()) return found;
    for (const auto& item : list) {
        if (item.is_string()) found.push_back(item.get<std::string>());
    }
    return found;
}

}  // namespace

CoinGeckoSession::CoinGeckoSession(CoinGeckoStream& stream, Peer& peer, Instant now)
    : stream_(stream),
      peer_(peer),
      pongs_(stream.policy_.ping_every, stream.policy_.pong_limit, now),
      next_heartbeat_(now + stream.policy_.heartbeat_every) {
    stream_.sessions_.insert(this);
    greet(now);
}

CoinGeckoSession::~CoinGeckoSession() {
    stream_.sessions_.erase(this);
}

void CoinGeckoSession::greet(Instant now) {
    if (const auto unauthorized = stream_.faults_.take(FaultKind::unauthorized, here, now)) {
        is_rejected_ = true;
        if (unauthorized->value == "disconnect")
            peer_.send({.text = R"({"type":"disconnect","reason":"unauthorized","reconnect":false})"});
        peer_.end({.code = 1008, .reason = "unauthorized"});
        return;
    }
    const auto session = fmt::format("{:08x}-6c1d-4a55-9e5f-{:012x}", stream_.random_() & 0xffffffffU,
                                     stream_.random_() & 0xffffffffffffU);
    if (!stream_.faults_.take(FaultKind::welcome_only, here, now))
        peer_.send({.text = fmt::format(R"({{"code":3000,"message":"Connection established","uuid":"{}"}})",
                                        session)});
    peer_.send({.text = fmt::format(R"({{"type":"welcome","sid":"{}"}})", session)});
}

void CoinGeckoSession::on_text(std::string_view text, Instant now) {
    const auto frame = json::parse(text, nullptr, false);
    if (!frame.is_object() || !frame.contains("command") || !frame.contains("identifier") ||
        !frame["identifier"].is_string()) {
        send_answer(code_frame(4000, "Invalid message"), now);
        return;
    }
    const auto identifier = frame["identifier"].get<std::string>();
    const auto channel = json::parse(identifier, nullptr, false);
    const bool is_ours =
        channel.is_object() && channel.contains("channel") && channel["channel"] == "CGSimplePrice";
    if (!is_ours) {
        send_answer(
            fmt::format(R"({{"type":"reject_subscription","identifier":{}}})", json(identifier).dump()), now);
    } else if (frame["command"] == "subscribe") {
        on_subscribe(identifier, now);
    } else if (frame["command"] == "unsubscribe") {
        next_updates_.clear();
        is_subscribed_ = false;
        send_answer(code_frame(2000, "Unsubscription is successful for all tokens"), now);
    } else if (frame["command"] == "message" && is_subscribed_ && frame.contains("data") &&
               frame["data"].is_string()) {
        on_message(frame["data"].get<std::string>(), now);
    } else {
        send_answer(code_frame(4000, "Invalid message"), now);
    }
}

void CoinGeckoSession::on_subscribe(const std::string& identifier, Instant now) {
    is_subscribed_ = true;
    if (stream_.faults_.take(FaultKind::confirm_code, here, now))
        send_answer(code_frame(2000, "Subscription is successful"), now);
    else
        send_answer(
            fmt::format(R"({{"type":"confirm_subscription","identifier":{}}})", json(identifier).dump()),
            now);
}

void CoinGeckoSession::on_message(std::string_view data, Instant now) {
    const auto message = json::parse(data, nullptr, false);
    if (!message.is_object() || !message.contains("coin_id")) {
        send_answer(code_frame(4000, "Invalid data"), now);
        return;
    }
    const auto ids = texts(message["coin_id"]);
    if (message.value("action", json()) == "unset_tokens") return unset_tokens(ids, now);
    std::vector<CoinPair> pairs;
    for (const auto& coin : ids) {
        for (const auto& currency : texts(message.value("vs_currencies", json::array({"usd"}))))
            pairs.push_back({coin, currency});
    }
    set_tokens(pairs, now);
}

void CoinGeckoSession::set_tokens(const std::vector<CoinPair>& pairs, Instant now) {
    if (stream_.faults_.take(FaultKind::replace_tokens, here, now)) next_updates_.clear();
    const bool old_wording = stream_.faults_.has(FaultKind::old_acks, here, now);
    const auto every = stream_.policy_.update_every;
    for (const auto& pair : pairs) {
        if (next_updates_.size() >= most_subscriptions && !next_updates_.contains(pair)) {
            send_answer(code_frame(4001, "Subscription limit exceeded"), now);
            return;
        }
        const auto spread = static_cast<std::int64_t>(stream_.random_() % 1000) * every.count() / 1000;
        next_updates_.try_emplace(pair, now + Millis{spread});
        send_answer(code_frame(2000, old_wording ? "Subscription is successful for " + pair.coin
                                                 : "Subscribed to " + pair.coin + " in " + pair.currency),
                    now);
    }
}

void CoinGeckoSession::unset_tokens(const std::vector<std::string>& ids, Instant now) {
    for (const auto& coin : ids) {
        std::erase_if(next_updates_, [&](const auto& entry) { return entry.first.coin == coin; });
        send_answer(code_frame(2000, "Unsubscription is successful for " + coin), now);
    }
}

void CoinGeckoSession::send_answer(std::string text, Instant now) {
    if (stream_.faults_.take(FaultKind::lose_ack, here, now)) return;
    Frame frame{.text = std::move(text), .may_be_overtaken = true};
    if (const auto delayed = stream_.faults_.take(FaultKind::delay_ack, here, now))
        frame.delay = milliseconds_of(*delayed);
    peer_.send(std::move(frame));
}

void CoinGeckoSession::advance(Instant now) {
    const bool is_dark = stream_.faults_.has(FaultKind::blackhole, here, now);
    peer_.hold_writes(is_dark);
    if (is_dark || is_rejected_) return;
    if (const auto payload = pongs_.ping_due(now)) peer_.ping(*payload);
    if (pongs_.is_overdue(now)) peer_.end({.how = Ending::How::drop});
    if (shutdown_at_ && now >= *shutdown_at_) peer_.end({.code = 1001, .reason = ""});
    if (now >= next_heartbeat_) {
        next_heartbeat_ = now + stream_.policy_.heartbeat_every;
        peer_.send({.text = fmt::format(R"({{"type":"ping","message":{}}})", to_unix_seconds(now))});
    }
    for (auto& [pair, next] : next_updates_) {
        if (next > now) continue;
        next = std::max(next + stream_.policy_.update_every, now);
        send_update(pair, now);
    }
}

void CoinGeckoSession::show(const CoinPair& pair, Instant now) {
    if (next_updates_.contains(pair)) send_update(pair, now);
}

void CoinGeckoSession::send_update(const CoinPair& pair, Instant now) {
    const auto price = stream_.quotes_.price(pair);
    if (!price) return;  // an unknown coin is acknowledged but delivers nothing
    auto& faults = stream_.faults_;
    const auto symbol = to_string(pair);
    const Place place{Endpoint::coingecko_stream, 0, symbol, {}};
    if (faults.has(FaultKind::blackhole, place, now) || faults.take(FaultKind::mute, place, now)) return;

    Frame frame{.text = coingecko_update(pair, *price, faults, now, stream_.random_)};
    if (const auto corrupt = faults.take(FaultKind::corrupt, place, now)) {
        const CorruptionContext context{now, 0, &frozen_, symbol};
        if (auto whole = corrupt_frame(corrupt->value, frame.text))
            frame = std::move(*whole);
        else if (auto payload = corrupt_payload(corrupt->value, frame.text, context))
            frame.text = std::move(*payload);
    } else {
        frozen_.erase(symbol);
    }
    if (const auto slow = faults.take(FaultKind::slow, place, now)) frame.delay = milliseconds_of(*slow);
    peer_.send(std::move(frame));
}

void CoinGeckoSession::strike(const Fault& fault, Instant now) {
    if (fault.kind == FaultKind::cut) peer_.end(cut_ending(fault));
    if (fault.kind == FaultKind::lose_subscriptions) next_updates_.clear();
    if (fault.kind == FaultKind::server_shutdown) {
        peer_.send({.text = R"({"type":"disconnect","reason":"server_restart","reconnect":true})"});
        shutdown_at_ = now + milliseconds_of(fault);
    }
    if (fault.kind == FaultKind::error_frame)
        peer_.send({.text = fault.value == "nested" ? R"({"error":{"code":4000,"message":"Internal error"}})"
                                                    : R"({"code":4000,"message":"Internal error"})"});
}

CoinGeckoStream::CoinGeckoStream(const CoinGeckoQuotes& quotes, FaultTable& faults, KeyRing keys,
                                 CoinGeckoStreamPolicy policy, std::uint64_t seed)
    : quotes_(quotes), faults_(faults), keys_(std::move(keys)), policy_(policy), random_(seed + 3) {}

std::optional<Reply> CoinGeckoStream::refusal(const Request& request, int, Instant now) {
    if (const auto refuse = faults_.take(FaultKind::refuse, here, now)) return upgrade_refusal(*refuse);
    if (request.path != "/v1") return Reply{.status = 404, .type = "text/plain", .body = "Not Found"};
    const auto key = key_of(request);
    const bool is_welcome = key.claimed == Plan::pro && keys_.knows(key) && keys_.is_of_claimed_plan(key);
    const auto* unauthorized = faults_.find(FaultKind::unauthorized, here, now);
    if (unauthorized && unauthorized->value == "401") {
        faults_.take(FaultKind::unauthorized, here, now);
        return coingecko_status_reply(401, {}, now);
    }
    if (!is_welcome) return coingecko_status_reply(401, {}, now);
    return std::nullopt;
}

std::unique_ptr<StreamSession> CoinGeckoStream::open(const Request&, Peer& peer, int, Instant now) {
    return std::make_unique<CoinGeckoSession>(*this, peer, now);
}

void CoinGeckoStream::advance(Instant now) {
    for (auto* session : sessions_) session->advance(now);
}

void CoinGeckoStream::show(const CoinPair& pair, Instant now) {
    for (auto* session : sessions_) session->show(pair, now);
}

void CoinGeckoStream::strike(const Fault& fault, Instant now) {
    for (auto* session : sessions_) session->strike(fault, now);
}

}  // namespace sim
