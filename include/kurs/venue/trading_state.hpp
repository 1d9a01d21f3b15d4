#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/market_map.hpp"
#include "kurs/venue/frame.hpp"

namespace kurs {

class TradingSource;

/// Which symbols the venue trades, as its streams and its REST API report it. Shared by the sessions of the
/// venue's feeds. A symbol trades if a source has named it and no source objects: an answer from a cache must
/// not revive a halted symbol.
class TradingState {
public:
    /// Whether orders are matched under a status that the venue names. Otherwise a book there is no price.
    using IsMatching = std::function<bool(std::string_view status)>;

    /// `map` must outlive the state.
    TradingState(const MarketMap& map, std::vector<SymbolId> symbols, IsMatching is_matching);

    /// Whether a source has named the pair's status. Before that, a price may be one of a halted pair.
    bool is_named(SymbolId symbol) const { return !status_of(symbol).empty(); }

    /// The symbols whose pairs are not known to be halted, whatever the status of the venue. All symbols if
    /// none is left, so that the feed keeps a connection.
    std::vector<SymbolId> subscribable() const;

    /// Changes with `subscribable()`.
    int edition() const { return edition_; }

    /// The status of the venue, "online" until a source says something else.
    std::string_view system() const;

    const MarketMap& map() const { return map_; }
    const std::vector<SymbolId>& symbols() const { return symbols_; }

private:
    friend class TradingSource;

    struct Statements {
        std::map<SymbolId, std::string> pairs;
        std::string system;  ///< empty: not named
    };

    Listing listing(SymbolId symbol) const;
    std::string_view stated_system() const;  ///< empty: not named
    std::string_view status_of(SymbolId symbol) const;
    std::string_view prevailing(std::string_view first, std::string_view second) const;
    void change(const std::function<void()>& statement);

    const MarketMap& map_;
    std::vector<SymbolId> symbols_;
    IsMatching is_matching_;
    std::map<const TradingSource*, Statements> sources_;
    Statements ended_;  ///< objections of sources that have ended, until another source speaks
    int edition_ = 0;
};

/// What one source says: a session of the stream, or the REST listing. Its statements end with it, but its
/// objections last until the next statement of another source. Without that, a symbol that is halted would be
/// subscribed to again by the session that replaces this one.
class TradingSource {
public:
    explicit TradingSource(std::shared_ptr<TradingState> state);
    ~TradingSource();
    TradingSource(const TradingSource&) = delete;
    TradingSource& operator=(const TradingSource&) = delete;

    /// Records the status of a pair, such as "online" or "delisted". Returns what all sources together say.
    Listing set_pair(SymbolId symbol, std::string_view status);

    /// Records the status of the whole venue, such as "maintenance". Returns the listing of every symbol.
    std::vector<Listing> set_system(std::string_view status);

    /// Whether this source objects to something that another source says is traded.
    bool is_contradicted() const;

private:
    std::shared_ptr<TradingState> state_;
};

/// What to say of a symbol that the venue lists with other assets than the market map, or empty.
std::string unexpected_pair(const MarketMap& map, SymbolId symbol, std::string_view base,
                            std::string_view quote);

}  // namespace kurs
