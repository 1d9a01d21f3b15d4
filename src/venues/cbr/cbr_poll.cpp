#include <algorithm>
#include <charconv>
#include <optional>
#include <pugixml.hpp>

#include "kurs/venue/backoff.hpp"
#include "kurs/venue/retry_after.hpp"
#include "venues/cbr/calendar.hpp"
#include "venues/cbr/sessions.hpp"

namespace kurs::cbr {
namespace {

constexpr Duration poll_every = std::chrono::hours(4);
constexpr Duration far_ahead = std::chrono::hours(24 * 7);
constexpr Duration long_ago = std::chrono::hours(24 * 366);
constexpr BackoffLimits retry{std::chrono::seconds(10), std::chrono::minutes(10)};

template <class Number>
std::optional<Number> read_number(std::string_view text) {
    Number number{};
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

/// Reads "21.11.2026".
std::optional<std::chrono::sys_days> read_date(std::string_view text) {
    if (text.size() != 10 || text[2] != '.' || text[5] != '.') return std::nullopt;
    const auto day = read_number<unsigned>(text.substr(0, 2));
    const auto month = read_number<unsigned>(text.substr(3, 2));
    const auto year = read_number<int>(text.substr(6));
    if (!day || !month || !year) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                           std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date);
}

/// Reads "76,4096" for `nominal` units as the price of one unit.
result<Rate> read_rate(std::string value, std::string_view nominal_text) {
    std::ranges::replace(value, ',', '.');
    const auto rate = Rate::parse(value);
    if (!rate) return rate.error();
    const auto nominal = read_number<std::uint32_t>(nominal_text);
    if (!nominal || *nominal == 0) return errc::malformed;
    return Rate::from_units(rate->units() / *nominal);
}

class Poll final : public PollSession {
public:
    Poll(const MarketMap& map, std::vector<SymbolId> symbols)
        : map_(map), symbols_(std::move(symbols)), backoff_(retry, symbols_.size()) {}

    TimePoint next_poll(bool /*is_needed*/) const override { return next_at_; }
    PollRequest make_request(TimePoint /*now*/) override { return {}; }
    void on_failure(TimePoint now) override { next_at_ = now + backoff_.next(); }

    Outcome on_response(const PollResponse& response, TimePoint received_at) override {
        if (response.status != 200) {
            auto outcome = unusable("status " + std::to_string(response.status), received_at);
            if (const auto term = retry_after(response, received_at))
                next_at_ = std::max(next_at_, received_at + *term);
            return outcome;
        }
        pugi::xml_document document;
        // The parts read here are ASCII; the names in windows-1251 are ignored.
        const auto parsed = document.load_buffer(response.body.data(), response.body.size(),
                                                 pugi::parse_default, pugi::encoding_latin1);
        const auto rates = document.child("ValCurs");
        const auto date = read_date(rates.attribute("Date").as_string());
        if (!parsed || !date) return unusable("not the daily rates", received_at);
        const TimePoint in_force_since = TimePoint{*date} - moscow_ahead_of_utc;
        if (in_force_since > received_at + far_ahead) return unusable("dated far ahead", received_at);
        if (in_force_since < received_at - long_ago) return unusable("dated long ago", received_at);
        auto outcome = read(rates, std::min(in_force_since, received_at), {*date, received_at});
        if (!outcome.refusals.empty()) {
            on_failure(received_at);
            return outcome;
        }
        backoff_.reset();
        next_at_ = received_at + poll_every;
        return outcome;
    }

private:
    Outcome read(const pugi::xml_node& rates, TimePoint observed_at, Confirmation confirmation) const {
        Outcome outcome;
        for (const SymbolId symbol : symbols_) {
            const auto& name = map_.symbol(symbol).name;
            const auto currency = name.substr(0, name.find('/'));
            const auto entry = rates.find_child([&](const pugi::xml_node& valute) {
                return std::string_view(valute.name()) == "Valute" &&
                       valute.child_value("CharCode") == currency;
            });
            const auto rate = read_rate(entry.child_value("Value"), entry.child_value("Nominal"));
            if (rate) {
                outcome.ticks.push_back({symbol, *rate, *rate, observed_at, 0, confirmation});
            } else {
                outcome.refusals.push_back({rate.error(), name});
            }
        }
        return outcome;
    }

    Outcome unusable(std::string_view what, TimePoint now) {
        on_failure(now);
        return refused(errc::venue_error, what);
    }

    const MarketMap& map_;
    std::vector<SymbolId> symbols_;
    Backoff backoff_;
    TimePoint next_at_{};
};

}  // namespace

std::unique_ptr<PollSession> make_poll_session(const MarketMap& map, std::vector<SymbolId> symbols) {
    return std::make_unique<Poll>(map, std::move(symbols));
}

}  // namespace kurs::cbr
