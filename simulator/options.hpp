#pragma once

#include <optional>
#include <string>
#include <vector>

#include "binance_stream.hpp"
#include "coingecko_rest.hpp"
#include "coingecko_stream.hpp"

namespace sim {

/// 0: any free port.
struct Ports {
    std::uint16_t control = 9100;
    std::uint16_t binance_stream = 9101;
    std::uint16_t binance_stream_2 = 9102;
    std::uint16_t binance_rest = 9103;
    std::uint16_t coingecko_stream = 9104;
    std::uint16_t coingecko_rest = 9105;
    std::uint16_t cbr = 9106;
};

struct Options {
    std::string address = "127.0.0.1";
    Ports ports;
    bool tls = false;
    std::vector<std::string> tls_names;  ///< host names in the certificate, in addition to localhost
    std::string ca_out;
    std::uint64_t seed = 1;
    double speed = 1;
    std::vector<std::string> replays;
    bool replay_hold = false;
    bool replay_original_time = false;
    BinanceStreamPolicy binance_stream;
    CoinGeckoStreamPolicy coingecko_stream;
    CoinGeckoRestPolicy coingecko_rest;
    std::vector<std::string> coingecko_keys;
    std::string log_level = "info";
    bool wants_help = false;
    bool wants_version = false;
};

/// Throws Rejected with the option and the rule it breaks.
Options parse_options(const std::vector<std::string>& arguments);
std::string usage();

}  // namespace sim
