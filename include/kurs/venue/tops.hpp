#pragma once

#include <map>
#include <optional>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs {

/// A price level of an order book.
struct Level {
    Rate price;
    bool has_offer = false;  ///< false: a quantity of zero
};

/// The best prices of an order book.
struct Top {
    Rate bid, ask;

    friend bool operator==(const Top&, const Top&) = default;
};

/// Fails with `not_positive` if a side is empty, with `crossed` if the bid is above the ask.
result<Top> make_top(const std::optional<Rate>& bid, const std::optional<Rate>& ask);

/// The best prices among the levels of a whole book, in any order. Fails as `make_top` does.
result<Top> top_of(const std::vector<Level>& bids, const std::vector<Level>& asks);

/// What the connections and the REST API together know about the top of each book.
///
/// The venue numbers the changes of the whole book, or dates them, which makes the time the number. A frame
/// that repeats the top repeats an old number, and the REST API reports the same top under a newer one. Ticks
/// therefore carry the number under which their top was first seen, and a top that another source has seen
/// replaced or withdrawn is not confirmed.
class Tops {
public:
    /// The tick of a book that had this top at `at`. Fails with `out_of_order` if a newer book has another
    /// top, or none.
    result<Tick> observe(SymbolId symbol, const Top& top, std::uint64_t sequence, TimePoint at);

    /// The venue says that the book `sequence` has no price: no book up to this one is accepted any more.
    void withdraw(SymbolId symbol, std::uint64_t sequence);

    /// Some source has seen the book `sequence`, whatever it says about the top.
    void note(SymbolId symbol, std::uint64_t sequence);

    /// Whether no source has seen a newer book. The REST API may return an old one, with a new time.
    bool is_newest(SymbolId symbol, std::uint64_t sequence) { return sequence >= known_[symbol].newest; }

    /// The venue's service has restarted with this number. If that is smaller, the numbering has restarted
    /// too.
    void restart(SymbolId symbol, std::uint64_t sequence);

private:
    struct Known {
        std::optional<Top> top;
        std::uint64_t first = 0;  ///< the number under which this top, or its absence, was first seen
        std::uint64_t ended = 0;  ///< the newest number of another top, or of none
        std::uint64_t newest = 0;
    };

    std::map<SymbolId, Known> known_;
};

}  // namespace kurs
