// The two ends of history's way through the queue, each a process of its own so that it can be killed.
//
//     relay_load produce <rows>    appends as many rows to the queue of REDIS_URL, as a leader would
//     relay_load consume           writes what the queue hands out to DATABASE_URL, until SIGTERM
//
// Row i is of series i % 16 and second i / 16, and its value is i + 1: so the sum of the values tells whether
// each is there once.

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <deque>
#include <iostream>

#include "kurs/copies/change_text.hpp"
#include "kurs/copies/history_relay.hpp"
#include "kurs/postgres/history.hpp"
#include "kurs/redis/queue.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/store/archiver.hpp"
#include "tools/wide_market.hpp"

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;
using postgres::testing::wide_market;

constexpr std::size_t rows_in_entry = 300;
constexpr std::size_t most_entries_waiting = 1'500;
constexpr auto lease = 60s;

QuoteRecord record_of(TimePoint first, std::size_t row) {
    const auto at = first + 1s * (row / 16) + 417ms;
    const auto value = Rate::parse(std::to_string(row + 1)).value();
    Quote quote{
        VenueId{static_cast<std::uint8_t>(row % 2)},
        DirectionId{static_cast<std::uint16_t>(row / 2 % 8)},
        value,
        value,
        value,
        at - 300ms,
        at + 4700ms,
        {{SymbolId{0}, false, value, value, at - 300ms}, {SymbolId{1}, true, value, value, at - 300ms}}};
    return {at, quote.venue, quote.direction, std::move(quote)};
}

/// Appends whatever happens: what failed is appended again, which may be twice.
net::awaitable<void> produce(SharedQueue& queue, const MarketMap& map, std::size_t count) {
    const auto first = std::chrono::floor<std::chrono::days>(Clock().now()) - 20 * 24h;
    std::optional<Epoch> epoch;
    std::deque<std::string> waiting;
    for (std::size_t row = 0; row < count;) {
        if (!epoch) {
            const auto taken = co_await queue.take_lease(lease);
            if (taken) epoch = *taken;
            if (!epoch) co_await sleep_for(100ms);
            continue;
        }
        if (waiting.size() >= most_entries_waiting) {
            co_await sleep_for(20ms);
            const auto oldest = co_await queue.find_oldest_history(*epoch);
            const auto renewed = co_await queue.renew_lease(*epoch, lease);
            if (renewed && !*renewed) epoch.reset();
            if (!oldest || !*oldest) continue;
            const auto& id = (*oldest)->id;
            while (!waiting.empty() && (id.empty() || is_earlier_id(waiting.front(), id)))
                waiting.pop_front();
            continue;
        }
        Batch batch;
        while (batch.quotes.size() < rows_in_entry && row + batch.quotes.size() < count)
            batch.quotes.push_back(record_of(first, row + batch.quotes.size()));
        const auto appended = co_await queue.append_history(*epoch, to_text(map, batch));
        if (!appended || !*appended) {
            if (appended) epoch.reset();
            co_await sleep_for(100ms);
            continue;
        }
        waiting.push_back((*appended)->id);
        row += batch.quotes.size();
    }
    std::cout << count << " rows appended" << std::endl;
}

void run_producer(const std::string& redis_url, std::size_t count) {
    net::io_context loop{1};
    const auto map = wide_market();
    const auto queue = redis::make_shared_queue(loop.get_executor(), redis_url, "producer");
    net::co_spawn(loop, produce(*queue, map, count), [&queue](std::exception_ptr failure) {
        queue->close();
        if (failure) std::rethrow_exception(failure);
    });
    loop.run();
}

void run_consumer(const std::string& redis_url, const std::string& database_url) {
    net::io_context loop{1};
    const Clock clock;
    const auto map = wide_market();
    const auto name = "consumer-" + std::to_string(getpid());
    const auto queue = redis::make_shared_queue(loop.get_executor(), redis_url, name);
    const auto archive = postgres::make_archive(database_url, map, 24h * 30, postgres::Writers::several);
    Archiver* writer = nullptr;
    RelayLimits limits;
    limits.idle_limit = 3s;
    HistoryRelay relay(
        map, clock, *queue, 20'000, [&writer] { return writer->is_writing(); }, limits);
    Archiver archiver(loop.get_executor(), clock, relay, *archive, {});
    writer = &archiver;
    relay.note_role(Role::follower, {});
    TaskGroup tasks(loop.get_executor());
    tasks.spawn("receiving", relay.receive());
    TaskGroup writing(loop.get_executor());
    writing.spawn("writing", archiver.run());
    net::signal_set signals(loop, SIGTERM);
    signals.async_wait([&](boost::system::error_code, int) {
        tasks.stop();
        archiver.finish();
        queue->close();
    });
    loop.run();
}

}  // namespace
}  // namespace kurs::testing

int main(int count, char** arguments) {
    const char* const redis_url = std::getenv("REDIS_URL");
    const char* const database_url = std::getenv("DATABASE_URL");
    const std::string_view what = count > 1 ? arguments[1] : "";
    if (what == "produce" && count == 3 && redis_url) {
        kurs::testing::run_producer(redis_url, std::stoul(arguments[2]));
    } else if (what == "consume" && count == 2 && redis_url && database_url) {
        kurs::testing::run_consumer(redis_url, database_url);
    } else {
        std::cerr << "REDIS_URL=... [DATABASE_URL=...] relay_load produce <rows> | consume\n";
        return 2;
    }
}
