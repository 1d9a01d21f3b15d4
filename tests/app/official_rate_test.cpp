// The official rate from the response of the Bank of Russia to the board, with the built-in market map and
// the default settings, while the Bank of Russia and CoinGecko are unreachable.
#include <gtest/gtest.h>

#include "kurs/app/configuration.hpp"
#include "kurs/boardlog/change_text.hpp"
#include "kurs/domain/time_text.hpp"
#include "kurs/ingest/draft.hpp"
#include "kurs/venues/all.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::string_view text) {
    return parse_rfc3339(text).value();
}

struct OfficialRate : ::testing::Test {
    static Configuration load() {
        std::vector<Problem> problems;
        return load_configuration({}, problems).value();
    }

    Configuration configuration = load();
    const MarketMap& map = configuration.market;
    std::optional<Draft> draft;
    Board board{map, 10s};
    VenueAccess access;
    std::unique_ptr<PollSession> session;

    OfficialRate() {
        for (const auto& venue : all_venues())
            if (venue.id == "cbr") access = venue.open(configuration.settings.values);
        auto feeds = access.make_feeds(map, map.symbols_of(*map.find_venue("cbr")));
        session = std::move(feeds.poll->session);
    }

    void apply(const std::vector<Tick>& ticks, TimePoint now) {
        if (!draft) draft.emplace(map, 10s, 0ms, BoardChange{}, now);
        board.apply(draft->apply(ticks, now).change);
    }

    /// The response of the Bank of Russia at `now`, whose rate has this date.
    void hear_bank(TimePoint now, const std::string& date) {
        const PollResponse response{200,
                                    {},
                                    R"(<ValCurs Date=")" + date +
                                        R"("><Valute><CharCode>USD</CharCode>)"
                                        "<Nominal>1</Nominal><Value>76,4096</Value></Valute></ValCurs>"};
        apply(session->on_response(response, now).ticks, now);
    }

    /// Coinbase's quote after its prices of `now`, or null.
    const Quote* quote(std::string_view direction, TimePoint now) {
        const auto symbol = *map.find_symbol("coinbase", "BTC-USD");
        const auto price = Rate::parse("60000").value();
        // The first rate of a venue without witnesses is proven by its own confirmations.
        apply({{symbol, price, price, now - 31s}}, now - 31s);
        apply({{symbol, price, price, now}}, now);
        return board.find(*map.find_venue("coinbase"),
                          *map.find_direction(Direction::parse(direction).value()));
    }

    bool is_fresh(std::string_view direction, TimePoint now) {
        const auto* const found = quote(direction, now);
        return found && found->is_fresh(now);
    }
};

TEST_F(OfficialRate, HasItsDateItsConfirmationAndItsMarket) {
    hear_bank(at("2026-11-28T12:00:00+03:00"), "28.11.2026");
    hear_bank(at("2026-11-28T16:00:00+03:00"), "28.11.2026");
    const auto* const found = quote("BTC-RUB", at("2026-11-28T18:00:00+03:00"));
    ASSERT_TRUE(found);
    const auto& leg = found->legs.back();
    EXPECT_EQ(leg.observed_at, at("2026-11-28T00:00:00+03:00"));
    ASSERT_TRUE(leg.confirmation);
    EXPECT_EQ(leg.confirmation->date, std::chrono::floor<std::chrono::days>(at("2026-11-28T00:00:00Z")));
    EXPECT_EQ(leg.confirmation->at, at("2026-11-28T16:00:00+03:00"));
    EXPECT_FALSE(map.symbol(leg.symbol).publications->is_market_open(at("2026-11-28T16:00:00+03:00")));
    EXPECT_TRUE(map.symbol(leg.symbol).publications->is_market_open(at("2026-11-30T16:00:00+03:00")));
}

/// Confirmed on Friday evening, it must be confirmed within 36 h of Monday's publication.
TEST_F(OfficialRate, BecomesStaleInAWorkingWeekWithoutConfirmation) {
    hear_bank(at("2026-11-27T19:00:00+03:00"), "28.11.2026");
    EXPECT_TRUE(is_fresh("BTC-RUB", at("2026-12-02T05:59:00+03:00")));
    EXPECT_FALSE(is_fresh("BTC-RUB", at("2026-12-02T06:00:00+03:00")));
    EXPECT_TRUE(is_fresh("BTC-USD", at("2026-12-02T06:01:00+03:00"))) << "CoinGecko is gone as well";
    hear_bank(at("2026-12-04T12:00:00+03:00"), "04.12.2026");
    EXPECT_TRUE(is_fresh("BTC-RUB", at("2026-12-04T12:01:00+03:00")));
}

TEST_F(OfficialRate, LastsWhileItIsConfirmed) {
    for (int day = 0; day < 14; ++day) hear_bank(at("2026-11-28T12:00:00+03:00") + 24h * day, "28.11.2026");
    EXPECT_TRUE(is_fresh("BTC-RUB", at("2026-12-12T12:00:00+03:00")));
    hear_bank(at("2026-12-13T00:00:00+03:00"), "28.11.2026");
    EXPECT_FALSE(is_fresh("BTC-RUB", at("2026-12-13T00:01:00+03:00"))) << "15 days are its limit";
}

/// 30 December 2025 is the last working day, and 12 January the next one.
TEST_F(OfficialRate, LastsOverNewYearWithoutConfirmation) {
    hear_bank(at("2025-12-30T19:00:00+03:00"), "31.12.2025");
    EXPECT_TRUE(is_fresh("BTC-RUB", at("2026-01-11T23:00:00+03:00")));
    EXPECT_TRUE(is_fresh("BTC-RUB", at("2026-01-14T05:59:00+03:00")));
    EXPECT_FALSE(is_fresh("BTC-RUB", at("2026-01-14T06:00:00+03:00")));
    EXPECT_TRUE(is_fresh("BTC-USD", at("2026-01-14T06:01:00+03:00")));
}

TEST_F(OfficialRate, KeepsItsConfirmationAcrossARestart) {
    hear_bank(at("2026-11-27T19:00:00+03:00"), "28.11.2026");
    hear_bank(at("2026-12-01T19:00:00+03:00"), "28.11.2026");
    quote("BTC-RUB", at("2026-12-01T20:00:00+03:00"));
    const auto published = parse_change(map, to_text(map, board.snapshot())).value();
    draft.emplace(map, 10s, 0ms, published, at("2026-12-02T07:00:00+03:00"));
    EXPECT_TRUE(is_fresh("BTC-RUB", at("2026-12-04T05:59:00+03:00")));
    EXPECT_FALSE(is_fresh("BTC-RUB", at("2026-12-04T06:00:00+03:00")));
}

/// The database keeps no confirmations, so that of the rate's own date counts.
TEST_F(OfficialRate, RestoredFromTheDatabaseItWasConfirmedWhenItWasObserved) {
    const auto rate = Rate::parse("76.4096").value();
    const auto restored_at = at("2026-12-01T20:00:00+03:00");
    apply({}, restored_at);
    draft->restore({{*map.find_symbol("cbr", "USD/RUB"), rate, rate, at("2026-11-28T00:00:00+03:00")}},
                   restored_at);
    EXPECT_TRUE(is_fresh("BTC-RUB", at("2026-12-02T05:59:00+03:00")));
    EXPECT_FALSE(is_fresh("BTC-RUB", at("2026-12-02T06:00:00+03:00")));
}

}  // namespace
}  // namespace kurs
