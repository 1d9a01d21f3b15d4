#include "replay.hpp"

#include <map>

namespace sim {
namespace {

// Larger than the range of update ids in any of our captures.
constexpr std::int64_t update_ids_of_a_run = 1'000'000'000;

}  // namespace

Replay::Replay(std::vector<Capture> captures, double speed) : speed_(speed) {
    for (auto& capture : captures) {
        Track track{std::move(capture), {}};
        for (const auto& frame : track.capture.frames) track.symbols.insert(frame.symbol);
        tracks_.push_back(std::move(track));
    }
}

void Replay::start(Instant now) {
    started_at_ = now;
    ++runs_;
    for (auto& track : tracks_) track.next = 0;
}

void Replay::advance(Instant now, const Play& play) {
    if (!started_at_) return;
    const auto elapsed = static_cast<double>((now - *started_at_).count()) * speed_;
    const auto shift = (runs_ - 1) * update_ids_of_a_run;
    for (auto& track : tracks_) {
        const auto& frames = track.capture.frames;
        while (!track.is_finished() && static_cast<double>(frames[track.next].offset.count()) <= elapsed)
            play(frames[track.next++], shift);
    }
}

ReplayProgress Replay::progress() const {
    ReplayProgress progress;
    for (const auto& track : tracks_) {
        progress.played += track.next;
        progress.total += track.capture.frames.size();
    }
    progress.is_done = has_started() && progress.played == progress.total;
    return progress;
}

std::set<std::string> Replay::finished_symbols() const {
    std::set<std::string> finished;
    for (const auto& track : tracks_) {
        if (has_started() && track.is_finished()) finished.insert(track.symbols.begin(), track.symbols.end());
    }
    return finished;
}

std::vector<std::pair<std::string, Book>> Replay::first_books() const {
    std::map<std::string, Book> books;
    for (const auto& track : tracks_) {
        for (const auto& symbol : track.symbols) books.try_emplace(symbol);
        for (const auto& frame : track.capture.frames) {
            auto& book = books[frame.symbol];
            if (frame.kind == "bookTicker" && book.update_id == 0) book = parse_book(frame.payload);
        }
    }
    return {books.begin(), books.end()};
}

}  // namespace sim
