#include "kurs/history/recorder.hpp"

namespace kurs::history {

void Recorder::record(const std::vector<Quote>& quotes, const std::vector<Series>& lost,
                      const std::optional<ActiveChange>& active, TimePoint served_at) {
    if (active) failovers_.add(*active);
    if (!outbox_) return;
    for (const auto& quote : quotes) {
        // What is not served is not what a client saw then.
        if (quote.is_disputed()) {
            outbox_->add_loss({quote.venue, quote.direction}, served_at);
        } else {
            outbox_->add(quote, served_at);
        }
    }
    for (const auto& series : lost) outbox_->add_loss(series, served_at);
    if (active) outbox_->add(*active);
}

void Recorder::note_known(const std::vector<Quote>& quotes, const std::optional<ActiveChange>& active) {
    if (active) failovers_.add(*active);
    if (!outbox_) return;
    for (const auto& quote : quotes)
        if (!quote.is_disputed()) outbox_->note_known(quote);
    if (active) outbox_->note_known(*active);
}

}  // namespace kurs::history
