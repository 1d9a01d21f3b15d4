#include "kurs/app/history.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/market.hpp"
#include "support/running_loop.hpp"

namespace kurs {
namespace {

using namespace testing;

/// Recovers these changes, and cannot be written to.
class ReadableArchive final : public history::Archive {
public:
    explicit ReadableArchive(std::vector<ActiveChange> changes) : changes_(std::move(changes)) {}

    history::result<history::Recovered> open(Duration) override { return history::Recovered{{}, changes_}; }
    history::result<std::size_t> save(const history::Batch&, Duration) override {
        return history::Failure{HistoryFailure::away, "connection refused"};
    }
    history::result<bool> maintain(TimePoint, Duration) override { return false; }
    void interrupt() override {}

private:
    std::vector<ActiveChange> changes_;
};

class ContinuedHistoryTest : public ::testing::Test {
protected:
    static HistoryStores stores(std::vector<ActiveChange> changes) {
        HistoryStores stores;
        stores.archive = std::make_unique<ReadableArchive>(std::move(changes));
        stores.is_written = true;
        return stores;
    }

    std::shared_ptr<History> make(HistoryStores stores) {
        const bool has_archive = stores.archive != nullptr;
        bool has_recovered = false;
        auto made = std::make_shared<History>(loop.get_executor(), clock, 1'000, std::move(stores),
                                              [&](const history::Recovered&) { has_recovered = true; });
        if (has_archive) run_until(loop, [&] { return has_recovered; });
        all.push_back(made);
        return made;
    }

    static std::vector<std::string> venues(const History& history) {
        std::vector<std::string> venues;
        for (const auto& period : history.failovers().periods()) venues.push_back(period.venue);
        return venues;
    }

    static BoardChange active(std::string venue, TimePoint at) {
        BoardChange change;
        change.active = ActiveChange{at, std::move(venue), "test"};
        change.visible_at = at;
        return change;
    }

    void TearDown() override {
        TaskGroup finishing(loop.get_executor());
        for (auto& history : all) finishing.spawn("finish", finish(*history));
        run_out(loop);
    }

    static net::awaitable<void> finish(History& history) {
        const bool has_ended = co_await history.finish();
        EXPECT_TRUE(has_ended);
    }

    net::io_context loop{1};
    Clock clock;
    std::vector<std::shared_ptr<History>> all;
    const std::vector<ActiveChange> earlier{{noon, "binance", "test"}, {noon + 1min, "coingecko", "test"}};
};

TEST_F(ContinuedHistoryTest, KnowsTheFailoversOfItsPredecessorOnce) {
    const auto first = make(stores(earlier));
    first->record(active("binance", noon + 2min));
    const auto second = make(stores(earlier));
    second->continue_from(first);
    EXPECT_EQ(venues(*second), (std::vector<std::string>{"binance", "coingecko", "binance"}));
}

TEST_F(ContinuedHistoryTest, AddsWhatThePredecessorCouldNotRecover) {
    const auto first = make({});
    first->record(active("binance", noon + 2min));
    const auto second = make(stores(earlier));
    second->continue_from(first);
    EXPECT_EQ(venues(*second), (std::vector<std::string>{"binance", "coingecko", "binance"}));
}

TEST_F(ContinuedHistoryTest, TheRowsOfThePredecessorWait) {
    auto first = make(stores({}));
    const auto second = make(stores({}));
    const auto at = clock.now() - 1min;
    BoardChange change;
    change.quotes = {Quote{binance, btc_usd, rate("1"), rate("1"), rate("1"), at, at + 5s, {}}};
    change.visible_at = at;
    first->record(change);
    run_until(loop, [&] { return first->reading(clock.now())->waiting_rows == 1; });
    EXPECT_FALSE(first->is_written());
    EXPECT_EQ(second->reading(clock.now())->waiting_rows, 0u);
    second->continue_from(first);
    EXPECT_EQ(second->reading(clock.now())->waiting_rows, 1u);
    EXPECT_GE(second->reading(clock.now())->lag, 59s);
}

}  // namespace
}  // namespace kurs
