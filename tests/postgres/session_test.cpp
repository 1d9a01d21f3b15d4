#include "postgres/session.hpp"

#include <sys/socket.h>

#include <future>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>
#include <thread>

#include "support/database.hpp"

namespace kurs::postgres {
namespace {

using namespace std::chrono_literals;
using namespace testing;

constexpr auto slow_limit = 60s;

std::string ask(pqxx::transaction_base& transaction, const std::string& sql) {
    return transaction.exec1(sql)[0].c_str();
}

/// All settings of the session, as another client of the same session would see them.
std::string settings_of(Connection& connection) {
    pqxx::nontransaction session(connection);
    return ask(session, "select string_agg(name || '=' || setting, ',' order by name) from pg_settings");
}

struct SessionTest : DatabaseTest {
    /// The failure of the call.
    template <class Job>
    std::string failure_of(Session& session, Job job) {
        const auto done = session.call(slow_limit, job);
        if (done) return "none";
        EXPECT_EQ(done.error().kind, HistoryFailure::away);
        EXPECT_TRUE(session.has_lost_connection());
        return done.error().text;
    }

    static int process_of(Connection& connection) { return connection.backendpid(); }
    static int ask_one(Connection& connection) {
        Bounded<pqxx::work> transaction(connection);
        return transaction.exec1("select 1")[0].as<int>();
    }

    void end(int process) const {
        database.query("select pg_terminate_backend(" + std::to_string(process) + ")");
        wait_until_gone(process);
    }

    void wait_until_gone(int process) const {
        const auto is_there = "select count(*) from pg_stat_activity where pid = " + std::to_string(process);
        while (database.value(is_there) != "0") std::this_thread::yield();
    }
};

TEST_F(SessionTest, SetsItsLimitsForATransactionOnly) {
    Session session(database.url(), 7s);
    const auto compare = [](Connection& connection) {
        const auto before = settings_of(connection);
        {
            Bounded<pqxx::work> transaction(connection);
            EXPECT_EQ(ask(transaction, "show statement_timeout"), "7s");
            EXPECT_EQ(ask(transaction, "show idle_in_transaction_session_timeout"), "7s");
            EXPECT_EQ(ask(transaction, "show lock_timeout"), "3500ms");
            EXPECT_EQ(ask(transaction, "show timezone"), "UTC");
            EXPECT_EQ(ask(transaction, "show jit"), "off");
            transaction.commit();
        }
        EXPECT_EQ(settings_of(connection), before) << "after a commit";
        {
            Bounded<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>> transaction(connection);
            EXPECT_EQ(ask(transaction, "show transaction_isolation"), "repeatable read");
            EXPECT_EQ(ask(transaction, "show statement_timeout"), "7s");
        }
        EXPECT_EQ(settings_of(connection), before) << "after a transaction that was given up";
    };
    EXPECT_TRUE(session.call(slow_limit, compare));
}

TEST_F(SessionTest, ReportsWhyItsConnectionWasEnded) {
    Session session(database.url());
    end(session.call(slow_limit, process_of).value());
    EXPECT_EQ(failure_of(session, ask_one), "FATAL:  terminating connection due to administrator command");
    EXPECT_EQ(session.call(slow_limit, ask_one).value(), 1);
}

TEST_F(SessionTest, DoesNotReportAnEarlierWarning) {
    Session session(database.url());
    const auto warn_and_lose = [](Connection& connection) {
        Bounded<pqxx::work> transaction(connection);
        transaction.exec("do $$ begin raise warning 'only a warning'; end $$");
        ::shutdown(connection.sock(), SHUT_RDWR);
        transaction.exec("select 1");
    };
    const auto failure = failure_of(session, warn_and_lose);
    EXPECT_EQ(failure.find("only a warning"), failure.npos) << failure;
}

TEST_F(SessionTest, ReportsWhyAStatementWasInterrupted) {
    Session session(database.url());
    const auto process = session.call(slow_limit, process_of).value();
    auto sleeping = std::async(std::launch::async, [&] {
        return failure_of(session, [](Connection& connection) {
            Bounded<pqxx::work>(connection).exec("select pg_sleep(60)");
        });
    });
    while (database.value("select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' "
                          "and pid = " +
                          std::to_string(process)) == "0")
        std::this_thread::yield();
    end(process);
    EXPECT_EQ(sleeping.get(), "FATAL:  terminating connection due to administrator command");
}

TEST_F(SessionTest, ReportsAnIdleSessionTimeout) {
    Session session(database.url() + "%20-cidle_session_timeout%3D20");
    wait_until_gone(session.call(slow_limit, process_of).value());
    EXPECT_EQ(failure_of(session, ask_one), "FATAL:  terminating connection due to idle-session timeout");
}

TEST_F(SessionTest, ReportsAnIdleTransactionTimeout) {
    Session session(database.url(), 20ms);
    const auto wait = [this](Connection& connection) {
        Bounded<pqxx::work> transaction(connection);
        wait_until_gone(process_of(connection));
        transaction.exec("select 1");
    };
    EXPECT_EQ(failure_of(session, wait), "FATAL:  terminating connection due to idle-in-transaction timeout");
}

TEST_F(SessionTest, ReportsWhyItCouldNotCommit) {
    Session session(database.url());
    const auto commit = [this](Connection& connection) {
        Bounded<pqxx::work> transaction(connection);
        transaction.exec("select 1");
        end(process_of(connection));
        transaction.commit();
    };
    EXPECT_EQ(failure_of(session, commit), "FATAL:  terminating connection due to administrator command");
}

}  // namespace
}  // namespace kurs::postgres
