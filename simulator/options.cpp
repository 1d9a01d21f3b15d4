#include "options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "duration.hpp"
#include "rejected.hpp"

namespace sim {
namespace {

/// An option, the name of its value in the help (none: a switch), and its effect.
struct Row {
    std::string_view name;
    std::string_view value;
    std::string_view meaning;
    std::function<void(Options&, const std::string&)> set;
};

template <class Number>
Number number(const std::string& text, Number least, Number most) {
    Number parsed{};
    const char* end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, parsed);
    if (failure != std::errc{} || rest != end || parsed < least || parsed > most)
        throw Rejected(fmt::format("'{}' is not a number from {} to {}", text, least, most));
    return parsed;
}

std::uint16_t port(const std::string& text) {
    return number<std::uint16_t>(text, 0, 65535);
}

Millis period(const std::string& text) {
    return std::max(parse_duration(text), Millis{1});
}

std::string log_level(const std::string& text) {
    constexpr std::array levels{"trace", "debug", "info", "warn", "error", "off"};
    if (std::ranges::find(levels, text) == levels.end())
        throw Rejected(fmt::format("'{}' is none of trace, debug, info, warn, error, off", text));
    return text;
}

const std::vector<Row>& rows() {
    using O = Options;
    using T = const std::string&;
    static const std::vector<Row> table{
        {"--address", "IP", "address to listen on (127.0.0.1)", [](O& o, T v) { o.address = v; }},
        {"--control-port", "PORT", "control over plain HTTP (9100); 0: any free port",
         [](O& o, T v) { o.ports.control = port(v); }},
        {"--binance-stream-port", "PORT", "(9101)", [](O& o, T v) { o.ports.binance_stream = port(v); }},
        {"--binance-stream-port-2", "PORT", "(9102)", [](O& o, T v) { o.ports.binance_stream_2 = port(v); }},
        {"--binance-rest-port", "PORT", "(9103)", [](O& o, T v) { o.ports.binance_rest = port(v); }},
        {"--coingecko-stream-port", "PORT", "(9104)", [](O& o, T v) { o.ports.coingecko_stream = port(v); }},
        {"--coingecko-rest-port", "PORT", "(9105)", [](O& o, T v) { o.ports.coingecko_rest = port(v); }},
        {"--cbr-port", "PORT", "(9106)", [](O& o, T v) { o.ports.cbr = port(v); }},
        {"--tls", "", "all ports but the control port speak TLS", [](O& o, T) { o.tls = true; }},
        {"--tls-name", "HOST", "a further name in the certificate; repeatable",
         [](O& o, T v) { o.tls_names.push_back(v); }},
        {"--ca-out", "FILE", "writes the CA certificate as PEM", [](O& o, T v) { o.ca_out = v; }},
        {"--seed", "N", "of the price walk (1)",
         [](O& o, T v) { o.seed = number<std::uint64_t>(v, 0, ~0ULL); }},
        {"--speed", "X", "pace of the walk and of replays (1)",
         [](O& o, T v) { o.speed = number<double>(v, 0.001, 1000); }},
        {"--replay", "FILE", "plays a capture of the Binance stream; repeatable",
         [](O& o, T v) { o.replays.push_back(v); }},
        {"--replay-hold", "", "silence after the last frame of a capture",
         [](O& o, T) { o.replay_hold = true; }},
        {"--replay-original-time", "", "replayed frames keep their event time",
         [](O& o, T) { o.replay_original_time = true; }},
        {"--ping-every", "TIME", "Binance stream (20s)",
         [](O& o, T v) { o.binance_stream.ping_every = period(v); }},
        {"--pong-limit", "TIME", "Binance stream (60s)",
         [](O& o, T v) { o.binance_stream.pong_limit = period(v); }},
        {"--lifetime", "TIME", "of a Binance stream connection (24h)",
         [](O& o, T v) { o.binance_stream.lifetime = period(v); }},
        {"--coingecko-key", "KEY", "accepted key; repeatable (demo-key and pro-key)",
         [](O& o, T v) { o.coingecko_keys.push_back(v); }},
        {"--coingecko-every", "TIME", "between stream updates of a pair (10s)",
         [](O& o, T v) { o.coingecko_stream.update_every = period(v); }},
        {"--coingecko-ping-every", "TIME", "CoinGecko stream (10s)",
         [](O& o, T v) { o.coingecko_stream.ping_every = period(v); }},
        {"--coingecko-pong-limit", "TIME", "CoinGecko stream (20s)",
         [](O& o, T v) { o.coingecko_stream.pong_limit = period(v); }},
        {"--coingecko-cache", "TIME", "of REST prices (60s; 20s with a pro key)",
         [](O& o, T v) { o.coingecko_rest.cache = parse_duration(v); }},
        {"--coingecko-keyless-limit", "N", "REST calls a minute without a key (30); 0: no limit",
         [](O& o, T v) { o.coingecko_rest.keyless_per_minute = number<int>(v, 0, 1'000'000); }},
        {"--log-level", "LEVEL", "trace, debug, info, warn, error or off (info)",
         [](O& o, T v) { o.log_level = log_level(v); }},
        {"--help", "", "", [](O& o, T) { o.wants_help = true; }},
        {"--version", "", "", [](O& o, T) { o.wants_version = true; }},
    };
    return table;
}

const Row& find_row(std::string_view name) {
    for (const auto& row : rows()) {
        if (row.name == name) return row;
    }
    throw Rejected(fmt::format("unknown option '{}'; --help lists them", name));
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
    Options options;
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
        // Accepts "--seed 7" and "--seed=7".
        const auto equals = argument->find('=');
        const auto name = argument->substr(0, equals);
        const auto& row = find_row(name);
        const bool is_switch = row.value.empty();
        if (is_switch && equals != std::string::npos) throw Rejected(fmt::format("{} takes no value", name));
        const bool value_follows = !is_switch && equals == std::string::npos;
        if (value_follows && ++argument == arguments.end())
            throw Rejected(fmt::format("{} needs a value", name));
        const auto value = value_follows ? *argument
                           : is_switch   ? std::string{}
                                         : argument->substr(equals + 1);
        try {
            row.set(options, value);
        } catch (const Rejected& rule) {
            throw Rejected(fmt::format("{}: {}", name, rule.what()));
        }
    }
    if (options.coingecko_keys.empty()) options.coingecko_keys = {"demo-key", "pro-key"};
    if (!options.ca_out.empty() && !options.tls) throw Rejected("--ca-out needs --tls");
    return options;
}

std::string usage() {
    std::string text = "usage: kurs-sim [options]\n\nSimulates the market-data services that Kurs reads.\n\n";
    for (const auto& row : rows())
        text +=
            fmt::format("  {:<34} {}\n",
                        row.value.empty() ? std::string{row.name} : fmt::format("{} {}", row.name, row.value),
                        row.meaning);
    return text;
}

}  // namespace sim
