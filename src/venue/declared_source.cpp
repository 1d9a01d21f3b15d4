#include "kurs/venue/declared_source.hpp"

#include <algorithm>
#include <utility>

namespace kurs {
namespace {

Spelling spelling_of(const DeclaredSource& source) {
    auto spelling = two_codes('/', source.prices.empty() ? "USDT/CASHRUB" : source.prices.front().symbol);
    spelling.is_symbol = [prices = source.prices](std::string_view text) {
        return std::ranges::find(prices, text, &DeclaredPrice::symbol) != prices.end();
    };
    return spelling;
}

}  // namespace

Venue make_venue(DeclaredSource source) {
    Venue venue;
    venue.id = source.venue;
    venue.title = source.title;
    venue.spelling = spelling_of(source);
    venue.open = [source = std::make_shared<const DeclaredSource>(std::move(source))](const SettingValues&) {
        VenueAccess access;
        access.make_feeds = [source](const MarketMap& map, std::vector<SymbolId> symbols) {
            VenueFeeds feeds;
            feeds.proxy = source->proxy;
            feeds.poll = PollPlan{source->venue, source->endpoint,
                                  make_declared_poll(map, std::move(symbols), *source)};
            return feeds;
        };
        return access;
    };
    return venue;
}

}  // namespace kurs
