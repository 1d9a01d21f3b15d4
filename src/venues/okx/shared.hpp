#pragma once

#include <map>
#include <memory>

#include "kurs/venue/trading_state.hpp"
#include "venues/okx/frame_text.hpp"

namespace kurs::okx {

/// A lower number is of a restarted numbering if its book is younger by this much: the number of a late book
/// is lower, too, but so is its time.
constexpr Duration restart_gap = std::chrono::seconds(1);

/// An answer of REST about a symbol.
struct Answer {
    Top top;
    std::uint64_t sequence = 0;
    TimePoint at{};             ///< it was true then
    bool is_restarted = false;  ///< of a numbering that the streams have not shown yet
};

/// What the sessions of the venue's feeds tell each other about a symbol.
struct SymbolNews {
    TimePoint confirmed_at{};      ///< the newest time at which a stream's price was true
    std::uint64_t least = 0;       ///< an answer with a smaller number is older than the streams
    std::uint64_t renumbered = 0;  ///< added to the venue's numbers, which have restarted
    TimePoint renumbered_at{};     ///< the time of the first book with the restarted numbers
    TimePoint newest_at{};         ///< the time of the newest book
    std::optional<Answer> answer;  ///< the newest

    /// Whether the venue's number is too low even for a cached book.
    bool is_far_below(std::uint64_t number) const { return number < (least - renumbered) / 2; }
};

struct Shared {
    /// `map` must outlive it.
    Shared(const MarketMap& map, std::vector<SymbolId> symbols)
        : trading(std::make_shared<TradingState>(map, std::move(symbols),
                                                 [](std::string_view state) { return state == "live"; })) {}

    const MarketMap& map() const { return trading->map(); }

    std::shared_ptr<TradingState> trading;
    std::map<SymbolId, SymbolNews> news;
    bool needs_listing = false;  ///< a stream has begun to hear of changes, and may have missed one
};

}  // namespace kurs::okx
