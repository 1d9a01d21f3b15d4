#include "kurs/pricing/consensus.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};
constexpr DirectionId btc_usd{0};
constexpr VenueId consensus{5};

/// Five exchangers, each with a book of its own, and their consensus.
struct ConsensusTest : ::testing::Test {
    ConsensusTest() {
        map.directions = {Direction::parse("BTC-USD").value()};
        map.venues = {"a", "b", "c", "d", "e", "consensus"};
        map.consensus = consensus;
        for (std::uint8_t i = 0; i < 6; ++i) map.exchangers.push_back(VenueId{i});
        for (const VenueId venue : map.exchangers) map.routes.push_back({venue, btc_usd, {}, {}});
        quotes.reserve(map.exchangers.size());
        slots.resize(map.venues.size());
    }

    Quote& add(std::string_view bid, std::string_view ask, Duration age = 0ms, Duration fresh_for = 5s) {
        const auto i = quotes.size();
        const auto low = Rate::parse(bid).value(), high = Rate::parse(ask).value();
        auto& quote = quotes.emplace_back(Quote{map.exchangers[i],
                                                btc_usd,
                                                low,
                                                low,
                                                high,
                                                noon - age,
                                                noon + fresh_for,
                                                {{static_cast<SymbolId>(i), false, low, high, noon - age}}});
        slots[i] = &quote;
        return quote;
    }

    Consensus find() const { return find_consensus(map, btc_usd, slots, noon); }

    /// "bid value ask"
    std::string prices() const {
        const auto quote = find().quote;
        if (!quote) return "none";
        return to_string(quote->bid) + " " + to_string(quote->value) + " " + to_string(quote->ask);
    }

    MarketMap map;
    std::vector<Quote> quotes;
    std::vector<const Quote*> slots;
};

TEST_F(ConsensusTest, BidAndAskAreMediansOfTheirOwn) {
    add("100", "110");
    add("103", "104");
    add("101", "120");
    EXPECT_EQ(prices(), "101 105.5 110");
    EXPECT_FALSE(find().is_thin());
}

TEST_F(ConsensusTest, OfAnEvenNumberTheMeanOfTheTwoInTheMiddleCounts) {
    add("100", "101");
    add("102", "103");
    add("103", "104");
    add("900", "901");
    EXPECT_EQ(prices(), "102.5 103 103.5");
}

TEST_F(ConsensusTest, OfTwoItIsThinAndOfOneThereIsNone) {
    add("100", "101");
    EXPECT_EQ(prices(), "none");
    EXPECT_EQ(find().counted, 1U);
    add("102", "103");
    EXPECT_EQ(prices(), "101 101.5 102");
    EXPECT_TRUE(find().is_thin());
}

TEST_F(ConsensusTest, TellsWhyAQuoteDoesNotCount) {
    add("100", "101");
    add("102", "103", 5s, 0ms);
    add("900", "901").dispute = "far above the others";
    add("100", "101").legs = quotes.front().legs;
    std::vector<Vote> votes;
    for (const auto& ballot : find().ballots) votes.push_back(ballot.vote);
    EXPECT_EQ(votes,
              (std::vector{Vote::counted, Vote::stale, Vote::disputed, Vote::same_books, Vote::no_quote}));
    EXPECT_EQ(prices(), "none");
}

TEST_F(ConsensusTest, AQuoteThatSharesALegAndHasABookOfItsOwnCounts) {
    const auto shared = add("100", "101").legs.front();
    add("102", "103").legs.push_back(shared);
    EXPECT_EQ(find().counted, 2U);
}

TEST_F(ConsensusTest, ItsTimesAreThoseOfTheQuotesThatDecide) {
    add("100", "105", 4s, 1s);  // the lowest bid and a middle ask
    add("101", "104", 1s, 3s);
    add("102", "106", 2s, 2s);
    const auto quote = find().quote.value();
    EXPECT_EQ(quote.observed_at, noon - 4s);
    EXPECT_EQ(quote.fresh_until, noon + 1s);

    quotes[0].ask = Rate::parse("103").value();  // no middle at all
    EXPECT_EQ(find().quote->observed_at, noon - 1s);
    EXPECT_EQ(find().quote->fresh_until, noon + 3s);
}

TEST_F(ConsensusTest, AnExchangerWithoutARouteHasNoBallot) {
    std::erase_if(map.routes, [](const Route& route) { return route.venue == VenueId{1}; });
    EXPECT_EQ(find().ballots.size(), 4U);
}

}  // namespace
}  // namespace kurs
