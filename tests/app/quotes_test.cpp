#include "kurs/app/quotes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <set>
#include <thread>

namespace kurs {
namespace {

using namespace std::chrono_literals;
using lock::LockFailure;

/// Answers what it is told, after it is let go.
struct Answering {
    std::mutex mutex;
    std::condition_variable moved;
    bool is_held = false;
    std::optional<LockFailure> failure;

    void let_go() {
        const std::lock_guard lock(mutex);
        is_held = false;
        moved.notify_all();
    }
};

class FakeStore final : public lock::QuoteStore {
public:
    explicit FakeStore(Answering& answering) : answering_(answering) {}

    boost::system::result<lock::StoredQuote, lock::StoreFailure> answer(const lock::LockQuestion&,
                                                                        Duration limit) override {
        std::unique_lock lock(answering_.mutex);
        const bool is_free = answering_.moved.wait_for(lock, limit, [this] { return !answering_.is_held; });
        if (!is_free) return lock::StoreFailure{LockFailure::overdue, "no answer in time"};
        if (answering_.failure) return lock::StoreFailure{*answering_.failure, "told to"};
        return lock::StoredQuote{{"id", "{}", "h..s"}};
    }

private:
    Answering& answering_;
};

struct QuotesTest : testing::Test {
    void open(PoolLimits limits) {
        std::vector<std::unique_ptr<lock::QuoteStore>> stores;
        stores.push_back(std::make_unique<FakeStore>(answering));
        quotes.emplace(std::move(stores), limits);
    }
    void ask() {
        net::co_spawn(loop, quotes->ask(lock::LockedQuoteQuestion{"id"}),
                      [this](std::exception_ptr, lock::LockAnswer answer) { answers.push_back(answer); });
    }
    LockFailure failure() {
        answers.clear();
        ask();
        loop.restart();
        loop.run();
        return answers.at(0).error();
    }

    net::io_context loop;
    Answering answering;
    std::optional<Quotes> quotes;
    std::vector<lock::LockAnswer> answers;
};

TEST_F(QuotesTest, PassTheAnswerOfTheStore) {
    open({});
    ask();
    loop.run();
    EXPECT_EQ(answers.at(0)->quote.signature, "h..s");
    for (const auto expected : {LockFailure::unknown, LockFailure::other_request, LockFailure::away}) {
        answering.failure = expected;
        EXPECT_EQ(failure(), expected);
    }
}

TEST_F(QuotesTest, AreBoundedInNumberAndTime) {
    open({.waiting = 1, .answer_limit = 200ms});
    answering.is_held = true;
    for (int i = 0; i < 3; ++i) ask();
    loop.run();
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].error(), LockFailure::busy) << "one is in progress and one waits";
    EXPECT_EQ(answers[1].error(), LockFailure::overdue);
    EXPECT_EQ(answers[2].error(), LockFailure::overdue);
    answering.let_go();
    ask();
    loop.restart();
    loop.run();
    EXPECT_TRUE(answers.back());
}

TEST_F(QuotesTest, WithoutAStoreNoneIsKept) {
    quotes.emplace(std::vector<std::unique_ptr<lock::QuoteStore>>());
    EXPECT_EQ(failure(), LockFailure::not_kept);
}

TEST(RandomUuid, IsOfVersionFourAndNeverTheSame) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto id = random_uuid();
        EXPECT_EQ(id.size(), 36U);
        EXPECT_EQ(id[14], '4');
        EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
        EXPECT_TRUE(seen.insert(id).second);
    }
}

}  // namespace
}  // namespace kurs
