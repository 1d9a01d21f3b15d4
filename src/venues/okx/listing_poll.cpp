#include <set>

#include "venues/okx/rest_poll.hpp"

namespace kurs::okx {
namespace {

constexpr Duration listing_every = std::chrono::minutes(1);

/// After the end of a halt the stream says so at once, and the last answer must not hold it back for a
/// minute.
constexpr Duration contradicted_every = std::chrono::seconds(10);

constexpr Duration least_wait = std::chrono::seconds(1);

class ListingPoll final : public RestPoll {
public:
    explicit ListingPoll(std::shared_ptr<Shared> shared)
        : RestPoll(std::move(shared)), source_(this->shared().trading) {}

    TimePoint next_poll(bool /*is_needed*/) const override {
        const auto every = shared().needs_listing      ? least_wait
                           : source_.is_contradicted() ? contradicted_every
                                                       : listing_every;
        return std::max(next_at(), listed_at_ ? *listed_at_ + every : TimePoint{});
    }

    PollRequest make_request(TimePoint /*now*/) override {
        shared().needs_listing = false;
        return {"/api/v5/public/instruments?instType=SPOT", {}};
    }

    /// What a stream may have missed is still to be asked for.
    void on_failure(TimePoint now) override {
        RestPoll::on_failure(now);
        shared().needs_listing = true;
    }

private:
    void read(simdjson::dom::array data, TimePoint received_at, Outcome& outcome) override {
        listed_at_ = received_at;
        std::map<std::string_view, element> entries;
        for (const element& entry : data) entries.emplace(text_of(entry, "instId"), entry);
        for (const SymbolId symbol : shared().trading->symbols()) {
            const auto found = entries.find(map().symbol(symbol).name);
            if (found != entries.end()) {
                missing_.erase(symbol);
                read_instrument(symbol, found->second, outcome);
            } else if (missing_.insert(symbol).second) {
                // A cache or a proxy may omit a symbol once: only the second omission counts.
                refuse(symbol, errc::venue_error, " absent", outcome);
            } else {
                outcome.listings.push_back(source_.set_pair(symbol, "absent"));
            }
        }
    }

    void read_instrument(SymbolId symbol, const element& entry, Outcome& outcome) {
        const auto state = text_of(entry, "state"), base = text_of(entry, "baseCcy"),
                   quote = text_of(entry, "quoteCcy");
        if (state.empty() || base.empty() || quote.empty())
            return refuse(symbol, errc::malformed, " not described", outcome);
        const auto other = unexpected_pair(map(), symbol, base, quote);
        outcome.listings.push_back(source_.set_pair(symbol, other.empty() ? state : std::string_view(other)));
    }

    void on_unknown(TimePoint now, Outcome& outcome) override {
        on_failure(now);
        outcome.refusals.push_back({errc::venue_error, "51001"});
    }

    TradingSource source_;
    std::set<SymbolId> missing_;
    std::optional<TimePoint> listed_at_;
};

}  // namespace

std::unique_ptr<PollSession> make_listing_poll(std::shared_ptr<Shared> shared) {
    return std::make_unique<ListingPoll>(std::move(shared));
}

}  // namespace kurs::okx
