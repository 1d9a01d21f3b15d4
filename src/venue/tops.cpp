#include "kurs/venue/tops.hpp"

#include <algorithm>

namespace kurs {

result<Top> make_top(const std::optional<Rate>& bid, const std::optional<Rate>& ask) {
    if (!bid || !ask) return errc::not_positive;
    if (*bid > *ask) return errc::crossed;
    return Top{*bid, *ask};
}

result<Top> top_of(const std::vector<Level>& bids, const std::vector<Level>& asks) {
    std::optional<Rate> bid, ask;
    for (const Level& level : bids) {
        if (level.has_offer && (!bid || level.price > *bid)) bid = level.price;
    }
    for (const Level& level : asks) {
        if (level.has_offer && (!ask || level.price < *ask)) ask = level.price;
    }
    return make_top(bid, ask);
}

result<Tick> Tops::observe(SymbolId symbol, const Top& top, std::uint64_t sequence, TimePoint at) {
    note(symbol, sequence);
    auto& known = known_[symbol];
    if (sequence <= known.ended) return errc::out_of_order;
    if (known.top != top) {
        if (sequence < known.first) {
            known.ended = sequence;
            return errc::out_of_order;
        }
        known.ended = std::max(known.ended, std::min(known.first, sequence - 1));
        known.top = top;
        known.first = sequence;
    }
    return Tick{symbol, top.bid, top.ask, at, known.first};
}

void Tops::withdraw(SymbolId symbol, std::uint64_t sequence) {
    note(symbol, sequence);
    auto& known = known_[symbol];
    known.ended = std::max(known.ended, sequence);
    if (sequence < known.first) return;
    known.top.reset();
    known.first = sequence;
}

void Tops::note(SymbolId symbol, std::uint64_t sequence) {
    auto& newest = known_[symbol].newest;
    newest = std::max(newest, sequence);
}

void Tops::restart(SymbolId symbol, std::uint64_t sequence) {
    if (sequence < known_[symbol].first) known_.erase(symbol);
}

}  // namespace kurs
