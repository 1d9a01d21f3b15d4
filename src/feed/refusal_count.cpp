#include "kurs/feed/refusal_count.hpp"

#include "kurs/feed/connection_end.hpp"

namespace kurs {

void RefusalCount::add(const Refusal& refusal) {
    ++counts_[static_cast<std::size_t>(refusal.reason)];
    ++total_;
    last_ = printable(refusal.what);
}

std::optional<std::string> RefusalCount::report(TimePoint now) {
    if (total_ == 0 || now < next_report_at_) return std::nullopt;

    std::string text = std::to_string(total_) + (total_ == 1 ? " value: " : " values: ");
    const char* separator = "";
    for (std::size_t reason = 0; reason < counts_.size(); ++reason) {
        if (counts_[reason] == 0) continue;
        text += separator;
        text += to_string(static_cast<errc>(reason));
        text += " " + std::to_string(counts_[reason]);
        separator = ", ";
    }
    if (!last_.empty()) text += " (last: " + last_ + ")";

    counts_ = {};
    total_ = 0;
    next_report_at_ = now + report_every_;
    return text;
}

}  // namespace kurs
