#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/proxy.hpp"
#include "kurs/venue/venue.hpp"

namespace kurs {

/// Where a document of a declared source has the price of a symbol. For JSON these are pointers (RFC 6901),
/// for XML the codes of an item: "USDTTRC20/CASHRUB".
struct DeclaredPrice {
    std::string symbol;  ///< "USDT/CASHRUB": the price of the first code in the second
    std::string bid;
    std::string ask;   ///< equal to `bid` if the source publishes one price
    std::string time;  ///< of the price; empty if the source does not publish it
};

/// A venue that is only data: a document that is polled, declared in the market map.
struct DeclaredSource {
    enum class Format {
        json,
        rates_xml  ///< <rates><item><from/><to/><in/><out/>: who gives `in` of `from` gets `out` of `to`
    };

    std::string venue;
    VenueTitle title;
    Endpoint endpoint;
    std::string query;  ///< with its question mark, or empty
    std::optional<Proxy> proxy;
    Format format{};
    Duration every{};                        ///< the time between polls
    Duration max_age{};                      ///< the age limit of its values
    std::optional<Duration> changes_within;  ///< a price that has not changed for longer is refused
    std::vector<DeclaredPrice> prices;
};

/// The venue that a source makes. It has no settings.
Venue make_venue(DeclaredSource source);

/// Polls a source. A price without a time of its own is as old as the request. `map` and `source` must
/// outlive the poll.
std::unique_ptr<PollSession> make_declared_poll(const MarketMap& map, std::vector<SymbolId> symbols,
                                                const DeclaredSource& source);

}  // namespace kurs
