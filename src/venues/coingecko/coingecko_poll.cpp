#include <algorithm>

#include "kurs/venue/backoff.hpp"
#include "kurs/venue/retry_after.hpp"
#include "venues/coingecko/coins.hpp"
#include "venues/coingecko/json_text.hpp"
#include "venues/coingecko/pacing.hpp"
#include "venues/coingecko/sessions.hpp"

namespace kurs::coingecko {
namespace {

namespace json = simdjson::ondemand;

constexpr BackoffLimits retry{std::chrono::seconds(3), std::chrono::minutes(1)};
constexpr BackoffLimits rate_limited{std::chrono::minutes(1), std::chrono::minutes(16)};
constexpr Duration refused_rest = std::chrono::minutes(5);

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : "%2C") + item;
    return text;
}

/// Media types are case-insensitive (RFC 9110, 8.3.1).
bool is_json(std::string_view content_type) {
    constexpr std::string_view subtype = "json";
    const auto same_letter = [](char left, char right) { return (left | 0x20) == right; };
    return !std::ranges::search(content_type, subtype, same_letter).empty();
}

class Poll final : public PollSession {
public:
    Poll(const MarketMap& map, const std::vector<SymbolId>& symbols, const Plan& plan, std::string key,
         Spending& spending)
        : coins_(make_coins(map, symbols)),
          pacing_(plan, spending),
          backoff_(retry, symbols.size()),
          limit_backoff_(rate_limited, symbols.size()) {
        if (!plan.key_header.empty()) headers_.emplace_back(plan.key_header, std::move(key));
        target_ = "/simple/price?ids=" + joined(coins_.ids) + "&vs_currencies=" + joined(coins_.currencies) +
                  "&include_last_updated_at=true&precision=full";
    }

    TimePoint next_poll(bool is_needed) const override { return pacing_.next(is_needed); }

    PollRequest make_request(TimePoint now) override {
        pacing_.spend(now);
        return {target_, headers_};
    }

    Outcome on_response(const PollResponse& response, TimePoint received_at) override {
        if (response.status != 200) return on_error(response, received_at);
        if (!is_json(response.header("content-type"))) return unusable("not JSON", received_at);
        try {
            auto outcome = read(response.body, received_at);
            note_missing(outcome);
            if (outcome.ticks.empty()) {
                pacing_.ask_again(received_at + backoff_.next());
                return outcome;
            }
            backoff_.reset();
            limit_backoff_.reset();
            return outcome;
        } catch (const simdjson::simdjson_error&) {
            return unusable("broken JSON", received_at);
        }
    }

    void on_failure(TimePoint now) override { pacing_.retry(now + backoff_.next()); }

private:
    /// {"bitcoin":{"usd":1.5,"rub":120,"last_updated_at":1779092258},...}, keys in any order.
    Outcome read(const std::string& body, TimePoint received_at) {
        const simdjson::padded_string padded(body);
        json::document document = parser_.iterate(padded);
        Outcome outcome;
        for (auto coin : document.get_object()) {
            const std::string id(std::string_view(coin.unescaped_key()));
            std::vector<std::pair<std::string, std::string>> prices;
            std::string updated_at;
            auto fields = coin.value().get_object();
            if (fields.error() == simdjson::INCORRECT_TYPE) continue;  // null: the coin's symbols are missing
            for (auto field : fields.value()) {
                std::string key(std::string_view(field.unescaped_key()));
                std::string text = scalar_text(field.value());
                if (key == "last_updated_at") {
                    updated_at = std::move(text);
                } else {
                    prices.emplace_back(id + "/" + key, std::move(text));
                }
            }
            for (const auto& [name, number] : prices) add(name, number, updated_at, received_at, outcome);
        }
        return outcome;
    }

    void add(const std::string& name, std::string_view number, std::string_view updated_at,
             TimePoint received_at, Outcome& outcome) const {
        const auto found = coins_.by_name.find(name);
        if (found == coins_.by_name.end()) return;  // a currency needed only for another coin
        const auto time = read_time(updated_at);
        const result<Tick> tick = time ? make_tick(found->second, number, *time, received_at) : time.error();
        if (tick) {
            outcome.ticks.push_back(*tick);
        } else {
            outcome.refusals.push_back({tick.error(), name});
        }
    }

    /// Unknown coins and currencies are missing from a response with status 200.
    void note_missing(Outcome& outcome) const {
        if (outcome.ticks.size() + outcome.refusals.size() >= coins_.by_name.size()) return;
        for (const auto& [name, symbol] : coins_.by_name) {
            const auto is_it = [id = symbol](const Tick& tick) { return tick.symbol == id; };
            const auto is_refused = [&](const Refusal& refusal) { return refusal.what == name; };
            if (std::ranges::none_of(outcome.ticks, is_it) &&
                std::ranges::none_of(outcome.refusals, is_refused)) {
                outcome.refusals.push_back({errc::malformed, name + " missing"});
            }
        }
    }

    Outcome on_error(const PollResponse& response, TimePoint now) {
        auto outcome = unusable("status " + std::to_string(response.status), now);
        if (response.status == 429) {
            const auto asked = retry_after(response, now);
            pacing_.rest_until(now + (asked ? *asked : limit_backoff_.next()));
        } else if (response.status >= 400 && response.status < 500 && response.status != 408) {
            // A wrong key, plan or parameter: an early retry cannot help.
            pacing_.rest_until(now + refused_rest);
        }
        return outcome;
    }

    Outcome unusable(std::string_view what, TimePoint now) {
        on_failure(now);
        return refused(errc::venue_error, what);
    }

    Coins coins_;
    Pacing pacing_;
    Backoff backoff_;
    Backoff limit_backoff_;
    Headers headers_;
    std::string target_;
    json::parser parser_;
};

}  // namespace

std::unique_ptr<PollSession> make_poll_session(const MarketMap& map, std::vector<SymbolId> symbols,
                                               const Plan& plan, std::string key, Spending& spending) {
    return std::make_unique<Poll>(map, symbols, plan, std::move(key), spending);
}

}  // namespace kurs::coingecko
