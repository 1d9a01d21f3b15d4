#include "kurs/redis/queue.hpp"

#include <spdlog/spdlog.h>

#include <functional>

#include "kurs/redis/address.hpp"
#include "redis/failure_log.hpp"
#include "redis/lease.hpp"
#include "redis/notes.hpp"
#include "redis/view.hpp"

namespace kurs::redis {
namespace {

std::size_t seed_of(const std::string& copy, std::string_view line) {
    return std::hash<std::string>{}(copy + std::string(line));
}

/// Without the name, which the log line has.
std::string_view reason_of(const StoreFailure& failure) {
    constexpr std::string_view name = "Redis: ";
    const std::string_view text = failure.text;
    return text.starts_with(name) ? text.substr(name.size()) : text;
}

/// Two connections: a reading that waits for entries holds up what comes after it.
class RedisQueue final : public SharedQueue {
public:
    RedisQueue(const net::any_io_executor& loop, const store_result<Address>& address,
               const std::string& copy, RedisLimits limits)
        : commands_(loop, address, limits, seed_of(copy, "commands")),
          view_readings_(loop, address, limits, seed_of(copy, "view"), &commands_),
          lease_(commands_, copy),
          view_(commands_, view_readings_, limits),
          notes_(commands_, copy, limits) {}

    Answer<std::optional<Epoch>> take_lease(Duration lease) override { return logged(lease_.take(lease)); }
    Answer<bool> renew_lease(Epoch epoch, Duration lease) override {
        return logged(lease_.renew(epoch, lease));
    }
    Answer<bool> release_lease(Epoch epoch) override { return logged(lease_.release(epoch)); }

    Answer<std::optional<std::string>> append_view(Epoch epoch, std::string text) override {
        return logged(view_.append(epoch, std::move(text)));
    }
    Answer<bool> save_snapshot(QueueSnapshot snapshot) override {
        return logged(view_.save(std::move(snapshot)));
    }
    Answer<std::optional<QueueSnapshot>> load_snapshot() override { return logged(view_.load()); }
    Answer<std::vector<QueueEntry>> read_view(std::string id, Duration wait) override {
        return logged(view_.read(std::move(id), wait));
    }

    Answer<bool> leave_note(std::string name, std::string text, Duration kept) override {
        return logged(notes_.leave(std::move(name), std::move(text), kept));
    }
    Answer<std::vector<std::string>> read_notes(std::vector<std::string> names) override {
        return logged(notes_.read(std::move(names)));
    }
    Answer<std::size_t> check_in() override { return logged(notes_.check_in()); }

    void close() override {
        is_closed_ = true;
        for (auto* line : {&commands_, &view_readings_}) line->close();
    }

private:
    /// The call, whose end the log is told of.
    template <class T>
    Answer<T> logged(Answer<T> call) {
        auto answer = co_await std::move(call);
        if (answer) {
            note_success();
        } else {
            note_failure(answer.error());
        }
        co_return answer;
    }

    void note_success() {
        if (failures_.note_success(std::chrono::steady_clock::now()))
            spdlog::info("redis: calls succeed again");
    }

    void note_failure(const StoreFailure& failure) {
        if (is_closed_) return;
        if (failures_.note_failure(failure.text, std::chrono::steady_clock::now()))
            spdlog::warn("redis: calls fail, reason={}", reason_of(failure));
    }

    Line commands_;
    Line view_readings_;
    Lease lease_;
    View view_;
    Notes notes_;
    FailureLog failures_;
    bool is_closed_ = false;
};

}  // namespace

std::unique_ptr<SharedQueue> make_shared_queue(const net::any_io_executor& loop, const std::string& url,
                                               const std::string& copy, RedisLimits limits) {
    return std::make_unique<RedisQueue>(loop, parse_address(url), copy, limits);
}

}  // namespace kurs::redis
