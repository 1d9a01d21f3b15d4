#include "kurs/redis/queue.hpp"

#include <functional>

#include "kurs/redis/address.hpp"
#include "redis/history.hpp"
#include "redis/lease.hpp"
#include "redis/notes.hpp"
#include "redis/view.hpp"

namespace kurs::redis {
namespace {

std::size_t seed_of(const std::string& copy, std::string_view line) {
    return std::hash<std::string>{}(copy + std::string(line));
}

/// Three connections: a reading that waits for entries holds up what comes after it.
class RedisQueue final : public SharedQueue {
public:
    RedisQueue(const net::any_io_executor& loop, const store_result<Address>& address,
               const std::string& copy, RedisLimits limits)
        : commands_(loop, address, limits, seed_of(copy, "commands")),
          view_readings_(loop, address, limits, seed_of(copy, "view")),
          history_readings_(loop, address, limits, seed_of(copy, "history")),
          lease_(commands_, copy),
          view_(commands_, view_readings_, limits),
          history_(commands_, history_readings_, copy, limits),
          notes_(commands_, copy, limits) {}

    Answer<std::optional<Epoch>> take_lease(Duration lease) override { return lease_.take(lease); }
    Answer<bool> renew_lease(Epoch epoch, Duration lease) override { return lease_.renew(epoch, lease); }
    Answer<bool> release_lease(Epoch epoch) override { return lease_.release(epoch); }

    Answer<std::optional<std::string>> append_view(Epoch epoch, std::string text) override {
        return view_.append(epoch, std::move(text));
    }
    Answer<bool> save_snapshot(QueueSnapshot snapshot) override { return view_.save(std::move(snapshot)); }
    Answer<std::optional<QueueSnapshot>> load_snapshot() override { return view_.load(); }
    Answer<std::vector<QueueEntry>> read_view(std::string id, Duration wait) override {
        return view_.read(std::move(id), wait);
    }

    Answer<std::optional<Appended>> append_history(Epoch epoch, std::string text) override {
        return history_.append(epoch, std::move(text));
    }
    Answer<std::vector<QueueEntry>> read_history(std::size_t most, Duration wait,
                                                 Duration idle_limit) override {
        return history_.read(most, wait, idle_limit);
    }
    Answer<bool> acknowledge_history(std::vector<std::string> ids) override {
        return history_.acknowledge(std::move(ids));
    }
    Answer<std::optional<QueueEntry>> find_oldest_history(Epoch epoch) override {
        return history_.find_oldest(epoch);
    }

    Answer<bool> leave_note(std::string name, std::string text, Duration kept) override {
        return notes_.leave(std::move(name), std::move(text), kept);
    }
    Answer<std::vector<std::string>> read_notes(std::vector<std::string> names) override {
        return notes_.read(std::move(names));
    }
    Answer<std::size_t> check_in() override { return notes_.check_in(); }

    void close() override {
        for (auto* line : {&commands_, &view_readings_, &history_readings_}) line->close();
    }

private:
    Line commands_;
    Line view_readings_;
    Line history_readings_;
    Lease lease_;
    View view_;
    History history_;
    Notes notes_;
};

}  // namespace

std::unique_ptr<SharedQueue> make_shared_queue(const net::any_io_executor& loop, const std::string& url,
                                               const std::string& copy, RedisLimits limits) {
    return std::make_unique<RedisQueue>(loop, parse_address(url), copy, limits);
}

}  // namespace kurs::redis
