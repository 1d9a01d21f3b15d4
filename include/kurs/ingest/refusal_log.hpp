#pragma once

#include <vector>

#include "kurs/domain/pricing_report.hpp"

namespace kurs {

/// The values that were refused in the last minutes, by symbol and reason. When it is full, the entry that
/// was refused least recently is replaced. Allocates nothing after construction, except in `recent`.
class RefusalLog {
public:
    static constexpr std::size_t most_entries = 64;

    RefusalLog() { entries_.reserve(most_entries); }

    void add(SymbolId symbol, errc reason, std::optional<Rate> bid, std::optional<Rate> ask, TimePoint now);

    /// Adds the entries of an earlier writer that are not known here.
    void restore(const std::vector<RefusalReport>& earlier);

    void clear() { entries_.clear(); }

    /// Those of the last minutes, the newest first.
    std::vector<RefusalReport> recent(TimePoint now) const;

private:
    RefusalReport* find(SymbolId symbol, errc reason);

    std::vector<RefusalReport> entries_;
};

}  // namespace kurs
