#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "kurs/venue/credit_budget.hpp"
#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs::coingecko {

/// The limits of a CoinGecko plan. Source: docs.coingecko.com; where two pages disagree, the lower number.
struct Plan {
    std::string_view name;
    std::string_view rest_url;    ///< base URL that accepts the plan's keys
    std::string_view key_header;  ///< "" if the plan has no key
    int calls_per_minute = 0;
    int credits_per_month = 0;  ///< 0: not counted
    Duration cache_period{};    ///< more frequent requests return the same values
    Duration standby_every{};   ///< interval between polls while another venue is active
    bool has_stream = false;
};

/// The state of the plan's limits after the calls so far. Outlives the sessions that make the calls, and is
/// passed from one replica to the next.
struct Spending {
    std::optional<Duration> saved;  ///< saved credits, as the time it took to earn them; none: unknown
    std::optional<TimePoint> last_call;
    TimePoint resting_until{};  ///< rate-limited by the venue until then
    int spenders = 1;           ///< number of replicas that share the plan independently

    /// From now on `count` replicas, including this one, spend the plan's credits.
    void share_among(int count) {
        if (saved && count > spenders) *saved = *saved * spenders / count;
        spenders = count;
    }

    /// Merges the state of another replica: the smaller credits and the later times apply.
    void join(const Spending& other) {
        if (other.saved) saved = saved ? std::min(*saved, *other.saved) : other.saved;
        last_call = std::max(last_call, other.last_call);
        resting_until = std::max(resting_until, other.resting_until);
    }
};

/// The plan's credits, shared between replicas.
class Budget final : public CreditBudget {
public:
    explicit Budget(const Plan& plan) : plan_(plan) {}

    std::string to_text() const override;
    void adopt(std::string_view text) override;
    void join(std::string_view text) override;
    void share_among(int count) override { spending_.share_among(count); }
    std::optional<std::int64_t> credits_left(TimePoint now) const override;
    bool is_resting(TimePoint now) const override { return spending_.resting_until > now; }

    Spending& spending() { return spending_; }

private:
    Plan plan_;
    Spending spending_;
};

/// `none`, `demo`, `basic`, `analyst`, `lite`, `pro`; std::nullopt for any other name.
std::optional<Plan> find_plan(std::string_view name);

/// In the order of their size.
std::vector<std::string> plan_names();

/// `GET /simple/price` for all symbols (spelt "coin/currency") in one call. Polls rarely as a standby. Polls
/// as often as the plan's cache, minute limit and credits allow while its values are needed. `spending` must
/// outlive the session.
std::unique_ptr<PollSession> make_poll_session(const MarketMap& map, std::vector<SymbolId> symbols,
                                               const Plan& plan, std::string key, Spending& spending);

/// The WebSocket channel C1, `CGSimplePrice`; only plans with `has_stream`.
/// Source: docs.coingecko.com/websocket, and frames seen by its clients.
std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols,
                                                   std::string key);

}  // namespace kurs::coingecko
