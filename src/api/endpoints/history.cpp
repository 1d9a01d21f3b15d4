#include "api/contract_v2.hpp"
#include "api/endpoints/endpoints.hpp"

namespace kurs::api {
namespace {

constexpr std::string_view csv_type = "Content-Type: text/csv; charset=utf-8; header=present\r\n";

Response write_candles(const CandlesQuestion& question, bool is_csv, const CandlePage& page,
                       const MarketMap& map, const ResponseWriter& writer) {
    auto headers = std::string(revalidate);
    if (const auto next = v2::next_target(map, question, page, is_csv)) {
        headers += "Link: <" + *next + ">; rel=\"next\"\r\n";
        if (writer.has_cors()) headers += "Access-Control-Expose-Headers: Link\r\n";
    }
    if (is_csv) return writer.write(200, headers.append(csv_type), v2::render_candles_csv(page));
    return writer.write_json(200, headers, v2::render_candles(map, question, page));
}

}  // namespace

Answer GetCandles::operator()(const Call& call, TimePoint now) const {
    const auto question = v2::parse_candles_query(map, call.parameter, call.query, now);
    if (!question) return Problem{400, question.error()};
    HistoryLookup lookup{*question};
    lookup.is_csv = is_csv;
    return lookup;
}

Response write_history(const HistoryLookup& lookup, const HistoryAnswer& history, const Present& present,
                       const ResponseWriter& writer) {
    const auto& [map, pricing] = present;
    if (!history) return writer.write(v2::explain(history.error(), lookup.question));
    if (const auto* const question = std::get_if<CandlesQuestion>(&lookup.question))
        return write_candles(*question, lookup.is_csv, std::get<CandlePage>(*history), map, writer);
    if (const auto* const question = std::get_if<ExplanationQuestion>(&lookup.question)) {
        const auto& explanation = std::get<RecordedExplanation>(*history);
        auto body = v2::render_recorded(map, *question, explanation, pricing ? pricing() : std::nullopt);
        return writer.write_json(200, revalidate, std::move(body));
    }
    auto body = v2::render_recorded(map, std::get<CourseQuestion>(lookup.question), lookup.max_age,
                                    std::get<RecordedCourse>(*history));
    return writer.write_json(200, revalidate, std::move(body));
}

}  // namespace kurs::api
