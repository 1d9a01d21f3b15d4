#include "kurs/store/inbox.hpp"

#include <gtest/gtest.h>

#include "kurs/store/shared_queue.hpp"
#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;
using Ids = std::vector<std::string>;

Batch rows(int count) {
    Batch batch;
    for (int i = 0; i < count; ++i)
        batch.quotes.push_back({noon + i * 1s, binance, btc_usd, quote(binance, btc_usd, "1")});
    return batch;
}

TEST(Inbox, PutsBatchesTogetherAndTellsWhichWereWritten) {
    Inbox inbox;
    inbox.add("1", rows(3));
    inbox.add("2", rows(4));
    inbox.add("3", rows(5));
    EXPECT_EQ(inbox.waiting(), 12u);
    EXPECT_EQ(inbox.next(8).quotes.size(), 7u);
    EXPECT_TRUE(inbox.take_written().empty());
    inbox.written();
    EXPECT_EQ(inbox.take_written(), (Ids{"1", "2"}));
    EXPECT_TRUE(inbox.take_written().empty());
    EXPECT_EQ(inbox.next(8).quotes.size(), 5u);
    inbox.written();
    EXPECT_EQ(inbox.take_written(), Ids{"3"});
    EXPECT_EQ(inbox.waiting(), 0u);
    EXPECT_TRUE(inbox.next(8).quotes.empty());
}

TEST(Inbox, GivesTheSameUntilItIsWrittenWhateverIsAdded) {
    Inbox inbox;
    inbox.add("1", rows(3));
    EXPECT_EQ(inbox.next(100).quotes.size(), 3u);
    inbox.add("2", rows(4));
    EXPECT_EQ(inbox.next(100).quotes.size(), 3u);
    inbox.written();
    EXPECT_EQ(inbox.take_written(), Ids{"1"});
}

TEST(Inbox, ABatchLargerThanAskedForIsGivenAlone) {
    Inbox inbox;
    inbox.add("1", rows(30));
    inbox.add("2", rows(1));
    EXPECT_EQ(inbox.next(10).quotes.size(), 30u);
}

TEST(Inbox, TakesNothingThatItHolds) {
    Inbox inbox;
    inbox.add("1", rows(3));
    inbox.next(100);
    inbox.add("1", rows(3));
    EXPECT_EQ(inbox.waiting(), 3u);
}

TEST(Inbox, AnEmptyBatchIsWrittenWithTheNext) {
    Inbox inbox;
    inbox.add("1", {});
    EXPECT_TRUE(inbox.next(10).quotes.empty());
    inbox.add("2", rows(1));
    EXPECT_EQ(inbox.next(10).quotes.size(), 1u);
    inbox.written();
    EXPECT_EQ(inbox.take_written(), (Ids{"1", "2"}));
}

TEST(QueueId, IsOrderedByItsNumbers) {
    EXPECT_TRUE(is_earlier_id("9-1", "10-0"));
    EXPECT_TRUE(is_earlier_id("10-9", "10-10"));
    EXPECT_FALSE(is_earlier_id("10-10", "10-9"));
    EXPECT_FALSE(is_earlier_id("10-1", "10-1"));
    EXPECT_TRUE(is_earlier_id("7", "8"));
}

}  // namespace
}  // namespace kurs
