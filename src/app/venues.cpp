// The only file that names the venues' classes. A new venue is a folder under venues/ and its lines here.
#include "kurs/app/venues.hpp"

#include <utility>

#include "kurs/venues/binance.hpp"
#include "kurs/venues/cbr.hpp"
#include "kurs/venues/coingecko.hpp"

namespace kurs {

std::vector<VenueRule> venue_rules(const Settings& settings) {
    return {binance::venue_rule(settings.binance_max_age),
            coingecko::venue_rule(settings.coingecko_max_age, settings.fiat_max_age),
            cbr::venue_rule(settings.cbr_max_age)};
}

Venues::Venues(const Configuration& configuration)
    : configuration_(configuration),
      settings_(configuration.settings),
      map_(configuration.market),
      coingecko_budget_(configuration.coingecko_plan) {
    if (map_.find_venue("coingecko")) metered_.push_back({"coingecko", coingecko_budget_});
}

std::vector<VenueFeeds> Venues::make_feeds() {
    std::vector<VenueFeeds> all;
    const auto add = [&](std::string_view name, auto make) {
        const auto venue = map_.find_venue(name);
        if (!venue || map_.symbols_of(*venue).empty()) return;
        all.push_back(make(map_.symbols_of(*venue)));
        all.back().venue = *venue;
    };
    add("binance", [this](auto symbols) { return binance_feeds(std::move(symbols)); });
    add("coingecko", [this](auto symbols) { return coingecko_feeds(std::move(symbols)); });
    add("cbr", [this](auto symbols) { return cbr_feeds(std::move(symbols)); });
    return all;
}

VenueFeeds Venues::binance_feeds(std::vector<SymbolId> symbols) const {
    VenueFeeds feeds;
    feeds.listing = PollPlan{"binance exchangeInfo", settings_.binance_rest,
                             binance::make_exchange_info_session(map_, symbols)};
    feeds.stream = StreamPlan{"binance", settings_.binance_stream,
                              std::make_unique<binance::Streams>(map_, std::move(symbols))};
    return feeds;
}

/// REST fills the gaps of the stream, if the plan has a stream.
VenueFeeds Venues::coingecko_feeds(std::vector<SymbolId> symbols) {
    const auto& key = settings_.coingecko_api_key;
    const auto& plan = configuration_.coingecko_plan;
    VenueFeeds feeds;
    if (plan.has_stream)
        feeds.stream = StreamPlan{"coingecko stream",
                                  {settings_.coingecko_stream},
                                  std::make_unique<coingecko::Streams>(map_, symbols, key)};
    feeds.poll = PollPlan{
        "coingecko", *settings_.coingecko_rest,
        coingecko::make_poll_session(map_, std::move(symbols), plan, key, coingecko_budget_.spending())};
    feeds.is_standby = true;
    return feeds;
}

VenueFeeds Venues::cbr_feeds(std::vector<SymbolId> symbols) const {
    VenueFeeds feeds;
    feeds.poll = PollPlan{"cbr", settings_.cbr, cbr::make_poll_session(map_, std::move(symbols))};
    return feeds;
}

}  // namespace kurs
