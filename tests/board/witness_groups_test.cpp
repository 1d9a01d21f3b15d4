#include "kurs/board/witness_groups.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kurs {
namespace {

/// A symbol for each letter.
using Spelled = std::vector<std::string>;

/// A line for each level: "0: 0 2 >1 | 1" is the depth 0 with the groups {0, 2}, which line 1 divides, and
/// {1}.
Spelled levels(const Spelled& quotes) {
    std::vector<WitnessSymbols> witnesses;
    for (const auto& letters : quotes) {
        auto& witness = witnesses.emplace_back(WitnessSymbols{witnesses.size(), {}});
        for (const char letter : letters)
            witness.symbols.push_back(static_cast<SymbolId>(static_cast<unsigned char>(letter)));
    }
    Spelled lines;
    for (const auto& level : divide_witnesses(witnesses)) {
        auto& line = lines.emplace_back(std::to_string(level.depth) + ":");
        for (const auto& group : level.groups) {
            if (&group != &level.groups.front()) line += " |";
            for (const auto member : group.members) line += " " + std::to_string(member);
            if (group.level_below) line += " >" + std::to_string(*group.level_below);
        }
    }
    return lines;
}

TEST(WitnessGroups, QuotesWithoutACommonSymbolAreSingleWitnesses) {
    EXPECT_EQ(levels({"a", "b", "cd"}), Spelled{"0: 0 | 1 | 2"});
    EXPECT_EQ(levels({"", "", ""}), Spelled{"0: 0 | 1 | 2"});
    EXPECT_EQ(levels({"a"}), Spelled{});
    EXPECT_EQ(levels({}), Spelled{});
}

TEST(WitnessGroups, ASharedLegMakesOneWitnessThatIsDividedBelow) {
    EXPECT_EQ(levels({"bU", "g", "k", "oU", "yU", "c"}),
              (Spelled{"0: 0 3 4 >1 | 1 | 2 | 5", "1: 0 | 3 | 4"}));
}

TEST(WitnessGroups, TwoSharedLegsMakeTwoLevels) {
    EXPECT_EQ(levels({"bUR", "g", "kR", "oUR", "yUR", "cR"}),
              (Spelled{"0: 0 2 3 4 5 >1 | 1", "1: 0 3 4 >2 | 2 | 5", "2: 0 | 3 | 4"}));
}

TEST(WitnessGroups, ALevelWithASingleGroupIsNone) {
    EXPECT_EQ(levels({"bUR", "kR", "oUR", "yUR", "cR"}), (Spelled{"0: 0 2 3 >1 | 1 | 4", "1: 0 | 2 | 3"}));
    EXPECT_EQ(levels({"bUR", "oUR", "yUR"}), Spelled{"0: 0 | 1 | 2"});
}

/// CoinGecko's own tether/rub is a leg of all others.
TEST(WitnessGroups, AQuoteWhoseOnlyLegIsSharedStandsAloneBelow) {
    EXPECT_EQ(levels({"bRT", "R", "kRT", "cRT"}), (Spelled{"0: 0 2 3 >1 | 1", "1: 0 | 2 | 3"}));
}

TEST(WitnessGroups, GroupsSideBySideAreDividedEach) {
    EXPECT_EQ(levels({"aU", "bV", "cU", "dV"}), (Spelled{"0: 0 2 >1 | 1 3 >2", "1: 0 | 2", "1: 1 | 3"}));
}

TEST(WitnessGroups, EqualQuotesAreNotDivided) {
    EXPECT_EQ(levels({"U", "U"}), Spelled{});
    EXPECT_EQ(levels({"U", "U", "aU"}), Spelled{"0: 0 1 | 2"});
    EXPECT_EQ(levels({"U", "k", "U"}), Spelled{"0: 0 2 | 1"});
}

TEST(WitnessGroups, ALegThatOccursTwiceCountsOnce) {
    EXPECT_EQ(levels({"aUU", "bU", "cUV", "dV"}), (Spelled{"0: 0 | 1 | 2 3 >1", "1: 2 | 3"}));
}

/// No symbol is common to all: those that most have are left out first.
TEST(WitnessGroups, AChainIsDividedByItsMostCommonSymbols) {
    EXPECT_EQ(levels({"aU", "UV", "bV"}), Spelled{"0: 0 | 1 | 2"});
    EXPECT_EQ(levels({"aU", "bU", "cUV", "dV"}), (Spelled{"0: 0 | 1 | 2 3 >1", "1: 2 | 3"}));
    EXPECT_EQ(levels({"aU", "dW", "UVW", "bU", "cV"}), (Spelled{"0: 0 | 1 2 4 >1 | 3", "1: 1 | 2 | 4"}));
}

TEST(WitnessGroups, AQuoteMayConnectTwoGroups) {
    EXPECT_EQ(levels({"aU", "bV", "x", "UV"}), (Spelled{"0: 0 1 3 >1 | 2", "1: 0 | 1 | 3"}));
}

}  // namespace
}  // namespace kurs
