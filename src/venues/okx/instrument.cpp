#include "venues/okx/instrument.hpp"

#include <algorithm>

namespace kurs::okx {
namespace {

/// The depth of `books`. The venue reports the levels that leave it.
constexpr std::size_t book_depth = 400;

template <class Side>
void follow_side(const std::vector<Level>& levels, Side& side) {
    for (const Level& level : levels) {
        if (level.has_offer) {
            side.insert(level.price);
        } else {
            side.erase(level.price);
        }
    }
    while (side.size() > book_depth) side.erase(std::prev(side.end()));
}

template <class Side>
std::optional<Rate> best(const Side& side) {
    return side.empty() ? std::nullopt : std::optional(*side.begin());
}

}  // namespace

Instrument::Instrument(SymbolId symbol, SymbolNews& news)
    : symbol_(symbol), news_(news), renumbered_(news.renumbered) {}

Instrument::News Instrument::on_top(const BookEntry& entry, TimePoint received_at) {
    notice_restart(entry);
    const std::uint64_t sequence = entry.sequence + renumbered_;
    if (sequence < newest_) return errc::out_of_order;
    const bool is_repeat = sequence == newest_;
    const auto top = top_of(entry.bids, entry.asks);
    newest_ = sequence;
    if (sequence >= news_.least) news_.newest_at = std::max(news_.newest_at, entry.at);
    if (!top) {
        withdraw();
        return top.error();
    }
    if (is_withdrawn_ && is_repeat) return std::nullopt;
    if (is_repeat && held_ && !is_held(*top)) {
        withdraw();
        return errc::malformed;
    }
    return hold(*top, sequence, std::min(entry.at, received_at));
}

Instrument::News Instrument::on_book(const BookEntry& entry, bool is_snapshot, TimePoint received_at) {
    if (!is_snapshot && !is_whole_) return std::nullopt;
    notice_restart(entry);
    const auto followed = follow(entry, is_snapshot);
    const std::uint64_t sequence = entry.sequence + renumbered_;
    if (followed && sequence < newest_) return std::nullopt;
    if (followed && sequence >= news_.least) news_.newest_at = std::max(news_.newest_at, entry.at);
    const auto news =
        followed ? judge(make_top(best(bids_), best(asks_)), sequence, std::min(entry.at, received_at))
                 : followed.error();
    if (!news) lose_book();
    return news;
}

/// Fails if updates are missing.
result<void> Instrument::follow(const BookEntry& entry, bool is_snapshot) {
    if (is_snapshot) {
        lose_book();
        is_whole_ = true;
    } else if (!entry.previous || *entry.previous != static_cast<std::int64_t>(book_sequence_)) {
        return errc::out_of_order;
    }
    // Unless its time or `bbo-tbt` has shown it before.
    if (entry.sequence < book_sequence_ && renumbered_ == book_renumbered_)
        renumber(entry.sequence, entry.at, book_sequence_ + renumbered_);
    book_sequence_ = entry.sequence;
    book_renumbered_ = renumbered_;
    follow_side(entry.bids, bids_);
    follow_side(entry.asks, asks_);
    return {};
}

/// After maintenance the venue may restart its numbering. The sequences of ticks continue from the newest
/// one, equally on every connection: the second to notice the restart uses the offset of the first.
void Instrument::renumber(std::uint64_t first, TimePoint first_at, std::uint64_t newest) {
    if (news_.renumbered == renumbered_) {
        news_.renumbered = newest + 1 - first;
        news_.renumbered_at = first_at;
    }
    renumbered_ = news_.renumbered;
}

/// Of either channel: if the numbering restarts between two connections, the book may stand for long, and
/// only the snapshot of `books` is younger than what the connection before has told.
void Instrument::notice_restart(const BookEntry& entry) {
    const auto newest = std::max(newest_, news_.least);
    const bool is_noticed = news_.renumbered != renumbered_ && entry.at >= news_.renumbered_at;
    const bool is_later = entry.at >= news_.newest_at + restart_gap;
    if (entry.sequence + renumbered_ < newest && (is_later || is_noticed))
        renumber(entry.sequence, entry.at, newest);
}

/// What a book says that is not behind `bbo-tbt`.
Instrument::News Instrument::judge(result<Top> top, std::uint64_t sequence, TimePoint at) {
    if (!top) {
        newest_ = sequence;
        withdraw();
        return top.error();
    }
    if (is_held(*top)) return hold(*top, sequence, at);
    // Ahead, with other prices: `bbo-tbt` will tell them. The same number stands for the same book, so one of
    // the two is wrong.
    if (!held_ || sequence > newest_) return std::nullopt;
    withdraw();
    return errc::malformed;
}

Tick Instrument::hold(Top top, std::uint64_t sequence, TimePoint at) {
    if (is_held(top)) at = std::max(at, held_->observed_at);
    held_ = Tick{symbol_, top.bid, top.ask, at, sequence};
    is_withdrawn_ = false;
    newest_ = sequence;
    news_.least = std::max(news_.least, sequence);
    news_.confirmed_at = std::max(news_.confirmed_at, at);
    return *held_;
}

std::optional<Tick> Instrument::on_answer() {
    const auto& answer = news_.answer;
    if (!held_ || !answer || answer->at <= held_->observed_at) return std::nullopt;
    if (answer->sequence < held_->sequence && !answer->is_restarted) return std::nullopt;
    if (answer->top != Top{held_->bid, held_->ask}) return std::nullopt;
    // On a new connection the stream has shown the restart, too, but a moment too early to tell it from a
    // late book.
    const auto number = held_->sequence - renumbered_;
    if (answer->is_restarted && news_.is_far_below(number)) {
        renumber(number, answer->at, news_.least);
        newest_ = held_->sequence = number + renumbered_;
        news_.least = std::max(news_.least, newest_);
    }
    held_->observed_at = answer->at;
    news_.confirmed_at = std::max(news_.confirmed_at, answer->at);
    return held_;
}

void Instrument::withdraw() {
    held_.reset();
    is_withdrawn_ = true;
    news_.least = std::max(news_.least, newest_ + 1);
}

void Instrument::lose_book() {
    bids_.clear();
    asks_.clear();
    book_sequence_ = 0;
    is_whole_ = false;
}

}  // namespace kurs::okx
