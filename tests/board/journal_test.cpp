#include "kurs/board/journal.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

bool operator==(const ActiveSpell& a, const ActiveSpell& b) {
    return a.venue == b.venue && a.from == b.from && a.to == b.to && a.reason == b.reason;
}

void expect_spells(const Journal& journal, const std::vector<ActiveSpell>& expected) {
    const auto spells = journal.spells();
    ASSERT_EQ(spells.size(), expected.size());
    for (std::size_t i = 0; i < spells.size(); ++i) EXPECT_TRUE(spells[i] == expected[i]) << i;
}

TEST(Journal, IsEmptyBeforeAnythingIsActive) {
    expect_spells(Journal(), {});
}

TEST(Journal, EndsASpellWhereTheNextBegins) {
    Journal journal;
    journal.add({noon, "binance", "8 fresh at start"});
    expect_spells(journal, {{"binance", noon, std::nullopt, "8 fresh at start"}});
    journal.add({noon + 1h, "coingecko", "8 fresh against 0"});
    expect_spells(journal, {{"binance", noon, noon + 1h, "8 fresh at start"},
                            {"coingecko", noon + 1h, std::nullopt, "8 fresh against 0"}});
}

TEST(Journal, MergesChangesThatRepeatTheVenue) {
    Journal journal;
    journal.add({noon, "binance", "first"});
    journal.add({noon + 1s, "binance", "from another copy"});
    journal.add({noon + 2s, "coingecko", "failover"});
    journal.add({noon + 3s, "coingecko", "from another copy"});
    expect_spells(
        journal, {{"binance", noon, noon + 2s, "first"}, {"coingecko", noon + 2s, std::nullopt, "failover"}});
}

TEST(Journal, LeavesAGapWhileTheServiceIsStopped) {
    Journal journal;
    journal.add({noon, "binance", "at start"});
    journal.add({noon + 1h, "", "stopped"});
    expect_spells(journal, {{"binance", noon, noon + 1h, "at start"}});
    journal.add({noon + 2h, "binance", "at start again"});
    expect_spells(journal, {{"binance", noon, noon + 1h, "at start"},
                            {"binance", noon + 2h, std::nullopt, "at start again"}});
}

TEST(Journal, SaysNothingOfAStopBeforeAnythingWasActive) {
    Journal journal;
    journal.add({noon, "", "stopped"});
    journal.add({noon + 1s, "", "stopped again"});
    expect_spells(journal, {});
}

TEST(Journal, PutsWhatIsRestoredBeforeWhatIsKnown) {
    Journal journal;
    journal.add({noon, "binance", "at start"});
    journal.restore({{noon - 2h, "coingecko", "earlier"}, {noon - 1h, "", "stopped"}});
    expect_spells(journal, {{"coingecko", noon - 2h, noon - 1h, "earlier"},
                            {"binance", noon, std::nullopt, "at start"}});
}

TEST(Journal, HoldsTheNewestChangesOnly) {
    Journal journal;
    for (int i = 0; i < 1000; ++i) journal.add({noon + i * 1s, i % 2 == 0 ? "binance" : "coingecko", "turn"});
    const auto spells = journal.spells();
    ASSERT_EQ(spells.size(), 100U);
    EXPECT_EQ(spells.front().from, noon + 900s);
    EXPECT_EQ(spells.back().from, noon + 999s);
    EXPECT_FALSE(spells.back().to);
}

TEST(Journal, RestoresNoMoreThanItHolds) {
    Journal journal;
    journal.add({noon, "binance", "at start"});
    std::vector<ActiveChange> earlier;
    for (int i = 0; i < 300; ++i) earlier.push_back({noon - 300s + i * 1s, i % 2 == 0 ? "a" : "b", "turn"});
    journal.restore(earlier);
    const auto spells = journal.spells();
    ASSERT_EQ(spells.size(), 100U);
    EXPECT_EQ(spells.front().from, noon - 99s);
    EXPECT_EQ(spells.back().venue, "binance") << "the newest stays";
}

}  // namespace
}  // namespace kurs
