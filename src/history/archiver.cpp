#include "kurs/history/archiver.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "kurs/runtime/offload.hpp"

namespace kurs::history {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// After the end of the second, so that its last quotes are included.
constexpr Duration grace{20};

/// Neither half is empty if the batch has two or more rows.
std::pair<Batch, Batch> halves(const Batch& batch) {
    const auto& [quotes, changes] = batch;
    const auto quote = quotes.begin() + static_cast<std::ptrdiff_t>((quotes.size() + 1) / 2);
    const auto change = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() / 2);
    return {{{quotes.begin(), quote}, {changes.begin(), change}},
            {{quote, quotes.end()}, {change, changes.end()}}};
}

}  // namespace

Archiver::Archiver(net::any_io_executor loop, const Clock& clock, Outbox& outbox, Archive& archive,
                   RecoveredSink on_recovered, ArchiverLimits limits)
    : clock_(clock),
      outbox_(outbox),
      archive_(archive),
      on_recovered_(std::move(on_recovered)),
      limits_(limits),
      wake_(loop),
      finish_(loop),
      next_wait_(limits.first_wait) {}

net::awaitable<void> Archiver::run() {
    for (;;) {
        outbox_.close_seconds(is_finishing_ ? TimePoint::max() : clock_.now());
        const Batch& batch = outbox_.next(limits_.batch_rows);
        if (is_finishing_ && batch.size() == 0) break;
        const auto done = co_await take_step(batch);
        if (!done) note_failure(done.error());
        if (is_finishing_ && (!done || SteadyClock::now() > finish_.expiry())) {
            outbox_.close_seconds(TimePoint::max());
            spdlog::error("history: stopped before all rows were written, unwritten_rows={}",
                          outbox_.waiting());
            break;
        }
        if (!done) co_await wait(std::exchange(next_wait_, std::min(next_wait_ * 2, limits_.longest_wait)));
    }
    finish_.cancel();
}

void Archiver::finish() {
    is_finishing_ = true;
    wake_.cancel();
    finish_.expires_after(limits_.finish_limit);
    finish_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) archive_.interrupt();
    });
}

net::awaitable<result<void>> Archiver::take_step(const Batch& batch) {
    if (!is_open_) co_return co_await open();
    if (batch.size() > 0) {
        Rejections rejections;
        auto saved = co_await save(batch, rejections);
        if (saved) note_written(rejections);
        co_return saved;
    }
    const auto now = clock_.now();
    if (now >= maintain_at_) co_return co_await maintain();
    const auto next_second = start_of(CandleInterval::second, now) + std::chrono::seconds(1);
    co_await wait(next_second + grace - now);
    co_return result<void>();
}

/// An interrupt has no effect between two calls. A call that begins after `finish` therefore ends by itself.
Duration Archiver::limit_call(Duration limit) const {
    if (!is_finishing_) return limit;
    return std::min(limit, std::chrono::ceil<Duration>(finish_.expiry() - SteadyClock::now()));
}

net::awaitable<result<void>> Archiver::open() {
    auto job = [this, limit = limit_call(limits_.open_limit)] { return archive_.open(limit); };
    auto opened = co_await offload(thread_, job);
    if (!opened) co_return opened.error();
    is_open_ = is_fit_ = true;
    if (on_recovered_) std::exchange(on_recovered_, nullptr)(std::move(*opened));
    co_return result<void>();
}

/// A rejected row must not hold up the others: its batch is split in halves recursively.
net::awaitable<result<void>> Archiver::save(const Batch& batch, Rejections& rejections) {
    auto job = [this, &batch, limit = limit_call(limits_.save_limit)] { return archive_.save(batch, limit); };
    auto saved = co_await offload(thread_, job);
    if (saved) {
        written_ += *saved;
        spdlog::debug("history: batch written, new_rows={}, rows={}", *saved, batch.quotes.size());
        co_return result<void>();
    }
    if (saved.error().kind != HistoryFailure::rejected) co_return saved.error();
    if (batch.size() == 1) {
        ++rejections.count;
        rejections.reason = saved.error().text;
        co_return result<void>();
    }
    const auto [first, second] = halves(batch);
    auto done = co_await save(first, rejections);
    if (done) done = co_await save(second, rejections);
    co_return done;
}

net::awaitable<result<void>> Archiver::maintain() {
    const auto now = clock_.now();
    auto job = [this, now, limit = limit_call(limits_.save_limit)] { return archive_.maintain(now, limit); };
    auto maintained = co_await offload(thread_, job);
    if (!maintained) co_return maintained.error();
    maintain_at_ = now + (*maintained ? limits_.convert_every : limits_.maintain_every);
    co_return result<void>();
}

net::awaitable<void> Archiver::wait(Duration duration) {
    if (is_finishing_) co_return;
    wake_.expires_after(duration);
    boost::system::error_code ended_early;
    co_await wake_.async_wait(net::redirect_error(net::use_awaitable, ended_early));
}

void Archiver::note_written(const Rejections& rejections) {
    next_wait_ = limits_.first_wait;
    rejected_ += rejections.count;
    if (rejections.count > 0)
        spdlog::error("history: rows rejected and lost, rows={}, reason={}", rejections.count,
                      rejections.reason);
    const auto lost = outbox_.lost() - std::exchange(lost_before_, outbox_.lost());
    if (!std::exchange(failure_, {}).empty()) {
        spdlog::info("history: writing again, waiting_rows={}, lost_rows={}", outbox_.waiting(), lost);
    } else if (lost > 0) {
        spdlog::warn("history: queue is full, lost_rows={}", lost);
    }
    outbox_.written();
}

void Archiver::note_failure(const Failure& failure) {
    is_open_ = false;
    const bool is_unfit = failure.kind == HistoryFailure::unfit;
    if (is_unfit) {
        is_fit_ = false;
        next_wait_ = limits_.longest_wait;
    }
    const bool is_full = outbox_.lost() > lost_before_;
    auto logged = is_unfit ? failure.text : std::string(is_full ? "full" : "away");
    if (logged == failure_) return spdlog::debug("history: still cannot write, reason={}", failure.text);
    failure_ = std::move(logged);
    spdlog::log(is_unfit ? spdlog::level::err : spdlog::level::warn,
                "history: {}, waiting_rows={}, reason={}",
                is_full ? "queue is full, dropping the oldest rows" : "cannot write", outbox_.waiting(),
                failure.text);
}

}  // namespace kurs::history
