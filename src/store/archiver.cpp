#include "kurs/store/archiver.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "kurs/runtime/offload.hpp"
#include "store/call_limit.hpp"

namespace kurs {
namespace {

/// After the second's end, so that the quotes of its last moment are in.
constexpr Duration grace{20};

std::size_t size(const Batch& batch) {
    return batch.quotes.size() + batch.changes.size();
}

/// Adds the batch's halves to `parts`. Its changes are one, its quotes the other, where it has both.
void split(const Batch& batch, std::vector<Batch>& parts) {
    const auto& [quotes, changes] = batch;
    if (!quotes.empty() && !changes.empty()) {
        parts.push_back({quotes, {}});
        parts.push_back({{}, changes});
        return;
    }
    const auto quote = quotes.begin() + static_cast<std::ptrdiff_t>(quotes.size() / 2);
    const auto change = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() / 2);
    parts.push_back({{quote, quotes.end()}, {change, changes.end()}});
    parts.push_back({{quotes.begin(), quote}, {changes.begin(), change}});
}

}  // namespace

Archiver::Archiver(net::any_io_executor loop, const Clock& clock, Outbox& outbox, Archive& archive,
                   RecoveredSink on_recovered, ArchiverLimits limits)
    : loop_(loop),
      clock_(clock),
      outbox_(outbox),
      archive_(archive),
      on_recovered_(std::move(on_recovered)),
      limits_(limits),
      wake_(loop),
      next_wait_(limits.first_wait) {}

Archiver::~Archiver() = default;

net::awaitable<void> Archiver::run() {
    for (;;) {
        outbox_.close_seconds(is_finishing_ ? TimePoint::max() : clock_.now());
        const Batch& batch = outbox_.next(limits_.batch_rows);
        const bool is_idle = batch.quotes.empty() && batch.changes.empty();
        if (is_finishing_ && is_idle) co_return;

        bool has_failed = false;
        if (!is_open_) {
            has_failed = !co_await open();
        } else if (!is_idle) {
            has_failed = !co_await save(batch);
        } else if (clock_.now() >= maintain_at_) {
            has_failed = !co_await maintain();
        } else {
            co_await wait(until_next_second());
        }
        if (is_finishing_ && (has_failed || std::chrono::steady_clock::now() > finish_until_)) break;
        if (has_failed)
            co_await wait(std::exchange(next_wait_, std::min(next_wait_ * 2, limits_.longest_wait)));
    }
    outbox_.close_seconds(TimePoint::max());
    spdlog::error("history: {} rows could not be written before the end", outbox_.waiting());
}

void Archiver::finish() {
    is_finishing_ = true;
    finish_until_ = std::chrono::steady_clock::now() + limits_.finish_limit;
    wake_.cancel();
    if (call_limit_) call_limit_->shorten(finish_until_);
}

net::awaitable<bool> Archiver::open() {
    auto job = [this] { return archive_.open(); };
    auto opened = co_await call(limits_.open_limit, job);
    if (!opened) co_return note_failure(opened.error());
    is_open_ = is_fit_ = true;
    if (on_recovered_) std::exchange(on_recovered_, nullptr)(std::move(*opened));
    co_return true;
}

net::awaitable<bool> Archiver::save(const Batch& batch) {
    const auto saved = co_await try_save(batch);
    if (!saved && saved.error().is_rejected) co_return co_await save_apart(batch);
    if (!saved) co_return note_failure(saved.error());
    spdlog::debug("history: {} of {} rows are new", *saved, batch.quotes.size());
    note_success();
    outbox_.written();
    co_return true;
}

/// A row that is rejected must not hold up all others: the batch is written in halves, and halves of those.
net::awaitable<bool> Archiver::save_apart(const Batch& batch) {
    std::size_t rejected = 0;
    std::string reason;
    std::vector<Batch> parts{batch};
    while (!parts.empty()) {
        const auto part = std::move(parts.back());
        parts.pop_back();
        const auto saved = co_await try_save(part);
        if (saved) continue;
        if (!saved.error().is_rejected) co_return note_failure(saved.error());
        if (size(part) > 1) {
            split(part, parts);
        } else {
            ++rejected;
            reason = saved.error().text;
        }
    }
    rejected_ += rejected;
    if (rejected > 0) spdlog::error("history: {} rows were rejected and are lost: {}", rejected, reason);
    note_success();
    outbox_.written();
    co_return true;
}

net::awaitable<store_result<std::size_t>> Archiver::try_save(const Batch& batch) {
    auto job = [this, &batch] { return archive_.save(batch); };
    auto saved = co_await call(limits_.save_limit, job);
    if (saved) written_ += *saved;
    co_return saved;
}

net::awaitable<bool> Archiver::maintain() {
    const auto now = clock_.now();
    auto job = [this, now] { return archive_.maintain(now); };
    auto maintained = co_await call(limits_.save_limit, job);
    if (!maintained) co_return note_failure(maintained.error());
    maintain_at_ = now + limits_.maintain_every;
    co_return true;
}

net::awaitable<void> Archiver::wait(Duration duration) {
    if (is_finishing_) co_return;
    wake_.expires_after(duration);
    boost::system::error_code ended_early;
    co_await wake_.async_wait(net::redirect_error(net::use_awaitable, ended_early));
}

template <class Call>
net::awaitable<std::invoke_result_t<Call&>> Archiver::call(Duration limit, Call job) {
    const auto until = std::chrono::steady_clock::now() + limit;
    call_limit_ = std::make_unique<CallLimit>(loop_, is_finishing_ ? std::min(until, finish_until_) : until,
                                              [this] { archive_.interrupt(); });
    auto returned = co_await offload(thread_, std::move(job));
    call_limit_.reset();
    co_return returned;
}

void Archiver::note_success() {
    next_wait_ = limits_.first_wait;
    const auto lost = outbox_.lost() - std::exchange(lost_before_, outbox_.lost());
    if (!std::exchange(failure_, {}).empty()) {
        spdlog::info("history is written again: {} rows have waited, {} were lost", outbox_.waiting(), lost);
    } else if (lost > 0) {
        spdlog::warn("history: {} more rows were lost", lost);
    }
}

bool Archiver::note_failure(const StoreFailure& failure) {
    is_open_ = false;
    if (failure.is_permanent) {
        is_fit_ = false;
        next_wait_ = limits_.longest_wait;
    }
    const bool is_full = outbox_.lost() > lost_before_;
    auto said = failure.is_permanent ? failure.text : std::string(is_full ? "full" : "away");
    if (said == failure_) {
        spdlog::debug("history is still not written: {}", failure.text);
        return false;
    }
    failure_ = std::move(said);
    spdlog::log(failure.is_permanent ? spdlog::level::err : spdlog::level::warn,
                "history is not written, {} rows wait{}: {}", outbox_.waiting(),
                is_full ? " and the oldest are being lost" : "", failure.text);
    return false;
}

Duration Archiver::until_next_second() const {
    const auto now = clock_.now();
    return std::chrono::ceil<std::chrono::seconds>(now + Duration{1}) - now + grace;
}

}  // namespace kurs
