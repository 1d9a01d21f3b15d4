#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <map>
#include <pugixml.hpp>

#include "kurs/venue/backoff_poll.hpp"
#include "kurs/venue/declared_source.hpp"
#include "kurs/venue/pointed_document.hpp"
#include "kurs/venue/venue_time.hpp"

namespace kurs {
namespace {

struct Reading {
    Rate bid, ask;
    std::optional<TimePoint> at{};
};

/// Seconds, milliseconds or microseconds since 1970, whichever puts it after 1973, or RFC 3339.
result<TimePoint> read_time(std::string_view text) {
    if (text.find('T') != std::string_view::npos) {
        const auto time = parse_venue_time(text);
        if (!time) return time.error();
        return time->at;
    }
    const auto number = Rate::parse_number(text);
    if (!number) return number.error();
    constexpr u128 one = 1'000'000'000'000'000'000;
    constexpr u128 least_milliseconds = 100'000'000'000, least_microseconds = 100'000'000'000'000;
    const u128 whole = number->units() / one;
    if (whole >= least_microseconds * 1000) return errc::malformed;
    u128 milliseconds = number->units() / (one / 1000);
    if (whole >= least_microseconds) {
        milliseconds = whole / 1000;
    } else if (whole >= least_milliseconds) {
        milliseconds = whole;
    }
    return TimePoint(Duration(static_cast<Duration::rep>(milliseconds)));
}

enum class Rounding { down, up };

/// To the last decimal of a Rate.
result<Rate> quotient(Rate dividend, Rate divisor, Rounding rounding) {
    using Wide = boost::multiprecision::uint256_t;
    const Wide scaled = Wide(dividend.units()) * Wide(1'000'000'000'000'000'000);
    const Wide by(divisor.units());
    Wide units = scaled / by;
    if (rounding == Rounding::up && scaled % by != 0) ++units;
    if (units > Wide(std::numeric_limits<u128>::max())) return errc::overflow;
    return Rate::from_units(static_cast<u128>(units));
}

result<Reading> read_json(PointedDocument& document, const DeclaredPrice& price) {
    const auto rate_at = [&document](const std::string& pointer) -> result<Rate> {
        const auto text = document.text_at(pointer);
        if (!text) return text.error();
        return Rate::parse_number(*text);
    };
    const auto bid = rate_at(price.bid), ask = rate_at(price.ask);
    if (!bid) return bid.error();
    if (!ask) return ask.error();
    Reading reading{*bid, *ask};
    if (price.time.empty()) return reading;
    const auto text = document.text_at(price.time);
    if (!text) return text.error();
    const auto at = read_time(*text);
    if (!at) return at.error();
    reading.at = *at;
    return reading;
}

struct Exchange {
    Rate in, out;
};

/// The first item from one code to the other.
result<Exchange> read_item(const pugi::xml_node& rates, std::string_view codes) {
    const auto slash = codes.find('/');
    const auto from = codes.substr(0, slash), to = codes.substr(slash + 1);
    const auto item = rates.find_child([&](const pugi::xml_node& each) {
        return each.child_value("from") == from && each.child_value("to") == to;
    });
    const auto in = Rate::parse(item.child_value("in")), out = Rate::parse(item.child_value("out"));
    if (!in) return in.error();
    if (!out) return out.error();
    return Exchange{*in, *out};
}

/// Who sells the base gives it; who buys the base gets it. A source with one item for both sides has one
/// price.
result<Reading> read_xml(const pugi::xml_node& rates, const DeclaredPrice& price) {
    const auto sold = read_item(rates, price.bid), bought = read_item(rates, price.ask);
    if (!sold) return sold.error();
    if (!bought) return bought.error();
    const auto bid = quotient(sold->out, sold->in, Rounding::down);
    if (!bid) return bid.error();
    if (price.ask == price.bid) return Reading{*bid, *bid};
    const auto ask = quotient(bought->in, bought->out, Rounding::up);
    if (!ask) return ask.error();
    return Reading{*bid, *ask};
}

class Poll final : public BackoffPoll {
public:
    Poll(const MarketMap& map, std::vector<SymbolId> symbols, const DeclaredSource& source)
        : BackoffPoll(
              map, Backoff({source.every * 2, std::max<Duration>(source.every * 4, std::chrono::seconds(10))},
                           symbols.size())),
          symbols_(std::move(symbols)),
          source_(source) {}

    PollRequest make_request(TimePoint now) override {
        asked_at_ = now;
        call_at(now + source_.every);
        return {source_.query, {}};
    }

    Outcome on_response(const PollResponse& response, TimePoint received_at) override {
        if (response.status != 200) return failed(response, "", received_at);
        auto outcome = read(response.body, received_at);
        if (outcome.ticks.empty()) {
            on_failure(received_at);
        } else {
            succeeded();
        }
        return outcome;
    }

private:
    struct Seen {
        Rate bid, ask;
        TimePoint since{};  ///< when this price was first received
    };

    Outcome read(const std::string& body, TimePoint received_at) {
        Outcome outcome;
        if (source_.format == DeclaredSource::Format::json) {
            PointedDocument document(body);
            take_all(received_at, outcome,
                     [&](const DeclaredPrice& price) { return read_json(document, price); });
        } else {
            pugi::xml_document document;
            document.load_buffer(body.data(), body.size());
            const auto rates = document.child("rates");
            take_all(received_at, outcome,
                     [&](const DeclaredPrice& price) { return read_xml(rates, price); });
        }
        return outcome;
    }

    template <class ReadPrice>
    void take_all(TimePoint received_at, Outcome& outcome, const ReadPrice& read_price) {
        for (const SymbolId symbol : symbols_) {
            const auto& price =
                *std::ranges::find(source_.prices, map().symbol(symbol).name, &DeclaredPrice::symbol);
            const auto reading = read_price(price);
            if (reading) {
                take(symbol, *reading, received_at, outcome);
            } else {
                refuse(symbol, reading.error(), "", outcome);
            }
        }
    }

    void take(SymbolId symbol, const Reading& reading, TimePoint received_at, Outcome& outcome) {
        if (reading.at && *reading.at > received_at + clock_difference_limit)
            return refuse(symbol, errc::malformed, " dated ahead", outcome);
        if (has_stood_still(symbol, reading, received_at))
            return refuse(symbol, errc::out_of_order, " unchanged for too long", outcome);
        const auto observed_at = std::min(reading.at.value_or(asked_at_), received_at);
        outcome.ticks.push_back({symbol, reading.bid, reading.ask, observed_at});
    }

    bool has_stood_still(SymbolId symbol, const Reading& reading, TimePoint received_at) {
        const auto found = seen_.find(symbol);
        if (found == seen_.end() || found->second.bid != reading.bid || found->second.ask != reading.ask) {
            seen_.insert_or_assign(symbol, Seen{reading.bid, reading.ask, received_at});
            return false;
        }
        return source_.changes_within && received_at - found->second.since > *source_.changes_within;
    }

    std::vector<SymbolId> symbols_;
    const DeclaredSource& source_;
    std::map<SymbolId, Seen> seen_;
    TimePoint asked_at_{};
};

}  // namespace

std::unique_ptr<PollSession> make_declared_poll(const MarketMap& map, std::vector<SymbolId> symbols,
                                                const DeclaredSource& source) {
    return std::make_unique<Poll>(map, std::move(symbols), source);
}

}  // namespace kurs
