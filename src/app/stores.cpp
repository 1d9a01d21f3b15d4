#include "kurs/app/stores.hpp"

#include <unistd.h>

#include <array>

#include "kurs/postgres/history.hpp"
#include "kurs/redis/queue.hpp"

namespace kurs {
namespace {

/// Questions to history that are answered at the same time.
constexpr int history_sources = 2;

/// Different in each copy, and in each run of it: in containers, host and process are the same every time.
std::string copy_name(const Clock& clock) {
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + "-" + std::to_string(getpid()) + "-" +
           std::to_string(clock.now().time_since_epoch().count());
}

}  // namespace

std::unique_ptr<SharedQueue> make_shared_queue(const net::any_io_executor& loop, const Settings& settings,
                                               const Clock& clock) {
    if (settings.redis_url.empty()) return nullptr;
    return redis::make_shared_queue(loop, settings.redis_url, copy_name(clock));
}

HistoryStores make_history_stores(const Configuration& configuration) {
    const auto& settings = configuration.settings;
    const auto& map = configuration.market;
    HistoryStores stores;
    if (settings.database_url.empty() || settings.history == HistoryMode::off) return stores;
    stores.is_written = settings.history == HistoryMode::write;
    const auto writer = settings.redis_url.empty() ? postgres::Writers::one : postgres::Writers::several;
    const auto writers = stores.is_written ? writer : postgres::Writers::others;
    stores.archive = postgres::make_archive(settings.database_url, map, settings.history_keep, writers);
    for (int i = 0; i < history_sources; ++i)
        stores.sources.push_back(postgres::make_history_source(settings.database_url, map));
    return stores;
}

}  // namespace kurs
