#include "postgres/batch_text.hpp"

#include <nlohmann/json.hpp>

#include "kurs/domain/time_text.hpp"

namespace kurs::postgres {
namespace {

// Written by hand: rows are many, and nothing in them needs escaping.
void append_member(std::string& document, std::string_view key, std::string_view plain_text) {
    document.append(",\"").append(key).append("\":\"").append(plain_text).append("\"");
}

void append_quote(std::string& document, const Quote& quote) {
    append_member(document, "observed_at", to_rfc3339(quote.observed_at));
    append_member(document, "fresh_until", to_rfc3339(quote.fresh_until));
    append_member(document, "bid", to_string(quote.bid));
    append_member(document, "value", to_string(quote.value));
    append_member(document, "ask", to_string(quote.ask));
    std::string prices, times;
    for (const auto& leg : quote.legs) {
        const std::string_view comma = prices.empty() ? "" : ",";
        prices.append(comma).append("\"").append(to_string(leg.bid));
        prices.append("\",\"").append(to_string(leg.ask)).append("\"");
        times.append(comma).append("\"").append(to_rfc3339(leg.observed_at)).append("\"");
    }
    document.append(",\"leg_prices\":[").append(prices).append("]");
    document.append(",\"leg_observed_at\":[").append(times).append("]");
}

}  // namespace

std::string to_document(const std::vector<QuoteRow>& rows) {
    std::string document = "[";
    for (const auto& row : rows) {
        const auto recorded_at = row.record->recorded_at;
        document.append(document.size() == 1 ? "{" : ",{");
        document.append("\"series_id\":").append(std::to_string(row.series));
        append_member(document, "second", to_rfc3339(std::chrono::floor<std::chrono::seconds>(recorded_at)));
        append_member(document, "recorded_at", to_rfc3339(recorded_at));
        if (row.record->quote) {
            document.append(",\"route_id\":").append(std::to_string(row.route));
            append_quote(document, *row.record->quote);
        }
        document.append("}");
    }
    return document.append("]");
}

std::string to_document(const std::vector<ActiveChange>& changes) {
    auto document = nlohmann::json::array();
    for (const auto& change : changes) {
        document.push_back(
            {{"at", to_rfc3339(change.at)}, {"venue", change.venue}, {"reason", change.reason}});
    }
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace kurs::postgres
