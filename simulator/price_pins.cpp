#include "price_pins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "rejected.hpp"

namespace sim {
namespace {

using nlohmann::json;

/// Reads a plain positive decimal as text.
std::string decimal_text(const std::string& name, const json& value) {
    constexpr std::size_t longest = 24;
    const auto text = value.is_string() ? value.get<std::string>() : std::string{};
    const bool is_plain = !text.empty() && text.size() <= longest && text.front() != '.' &&
                          text.back() != '.' && text.find_first_not_of("0123456789.") == std::string::npos &&
                          std::ranges::count(text, '.') <= 1 &&
                          text.find_first_of("123456789") != std::string::npos;
    // The price is sent as JSON, which does not allow "007".
    const bool has_leading_zero = text.size() > 1 && text[0] == '0' && text[1] != '.';
    if (!is_plain || has_leading_zero)
        throw Rejected(
            fmt::format("{}: expected a positive decimal as text, such as \"0.93\", or null", name));
    return text;
}

Amount price_member(const std::string& symbol, const json& book, const char* side) {
    const auto price = book.contains(side) && book[side].is_string()
                           ? parse_amount(book[side].get<std::string>())
                           : std::optional<Amount>{};
    if (!price || price->units <= 0)
        throw Rejected(fmt::format(
            R"({}: expected {{"bid":"50000.00","ask":"50000.01"}} or null; "{}" is wrong)", symbol, side));
    return *price;
}

}  // namespace

PricePins::PricePins(Market& market, CoinGeckoQuotes& quotes, RoubleRate& rouble, ShowBook show_book,
                     ShowCoin show_coin)
    : market_(market),
      quotes_(quotes),
      rouble_(rouble),
      show_book_(std::move(show_book)),
      show_coin_(std::move(show_coin)) {}

void PricePins::apply(const json& body, Instant now) {
    if (!body.is_object() || body.empty())
        throw Rejected(R"(expected an object such as {"BTCUSDT":{"bid":"50000.00","ask":"50000.01"}})");
    std::vector<Change> changes;
    for (const auto& [name, wanted] : body.items()) {
        if (name == "USD/RUB")
            changes.push_back(rouble_change(wanted, now));
        else if (const auto pair = parse_coin_pair(name))
            changes.push_back(coin_change(*pair, wanted, now));
        else
            changes.push_back(book_change(name, wanted, now));
    }
    for (const auto& change : changes) change();
}

PricePins::Change PricePins::book_change(const std::string& symbol, const json& wanted, Instant now) {
    if (!market_.find(symbol))
        throw Rejected(
            fmt::format("unknown price '{}'; known: Binance symbols of exchangeInfo, pairs such as "
                        "tether/usd (bitcoin, ethereum, tether, solana in usd, rub, eur) and USD/RUB",
                        symbol));
    if (wanted.is_null()) return [this, symbol] { market_.release(symbol); };
    const auto bid = price_member(symbol, wanted, "bid");
    const auto ask = price_member(symbol, wanted, "ask");
    if (bid >= ask) throw Rejected(fmt::format("{}: the bid must be below the ask", symbol));
    return [this, symbol, bid, ask, now] {
        market_.pin(symbol, bid, ask, now);
        show_book_(symbol, now);
    };
}

PricePins::Change PricePins::coin_change(const CoinPair& pair, const json& wanted, Instant now) {
    if (wanted.is_null()) {
        return [this, pair, now] {
            quotes_.release(pair);
            show_coin_(pair, now);
        };
    }
    const auto price = decimal_text(to_string(pair), wanted);
    return [this, pair, price, now] {
        quotes_.pin(pair, price);
        show_coin_(pair, now);
    };
}

PricePins::Change PricePins::rouble_change(const json& wanted, Instant now) {
    const auto show_roubles = [this, now] {
        for (const auto& coin : coins) show_coin_({std::string{coin.id}, "rub"}, now);
    };
    if (wanted.is_null()) {
        return [this, show_roubles] {
            rouble_.release();
            show_roubles();
        };
    }
    const auto rate = decimal_text("USD/RUB", wanted);
    return [this, rate, show_roubles] {
        rouble_.pin(rate);
        show_roubles();
    };
}

}  // namespace sim
