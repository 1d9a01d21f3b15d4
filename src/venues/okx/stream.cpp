#include "venues/okx/stream.hpp"

#include "kurs/domain/whole_number.hpp"
#include "kurs/venue/backoff.hpp"
#include "kurs/venue/traded_session.hpp"
#include "venues/okx/instrument.hpp"

namespace kurs::okx {
namespace {

/// A snapshot of 400 levels takes some 30 kB.
constexpr std::size_t frame_limit = 1u << 20;

/// A refused subscription is repeated, and a snapshot awaited, ever longer.
constexpr BackoffLimits subscribe_retry{std::chrono::seconds(2), std::chrono::minutes(1)};

/// A book that has been whole for this long is no part of the failure before.
constexpr Duration sound_time = std::chrono::minutes(1);

/// The venue allows 480 requests an hour on a connection.
constexpr int request_limit = 400;

/// The feed holds 64 unsent frames.
constexpr std::size_t requests_at_once = 16;

/// The venue cuts a connection that has had no data for 30 s.
constexpr Duration ping_every = std::chrono::seconds(10);

constexpr Duration complaint_rest = std::chrono::minutes(1);

constexpr std::string_view rotation_code = "64008";
constexpr std::string_view too_frequent_code = "60014";

std::string command(std::string_view id, std::string_view operation, const std::string& arg) {
    return R"({"id":")" + std::string(id) + R"(","op":")" + std::string(operation) + R"(","args":[)" + arg +
           "]}";
}

/// A channel of a symbol. The venue refuses a request by its id alone, so each has a request of its own.
struct Subscription {
    std::string id;   ///< "books3"
    std::string arg;  ///< as the venue writes it
    std::string symbol;
    bool is_accepted = false;
    TimePoint due_at{};
    TimePoint allowed_at{};  ///< no request before this
    Backoff backoff;
};

/// A symbol on this connection.
struct Listened {
    Instrument instrument;
    Subscription top, book;
    TimePoint whole_since = TimePoint::max();
};

class Stream final : public TradedSession {
public:
    explicit Stream(std::shared_ptr<Shared> shared)
        : TradedSession(shared->trading), shared_(std::move(shared)), source_(shared_->trading) {
        for (const SymbolId id : symbols()) {
            const auto& name = map().symbol(id).name;
            const auto channel = [&](const std::string& of) {
                return Subscription{of.substr(0, of.find('-')) + std::to_string(index(id)),
                                    R"({"channel":")" + of + R"(","instId":")" + name + R"("})",
                                    name,
                                    false,
                                    {},
                                    {},
                                    Backoff(subscribe_retry, index(id) + 1)};
            };
            listened_.emplace(
                name, Listened{Instrument(id, shared_->news[id]), channel("bbo-tbt"), channel("books")});
        }
        for (const SymbolId id : trading().symbols()) known_.emplace(map().symbol(id).name, id);
    }

    /// The books follow when the venue answers: a price comes sooner.
    std::vector<std::string> on_open() override {
        std::vector<std::string> requests{
            command("instruments", "subscribe", R"({"channel":"instruments","instType":"SPOT"})")};
        for (auto& [name, listened] : listened_) {
            if (requests.size() > requests_at_once) break;
            requests.push_back(command(listened.top.id, "subscribe", listened.top.arg));
            listened.top.due_at = TimePoint::max();
        }
        requests_ = static_cast<int>(requests.size());
        return requests;
    }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        Outcome outcome;
        heard_at_ = received_at;
        if (frame.size() > frame_limit) {
            refuse(outcome, errc::oversized, "frame");
        } else if (frame != "pong") {
            read(frame, received_at, outcome);
        }
        follow_time(received_at, outcome);
        return outcome;
    }

    Outcome on_time(TimePoint now) override {
        Outcome outcome;
        follow_time(now, outcome);
        const auto quiet_since = std::max(heard_at_, pinged_at_);
        if (now - quiet_since >= ping_every && heard_at_ != TimePoint{}) {
            pinged_at_ = now;
            outcome.replies.emplace_back("ping");
        }
        return outcome;
    }

private:
    void read(std::string_view frame, TimePoint received_at, Outcome& outcome) {
        element document, arg, data;
        if (parser_.parse(frame.data(), frame.size()).get(document) != simdjson::SUCCESS ||
            !document.is_object())
            return refuse(outcome, errc::malformed, "frame");
        if (const auto event = text_of(document, "event"); !event.empty())
            return on_event(event, document, received_at, outcome);
        if (document.at_key("arg").get(arg) != simdjson::SUCCESS)
            return refuse(outcome, errc::unknown_event, "object");
        const auto channel = text_of(arg, "channel");
        const bool is_book = channel == "books";
        if (channel == "instruments") return on_instruments(document, outcome);
        if (!is_book && channel != "bbo-tbt")
            return refuse(outcome, errc::unknown_event, channel.empty() ? "object" : channel);
        const auto symbol = text_of(arg, "instId");
        const auto found = listened_.find(symbol);
        if (found == listened_.end()) return refuse(outcome, errc::unknown_symbol, symbol);
        auto& [name, listened] = *found;
        (is_book ? listened.book : listened.top).is_accepted = true;
        const auto tick =
            is_book ? on_book(document, listened, received_at) : on_top(document, listened, received_at);
        if (!tick) {
            drop(name, tick.error(), outcome);
        } else if (*tick) {
            hold(name, **tick);
        }
    }

    static result<BookEntry> entry_of(const element& frame, TimePoint received_at) {
        element entry;
        if (frame.at_key("data").at(0).get(entry) != simdjson::SUCCESS) return errc::malformed;
        return read_book_entry(entry, received_at);
    }

    static Instrument::News on_top(const element& frame, Listened& listened, TimePoint received_at) {
        const auto entry = entry_of(frame, received_at);
        if (entry) return listened.instrument.on_top(*entry, received_at);
        listened.instrument.withdraw();
        return entry.error();
    }

    static Instrument::News on_book(const element& frame, Listened& listened, TimePoint received_at) {
        auto& [instrument, top, book, whole_since] = listened;
        const bool is_snapshot = text_of(frame, "action") == "snapshot";
        const bool is_awaited = instrument.needs_snapshot();
        const auto entry = entry_of(frame, received_at);
        if (!entry) instrument.lose_book();
        const auto news = entry ? instrument.on_book(*entry, is_snapshot, received_at) : entry.error();
        if (!instrument.needs_snapshot()) {
            if (is_snapshot) whole_since = received_at;
            if (received_at - whole_since >= sound_time) book.backoff.reset();
            book.due_at = TimePoint::max();
        } else if (!is_awaited) {
            book.due_at = std::max(received_at, book.allowed_at);
        }
        return news;
    }

    void on_event(std::string_view event, const element& frame, TimePoint received_at, Outcome& outcome) {
        if (event == "unsubscribe" || event == "channel-conn-count") return;
        const auto code = text_of(frame, "code");
        if (event == "subscribe") {
            shared_->needs_listing |= text_of(frame, "id") == "instruments";
            if (auto* const subscription = find(text_of(frame, "id"))) subscription->is_accepted = true;
        } else if (event == "error") {
            on_error(code, frame, received_at, outcome);
        } else if (event == "notice" && code == rotation_code) {
            outcome.farewell = Farewell{"notice 64008: planned rotation", false, true};
        } else {
            refuse(outcome, errc::unknown_event,
                   std::string(event) + (code.empty() ? "" : " ") + std::string(code));
        }
    }

    void on_error(std::string_view code, const element& frame, TimePoint now, Outcome& outcome) {
        auto* const subscription = find(text_of(frame, "id"));
        refuse(outcome, errc::venue_error,
               (subscription ? subscription->symbol + ": " : "") + std::string(code) + " " +
                   std::string(text_of(frame, "msg")));
        if (subscription) {
            subscription->is_accepted = false;
            subscription->due_at = now + subscription->backoff.next();
        }
        if (code == too_frequent_code) rests_until_ = now + complaint_rest;
    }

    /// The subscription whose request had this id, or null.
    Subscription* find(std::string_view id) {
        for (auto& [name, listened] : listened_) {
            for (auto* const subscription : {&listened.top, &listened.book})
                if (subscription->id == id) return subscription;
        }
        return nullptr;
    }

    /// Changes alone: the listing tells the rest.
    void on_instruments(const element& frame, Outcome& outcome) {
        simdjson::dom::array entries;
        if (frame.at_key("data").get(entries) != simdjson::SUCCESS)
            return refuse(outcome, errc::malformed, "instruments");
        for (const element& entry : entries) {
            const auto found = known_.find(text_of(entry, "instId"));
            if (found == known_.end()) continue;
            const auto state = text_of(entry, "state");
            if (state.empty()) {
                refuse(outcome, errc::malformed, found->first);
            } else {
                outcome.listings.push_back(source_.set_pair(found->second, state));
            }
        }
    }

    void follow_time(TimePoint now, Outcome& outcome) {
        for (auto& [name, listened] : listened_) {
            if (const auto confirmed = listened.instrument.on_answer()) hold(name, *confirmed);
        }
        if (heard_at_ != TimePoint{}) send_due(now, outcome);
        conclude(outcome);
    }

    void send_due(TimePoint now, Outcome& outcome) {
        if (now < rests_until_) return;
        for (auto& [name, listened] : listened_) {
            for (auto* const subscription : {&listened.top, &listened.book}) {
                if (now < subscription->due_at || outcome.replies.size() >= requests_at_once) continue;
                if (requests_ >= request_limit) {
                    outcome.farewell = Farewell{"the requests of this connection are spent", false, true};
                    return;
                }
                if (std::exchange(subscription->is_accepted, false))
                    send("u" + subscription->id, "unsubscribe", subscription->arg, outcome);
                send(subscription->id, "subscribe", subscription->arg, outcome);
                subscription->allowed_at = now + subscription->backoff.next();
                // A snapshot is awaited; the other channel needs none.
                const bool is_book = subscription == &listened.book;
                subscription->due_at = is_book ? subscription->allowed_at : TimePoint::max();
            }
        }
    }

    void send(std::string_view id, std::string_view operation, const std::string& arg, Outcome& outcome) {
        outcome.replies.push_back(command(id, operation, arg));
        ++requests_;
    }

    std::shared_ptr<Shared> shared_;
    TradingSource source_;
    std::map<std::string, Listened, std::less<>> listened_;
    std::map<std::string, SymbolId, std::less<>> known_;
    TimePoint heard_at_{};
    TimePoint pinged_at_{};
    TimePoint rests_until_{};
    int requests_ = 0;
    simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<StreamSession> make_stream_session(std::shared_ptr<Shared> shared) {
    return std::make_unique<Stream>(std::move(shared));
}

}  // namespace kurs::okx
