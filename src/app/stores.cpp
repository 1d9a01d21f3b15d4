#include "kurs/app/stores.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "kurs/boardlog/change_text.hpp"
#include "kurs/boardlog/local_board_log.hpp"
#include "kurs/boardlog/shared_board_log.hpp"
#include "kurs/postgres/history.hpp"
#include "kurs/postgres/quotes.hpp"
#include "kurs/redis/log_store.hpp"

namespace kurs {
namespace {

/// The number of history questions answered concurrently.
constexpr int history_sources = 2;

/// The number of quotes locked or read concurrently.
constexpr int quote_stores = 4;

/// Of the board log: some megabytes in Redis, whatever the length of a slot.
constexpr int kept_entries = 1'200;

/// Also differs between runs: in containers, host name and process id are the same each time.
std::string replica_name(const Clock& clock) {
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + "-" + std::to_string(getpid()) + "-" +
           std::to_string(clock.now().time_since_epoch().count());
}

}  // namespace

std::unique_ptr<BoardLog> make_board_log(const net::any_io_executor& loop, const Configuration& configuration,
                                         const Clock& clock, Board& served, BoardLogEvents events) {
    const auto& url = configuration.settings.redis_url;
    if (url.empty()) return std::make_unique<LocalBoardLog>(clock, served, std::move(events));
    redis::RedisLimits limits;
    limits.text_bytes = std::max(limits.text_bytes, largest_text(configuration.market));
    ReplicaLimits replica;
    replica.slots = {configuration.settings.board_slot, configuration.settings.board_delay};
    limits.view_kept = kept_entries * replica.slots.length;
    auto store = redis::make_log_store(loop, url, replica_name(clock), limits, &configuration.trust);
    return std::make_unique<SharedBoardLog>(loop, configuration.market, clock, std::move(store), served,
                                            std::move(events), replica);
}

HistoryStores make_history_stores(const Configuration& configuration, bool is_continued) {
    const auto& settings = configuration.settings;
    const auto& map = configuration.market;
    HistoryStores stores;
    if (settings.database_url.empty() || settings.history == HistoryMode::off) return stores;
    stores.is_written = settings.history == HistoryMode::write;
    const bool is_alone = settings.redis_url.empty() && !is_continued;
    const auto writer = is_alone ? postgres::Writers::one : postgres::Writers::several;
    const auto writers = stores.is_written ? writer : postgres::Writers::others;
    stores.archive = postgres::make_archive(settings.database_url, map, settings.history_keep, writers);
    for (int i = 0; i < history_sources; ++i)
        stores.sources.push_back(postgres::make_history_source(settings.database_url, map));
    return stores;
}

std::vector<std::unique_ptr<lock::QuoteStore>> make_quote_stores(const Configuration& configuration) {
    std::vector<std::unique_ptr<lock::QuoteStore>> stores;
    const auto& url = configuration.settings.database_url;
    if (url.empty() || !configuration.signing_keys) return stores;
    for (int i = 0; i < quote_stores; ++i) stores.push_back(postgres::make_quote_store(url));
    return stores;
}

}  // namespace kurs
