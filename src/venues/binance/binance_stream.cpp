#include <boost/algorithm/string/case_conv.hpp>
#include <functional>
#include <locale>
#include <unordered_map>

#include "kurs/venue/json_text.hpp"
#include "venues/binance/book.hpp"
#include "venues/binance/sessions.hpp"

namespace kurs::binance {
namespace {

using simdjson::dom::element;

/// Real frames have fewer than 400 bytes, except depth events.
constexpr std::size_t frame_limit = 64 * 1024;

/// A depth event that changes 5,000 levels of each side, in the 32 to 48 bytes that a level has.
constexpr std::size_t depth_frame_limit = 512 * 1024;

/// An event time further ahead than clocks may differ is not in milliseconds.
constexpr Duration clock_difference_limit = std::chrono::minutes(1);

bool has(const element& object, std::string_view key) {
    return object.at_key(key).error() == simdjson::SUCCESS;
}

result<Rate> price(const element& object, std::string_view key) {
    return Rate::parse(text_of(object, key));
}

/// Fails with `not_positive` if the quantity is zero: the side has no offer.
result<Rate> side(const element& object, std::string_view price_key, std::string_view quantity_key) {
    const auto quantity = price(object, quantity_key);
    if (!quantity && quantity.error() == errc::not_positive) return errc::not_positive;
    return price(object, price_key);
}

template <class IsBetter>
result<SideChange> read_levels(const element& object, std::string_view key, IsBetter is_better) {
    simdjson::dom::array levels;
    if (object.at_key(key).get(levels) != simdjson::SUCCESS) return errc::malformed;
    SideChange change;
    for (const element& each : levels) {
        const auto level = read_level(each);
        if (!level) return level.error();
        if (!level->has_offer) {
            change.removed.push_back(level->price);
        } else if (!change.best || is_better(level->price, *change.best)) {
            change.best = level->price;
        }
    }
    return change;
}

result<DepthEvent> read_depth_event(const element& object, TimePoint at) {
    DepthEvent event;
    event.at = at;
    const bool is_numbered = object.at_key("U").get(event.first_id) == simdjson::SUCCESS &&
                             object.at_key("u").get(event.final_id) == simdjson::SUCCESS;
    if (!is_numbered || event.first_id > event.final_id) return errc::malformed;
    auto bids = read_levels(object, "b", std::greater<>{});
    if (!bids) return bids.error();
    auto asks = read_levels(object, "a", std::less<>{});
    if (!asks) return asks.error();
    if (bids->best && asks->best && *bids->best >= *asks->best) return errc::crossed;
    event.bids = *std::move(bids);
    event.asks = *std::move(asks);
    return event;
}

/// The event time. Fails if it is negative or too far ahead of `received_at`.
result<TimePoint> event_time(const element& object, TimePoint received_at) {
    std::int64_t event_ms = 0;
    if (object.at_key("E").get(event_ms) != simdjson::SUCCESS) return errc::malformed;
    const TimePoint event_at{Duration{event_ms}};
    if (event_ms < 0 || event_at > received_at + clock_difference_limit) return errc::malformed;
    return event_at;
}

bool is_error(const element& object) {
    // Documented as flat, observed as nested.
    return has(object, "error") || (has(object, "code") && has(object, "msg"));
}

/// The kind of the object. A bookTicker is recognised by its stream, or by its keys on a raw connection: it
/// has no event type (futures have added one). All other events are recognised by their event type, and a
/// depth event without one by its stream. Unknown keys are ignored.
std::string_view kind_of(const element& object, std::string_view stream) {
    const bool has_prices = has(object, "b") && has(object, "a");
    const bool is_event = has(object, "e") && !has_prices;
    if (stream.ends_with("@bookTicker") && !is_event) return "bookTicker";
    if (stream.ends_with("@depth") && text_of(object, "e").empty()) return "depthUpdate";
    if (has(object, "e")) return text_of(object, "e");
    return has_prices && has(object, "u") && has(object, "s") ? "bookTicker" : "object";
}

class Stream final : public StreamSession {
public:
    Stream(const MarketMap& map, std::vector<SymbolId> symbols) : symbols_(std::move(symbols)) {
        for (const SymbolId symbol : symbols_) {
            const auto& name = map.symbol(symbol).name;
            const char* const separator = target_.empty() ? "/stream?streams=" : "/";
            const auto stream = boost::to_lower_copy(name, std::locale::classic());
            // Depth first, so that the first book is not older than the first depth event.
            target_ += separator + stream + "@depth/" + stream + "@bookTicker/" + stream + "@miniTicker";
            books_.emplace(name, Book(symbol));
        }
    }

    StreamRequest request() const override { return {target_, {}}; }
    const std::vector<SymbolId>& symbols() const override { return symbols_; }
    std::vector<std::string> on_open() override { return {}; }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        if (frame.size() > depth_frame_limit) return refused(errc::oversized, "frame");
        element document;
        const bool is_json = parser_.parse(frame.data(), frame.size()).get(document) == simdjson::SUCCESS;
        if (!is_json || !document.is_object()) return refused(errc::malformed, "frame");
        element data;
        const bool is_wrapped =
            has(document, "stream") && document.at_key("data").get(data) == simdjson::SUCCESS;
        const auto& object = is_wrapped ? data : document;
        const auto stream = text_of(document, "stream");
        const auto kind = kind_of(object, stream);
        if (frame.size() > frame_limit && kind != "depthUpdate") return refused(errc::oversized, "frame");
        // Responses to commands are never wrapped.
        if (!is_wrapped && has(document, "result")) return {};
        if (!is_wrapped && is_error(document)) return refused(errc::venue_error, "error response");
        return on_object(object, kind, stream, received_at);
    }

private:
    Outcome on_object(const element& object, std::string_view kind, std::string_view stream,
                      TimePoint received_at) {
        if (kind == "bookTicker") return on_book(object, stream, received_at);
        if (kind == "depthUpdate") return on_depth(object, stream, received_at);
        if (!object.is_object()) return refused(errc::malformed, "data");
        if (kind.empty()) return refused(errc::malformed, "event");
        if (kind == "24hrMiniTicker") return on_mini_ticker(object, stream, received_at);
        if (text_of(object, "e") != "serverShutdown") return refused(errc::unknown_event, kind);
        Outcome outcome;
        outcome.farewell = Farewell{"serverShutdown", false, true};
        return outcome;
    }

    Outcome on_book(const element& object, std::string_view stream, TimePoint received_at) {
        const auto found = find_book(object, stream);
        if (!found) return refused(found.error(), "bookTicker");
        auto& [name, book] = **found;
        std::uint64_t update_id = 0;
        const bool is_complete =
            !text_of(object, "s").empty() && object.at_key("u").get(update_id) == simdjson::SUCCESS;
        if (!is_complete) return taken_back(errc::malformed, name, book);
        if (!book.is_newer(update_id)) return refused(errc::out_of_order, name);
        const auto bid = side(object, "b", "B");
        if (!bid) return taken_back(bid.error(), name, book, update_id);
        const auto ask = side(object, "a", "A");
        if (!ask) return taken_back(ask.error(), name, book, update_id);
        if (*bid > *ask) return taken_back(errc::crossed, name, book, update_id);
        Outcome outcome;
        if (auto tick = book.update(*bid, *ask, update_id, received_at)) outcome.ticks.push_back(*tick);
        return outcome;
    }

    Outcome on_depth(const element& object, std::string_view stream, TimePoint received_at) {
        const auto found = find_book(object, stream);
        if (!found) return refused(found.error(), "depthUpdate");
        auto& [name, book] = **found;
        const auto event_at = event_time(object, received_at);
        if (!event_at) return taken_back(event_at.error(), name, book);
        auto event = read_depth_event(object, *event_at);
        if (!event) return taken_back(event.error(), name, book);
        if (!book.is_newer_event(event->final_id)) return refused(errc::out_of_order, name);
        Outcome outcome;
        if (auto tick = book.follow(*std::move(event), received_at)) outcome.ticks.push_back(*tick);
        return outcome;
    }

    static Outcome taken_back(errc reason, std::string_view name, Book& book, std::uint64_t update_id = 0) {
        book.retract(update_id);
        return refused(reason, name);
    }

    Outcome on_mini_ticker(const element& object, std::string_view stream, TimePoint received_at) {
        const auto found = find_book(object, stream);
        if (!found) return refused(found.error(), "miniTicker");
        auto& [name, book] = **found;
        const auto event_at = event_time(object, received_at);
        if (!event_at) return refused(event_at.error(), name);
        const auto last_price = price(object, "c");
        if (!last_price) return refused(last_price.error(), name);
        Outcome outcome;
        if (auto tick = book.confirm(*last_price, *event_at, received_at)) outcome.ticks.push_back(*tick);
        return outcome;
    }

    using Books = std::unordered_map<std::string, Book>;

    /// Finds the symbol by the object's own symbol, or by the stream's name if the object has none.
    result<Books::value_type*> find_book(const element& object, std::string_view stream) {
        std::string name(text_of(object, "s"));
        if (name.empty())
            name =
                boost::to_upper_copy(std::string(stream.substr(0, stream.find('@'))), std::locale::classic());
        if (name.empty()) return errc::malformed;
        const auto found = books_.find(name);
        if (found == books_.end()) return errc::unknown_symbol;
        return &*found;
    }

    std::vector<SymbolId> symbols_;
    std::string target_;
    Books books_;
    simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols) {
    return std::make_unique<Stream>(map, std::move(symbols));
}

}  // namespace kurs::binance
