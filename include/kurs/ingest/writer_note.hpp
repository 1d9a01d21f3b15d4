#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/feed_report.hpp"
#include "kurs/domain/pricing_report.hpp"

namespace kurs {

/// The writer's note to the other replicas.
struct WriterNote {
    std::vector<FeedReport> feeds;
    std::map<std::string, std::string> budgets;  ///< by metered venue, in the format of its CreditBudget
    std::optional<PricingReport> pricing;        ///< none in the note of an earlier version
    std::string alerts = {};                     ///< in the format of alerts::Desk; empty likewise
};

std::string to_text(const MarketMap& map, const WriterNote& note);

/// Feeds and refused values of venues and symbols that the map lacks are left out, and reference rates whose
/// sources differ. Fails with `malformed`, or with `unknown_event` if the note has a newer format than this
/// release reads.
result<WriterNote> parse_writer_note(const MarketMap& map, std::string_view text);

}  // namespace kurs
