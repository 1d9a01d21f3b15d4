#include "venues/kraken/stream.hpp"

#include <map>
#include <set>

#include "kurs/venue/traded_session.hpp"
#include "venues/kraken/frame_text.hpp"
#include "venues/kraken/subscription.hpp"

namespace kurs::kraken {
namespace {

/// The list of all pairs takes some 700 kB.
constexpr std::size_t frame_limit = 2u << 20;

/// The connection brings a heartbeat each second, so due subscriptions are found in time.
constexpr Duration check_every{500};

/// The venue does not publish its message rate. After it has complained, no book is confirmed by a new
/// subscription for this long.
constexpr Duration complaint_rest = std::chrono::minutes(1);

/// The list of all pairs is large, so it gets more time than a book before it is requested again.
constexpr BackoffLimits instrument_retry{std::chrono::seconds(10), std::chrono::minutes(1)};

constexpr std::string_view subscribe_to_instruments =
    R"({"method":"subscribe","params":{"channel":"instrument","snapshot":true}})";
constexpr std::string_view unsubscribe_from_instruments =
    R"({"method":"unsubscribe","params":{"channel":"instrument"}})";

std::string command(std::string_view method, const std::vector<std::string>& names) {
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "\"" : ",\"") + name + '"';
    std::string text = R"({"method":")" + std::string(method) + R"(","params":{"channel":"book","symbol":[)" +
                       list + R"(],"depth":)" + std::to_string(book_depth);
    if (method == "subscribe") text += R"(,"snapshot":true)";
    return text + "}}";
}

class Stream final : public TradedSession {
public:
    explicit Stream(std::shared_ptr<TradingState> state) : TradedSession(state), source_(std::move(state)) {
        for (const SymbolId id : symbols()) {
            const auto& symbol = map().symbol(id);
            // 30 % of the age limit: the answer must come before the silence watch gives up on the symbol.
            subscriptions_.emplace(symbol.name, Subscription(id, symbol.limits.max_age * 3 / 10));
        }
        for (const SymbolId id : trading().symbols()) known_.emplace(map().symbol(id).name, id);
    }

    std::vector<std::string> on_open() override {
        std::vector<std::string> names;
        for (const auto& [name, subscription] : subscriptions_) names.push_back(name);
        // The statuses first: no book makes a price before its pair's status is known.
        return {std::string(subscribe_to_instruments), command("subscribe", names)};
    }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        Outcome outcome;
        if (next_check_at_ == TimePoint{}) {
            for (auto& [name, subscription] : subscriptions_) subscription.sent(received_at);  // by on_open
            next_check_at_ = received_at;
            instruments_due_at_ = received_at + instrument_backoff_.next();
        }
        if (frame.size() > frame_limit) {
            refuse(outcome, errc::oversized, "frame");
        } else {
            read(frame, received_at, outcome);
        }
        subscribe_again(received_at, outcome);
        conclude(outcome);
        return outcome;
    }

private:
    void read(std::string_view frame, TimePoint received_at, Outcome& outcome) {
        try {
            const simdjson::padded_string padded(frame);
            json::document document = parser_.iterate(padded);
            json::object object = document.get_object();
            const auto channel = text_of(object, "channel");
            if (!channel.empty()) return on_channel(channel, object, received_at, outcome);
            const auto method = text_of(object, "method");
            if (!method.empty()) return on_answer(method, object, received_at, outcome);
            on_complaint(object, received_at, outcome);
        } catch (const simdjson::simdjson_error&) {
            refuse(outcome, errc::malformed, "frame");
        }
    }

    void on_channel(std::string_view channel, json::object& frame, TimePoint received_at, Outcome& outcome) {
        if (channel == "heartbeat") return;  // proves the connection, not a symbol
        const bool is_snapshot = text_of(frame, "type") == "snapshot";
        json::value data;
        const auto error = frame.find_field_unordered("data").get(data);
        if (error == simdjson::NO_SUCH_FIELD) return refuse(outcome, errc::malformed, channel);
        if (error) throw simdjson::simdjson_error(error);
        if (channel == "book") return on_books(data, is_snapshot, received_at, outcome);
        if (channel == "instrument") return on_instruments(data, is_snapshot, outcome);
        if (channel == "status") return on_status(data, outcome);
        refuse(outcome, errc::unknown_event, channel);
    }

    void on_books(json::value data, bool is_snapshot, TimePoint received_at, Outcome& outcome) {
        json::array entries;
        if (data.get_array().get(entries)) return refuse(outcome, errc::malformed, "book");
        for (auto each : entries) {
            const BookEntry entry = read_book_entry(each.value());
            const auto found = subscriptions_.find(entry.symbol);
            if (found == subscriptions_.end()) {
                const bool is_named = !entry.symbol.empty();
                refuse(outcome, is_named ? errc::unknown_symbol : errc::malformed,
                       is_named ? entry.symbol : "book");
                continue;
            }
            const auto tick = found->second.on_book(entry, is_snapshot, received_at);
            if (!tick) {
                drop(found->first, tick.error(), outcome);
            } else {
                hold(found->first, *tick);
            }
        }
    }

    void on_instruments(json::value data, bool is_snapshot, Outcome& outcome) {
        json::object object;
        json::array pairs;
        if (!is_read(data.get_object().get(object)) ||
            !is_read(object.find_field_unordered("pairs").get_array().get(pairs)))
            return refuse(outcome, errc::malformed, "instrument");
        std::set<SymbolId> named;
        for (auto each : pairs) {
            json::object pair;
            if (each.get_object().get(pair)) {
                refuse(outcome, errc::malformed, "instrument");
                continue;
            }
            const auto found = known_.find(text_of(pair, "symbol"));
            if (found == known_.end()) continue;
            named.insert(found->second);
            missing_.erase(found->second);
            const auto status = text_of(pair, "status");
            if (status.empty()) {
                refuse(outcome, errc::malformed, found->first);
            } else {
                outcome.listings.push_back(source_.set_pair(found->second, status));
            }
        }
        if (is_snapshot) on_list_of_pairs(named, outcome);
    }

    /// A list may omit a traded symbol once: then another list is requested, and the second omission counts.
    void on_list_of_pairs(const std::set<SymbolId>& named, Outcome& outcome) {
        bool is_complete = true;
        for (const auto& [name, symbol] : known_) {
            if (named.contains(symbol)) continue;
            if (missing_.insert(symbol).second && subscriptions_.contains(name)) {
                is_complete = false;
                refuse(outcome, errc::venue_error, name + " absent");
            } else {
                outcome.listings.push_back(source_.set_pair(symbol, "absent"));
            }
        }
        if (is_complete) instruments_due_at_ = TimePoint::max();
    }

    void on_status(json::value data, Outcome& outcome) {
        json::array entries;
        if (data.get_array().get(entries)) return refuse(outcome, errc::malformed, "status");
        for (auto each : entries) {
            json::object object;
            if (each.get_object().get(object)) return refuse(outcome, errc::malformed, "status");
            const auto system = text_of(object, "system");
            if (system.empty()) return refuse(outcome, errc::malformed, "status");
            const std::string before(trading().system());
            outcome.listings = source_.set_system(system);
            if (trading().system() != before)
                outcome.note = "system status " + std::string(trading().system());
        }
    }

    /// The answer to a command, one for each symbol.
    void on_answer(std::string_view method, json::object& frame, TimePoint received_at, Outcome& outcome) {
        if (method == "pong") return;
        bool is_success = false;
        const bool is_told = is_read(frame.find_field_unordered("success").get_bool().get(is_success));
        if (!is_told || !is_success) return on_refusal(method, frame, received_at, outcome);
        json::object answer;
        if (method != "subscribe" || !is_read(frame.find_field_unordered("result").get_object().get(answer)))
            return;
        const auto channel = text_of(answer, "channel");
        if (channel == "instrument") has_subscribed_to_instruments_ = true;
        const auto found = subscriptions_.find(text_of(answer, "symbol"));
        const bool is_book = channel == "book";
        if (found == subscriptions_.end() || !is_book) return;
        if (const auto asked_at = parse_venue_time(text_of(frame, "time_in")))
            found->second.on_accepted(*asked_at);
    }

    void on_refusal(std::string_view method, json::object& frame, TimePoint received_at, Outcome& outcome) {
        const auto symbol = text_of(frame, "symbol"), error = text_of(frame, "error");
        const auto found = subscriptions_.find(symbol);
        const std::string name = found == subscriptions_.end() ? std::string(method) : found->first;
        refuse(outcome, errc::venue_error, name + ": " + std::string(error));
        if (method != "subscribe") return;
        const bool is_subscribed = error == "Already subscribed";
        if (found != subscriptions_.end()) {
            found->second.on_refused(is_subscribed, received_at);
        } else if (symbol.empty() && is_subscribed) {
            has_subscribed_to_instruments_ = true;
        }
    }

    /// {"Error":"Exceeded msg rate"}
    void on_complaint(json::object& frame, TimePoint received_at, Outcome& outcome) {
        const auto text = text_of(frame, "Error");
        if (text.empty()) return refuse(outcome, errc::unknown_event, "object");
        refuse(outcome, errc::venue_error, text);
        next_check_at_ = received_at + complaint_rest;
    }

    /// Requests the snapshots of the books that are quiet or broken, and the list of pairs until it has come
    /// and is complete.
    void subscribe_again(TimePoint now, Outcome& outcome) {
        if (now < next_check_at_) return;
        next_check_at_ = now + check_every;
        std::vector<std::string> due, accepted;
        for (auto& [name, subscription] : subscriptions_) {
            if (!subscription.is_due(now)) continue;
            due.push_back(name);
            if (subscription.is_accepted()) accepted.push_back(name);
            subscription.sent(now);
        }
        if (!accepted.empty()) outcome.replies.push_back(command("unsubscribe", accepted));
        if (!due.empty()) outcome.replies.push_back(command("subscribe", due));
        if (now < instruments_due_at_) return;
        instruments_due_at_ = now + instrument_backoff_.next();
        if (std::exchange(has_subscribed_to_instruments_, false))
            outcome.replies.emplace_back(unsubscribe_from_instruments);
        outcome.replies.emplace_back(subscribe_to_instruments);
    }

    TradingSource source_;
    std::map<std::string, Subscription, std::less<>> subscriptions_;
    std::map<std::string, SymbolId, std::less<>> known_;
    std::set<SymbolId> missing_;  ///< in the newest list of pairs
    TimePoint next_check_at_{};
    TimePoint instruments_due_at_{};
    Backoff instrument_backoff_{instrument_retry, 1};
    bool has_subscribed_to_instruments_ = false;
    json::parser parser_;
};

}  // namespace

std::unique_ptr<StreamSession> make_stream_session(std::shared_ptr<TradingState> state) {
    return std::make_unique<Stream>(std::move(state));
}

}  // namespace kurs::kraken
