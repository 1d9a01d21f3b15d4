#include "kurs/postgres/quotes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "kurs/postgres/migrations.hpp"
#include "support/database.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using lock::LockFailure;
using lock::LockOrder;
using lock::LockQuestion;
using lock::StoredQuote;

constexpr Duration long_enough = 20s;
constexpr TimePoint noon{1'700'000'000s};

std::string id_of(int number) {
    return "00000000-0000-4000-8000-" + std::to_string(100'000'000'000 + number);
}

LockOrder order_of(int number, const std::string& name = "", const std::string& client = "shop") {
    LockOrder order{client, {}, {}, noon, noon + 60s};
    order.quote =
        lock::LockedQuote{id_of(number), R"({"number": )" + std::to_string(number) + " }\t", "h..s"};
    if (!name.empty()) order.key = lock::IdempotencyKey{name, {1, 2, 0, 255}};
    return order;
}

struct QuotesTest : DatabaseTest {
    QuotesTest() { migrate(database.url()).value(); }

    StoredQuote stored(const LockQuestion& question) { return *store->answer(question, long_enough); }
    LockFailure failure(const LockQuestion& question) {
        return store->answer(question, long_enough).error().kind;
    }

    std::unique_ptr<lock::QuoteStore> store = make_quote_store(database.url());
};

TEST_F(QuotesTest, AreReadAsTheyWereStored) {
    EXPECT_FALSE(stored(order_of(1)).is_earlier);
    const auto read = stored(lock::LockedQuoteQuestion{id_of(1)});
    EXPECT_EQ(read.quote.id, id_of(1));
    EXPECT_EQ(read.quote.body, "{\"number\": 1 }\t");
    EXPECT_EQ(read.quote.signature, "h..s");
    EXPECT_EQ(failure(lock::LockedQuoteQuestion{id_of(2)}), LockFailure::unknown);
    EXPECT_EQ(database.value("select expires_at - locked_at || client from locked_quotes"), "00:01:00shop");
}

TEST_F(QuotesTest, ARequestHasOneAnswer) {
    EXPECT_FALSE(stored(order_of(1, "a")).is_earlier);
    const auto again = stored(order_of(2, "a"));
    EXPECT_TRUE(again.is_earlier);
    EXPECT_EQ(again.quote.id, id_of(1));
    EXPECT_EQ(database.value("select count(*) from locked_quotes"), "1");
    EXPECT_EQ(stored(order_of(3, "a", "desk")).quote.id, id_of(3)) << "another client has names of its own";
    EXPECT_EQ(stored(order_of(4)).quote.id, id_of(4)) << "requests without a name do not collide";
    EXPECT_EQ(stored(order_of(5)).quote.id, id_of(5));

    auto none_now = order_of(6, "a");
    none_now.quote.reset();
    EXPECT_EQ(stored(none_now).quote.id, id_of(1)) << "though no quote can be made now";
    none_now.key->text = "b";
    EXPECT_EQ(failure(none_now), LockFailure::unknown);
}

TEST_F(QuotesTest, AnotherRequestOfTheSameNameIsRefused) {
    stored(order_of(1, "a"));
    auto other = order_of(2, "a");
    other.key->request[3] = 254;
    EXPECT_EQ(failure(other), LockFailure::other_request);
    EXPECT_EQ(failure(lock::LockedQuoteQuestion{id_of(2)}), LockFailure::unknown);
}

TEST_F(QuotesTest, AQuoteIsStoredOnceThoughItsAnswerWasLost) {
    stored(order_of(1));
    EXPECT_FALSE(stored(order_of(1)).is_earlier);
    stored(order_of(2, "a"));
    EXPECT_FALSE(stored(order_of(2, "a")).is_earlier);
    EXPECT_EQ(database.value("select count(*) from locked_quotes"), "2");
}

TEST_F(QuotesTest, RequestsOfTheSameNameAtOnceHaveOneAnswer) {
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 8; ++i) {
        answers.push_back(std::async(std::launch::async, [this, i] {
            const auto own = make_quote_store(database.url());
            return own->answer(order_of(i, "a"), long_enough)->quote.id;
        }));
    }
    const auto first = answers.front().get();
    for (auto& each : std::span(answers).subspan(1)) EXPECT_EQ(each.get(), first);
    EXPECT_EQ(database.value("select count(*) from locked_quotes"), "1");
}

TEST_F(QuotesTest, AConnectionThatWasLostWhileIdleIsReplaced) {
    stored(order_of(1));
    database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid()");
    EXPECT_EQ(stored(order_of(2, "a")).quote.id, id_of(2));
}

TEST_F(QuotesTest, TheServersDefaultsDoNotWeakenWhatIsConfirmed) {
    const auto name = database.value("select current_database()");
    database.query("alter database " + name + " set synchronous_commit = off");
    database.query("alter database " + name + " set default_transaction_isolation = 'serializable'");
    database.query("create table seen (settings text)");
    database.query(
        "create function note() returns trigger language plpgsql as $$ begin insert into seen values "
        "(current_setting('synchronous_commit') || ' ' || current_setting('transaction_isolation')); return "
        "new; "
        "end $$");
    database.query("create trigger note before insert on locked_quotes for each row execute function note()");
    stored(order_of(1));
    EXPECT_EQ(database.value("select settings from seen"), "on read committed");
}

TEST_F(QuotesTest, WithoutTheTableNothingIsConfirmed) {
    database.query("drop table locked_quotes");
    EXPECT_EQ(failure(order_of(1)), LockFailure::unfit);
}

}  // namespace
}  // namespace kurs::postgres
