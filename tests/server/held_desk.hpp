#pragma once

#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>

#include "kurs/server/server.hpp"

namespace kurs::server {

/// Answers questions at once, or holds them until told what to answer. Called from any thread except the
/// loop's.
class HeldDesk {
public:
    explicit HeldDesk(net::io_context& loop);

    net::awaitable<api::Finding> ask(api::Lookup lookup);

    /// From now on.
    void hold();

    /// Returns once this many questions were asked, or false after a timeout.
    bool wait_for_questions(std::size_t count);

    /// Answers all held questions and later ones.
    void answer(HistoryAnswer answer);

private:
    net::io_context& loop_;
    net::steady_timer released_;
    HistoryAnswer answer_ = HistoryFailure::not_kept;
    bool is_holding_ = false;
    std::mutex mutex_;  ///< guards the members below
    std::condition_variable asked_;
    std::size_t questions_ = 0;
};

}  // namespace kurs::server
