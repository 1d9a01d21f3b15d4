#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "kurs/venue/backoff_poll.hpp"
#include "kurs/venue/retry_after.hpp"
#include "kurs/venue/trading_state.hpp"
#include "venues/binance/sessions.hpp"

namespace kurs::binance {
namespace {

using simdjson::dom::element;

/// A halted symbol still produces data, so a halt is visible only here. Weight 20 of 6,000 per minute.
constexpr Duration refresh_every = std::chrono::minutes(1);
constexpr Duration ban_without_term = std::chrono::minutes(2);
constexpr BackoffLimits retry{std::chrono::seconds(2), std::chrono::minutes(1)};
constexpr std::int64_t invalid_symbol_code = -1121;
constexpr std::string_view absent = "absent";
constexpr std::string_view unknown = "unknown to the venue";

class ExchangeInfo final : public BackoffPoll {
public:
    ExchangeInfo(const MarketMap& map, std::vector<SymbolId> symbols)
        : BackoffPoll(map, Backoff(retry, symbols.size())), symbols_(std::move(symbols)) {}

    PollRequest make_request(TimePoint /*now*/) override {
        if (questions_.empty()) questions_.push_back(symbols_);
        std::string names;
        for (const SymbolId symbol : questions_.front()) {
            names += (names.empty() ? "%22" : ",%22") + map().symbol(symbol).name + "%22";
        }
        return {"/api/v3/exchangeInfo?symbols=%5B" + names + "%5D", {}};
    }

    Outcome on_response(const PollResponse& response, TimePoint received_at) override {
        element document;
        const bool is_json = parser_.parse(response.body).get(document) == simdjson::SUCCESS;
        if (response.status == 200 && is_json) return on_listing(document, received_at);
        if (response.status == 400 && is_json && code_of(document) == invalid_symbol_code) {
            return on_unknown_symbol(received_at);
        }
        return on_error(response, received_at);
    }

private:
    static std::int64_t code_of(const element& document) {
        std::int64_t code = 0;
        return document.at_key("code").get(code) == simdjson::SUCCESS ? code : 0;
    }

    Outcome on_listing(const element& document, TimePoint now) {
        simdjson::dom::array listed;
        if (document.at_key("symbols").get(listed) != simdjson::SUCCESS)
            return failed(errc::venue_error, "exchangeInfo", now);
        if (listed.size() == 0) return failed(errc::venue_error, "empty exchangeInfo", now);
        Outcome outcome;
        for (const SymbolId symbol : questions_.front()) {
            const auto entry = find(symbol, listed);
            if (!entry) {
                note_missing(symbol, absent, outcome);
                continue;
            }
            missing_.erase(symbol);
            if (auto listing = read(symbol, *entry)) {
                outcome.listings.push_back(*std::move(listing));
            } else {
                refuse(symbol, " not described", outcome);
            }
        }
        questions_.pop_front();
        answered(now);
        return outcome;
    }

    /// The venue rejects a list with an unknown symbol: requests each symbol separately.
    Outcome on_unknown_symbol(TimePoint now) {
        const auto asked = std::move(questions_.front());
        questions_.pop_front();
        Outcome outcome;
        if (asked.size() == 1) {
            note_missing(asked.front(), unknown, outcome);
        } else {
            for (const SymbolId symbol : asked) questions_.push_back({symbol});
        }
        answered(now);
        return outcome;
    }

    Outcome on_error(const PollResponse& response, TimePoint now) {
        const bool is_banned = response.status == 418 || response.status == 429;
        auto outcome = failed(errc::venue_error, "status " + std::to_string(response.status), now);
        if (is_banned) rest_until(now + retry_after(response, now).value_or(ban_without_term));
        return outcome;
    }

    /// The round ends with the last request. The next round starts soon if this one left a symbol unsettled.
    void answered(TimePoint now) {
        if (!questions_.empty()) return call_at(now);
        if (std::exchange(is_unsettled_, false)) return on_failure(now);
        succeeded();
        call_at(now + refresh_every);
    }

    /// A cache or a proxy may omit a symbol once or answer another request: only the second omission counts.
    void note_missing(SymbolId symbol, std::string_view how, Outcome& outcome) {
        if (missing_.insert(symbol).second) {
            refuse(symbol, " " + std::string(how), outcome);
        } else {
            outcome.listings.push_back({symbol, false, std::string(how)});
        }
    }

    void refuse(SymbolId symbol, std::string_view how, Outcome& outcome) {
        is_unsettled_ = true;
        BackoffPoll::refuse(symbol, errc::venue_error, how, outcome);
    }

    std::optional<element> find(SymbolId symbol, const simdjson::dom::array& listed) const {
        for (const element& entry : listed) {
            std::string_view name;
            const bool is_named = entry.at_key("symbol").get(name) == simdjson::SUCCESS;
            if (is_named && name == map().symbol(symbol).name) return entry;
        }
        return std::nullopt;
    }

    /// None if the entry is malformed.
    std::optional<Listing> read(SymbolId id, const element& entry) const {
        std::string_view status, base, quote;
        const bool is_complete = entry.at_key("status").get(status) == simdjson::SUCCESS &&
                                 entry.at_key("baseAsset").get(base) == simdjson::SUCCESS &&
                                 entry.at_key("quoteAsset").get(quote) == simdjson::SUCCESS;
        if (!is_complete) return std::nullopt;
        auto other = unexpected_pair(map(), id, base, quote);
        if (!other.empty()) return Listing{id, false, std::move(other)};
        return Listing{id, status == "TRADING", std::string(status)};
    }

    std::vector<SymbolId> symbols_;
    std::deque<std::vector<SymbolId>> questions_;  ///< remaining requests of this round
    std::set<SymbolId> missing_;                   ///< symbols missing from the newest response about them
    bool is_unsettled_ = false;                    ///< this round left the state of some symbol unknown
    simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<PollSession> make_exchange_info_session(const MarketMap& map, std::vector<SymbolId> symbols) {
    return std::make_unique<ExchangeInfo>(map, std::move(symbols));
}

}  // namespace kurs::binance
