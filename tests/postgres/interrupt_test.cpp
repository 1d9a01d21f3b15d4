#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include "postgres/session.hpp"
#include "support/records.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;

/// A server process, stopped during its lifetime.
class Frozen {
public:
    explicit Frozen(int process) : process_(process) {
        std::string name;
        std::ifstream("/proc/" + std::to_string(process) + "/comm") >> name;
        if (name != "postgres") throw std::runtime_error("the database is not on this machine");
        ::kill(process_, SIGSTOP);
    }
    ~Frozen() { ::kill(process_, SIGCONT); }
    Frozen(const Frozen&) = delete;
    Frozen& operator=(const Frozen&) = delete;

private:
    int process_;
};

struct InterruptTest : ArchiveTest {
    /// Waits until a call waits for a lock.
    void wait_for_blocked_call() {
        while (database.value("select count(*) from pg_locks where not granted") == "0")
            std::this_thread::yield();
    }

    auto start_save() {
        return std::async(std::launch::async, [this] {
            return archive->save({{btc_at(noon, "1")}, {}}, long_enough);
        });
    }
};

TEST_F(InterruptTest, EndsASaveThatWaitsForALock) {
    pqxx::connection connection(database.url());
    pqxx::work holder(connection);
    holder.exec("lock table quotes in access exclusive mode");
    auto saved = start_save();
    wait_for_blocked_call();
    archive->interrupt();
    const auto result = saved.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text, "interrupted");
    EXPECT_EQ(result.error().kind, HistoryFailure::away);
    holder.abort();
    EXPECT_EQ(save({btc_at(noon, "1")}), 1U) << "the next call has a connection of its own";
}

TEST_F(InterruptTest, EndsACallToAServerThatIsFrozen) {
    const Frozen server(database.server_processes().at(0));
    auto saved = start_save();
    while (saved.wait_for(1ms) != std::future_status::ready) archive->interrupt();
    EXPECT_EQ(saved.get().error().text, "interrupted");
}

TEST_F(InterruptTest, IsNotNeededForAQuestionThatWaitsForALock) {
    save({btc_at(noon, "1")});
    pqxx::connection connection(database.url());
    pqxx::work holder(connection);
    holder.exec("lock table quotes in access exclusive mode");
    const auto answer = source->find(CourseQuestion{binance, btc_usd, noon}, 50ms);
    EXPECT_EQ(answer.error().kind, HistoryFailure::overdue);
    EXPECT_EQ(answer.error().text, "no answer in time");
}

TEST_F(InterruptTest, DoesNothingWhileThereIsNoCall) {
    const auto connections = database.server_processes();
    archive->interrupt();
    EXPECT_EQ(save({btc_at(noon, "1")}), 1U);
    EXPECT_EQ(database.server_processes(), connections);
}

TEST_F(InterruptTest, IsNotNeededForACallThatTakesTooLong) {
    Session session(database.url());
    const auto sleep = [](Connection& connection) {
        pqxx::nontransaction(connection).exec("select pg_sleep(60)");
        return true;
    };
    const auto slept = session.call(50ms, sleep);
    ASSERT_FALSE(slept);
    EXPECT_EQ(slept.error().kind, HistoryFailure::overdue);
    EXPECT_EQ(slept.error().text, "no answer in time");
}

TEST_F(InterruptTest, IsNotNeededForAStatementThatTakesTooLong) {
    Session session(database.url(), 50ms);
    const auto sleep = [](Connection& connection) {
        Bounded<pqxx::work>(connection).exec("select pg_sleep(60)");
        return true;
    };
    const auto slept = session.call(60s, sleep);
    ASSERT_FALSE(slept);
    EXPECT_EQ(slept.error().kind, HistoryFailure::overdue);
    EXPECT_EQ(slept.error().text, "ERROR:  canceling statement due to statement timeout");
}

/// Accepts connections in the kernel and never responds.
class SilentServer {
public:
    SilentServer() {
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address_), sizeof(address_));
        ::listen(socket_, 1);
        socklen_t size = sizeof(address_);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size);
    }
    ~SilentServer() { ::close(socket_); }
    SilentServer(const SilentServer&) = delete;
    SilentServer& operator=(const SilentServer&) = delete;

    std::string address() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address_{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
};

TEST(Connecting, TimesOutOnASilentServerAndShowsNoPassword) {
    const SilentServer server;
    const auto url = "postgresql://me:secret@" + server.address() + "/kurs?connect_timeout=2";
    const auto map = small_market();
    const auto failed = make_archive(url, map, 24h)->open(long_enough);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, HistoryFailure::away);
    EXPECT_EQ(failed.error().text.find("secret"), std::string::npos);
    EXPECT_EQ(failed.error().text.find('\n'), std::string::npos);
}

TEST(Connecting, RefusesAMalformedUrlWithoutRepeatingIt) {
    const auto map = small_market();
    for (const auto* url : {"postgres//me:secret@host/kurs", "postgresql://me:secret@host/kurs?nonsense=1"}) {
        const auto failed = make_history_source(url, map)->find(CandlesQuestion{}, long_enough);
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().kind, HistoryFailure::unfit);
        EXPECT_EQ(failed.error().text,
                  "the database's URL is not like postgresql://user:password@host:port/database");
    }
}

}  // namespace
}  // namespace kurs::postgres
