#include "kurs/board/change_collector.hpp"

namespace kurs {

void ChangeCollector::add(BoardChange change) {
    for (auto& quote : change.quotes) {
        const Series series{quote.venue, quote.direction};
        quotes_.insert_or_assign(series, std::move(quote));
    }
    for (const auto& series : change.lost) quotes_.insert_or_assign(series, std::nullopt);
    if (change.active) active_ = std::move(change.active);
}

BoardChange ChangeCollector::take() {
    BoardChange change;
    change.active = std::exchange(active_, std::nullopt);
    for (auto& [series, quote] : quotes_) {
        if (quote) {
            change.quotes.push_back(*std::move(quote));
        } else {
            change.lost.push_back(series);
        }
    }
    quotes_.clear();
    return change;
}

}  // namespace kurs
