#include "kurs/board/change_collector.hpp"

namespace kurs {

void ChangeCollector::add(const Quote& quote) {
    quotes_.insert_or_assign({quote.venue, quote.direction}, quote);
}

void ChangeCollector::add(const LostDirection& lost) {
    quotes_.insert_or_assign({lost.venue, lost.direction}, std::nullopt);
}

BoardChange ChangeCollector::take() {
    BoardChange change;
    change.active = std::exchange(active_, std::nullopt);
    for (auto& [series, quote] : quotes_) {
        if (quote) {
            change.quotes.push_back(*std::move(quote));
        } else {
            change.lost.push_back({series.first, series.second});
        }
    }
    quotes_.clear();
    return change;
}

}  // namespace kurs
