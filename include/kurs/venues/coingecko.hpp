#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs::coingecko {

/// What a CoinGecko plan allows. Source: docs.coingecko.com, the lower number where two texts disagree.
struct Plan {
    std::string_view name;
    std::string_view rest_url;    ///< the base its keys are valid for
    std::string_view key_header;  ///< "" where there is no key
    int calls_per_minute = 0;
    int credits_per_month = 0;  ///< 0: not counted
    Duration cache_period{};    ///< asking more often repeats the same values
    Duration standby_every{};   ///< how often to ask while another venue is active
    bool has_stream = false;
};

/// What was asked of the venue so far, as far as it bounds what may be asked next. It outlives the sessions
/// that spend, and goes from one copy of the service to the next.
struct Spending {
    std::optional<Duration> saved;  ///< credits saved up, as the time it took to earn them; none: not known
    std::optional<TimePoint> last_call;
    TimePoint resting_until{};  ///< the venue asked to be left alone
    int spenders = 1;           ///< among whom the plan is shared, each for itself

    /// From now on there are so many spenders, and this is one of them.
    void share_among(int count) {
        if (saved && count > spenders) *saved = *saved * spenders / count;
        spenders = count;
    }

    /// Goes on from what another has spent, besides what was spent here.
    void join(const Spending& other) {
        if (other.saved) saved = saved ? std::min(*saved, *other.saved) : other.saved;
        last_call = std::max(last_call, other.last_call);
        resting_until = std::max(resting_until, other.resting_until);
    }
};

/// How many credits are saved up; nothing where the plan counts none.
std::optional<std::int64_t> credits_left(const Plan& plan, const Spending& spending, TimePoint now);

/// `none`, `demo`, `basic`, `analyst`, `lite`, `pro`; nothing for any other name.
std::optional<Plan> find_plan(std::string_view name);

/// "none, demo, basic, analyst, lite, pro": for messages.
std::string plan_names();

/// `GET /simple/price` for all of the symbols (spelt "coin/currency") in one call. Asks rarely as a standby
/// and as often as the plan's cache, minute limit and credits allow when its values are needed. `spending`
/// must outlive the session.
std::unique_ptr<PollSession> make_poll_session(const MarketMap& map, std::vector<SymbolId> symbols,
                                               const Plan& plan, std::string key, Spending& spending);

/// The websocket channel C1, `CGSimplePrice`; only plans with `has_stream`.
/// Source: docs.coingecko.com/websocket, and the frames its clients have seen.
std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols,
                                                   std::string key);

/// Makes those sessions for a feed.
class Streams final : public StreamVenue {
public:
    Streams(const MarketMap& map, std::vector<SymbolId> symbols, std::string key)
        : map_(map), symbols_(std::move(symbols)), key_(std::move(key)) {}

    std::unique_ptr<StreamSession> make_session() override {
        return make_stream_session(map_, symbols_, key_);
    }

private:
    const MarketMap& map_;
    std::vector<SymbolId> symbols_;
    std::string key_;
};

}  // namespace kurs::coingecko
