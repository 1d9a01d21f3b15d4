// The feeds of each venue, opened as the service opens them. An input is a dialogue, a line for each event:
//
//   s1{"u":1,...}            a frame of the stream, 10 ms after the line before
//   l4{"symbols":...}        the answer of the listing, 10 s later; p: of the poll of prices
//   L4429 Retry-After: 5|..  its answer with another status and a header; P likewise
//   f5, F5                   the listing, the poll gets no answer
//   n3                       another connection
//   t5                       time passes
//   @1786539510015           the clock shows this
#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "fuzz/target.hpp"
#include "fuzz/world.hpp"
#include "kurs/domain/time_text.hpp"
#include "kurs/domain/whole_number.hpp"
#include "kurs/pricing/pricer.hpp"
#include "kurs/venue/venue_time.hpp"

namespace kurs::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Duration, 10> steps{0ms, 10ms, 100ms, 1s, 10s, 1min, 10min, 1h, 24h, 2s};

/// A wait that no poll exceeds: an hour after a refusal, a day between the rates of the Bank of Russia.
constexpr Duration longest_wait = 49h;

/// Holds what a venue's feeds say to what every feed promises.
class Watch {
public:
    Watch(const MarketMap& map, const std::vector<SymbolId>& symbols)
        : symbols_(symbols.begin(), symbols.end()), pricer_(map) {}

    void see(const Outcome& outcome, std::size_t size, TimePoint now) {
        // A book of a symbol yields a tick, and so does each price that was held back until its symbol was
        // named.
        expect(outcome.ticks.size() <= symbols_.size() + size / 8, "ticks are bounded by the input");
        expect(outcome.refusals.size() <= symbols_.size() + size / 2, "refusals are bounded by the input");
        expect(outcome.replies.size() <= 64 + 8 * symbols_.size(), "replies are bounded");
        for (const Tick& tick : outcome.ticks) see(tick, now);
        for (const auto& reply : outcome.replies) see_reply(reply);
        for (const auto& refusal : outcome.refusals)
            expect(refusal.what.size() <= 100, "the text of a refusal is short", refusal.what);
        for (const auto& listing : outcome.listings)
            expect(symbols_.contains(listing.symbol), "listings are of the venue's symbols");
        see(pricer_.apply(outcome.ticks, now));
    }

private:
    void see(const Tick& tick, TimePoint now) const {
        expect(symbols_.contains(tick.symbol), "ticks are of the venue's symbols");
        expect(tick.bid.units() > 0, "prices are positive");
        expect(tick.observed_at <= now + clock_difference_limit, "no value is of the future",
               to_rfc3339(tick.observed_at) + " at " + to_rfc3339(now));
        expect(tick.observed_at >= TimePoint{}, "no value is older than time");
        for (const Rate price : {tick.bid, tick.ask})
            expect(Rate::parse(to_string(price)) == price, "a price's text is that price");
        if (tick.confirmation) expect(tick.confirmation->at <= now, "no confirmation is of the future");
    }

    static void see_reply(const std::string& reply) {
        expect_one_line(reply, "a frame to send has no control characters");
        expect(reply.size() < 16 * 1024, "a frame to send is short");
        expect(reply == "ping" || reply == "pong" || nlohmann::json::accept(reply), "a frame to send is JSON",
               reply);
    }

    void see(const Repricing& repricing) const {
        for (const Quote& quote : repricing.quotes) {
            expect(quote.bid <= quote.value && quote.value <= quote.ask, "bid <= value <= ask");
            for (const QuoteLeg& leg : quote.legs) {
                expect(quote.observed_at <= leg.observed_at, "a quote is as old as its oldest leg");
                expect(quote.fresh_until <= leg.observed_at + 24h * 400, "a quote becomes stale");
            }
        }
    }

    std::set<SymbolId> symbols_;
    Pricer pricer_;
};

/// "429 Retry-After: 5|body"
PollResponse read_answer(std::string_view text) {
    PollResponse answer;
    const auto status = parse_whole_number<std::uint16_t>(text.substr(0, 3));
    answer.status = status ? *status : 200;
    const auto bar = std::min(text.find('|'), text.size());
    const auto header = text.substr(std::min<std::size_t>(4, text.size()), bar > 4 ? bar - 4 : 0);
    const auto colon = header.find(": ");
    if (colon != header.npos) answer.headers.emplace_back(header.substr(0, colon), header.substr(colon + 2));
    answer.body = text.substr(std::min(bar + 1, text.size()));
    return answer;
}

class Dialogue {
public:
    Dialogue(VenueFeeds feeds, const MarketMap& map, std::vector<SymbolId> symbols)
        : feeds_(std::move(feeds)), watch_(map, std::move(symbols)) {
        connect();
    }

    void take(std::string_view line) {
        if (line.size() < 2) return;
        if (line.front() == '@') {
            const auto at = parse_whole_number<std::int64_t>(line.substr(1));
            const bool is_sane = at && *at >= 0 && *at < 4'000'000'000'000;
            if (is_sane) now_ = std::max(now_, TimePoint{Duration{*at}});  // Clock never goes back
            return;
        }
        now_ += steps[static_cast<unsigned char>(line[1]) % steps.size()];
        const auto rest = line.substr(2);
        switch (line.front()) {
            case 's': return take_frame(rest);
            case 'l': return answer(feeds_.listing, {200, json_, std::string(rest)});
            case 'p': return answer(feeds_.poll, {200, json_, std::string(rest)});
            case 'L': return answer(feeds_.listing, read_answer(rest));
            case 'P': return answer(feeds_.poll, read_answer(rest));
            case 'f': return fail_to_answer(feeds_.listing);
            case 'F': return fail_to_answer(feeds_.poll);
            case 'n': return connect();
            default: return;
        }
    }

private:
    void connect() {
        if (!feeds_.stream) return;
        session_ = feeds_.stream->venue->make_session();
        const auto request = session_->request();
        expect(request.target.find_first_of(" \r\n") == request.target.npos, "a target is one word");
        Outcome opened;
        opened.replies = session_->on_open();
        watch_.see(opened, 0, now_);
    }

    void take_frame(std::string_view frame) {
        if (!session_) return;
        const auto outcome = session_->on_frame(frame, now_);
        watch_.see(outcome, frame.size(), now_);
        watch_.see(session_->on_time(now_), frame.size(), now_);
        tell(outcome);
    }

    void answer(std::optional<PollPlan>& plan, const PollResponse& response) {
        if (!plan) return;
        const auto request = plan->session->make_request(now_);
        expect(request.target.find_first_of(" \r\n") == request.target.npos, "a target is one word");
        const auto outcome = plan->session->on_response(response, now_);
        watch_.see(outcome, response.body.size(), now_);
        tell(outcome);
        expect_to_ask_again(*plan);
    }

    void fail_to_answer(std::optional<PollPlan>& plan) {
        if (!plan) return;
        plan->session->make_request(now_);
        plan->session->on_failure(now_);
        expect_to_ask_again(*plan);
    }

    /// As the feeds of a venue do (FeedBook).
    void tell(const Outcome& outcome) {
        if (!feeds_.stream) return;
        for (const Listing& listing : outcome.listings)
            feeds_.stream->venue->set_trading(listing.symbol, listing.is_trading);
    }

    void expect_to_ask_again(const PollPlan& plan) const {
        for (const bool is_needed : {false, true}) {
            const auto next = plan.session->next_poll(is_needed);
            expect(next <= now_ + longest_wait || next == TimePoint::max(), "a poll is repeated");
        }
    }

    VenueFeeds feeds_;
    Watch watch_;
    std::unique_ptr<StreamSession> session_;
    TimePoint now_{1'786'539'510'000ms};  // August 2026
    const Headers json_{{"Content-Type", "application/json"}};
};

void converse(VenueFeeds feeds, const MarketMap& map, std::vector<SymbolId> symbols, std::string_view input) {
    Dialogue dialogue(std::move(feeds), map, std::move(symbols));
    const auto before = __sanitizer_get_current_allocated_bytes();
    for (auto rest = input; !rest.empty();) dialogue.take(take_line(rest));
    const auto after = __sanitizer_get_current_allocated_bytes();
    expect(after < before + 256 * 1024 + 256 * input.size(), "memory is bounded by the input");
}

void converse_with(std::string_view venue_id, std::string_view input) {
    const auto& world = the_world();
    const auto venue = std::ranges::find(all_venues(), venue_id, &Venue::id);
    const auto symbols = world.map.symbols_of(*world.map.find_venue(venue_id));
    const auto access = venue->open(world.values);
    converse(access.make_feeds(world.map, symbols), world.map, symbols, input);
}

/// A market map with a source of each format.
constexpr std::string_view two_sources = R"json({
  "venues": {
    "street": {"source": {"url": "http://x/", "format": "json", "every": "10s", "max_age": "1m", "title": "S"},
               "symbols": {"USDT/RUB": {"bid": "/buy", "ask": "/sell", "time": "/at", "min": "50", "max": "200"},
                           "BTC/RUB": {"bid": "/a/0/b~1c", "ask": "/a/0/d", "time": "/t", "min": "1", "max": "1000000000"}}},
    "list": {"source": {"url": "http://y/", "format": "rates-xml", "every": "10s", "max_age": "1m", "title": "L",
                        "changes_within": "1h"},
             "symbols": {"USDT/RUB": {"bid": "USDTTRC20/SBERRUB", "ask": "SBERRUB/USDTTRC20", "min": "50", "max": "200"}}}},
  "exchangers": ["street", "list"],
  "directions": [{"direction": "USDT-RUB", "street": "USDT/RUB", "list": "USDT/RUB"}, {"direction": "BTC-RUB", "street": "BTC/RUB"}]
})json";

}  // namespace

void binance(std::string_view input) {
    converse_with("binance", input);
}
void bybit(std::string_view input) {
    converse_with("bybit", input);
}
void cbr(std::string_view input) {
    converse_with("cbr", input);
}
void coinbase(std::string_view input) {
    converse_with("coinbase", input);
}
void coingecko(std::string_view input) {
    converse_with("coingecko", input);
}
void kraken(std::string_view input) {
    converse_with("kraken", input);
}
void okx(std::string_view input) {
    converse_with("okx", input);
}

/// The first character chooses the source.
void declared(std::string_view input) {
    static const auto sources = [] {
        std::vector<Problem> problems;
        return parse_declared_sources(two_sources, all_venues(), problems);
    }();
    static const auto map = [] {
        std::vector<Problem> problems;
        std::vector<VenueRule> rules;
        for (const auto& source : sources) rules.push_back(venue_rule(source));
        auto parsed = parse_market_document(two_sources, rules, problems);
        expect(parsed.has_value(), "the map is valid", problems.empty() ? "" : to_string(problems.front()));
        return *parsed;
    }();
    if (input.empty()) return;
    const auto& source = sources.at(input.front() == 'x' ? 1 : 0);
    input.remove_prefix(1);
    const auto symbols = map.symbols_of(*map.find_venue(source.venue));
    VenueFeeds feeds;
    feeds.poll = PollPlan{source.venue, source.endpoint, make_declared_poll(map, symbols, source)};
    converse(std::move(feeds), map, symbols, input);
}

}  // namespace kurs::fuzz
