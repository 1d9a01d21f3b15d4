// The one place that names the venues' classes beside the feeds'.
#include "kurs/app/feeds.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "kurs/app/version.hpp"
#include "kurs/venues/cbr.hpp"

namespace kurs {
namespace {

const std::string user_agent = std::string("kurs/") + build_version;

std::function<bool()> is_standby() {
    return [] { return false; };
}

}  // namespace

Feeds::Feeds(net::any_io_executor loop, const Configuration& configuration, const Clock& clock,
             Intake& intake, LineBook& lines, coingecko::Spending& spending, Instruments& instruments)
    : configuration_(configuration),
      settings_(configuration.settings),
      map_(configuration.market),
      clock_(clock),
      intake_(intake),
      lines_(lines),
      spending_(spending),
      instruments_(instruments),
      tasks_(std::move(loop)) {}

void Feeds::start() {
    add_binance();
    add_coingecko();
    add_cbr();
}

void Feeds::stop() {
    tasks_.stop();
}

net::awaitable<std::vector<std::string>> Feeds::drain(Duration limit) {
    return tasks_.drain(limit);
}

void Feeds::add_binance() {
    const auto venue = map_.find_venue("binance");
    if (!venue || map_.symbols_of(*venue).empty()) return;
    binance_streams_.emplace(map_, map_.symbols_of(*venue));
    binance_listing_ = binance::make_exchange_info_session(map_, map_.symbols_of(*venue));
    PollFeed listing{"binance exchangeInfo",
                     settings_.binance_rest,
                     *binance_listing_,
                     clock_,
                     configuration_.trust,
                     {},
                     is_standby()};
    listing.events = events(listing.name, *venue);
    listing.events.on_outcome = [this](const Outcome& outcome) { follow_listings(outcome); };
    tasks_.spawn(listing.name, run_poll_feed(std::move(listing)));
    tasks_.spawn("binance", run_stream_feed(
                                stream_feed("binance", *venue, settings_.binance_stream, *binance_streams_)));
}

void Feeds::add_coingecko() {
    const auto venue = map_.find_venue("coingecko");
    if (!venue || map_.symbols_of(*venue).empty()) return;
    const auto& key = settings_.coingecko_api_key;
    const auto& plan = configuration_.coingecko_plan;
    if (plan.has_stream) {
        coingecko_streams_.emplace(map_, map_.symbols_of(*venue), key);
        auto feed =
            stream_feed("coingecko stream", *venue, {settings_.coingecko_stream}, *coingecko_streams_);
        feed.events.on_state = [this, note = feed.events.on_state](FeedState state, std::string_view reason) {
            coingecko_stream_state_ = state;
            note(state, reason);
        };
        tasks_.spawn(feed.name, run_stream_feed(std::move(feed)));
    }
    coingecko_poll_ = coingecko::make_poll_session(map_, map_.symbols_of(*venue), plan, key, spending_);
    // The websocket goes first where there is one; REST bridges its gaps.
    auto is_needed = [this, id = *venue] {
        const bool is_streamed = coingecko_stream_state_ == FeedState::live && !intake_.is_short_soon(id);
        return !is_streamed && intake_.is_needed(id);
    };
    tasks_.spawn("coingecko", run_poll_feed(poll_feed("coingecko", *venue, *settings_.coingecko_rest,
                                                      *coingecko_poll_, is_needed)));
}

void Feeds::add_cbr() {
    const auto venue = map_.find_venue("cbr");
    if (!venue || map_.symbols_of(*venue).empty()) return;
    cbr_poll_ = cbr::make_poll_session(map_, map_.symbols_of(*venue));
    tasks_.spawn("cbr", run_poll_feed(poll_feed("cbr", *venue, settings_.cbr, *cbr_poll_, is_standby())));
}

FeedEvents Feeds::events(const std::string& name, VenueId venue) {
    lines_.add(name, venue, clock_.now());
    const auto counts = instruments_.line(venue, name);
    return {[this, name, venue, counts](const Outcome& outcome) {
                if (!outcome.ticks.empty()) lines_.note_tick(name, clock_.now());
                counts.ticks.add(outcome.ticks.size());
                for (const Refusal& refusal : outcome.refusals) counts.refused.add(refusal.reason);
                intake_.take(venue, outcome);
            },
            [this, name, counts](FeedState state, std::string_view reason) {
                if (lines_.note_state(name, state, reason, clock_.now())) counts.reconnects.add();
            },
            [counts](LineFailure failure) { counts.failures[static_cast<std::size_t>(failure)].add(); }};
}

StreamFeed Feeds::stream_feed(const std::string& name, VenueId venue, std::vector<Endpoint> endpoints,
                              StreamVenue& streams) {
    StreamFeed feed{
        name, std::move(endpoints), streams, map_, clock_, configuration_.trust, events(name, venue)};
    feed.user_agent = user_agent;
    feed.seed = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count()) ^
                (static_cast<std::uint64_t>(getpid()) << 20U);
    return feed;
}

PollFeed Feeds::poll_feed(const std::string& name, VenueId venue, Endpoint endpoint, PollSession& session,
                          std::function<bool()> is_needed) {
    PollFeed feed{name,
                  std::move(endpoint),
                  session,
                  clock_,
                  configuration_.trust,
                  events(name, venue),
                  std::move(is_needed)};
    feed.user_agent = user_agent;
    return feed;
}

void Feeds::follow_listings(const Outcome& outcome) {
    for (const Listing& listing : outcome.listings) {
        if (!binance_streams_->set_trading(listing.symbol, listing.is_trading)) continue;
        const auto& name = map_.symbol(listing.symbol).name;
        if (listing.is_trading) {
            spdlog::info("binance symbol {} is trading again", name);
        } else {
            spdlog::error("binance symbol {} refused: {}; courses that need it are not served by binance",
                          name, listing.status);
        }
        intake_.set_trading(listing.symbol, listing.is_trading);
    }
}

}  // namespace kurs
