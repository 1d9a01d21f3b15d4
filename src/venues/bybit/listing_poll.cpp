#include <set>

#include "kurs/venue/trading_state.hpp"
#include "venues/bybit/rest.hpp"

namespace kurs::bybit {
namespace {

constexpr Duration listing_every = std::chrono::minutes(1);

class ListingPoll final : public RestPoll {
public:
    ListingPoll(const MarketMap& map, std::vector<SymbolId> symbols)
        : RestPoll(map, std::move(symbols), listing_every) {}

    PollRequest make_request(TimePoint /*now*/) override {
        return {"/v5/market/instruments-info?category=spot", {}};
    }

private:
    Outcome read(const element& result, TimePoint /*received_at*/) override {
        simdjson::dom::array list;
        const bool is_list = result.at_key("list").get(list) == simdjson::SUCCESS && list.size() > 0;
        if (!is_list) return refused(errc::malformed, "list of instruments");
        std::map<std::string_view, element> listed;
        for (const element& entry : list) listed.emplace(text_of(entry, "symbol"), entry);
        Outcome outcome;
        for (const SymbolId symbol : symbols()) {
            const auto found = listed.find(map().symbol(symbol).name);
            if (found == listed.end()) {
                note_missing(symbol, outcome);
            } else {
                read_entry(symbol, found->second, outcome);
            }
        }
        return outcome;
    }

    /// A cache or a proxy may omit a symbol once: only the second omission counts.
    void note_missing(SymbolId symbol, Outcome& outcome) {
        if (missing_.insert(symbol).second) {
            refuse(symbol, errc::venue_error, " absent", outcome);
        } else {
            outcome.listings.push_back({symbol, false, "absent"});
        }
    }

    void read_entry(SymbolId id, const element& entry, Outcome& outcome) {
        missing_.erase(id);
        const auto status = text_of(entry, "status"), base = text_of(entry, "baseCoin"),
                   quote = text_of(entry, "quoteCoin");
        if (status.empty() || base.empty() || quote.empty())
            return refuse(id, errc::malformed, " not described", outcome);
        const auto other = unexpected_pair(map(), id, base, quote);
        outcome.listings.push_back(
            {id, other.empty() && status == "Trading", other.empty() ? std::string(status) : other});
    }

    std::set<SymbolId> missing_;  ///< in the newest list
};

}  // namespace

std::unique_ptr<PollSession> make_listing_poll(const MarketMap& map, std::vector<SymbolId> symbols) {
    return std::make_unique<ListingPoll>(map, std::move(symbols));
}

}  // namespace kurs::bybit
