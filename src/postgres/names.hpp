#pragma once

#include <map>
#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "kurs/domain/quote.hpp"

namespace kurs::postgres {

/// The numbers that stand for names in rows. Those seen before are remembered.
class Names {
public:
    explicit Names(const MarketMap& map) : map_(map) {}

    /// Gives a number to a name that has none. The caller holds Lock::write.
    int series(pqxx::transaction_base& transaction, VenueId venue, DirectionId direction);
    int route(pqxx::transaction_base& transaction, const std::vector<QuoteLeg>& legs);

    /// After a failure: some may be of a transaction that was undone.
    void forget();

private:
    const MarketMap& map_;
    std::map<std::pair<VenueId, DirectionId>, int> series_;
    std::map<std::vector<std::pair<SymbolId, bool>>, int> routes_;
};

}  // namespace kurs::postgres
