#include <algorithm>
#include <array>
#include <set>

#include "kurs/venue/book_turns.hpp"
#include "venues/coinbase/rest_poll.hpp"

namespace kurs::coinbase {
namespace {

constexpr Duration listed_every = std::chrono::seconds(10);  ///< a product

/// The flags of a product under which no orders are matched.
constexpr std::array<std::string_view, 4> halts{"trading_disabled", "cancel_only", "post_only",
                                                "auction_mode"};

/// Under `limit_only`, which is common for stable pairs, limit orders are matched.
bool is_matching(std::string_view state) {
    return state == "online" || state == "limit_only";
}

/// The status of a product, or the flag that says more. Fails if a member is not what it should be.
result<std::string_view> state_of(const element& product) {
    const auto status = text_of(product, "status");
    if (status.empty()) return errc::malformed;
    std::string_view state = status;
    const auto read_flag = [&](std::string_view flag) {
        bool is_set = false;
        const auto error = product.at_key(flag).get(is_set);
        if (is_set && state == "online") state = flag;
        return error == simdjson::SUCCESS || error == simdjson::NO_SUCH_FIELD;
    };
    for (const auto flag : halts) {
        if (!read_flag(flag)) return errc::malformed;
    }
    if (!read_flag("limit_only")) return errc::malformed;
    return state;
}

class ListingPoll final : public RestPoll {
public:
    explicit ListingPoll(std::shared_ptr<Shared> shared)
        : RestPoll(std::move(shared)), source_(this->shared().trading) {}

    TimePoint next_poll(bool /*is_needed*/) const override {
        return std::max(next_at(), due_at(next_symbol()));
    }

    PollRequest make_request(TimePoint now) override {
        asked_ = next_symbol();
        auto& [due, times] = asked_for_[asked_];
        // The first time twice: no price is served before its product's state is known, and only the second
        // omission counts.
        due = now + (++times < 2 ? calls_every : listed_every);
        rest_until(now + calls_every);
        return {"/products/" + map().symbol(asked_).name, {}};
    }

private:
    struct Asked {
        TimePoint due_at{};  ///< the next time
        int times = 0;
    };

    SymbolId next_symbol() const {
        return *std::ranges::min_element(shared().trading->symbols(), {},
                                         [this](SymbolId symbol) { return due_at(symbol); });
    }

    TimePoint due_at(SymbolId symbol) const {
        const auto asked = asked_for_.find(symbol);
        return asked == asked_for_.end() ? TimePoint{} : asked->second.due_at;
    }

    void read(const element& product, TimePoint /*received_at*/, Outcome& outcome) override {
        const auto id = text_of(product, "id"), base = text_of(product, "base_currency"),
                   quote = text_of(product, "quote_currency");
        const auto state = state_of(product);
        if (id != map().symbol(asked_).name || base.empty() || quote.empty() || !state)
            return refuse(asked_, errc::malformed, " not described", outcome);
        unknown_.erase(asked_);
        const auto other = unexpected_pair(map(), asked_, base, quote);
        outcome.listings.push_back(
            source_.set_pair(asked_, other.empty() ? *state : std::string_view(other)));
    }

    /// A cache or a proxy may omit a product once: only the second omission counts.
    void on_unknown(TimePoint now, Outcome& outcome) override {
        if (unknown_.insert(asked_).second) {
            refuse(asked_, errc::venue_error, " absent", outcome);
        } else {
            asked_for_[asked_].due_at = now + unknown_rest;
            outcome.listings.push_back(source_.set_pair(asked_, "absent"));
        }
    }

    TradingSource source_;
    std::map<SymbolId, Asked> asked_for_;
    std::set<SymbolId> unknown_;
    SymbolId asked_{};
};

}  // namespace

std::shared_ptr<TradingState> make_trading_state(const MarketMap& map, std::vector<SymbolId> symbols) {
    return std::make_shared<TradingState>(map, std::move(symbols), is_matching);
}

std::unique_ptr<PollSession> make_listing_poll(std::shared_ptr<Shared> shared) {
    return std::make_unique<ListingPoll>(std::move(shared));
}

}  // namespace kurs::coinbase
