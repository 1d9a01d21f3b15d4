#pragma once

#include <string_view>

namespace kurs::testing {

/// A market map of three venues.
inline constexpr std::string_view small_document =
    R"json(// The built-in market map. MARKETS_FILE replaces it; docs/markets.md describes every part.
{
  // Sources of prices. A symbol needs an entry only for its own limits or an explicit pair.
  "venues": {
    "binance": {
      "symbols": {
        // Outside these bounds the stablecoin is rejected, and so is every rate derived from it.
        "USDCUSDT": {"pair": "USDC/USDT", "min": "0.9", "max": "1.1", "max_jump_percent": 5}
      }
    },
    "coingecko": {
      "symbols": {
        "tether/usd": {"pair": "USDT/USD", "min": "0.9", "max": "1.1", "max_jump_percent": 5},
        "tether/rub": {"pair": "USDT/RUB"}
      }
    },
    "cbr": {}
  },

  // Exchangers in order of priority.
  "exchangers": ["binance", "coingecko"],

  // A network is only a transport: both codes have the price of USDT. Binance has no plain dollar: USDC represents it,
  // within the bounds above, and USDT is priced against it.
  "same_as": {"USDTTRC": "USDT", "USDTERC": "USDT", "USDC": "USD"},

  // Rates between currencies that an exchanger does not quote, with sources in order of preference.
  "fiat_legs": {
    "USD-RUB": ["coingecko: tether/rub / tether/usd", "cbr: USD/RUB"]
  },

  // Served directions, in this order, with a route per exchanger.
  "directions": [
    {"direction": "BTC-RUB", "binance": "BTCUSDT / USDCUSDT * USD-RUB", "coingecko": "bitcoin/rub"},
    {"direction": "BTC-USD", "binance": "BTCUSDT / USDCUSDT", "coingecko": "bitcoin/usd"},
    {"direction": "ETH-RUB", "binance": "ETHUSDT / USDCUSDT * USD-RUB", "coingecko": "ethereum/rub"},
    {"direction": "ETH-USD", "binance": "ETHUSDT / USDCUSDT", "coingecko": "ethereum/usd"},
    {"direction": "USDTTRC-RUB", "binance": "1 / USDCUSDT * USD-RUB", "coingecko": "tether/rub"},
    {"direction": "USDTTRC-USD", "binance": "1 / USDCUSDT", "coingecko": "tether/usd"},
    {"direction": "USDTERC-RUB", "binance": "1 / USDCUSDT * USD-RUB", "coingecko": "tether/rub"},
    {"direction": "USDTERC-USD", "binance": "1 / USDCUSDT", "coingecko": "tether/usd"}
  ]
}
)json";

}  // namespace kurs::testing
