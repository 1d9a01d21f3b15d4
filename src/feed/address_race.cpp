#include "feed/address_race.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace kurs {
namespace {

using boost::system::error_code;
using net::ip::tcp;
using std::chrono::steady_clock;

/// Shared by the waiting coroutine and the handlers of the attempts. A handler runs even after its socket has
/// been closed, when the coroutine may be gone.
struct Race {
    explicit Race(const net::any_io_executor& loop) : progress(loop) {}

    void fail(error_code reason) {
        if (std::ranges::find(failures, reason) == failures.end()) failures.push_back(reason);
    }

    std::list<tcp::socket> under_way;
    std::optional<tcp::socket> winner;
    std::vector<error_code> failures;
    net::steady_timer progress;  ///< cancelled when an attempt ends
};

/// Ends the race on every exit of the coroutine.
struct CloseAtExit {
    std::shared_ptr<Race> race;

    explicit CloseAtExit(std::shared_ptr<Race> shared) : race(std::move(shared)) {}
    CloseAtExit(const CloseAtExit&) = delete;
    CloseAtExit& operator=(const CloseAtExit&) = delete;
    ~CloseAtExit() {
        error_code ignored;
        for (auto& socket : race->under_way) socket.close(ignored);
    }
};

void begin_attempt(const std::shared_ptr<Race>& race, const tcp::endpoint& address) {
    auto& sockets = race->under_way;
    const auto attempt = sockets.emplace(sockets.end(), race->progress.get_executor());
    attempt->async_connect(address, [race, attempt](error_code failure) {
        if (failure) {
            race->fail(failure);
        } else if (!race->winner) {
            race->winner = std::move(*attempt);
        }
        race->under_way.erase(attempt);
        race->progress.cancel();
    });
}

std::string describe(const std::vector<error_code>& failures) {
    std::string text;
    for (const error_code failure : failures) {
        if (!text.empty()) text += ", ";
        text += failure == net::error::timed_out ? "timed out" : failure.message();
    }
    return text;
}

}  // namespace

net::awaitable<boost::system::result<tcp::socket, std::string>> connect_to_any(Addresses addresses,
                                                                               Duration delay,
                                                                               Duration limit) {
    const auto race = std::make_shared<Race>(co_await net::this_coro::executor);
    const CloseAtExit at_exit(race);
    const auto deadline = steady_clock::now() + limit;
    auto next = addresses.begin();
    while (!race->winner && steady_clock::now() < deadline) {
        if (next != addresses.end()) {
            begin_attempt(race, *next++);
        } else if (race->under_way.empty()) {
            break;
        }
        const auto next_at = steady_clock::now() + delay;
        race->progress.expires_at(next == addresses.end() ? deadline : std::min(deadline, next_at));
        error_code woken;
        co_await race->progress.async_wait(net::redirect_error(net::use_awaitable, woken));
    }
    if (race->winner) co_return *std::move(race->winner);
    if (!race->under_way.empty()) race->fail(net::error::timed_out);
    co_return describe(race->failures);
}

}  // namespace kurs
