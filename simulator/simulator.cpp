#include "simulator.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "binance_rest.hpp"
#include "cbr.hpp"
#include "control.hpp"
#include "http_server.hpp"
#include "listener.hpp"
#include "price_pins.hpp"
#include "rejected.hpp"
#include "state_report.hpp"
#include "websocket_server.hpp"

namespace sim {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

constexpr Millis beat{5};

std::vector<Capture> load_captures(const std::vector<std::string>& paths) {
    std::vector<Capture> captures;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw Rejected(fmt::format("--replay {}: cannot be read", path));
        std::stringstream text;
        text << file.rdbuf();
        try {
            captures.push_back(parse_capture(text.str()));
        } catch (const Rejected& rule) {
            throw Rejected(fmt::format("--replay {}: {}", path, rule.what()));
        }
    }
    return captures;
}

/// Symbols of a capture do not walk: they start from their first recorded book.
void list_captured_symbols(const Replay& replay, Market& market, Instant now) {
    for (const auto& [symbol, book] : replay.first_books()) {
        const auto parts = split_symbol(symbol);
        if (!parts) throw Rejected(fmt::format("--replay: the quote of '{}' is unknown", symbol));
        const auto bid = book.bid.units > 0 ? book.bid : Amount{100'000'000};
        Instrument instrument{.symbol = symbol,
                              .base = parts->first,
                              .quote = parts->second,
                              .tick = Amount{1},
                              .start = bid,
                              .lot = Amount{10'000'000'000},
                              .books_per_second = 5,
                              .floor = Amount{1},
                              .ceiling = bid * 100};
        market.take_from_capture(std::move(instrument), book, now);
    }
}

FeedPolicy feed_policy(const Options& options) {
    return {.speed = options.speed,
            .confirm_after_replay = !options.replay_hold,
            .keep_original_event_time = options.replay_original_time};
}

/// The whole simulator. Members are in order of dependency. On destruction the loop is destroyed first, with
/// all connections.
class Simulator {
public:
    explicit Simulator(const Options& options);
    void run();

private:
    Listener open(Endpoint endpoint, std::uint16_t port, int line = 0);
    Traffic& traffic(Endpoint endpoint) { return traffic_[static_cast<std::size_t>(endpoint)]; }
    void serve_stream(Listener& listener, Endpoint endpoint, StreamService& service, int line);
    void serve_rest(Listener& listener, Traffic& traffic, AnswerRequest answer);
    net::awaitable<void> beat_forever();
    std::string endpoints() const;
    ControlTargets control_targets();
    void strike(const Fault& fault, Instant now);
    void restart_replay(Instant now);
    void start_replay_once(Instant now);

    const Options options_;
    WallClock clock_;
    FaultTable faults_;
    TrafficTable traffic_;
    Traffic control_traffic_;
    SentBooks sent_;
    Market market_;
    Replay replay_;
    RoubleRate rouble_;
    CoinGeckoQuotes quotes_;
    BinanceStream binance_stream_;
    BinanceRest binance_rest_;
    CoinGeckoStream coingecko_stream_;
    CoinGeckoRest coingecko_rest_;
    BankOfRussia cbr_;
    std::unique_ptr<BinanceFeed> feed_;
    std::unique_ptr<PricePins> pins_;
    std::unique_ptr<Control> control_;
    std::unique_ptr<TlsContexts> tls_;
    net::io_context io_{1};
    Listener control_port_, binance_port_, binance_port_2_, binance_rest_port_, coingecko_port_,
        coingecko_rest_port_, cbr_port_;
};

std::unique_ptr<TlsContexts> make_tls(const Options& options) {
    if (!options.tls) return nullptr;
    auto names = options.tls_names;
    if (options.address != "127.0.0.1" && options.address != "0.0.0.0") names.push_back(options.address);
    const auto certificates = make_certificates(names);
    if (!options.ca_out.empty()) {
        std::ofstream file(options.ca_out, std::ios::binary);
        if (!(file << certificates.authority))
            throw Rejected(fmt::format("--ca-out {}: cannot be written", options.ca_out));
    }
    return std::make_unique<TlsContexts>(certificates);
}

Simulator::Simulator(const Options& options)
    : options_(options),
      traffic_{},
      market_(listed_instruments(), options.seed, clock_.now()),
      replay_(load_captures(options.replays), options.speed),
      rouble_(options.seed),
      quotes_(market_, rouble_),
      binance_stream_(
          faults_, options.binance_stream, [this](Instant now) { start_replay_once(now); },
          [this](const StreamEvent& event) { sent_.note(event); }),
      binance_rest_(market_, faults_),
      coingecko_stream_(quotes_, faults_, KeyRing{options.coingecko_keys}, options.coingecko_stream,
                        options.seed),
      coingecko_rest_(quotes_, faults_, KeyRing{options.coingecko_keys}, options.coingecko_rest),
      cbr_(rouble_, faults_),
      tls_(make_tls(options)),
      control_port_(io_, {options.address, options.ports.control, {}, 0, false}, nullptr, faults_, clock_,
                    control_traffic_),
      binance_port_(open(Endpoint::binance_stream, options.ports.binance_stream, 1)),
      binance_port_2_(open(Endpoint::binance_stream, options.ports.binance_stream_2, 2)),
      binance_rest_port_(open(Endpoint::binance_rest, options.ports.binance_rest)),
      coingecko_port_(open(Endpoint::coingecko_stream, options.ports.coingecko_stream)),
      coingecko_rest_port_(open(Endpoint::coingecko_rest, options.ports.coingecko_rest)),
      cbr_port_(open(Endpoint::cbr, options.ports.cbr)) {
    list_captured_symbols(replay_, market_, clock_.now());
    feed_ = std::make_unique<BinanceFeed>(market_, replay_, feed_policy(options), options.seed, clock_.now());
    const auto show_book = [this](const std::string& symbol, Instant now) {
        feed_->show(symbol, [&](const StreamEvent& event) { binance_stream_.publish(event, now); });
    };
    const auto show_coin = [this](const CoinPair& pair, Instant now) {
        coingecko_rest_.forget_cached();
        coingecko_stream_.show(pair, now);
    };
    pins_ = std::make_unique<PricePins>(market_, quotes_, rouble_, show_book, show_coin);
    control_ = std::make_unique<Control>(control_targets());
}

Listener Simulator::open(Endpoint endpoint, std::uint16_t port, int line) {
    return {io_, {options_.address, port, endpoint, line}, tls_.get(), faults_, clock_, traffic(endpoint)};
}

ControlTargets Simulator::control_targets() {
    return {
        .faults = faults_,
        .endpoints_speak_tls = options_.tls,
        .endpoints = [this] { return endpoints(); },
        .state =
            [this](Instant) { return state_report(sent_, replay_.progress(), traffic_, quotes_, rouble_); },
        .books = [this](Instant since, Instant now) { return binance_stream_.books().report(since, now); },
        .strike = [this](const Fault& fault, Instant now) { strike(fault, now); },
        .set_prices = [this](const nlohmann::json& body, Instant now) { pins_->apply(body, now); },
        .restart_replay = [this](Instant now) { restart_replay(now); }};
}

void Simulator::strike(const Fault& fault, Instant now) {
    if (fault.endpoint == Endpoint::binance_stream) binance_stream_.strike(fault, now);
    if (fault.endpoint == Endpoint::coingecko_stream) coingecko_stream_.strike(fault, now);
}

void Simulator::restart_replay(Instant now) {
    if (replay_.is_empty()) throw Rejected("there is nothing to replay: start with --replay FILE");
    replay_.start(now);
}

void Simulator::start_replay_once(Instant now) {
    if (!replay_.is_empty() && !replay_.has_started()) replay_.start(now);
}

void Simulator::serve_stream(Listener& listener, Endpoint endpoint, StreamService& service, int line) {
    listener.start([this, endpoint, &service, line](tcp::socket socket, net::ssl::context* tls) {
        return serve_websocket(std::move(socket), tls, clock_, service, line, traffic(endpoint));
    });
}

void Simulator::serve_rest(Listener& listener, Traffic& traffic, AnswerRequest answer) {
    listener.start([this, &traffic, answer = std::move(answer)](tcp::socket socket, net::ssl::context* tls) {
        return serve_http(std::move(socket), tls, clock_, answer, traffic);
    });
}

net::awaitable<void> Simulator::beat_forever() {
    net::steady_timer timer(io_);
    for (;;) {
        timer.expires_after(beat);
        co_await timer.async_wait(net::use_awaitable);
        const auto now = clock_.now();
        rouble_.advance(now);
        feed_->advance(now, [&](const StreamEvent& event) { binance_stream_.publish(event, now); });
        binance_stream_.advance(now);
        coingecko_stream_.advance(now);
    }
}

std::string Simulator::endpoints() const {
    const bool is_ipv6 = options_.address.find(':') != std::string::npos;
    const auto host = is_ipv6 ? "[" + options_.address + "]" : options_.address;
    const auto url = [&](const char* scheme, const Listener& listener, const char* path) {
        return fmt::format("{}{}://{}:{}{}", scheme, options_.tls ? "s" : "", host, listener.port(), path);
    };
    return nlohmann::ordered_json{
        {"control", fmt::format("http://{}:{}", host, control_port_.port())},
        {"binance_stream", {url("ws", binance_port_, ""), url("ws", binance_port_2_, "")}},
        {"binance_rest", url("http", binance_rest_port_, "")},
        {"coingecko_stream", url("ws", coingecko_port_, "/v1")},
        {"coingecko_rest", url("http", coingecko_rest_port_, "/api/v3")},
        {"cbr", url("http", cbr_port_, "/scripts/XML_daily.asp")},
        {"ca", options_.ca_out}}
        .dump();
}

void Simulator::run() {
    const auto answer_with = [](auto& service) {
        return [&service](const Request& request, Instant now) { return service.answer(request, now); };
    };
    serve_rest(control_port_, control_traffic_, answer_with(*control_));
    serve_stream(binance_port_, Endpoint::binance_stream, binance_stream_, 1);
    serve_stream(binance_port_2_, Endpoint::binance_stream, binance_stream_, 2);
    serve_rest(binance_rest_port_, traffic(Endpoint::binance_rest), answer_with(binance_rest_));
    serve_stream(coingecko_port_, Endpoint::coingecko_stream, coingecko_stream_, 0);
    serve_rest(coingecko_rest_port_, traffic(Endpoint::coingecko_rest), answer_with(coingecko_rest_));
    serve_rest(cbr_port_, traffic(Endpoint::cbr), answer_with(cbr_));

    net::signal_set signals(io_, SIGTERM, SIGINT);
    signals.async_wait([this](const auto&, int) { io_.stop(); });
    net::co_spawn(io_, beat_forever(), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    std::printf("%s\n", endpoints().c_str());
    std::fflush(stdout);
    spdlog::info("ready: {}", endpoints());
    io_.run();
}

}  // namespace

void run_simulator(const Options& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Simulator simulator(options);
    simulator.run();
}

}  // namespace sim
