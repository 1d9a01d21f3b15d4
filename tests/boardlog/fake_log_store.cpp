#include "fake_log_store.hpp"

#include <charconv>

#include "kurs/runtime/task_group.hpp"

namespace kurs {
namespace {

constexpr Duration look_again{1};

int number_of(const std::string& id) {
    int number = 0;
    std::from_chars(id.data(), id.data() + id.size(), number);
    return number;
}

}  // namespace

LogStore::Answer<std::vector<StoredEntry>> FakeLogStore::read_entries(std::string id, Duration wait) {
    const auto until = server_.clock.now() + wait;
    const auto has_newer = [&] {
        return !server_.entries.empty() && number_of(server_.entries.back().id) > number_of(id);
    };
    while (!is_cut && !has_newer() && server_.clock.now() < until) co_await sleep_for(look_again);
    if (is_cut) co_return away();
    std::vector<StoredEntry> entries;
    for (const auto& entry : server_.entries) {
        if (number_of(entry.id) > number_of(id) && entries.size() < most_entries) entries.push_back(entry);
    }
    co_return entries;
}

}  // namespace kurs
