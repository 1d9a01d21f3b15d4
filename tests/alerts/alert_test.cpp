#include "kurs/alerts/alert.hpp"

#include <gtest/gtest.h>

namespace kurs::alerts {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};  // 2023-11-14T22:13:20Z

TEST(Alert, SaysWhatHasBegunAndEndedInBothLanguages) {
    Alert alert{"a", {Kind::rate_stale, "BTC-RUB", ""}, noon};
    EXPECT_EQ(text_of(alert, Language::english), "BTC-RUB has no fresh rate.");
    EXPECT_EQ(text_of(alert, Language::russian), "Нет свежего курса BTC-RUB.");
    alert.until = noon + 1min;
    EXPECT_EQ(text_of(alert, Language::english), "Over: BTC-RUB had no fresh rate.");
    EXPECT_EQ(text_of(alert, Language::russian), "Больше не актуально: нет свежего курса BTC-RUB.");
}

TEST(Alert, EveryKindHasANameAndASentence) {
    for (std::size_t i = 0; i < kind_count; ++i) {
        const auto kind = static_cast<Kind>(i);
        EXPECT_EQ(parse_kind(to_string(kind)), kind);
        for (const auto language : {Language::english, Language::russian})
            EXPECT_TRUE(text_of({"a", {kind, "x", ""}, noon}, language).ends_with('.')) << i;
    }
    EXPECT_EQ(parse_kind("rate.wrong"), std::nullopt);
}

TEST(Alert, IsSentAsADocument) {
    Alert alert{"a", {Kind::venue_lost, "kraken", "kraken/1 is backing_off: \xff"}, noon};
    EXPECT_EQ(body_of(alert, Language::english, noon + 10s),
              R"({"type":"venue.lost","timestamp":"2023-11-14T22:13:30.000Z","data":{"state":"begun",)"
              R"("subject":"kraken","since":"2023-11-14T22:13:20.000Z","until":null,)"
              R"("text":"kraken has no fresh data.","reason":"kraken/1 is backing_off: )"
              "\xef\xbf\xbd"
              R"("}})");
    alert.until = noon + 5s;
    const auto body = body_of(alert, Language::russian, noon + 20s);
    EXPECT_NE(body.find(R"("state":"ended")"), std::string::npos);
    EXPECT_NE(
        body.find(
            R"("until":"2023-11-14T22:13:25.000Z","text":"Больше не актуально: от площадки kraken нет свежих данных.")"),
        std::string::npos)
        << body;
}

}  // namespace
}  // namespace kurs::alerts
