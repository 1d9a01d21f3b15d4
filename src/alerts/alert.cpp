#include "kurs/alerts/alert.hpp"

#include <algorithm>
#include <array>
#include <boost/algorithm/string/replace.hpp>
#include <nlohmann/json.hpp>

#include "kurs/domain/time_text.hpp"

namespace kurs::alerts {
namespace {

struct Texts {
    std::string_view name;
    std::string_view begun, ended;        // in English; {} is the subject
    std::string_view begun_ru, ended_ru;  // in Russian
};

constexpr std::array<Texts, kind_count> texts{{
    {"rate.stale", "{} has no fresh rate.", "Over: {} had no fresh rate.", "Нет свежего курса {}.",
     "Больше не актуально: нет свежего курса {}."},
    {"exchanger.disputed", "Other venues contradict rates of {}.",
     "Over: other venues contradicted rates of {}.", "Курсы {} расходятся с курсами других площадок.",
     "Больше не актуально: курсы {} расходятся с курсами других площадок."},
    {"venue.lost", "{} has no fresh data.", "Over: {} had no fresh data.",
     "От площадки {} нет свежих данных.", "Больше не актуально: от площадки {} нет свежих данных."},
    {"exchanger.changed", "The active exchanger is now {}.", "", "Теперь активна площадка {}.", ""},
    {"credits.low", "{} has few credits left.", "Over: {} had few credits left.",
     "У {} осталось мало кредитов.", "Больше не актуально: у {} мало кредитов."},
    {"export.absent", "{} is absent from its export.", "Over: {} was absent from its export.",
     "Позиции {} нет в экспорте.", "Больше не актуально: позиции {} нет в экспорте."},
    {"history.lost", "History is not being written.", "Over: history was not being written.",
     "История не записывается.", "Больше не актуально: история не записывается."},
    {"test", "This is a test.", "", "Это тестовое сообщение.", ""},
}};

const Texts& texts_of(Kind kind) {
    return texts[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string_view to_string(Kind kind) {
    return texts_of(kind).name;
}

std::optional<Kind> parse_kind(std::string_view text) {
    const auto found = std::ranges::find(texts, text, &Texts::name);
    if (found == texts.end()) return std::nullopt;
    return static_cast<Kind>(found - texts.begin());
}

std::string text_of(const Alert& alert, Language language) {
    const auto& [name, begun, ended, begun_ru, ended_ru] = texts_of(alert.trouble.kind);
    const auto in_english = alert.until ? ended : begun;
    const auto in_russian = alert.until ? ended_ru : begun_ru;
    const std::string text(language == Language::english ? in_english : in_russian);
    return boost::algorithm::replace_all_copy(text, "{}", alert.trouble.subject);
}

std::string body_of(const Alert& alert, Language language, TimePoint now) {
    const auto& [kind, subject, reason] = alert.trouble;
    const nlohmann::ordered_json body{
        {"type", to_string(kind)},
        {"timestamp", to_rfc3339(now)},
        {"data",
         {{"state", alert.until ? "ended" : "begun"},
          {"subject", subject},
          {"since", to_rfc3339(alert.since)},
          {"until",
           alert.until ? nlohmann::ordered_json(to_rfc3339(*alert.until)) : nlohmann::ordered_json()},
          {"text", text_of(alert, language)},
          {"reason", reason}}}};
    return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace kurs::alerts
