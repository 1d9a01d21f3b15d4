#pragma once

#include <compare>
#include <optional>

#include "kurs/venue/backoff.hpp"
#include "venues/bybit/book_text.hpp"

namespace kurs::bybit {

/// A symbol on one connection: its top, as of when it is confirmed, and when to subscribe.
///
/// `orderbook.1` is sent when the top changes, and is documented to be repeated after 3 s without a change,
/// under the same numbers and with a newer time. No capture of the spot market shows that repeat, so
/// `orderbook.50` confirms the top as well: each of its changes that leaves the best levels alone.
class Subscription {
public:
    explicit Subscription(SymbolId symbol);

    /// Takes a frame of `orderbook.1`. Fails if it makes no price, or is older than the newest one.
    result<Tick> on_top(const BookText& book, Tops& tops, TimePoint received_at);

    /// Takes a frame of `orderbook.50`. Returns the top again if it confirms it.
    std::optional<Tick> on_depth(const BookText& book, bool is_snapshot, Tops& tops, TimePoint received_at);

    /// The top is not confirmed before the next one arrives.
    void retract() { held_.reset(); }

    bool is_due(TimePoint now) const { return now >= due_at_; }
    void sent() { due_at_ = TimePoint::max(); }
    void accepted() { backoff_.reset(); }
    void refused(TimePoint at) { due_at_ = at + backoff_.next(); }

private:
    /// The order of a symbol's frames.
    struct Place {
        std::uint64_t sequence = 0, update_id = 0;

        friend auto operator<=>(const Place&, const Place&) = default;
    };

    SymbolId symbol_;
    std::optional<Top> held_;
    Place newest_;  ///< of the tops
    Place depth_;   ///< of the depth frames
    TimePoint depth_at_{};
    bool is_followed_ = false;  ///< no change of the depth since the held top has been missed
    TimePoint confirmed_at_{};
    TimePoint due_at_{};
    Backoff backoff_;
};

}  // namespace kurs::bybit
