#pragma once

#include <map>
#include <optional>
#include <vector>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// Detects silent symbols on an open connection. Each symbol is watched, since a socket that answers pings
/// proves nothing.
class SilenceWatch {
public:
    struct Silent {
        std::vector<SymbolId> symbols;
        bool is_total = false;  ///< every symbol is silent
    };

    /// A symbol may be silent for 60 % of its age limit, so that detection and reconnection fit into the
    /// limit. For its first value the limit is `first_data`, if that is longer.
    SilenceWatch(const MarketMap& map, const std::vector<SymbolId>& symbols, Duration first_data,
                 TimePoint opened_at);

    void heard(SymbolId symbol, TimePoint at);

    /// The symbols that have been silent for too long, or none.
    std::optional<Silent> silent(TimePoint now) const;

    /// Whether every symbol has delivered at least one value.
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
