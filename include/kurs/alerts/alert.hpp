#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

// Alerts for operators.
namespace kurs::alerts {

enum class Kind : std::uint8_t {
    rate_stale,          ///< a direction has no fresh rate at the active exchanger
    exchanger_disputed,  ///< other venues contradict an exchanger
    venue_lost,          ///< no feed of a venue delivers data
    exchanger_changed,   ///< another exchanger is active; happens and does not last
    credits_low,         ///< of a metered venue
    export_absent,       ///< an item of an export
    history_lost,        ///< rows are not written
    test,
};

inline constexpr std::size_t kind_count = static_cast<std::size_t>(Kind::test) + 1;

/// The name in messages, such as "rate.stale".
std::string_view to_string(Kind kind);
std::optional<Kind> parse_kind(std::string_view text);

/// Something that is wrong now. Kind and subject identify it.
struct Trouble {
    Kind kind{};
    std::string subject;  ///< "BTC-RUB", "binance", "bestchange: USDTTRC20 -> SBPRUB"
    std::string reason;   ///< in English; may be empty
};

/// A trouble, from its beginning to its end.
struct Alert {
    std::string id;  ///< has no dot; the same on every replica
    Trouble trouble;
    TimePoint since{};
    std::optional<TimePoint> until{};  ///< none: it lasts
};

enum class Language : std::uint8_t { english, russian };

/// The sentence for people: that the trouble has begun or, if it has ended, that.
std::string text_of(const Alert& alert, Language language);

/// The JSON document that is sent.
std::string body_of(const Alert& alert, Language language, TimePoint now);

}  // namespace kurs::alerts
