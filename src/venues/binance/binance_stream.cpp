#include <simdjson.h>

#include <algorithm>
#include <unordered_map>

#include "book.hpp"
#include "kurs/venues/binance.hpp"

namespace kurs::binance {
namespace {

using simdjson::dom::element;

/// Real frames are below 400 bytes.
constexpr std::size_t frame_limit = 64 * 1024;

/// An event time further ahead than any clock may differ is not a time in milliseconds.
constexpr Duration clock_difference_limit = std::chrono::minutes(1);

/// Every symbol sends a miniTicker each second.
constexpr Duration longest_gap = std::chrono::milliseconds(1500);

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

bool has(const element& object, std::string_view key) {
    return object.at_key(key).error() == simdjson::SUCCESS;
}

result<Rate> price(const element& object, std::string_view key) {
    std::string_view text;
    if (object.at_key(key).get(text) != simdjson::SUCCESS) return errc::malformed;
    return Rate::parse(text);
}

class Stream final : public StreamSession {
public:
    Stream(const MarketMap& map, std::vector<SymbolId> symbols) : symbols_(std::move(symbols)) {
        for (const SymbolId symbol : symbols_) {
            const auto& name = map.symbol(symbol).name;
            const char* const separator = target_.empty() ? "/stream?streams=" : "/";
            target_ += separator + lower(name) + "@bookTicker/" + lower(name) + "@miniTicker";
            books_.emplace(name, Book(symbol));
        }
    }

    StreamRequest request() const override { return {target_, {}}; }
    const std::vector<SymbolId>& symbols() const override { return symbols_; }
    std::vector<std::string> on_open() override { return {}; }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        note_gap(received_at);
        if (frame.size() > frame_limit) return refused(errc::oversized, "frame");
        element document;
        const bool is_json = parser_.parse(frame.data(), frame.size()).get(document) == simdjson::SUCCESS;
        if (!is_json || !document.is_object()) return refused(errc::malformed, "frame");
        element data;
        const bool is_wrapped =
            has(document, "stream") && document.at_key("data").get(data) == simdjson::SUCCESS;
        return on_object(is_wrapped ? data : document, received_at);
    }

private:
    /// What comes after a gap may have waited on the way: until an event time tells how late the connection
    /// is, a book is no newer than the last frame before the gap.
    void note_gap(TimePoint received_at) {
        if (last_frame_at_ && received_at - *last_frame_at_ > longest_gap) before_gap_ = last_frame_at_;
        last_frame_at_ = received_at;
    }

    /// The order matters: some events carry the keys of a bookTicker.
    Outcome on_object(const element& object, TimePoint received_at) {
        if (!object.is_object()) return refused(errc::malformed, "data");
        if (has(object, "result")) return {};  // an acknowledgement
        // Documented as flat, seen as nested: both are errors of the venue.
        if (has(object, "error") || (has(object, "code") && has(object, "msg"))) {
            return refused(errc::venue_error, "error answer");
        }
        if (has(object, "e")) return on_event(object, received_at);
        const bool is_book = has(object, "u") && has(object, "s") && has(object, "b") && has(object, "a");
        return is_book ? on_book(object, received_at) : refused(errc::unknown_event, "object");
    }

    Outcome on_event(const element& object, TimePoint received_at) {
        std::string_view kind;
        if (object.at_key("e").get(kind) != simdjson::SUCCESS) return refused(errc::malformed, "event");
        if (kind == "serverShutdown") {
            Outcome outcome;
            outcome.farewell = Farewell{"serverShutdown", false};
            return outcome;
        }
        return kind == "24hrMiniTicker" ? on_mini_ticker(object, received_at)
                                        : refused(errc::unknown_event, kind);
    }

    Outcome on_book(const element& object, TimePoint received_at) {
        const auto found = find_book(object);
        if (!found) return refused(found.error(), "bookTicker");
        auto& [name, book] = **found;
        std::uint64_t update_id = 0;
        if (object.at_key("u").get(update_id) != simdjson::SUCCESS) return refused(errc::malformed, name);
        const auto bid = price(object, "b");
        if (!bid) return refused(bid.error(), name);
        const auto ask = price(object, "a");
        if (!ask) return refused(ask.error(), name);
        if (*bid > *ask) return refused(errc::crossed, name);
        // The frame has no time of its own: it is as old as the connection is late.
        const auto observed_at = std::min(received_at - lag_, before_gap_.value_or(received_at));
        const auto tick = book.update(*bid, *ask, update_id, observed_at);
        if (!tick) return refused(tick.error(), name);
        Outcome outcome;
        outcome.ticks.push_back(*tick);
        return outcome;
    }

    Outcome on_mini_ticker(const element& object, TimePoint received_at) {
        const auto found = find_book(object);
        if (!found) return refused(found.error(), "miniTicker");
        auto& [name, book] = **found;
        std::int64_t event_ms = 0;
        if (object.at_key("E").get(event_ms) != simdjson::SUCCESS) return refused(errc::malformed, name);
        const TimePoint event_at{Duration{event_ms}};
        if (event_at > received_at + clock_difference_limit) return refused(errc::malformed, name);
        const auto last_price = price(object, "c");
        if (!last_price) return refused(last_price.error(), name);
        lag_ = std::max(received_at - event_at, Duration{0});
        before_gap_.reset();
        Outcome outcome;
        if (auto tick = book.confirm(*last_price, received_at - lag_)) outcome.ticks.push_back(*tick);
        return outcome;
    }

    using Books = std::unordered_map<std::string, Book>;

    result<Books::value_type*> find_book(const element& object) {
        std::string_view name;
        if (object.at_key("s").get(name) != simdjson::SUCCESS) return errc::malformed;
        const auto found = books_.find(std::string(name));
        if (found == books_.end()) return errc::unknown_symbol;
        return &*found;
    }

    std::vector<SymbolId> symbols_;
    std::string target_;
    Books books_;
    Duration lag_{0};  ///< how late the newest miniTicker was: what waits in a socket is not fresh
    std::optional<TimePoint> last_frame_at_;
    std::optional<TimePoint> before_gap_;
    simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols) {
    return std::make_unique<Stream>(map, std::move(symbols));
}

}  // namespace kurs::binance
