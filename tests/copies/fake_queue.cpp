#include "fake_queue.hpp"

#include <algorithm>
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

SharedQueue::Answer<std::vector<QueueEntry>> FakeQueue::read_view(std::string id, Duration wait) {
    const auto until = server_.clock.now() + wait;
    const auto has_newer = [&] {
        return !server_.view.empty() && number_of(server_.view.back().id) > number_of(id);
    };
    while (!is_cut && !has_newer() && server_.clock.now() < until) co_await sleep_for(look_again);
    if (is_cut) co_return away();
    std::vector<QueueEntry> entries;
    for (const auto& entry : server_.view) {
        if (number_of(entry.id) > number_of(id)) entries.push_back(entry);
    }
    co_return entries;
}

SharedQueue::Answer<std::optional<Appended>> FakeQueue::append_history(Epoch epoch, std::string text) {
    if (is_cut) co_return away();
    if (epoch != server_.newest) co_return std::optional<Appended>{};
    auto id = std::to_string(++server_.history_appended);
    server_.history.push_back({{id, epoch, std::move(text), {}}, nullptr, {}});
    co_return Appended{std::move(id), 0};
}

SharedQueue::Answer<std::vector<QueueEntry>> FakeQueue::read_history(std::size_t most, Duration wait,
                                                                     Duration idle_limit) {
    const auto until = server_.clock.now() + wait;
    std::vector<QueueEntry> entries;
    while (!is_cut && entries.empty()) {
        const auto now = server_.clock.now();
        for (auto& each : server_.history) {
            const bool is_free = !each.holder || now - each.since > idle_limit;
            if (!is_free || entries.size() == most) continue;
            each.holder = this;
            each.since = now;
            entries.push_back(each.entry);
        }
        if (now >= until) break;
        co_await sleep_for(look_again);
    }
    if (is_cut) co_return away();
    co_return entries;
}

SharedQueue::Answer<bool> FakeQueue::acknowledge_history(std::vector<std::string> ids) {
    if (is_cut) co_return away();
    const auto count = std::erase_if(server_.history, [&ids](const FakeServer::Waiting& each) {
        return std::ranges::find(ids, each.entry.id) != ids.end();
    });
    co_return count == ids.size();
}

SharedQueue::Answer<std::optional<QueueEntry>> FakeQueue::find_oldest_history(Epoch epoch) {
    if (is_cut) co_return away();
    if (epoch != server_.newest) co_return std::optional<QueueEntry>{};
    co_return server_.history.empty() ? QueueEntry{} : server_.history.front().entry;
}

}  // namespace kurs
