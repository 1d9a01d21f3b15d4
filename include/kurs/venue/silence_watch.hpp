#pragma once

#include <map>
#include <optional>
#include <vector>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// Tells when a living connection has gone quiet: watched symbol by symbol, since a socket that answers pings
/// proves nothing.
class SilenceWatch {
public:
    struct Silent {
        std::vector<SymbolId> symbols;
        bool is_total = false;  ///< nothing at all is coming any more
    };

    /// A symbol may be silent for 60 % of its age limit, so that detection and reconnection fit into the
    /// limit; for its first value it has `first_data`, or that, whichever is longer.
    SilenceWatch(const MarketMap& map, const std::vector<SymbolId>& symbols, Duration first_data,
                 TimePoint opened_at);

    void heard(SymbolId symbol, TimePoint at);

    /// The symbols that have been silent for too long, or nothing.
    std::optional<Silent> silent(TimePoint now) const;

    /// Every symbol has delivered at least once.
    bool is_complete() const;

private:
    struct Watched {
        Duration limit{};
        TimePoint due_at{};
        bool was_heard = false;
    };

    std::map<SymbolId, Watched> watched_;
};

}  // namespace kurs
