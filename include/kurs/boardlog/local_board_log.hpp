#pragma once

#include "kurs/boardlog/board_log.hpp"

namespace kurs {

/// The log of a single process: a change is delivered while it is appended.
class LocalBoardLog final : public BoardLog {
public:
    /// `clock` and `served` must outlive it. Only the log may change `served`.
    LocalBoardLog(const Clock& clock, Board& served, BoardLogEvents events);

    net::awaitable<void> run() override { co_return; }
    void set_apart(bool) override {}
    bool is_writer() const override { return true; }
    std::size_t writers() const override { return 1; }
    void append(BoardChange change, TimePoint at) override;
    BoardChange snapshot() const override { return served_.snapshot(); }
    TimePoint present() override { return clock_.now(); }
    Duration delay() const override { return {}; }
    void want(VenueId venue) override { events_.on_wanted(venue); }
    bool is_common(std::uint64_t) const override { return true; }
    std::optional<ReplicaStatus> status() const override { return std::nullopt; }
    net::awaitable<bool> close(Duration limit) override;

private:
    const Clock& clock_;
    Board& served_;
    BoardLogEvents events_;
    std::uint64_t version_;
};

}  // namespace kurs
