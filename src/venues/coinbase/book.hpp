#pragma once

#include <functional>
#include <set>

#include "venues/coinbase/frame_text.hpp"

namespace kurs::coinbase {

/// The best levels of a side. The venue sends tens of thousands, and any change of them. Beyond the worst
/// kept level, the edge, changes are ignored; what is there is not known any more.
template <class Better>
class Side {
public:
    void change(const SideLevels& side) {
        for (const Level& level : side.levels) change(level);
        if (side.edge) edge_ = side.edge;
    }

    std::optional<Rate> best() const {
        return prices_.empty() ? std::nullopt : std::optional(*prices_.begin());
    }

    /// Whether no kept level is left, while there may be others.
    bool is_exhausted() const { return prices_.empty() && edge_.has_value(); }

private:
    static constexpr std::size_t kept = 1000;

    void change(const Level& level) {
        if (edge_ && Better{}(*edge_, level.price)) return;
        if (!level.has_offer) {
            prices_.erase(level.price);
            return;
        }
        prices_.insert(level.price);
        if (prices_.size() <= 2 * kept) return;
        prices_.erase(std::next(prices_.begin(), kept), prices_.end());
        edge_ = *prices_.rbegin();
    }

    std::set<Rate, Better> prices_;
    std::optional<Rate> edge_;
};

/// The prices at which a product is offered, as far as the best price needs them.
class Book {
public:
    Book() = default;
    explicit Book(const Levels& snapshot) { update(snapshot); }

    /// Applies the changes, each of which is the new size of a level.
    void update(const Levels& changes) {
        bids_.change(changes.bids);
        asks_.change(changes.asks);
    }

    /// Fails with `not_positive` if a side is empty, with `crossed` if the bid is above the ask.
    result<Top> top() const { return make_top(bids_.best(), asks_.best()); }

    /// Whether the kept levels of a side are used up: the top is not known before the next snapshot.
    bool is_exhausted() const { return bids_.is_exhausted() || asks_.is_exhausted(); }

private:
    Side<std::greater<>> bids_;
    Side<std::less<>> asks_;
};

}  // namespace kurs::coinbase
