#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kurs/board/value_range.hpp"
#include "kurs/domain/market_map.hpp"
#include "kurs/domain/quote.hpp"

namespace kurs {

/// How a venue's quote of a direction compares with the quotes of the other venues. Only a trusted quote is
/// served by default.
enum class Standing : std::uint8_t {
    trusted,
    unproven,  ///< a first value that no other venue and no time has confirmed
    doubted,   ///< beyond the allowance, for less than two seconds or with an explanation
    disputed,  ///< beyond the allowance, and not yet readmitted
};

struct Verdict {
    VenueId venue{};
    Standing standing{};
    std::string reason;  ///< a sentence for people; empty if trusted
};

/// Decides for one direction which venues' quotes may be served by default, by comparing them with each
/// other.
///
/// **Witnesses.** The mid of a venue is compared with the median of the mids of the other trusted or doubted
/// venues. Of an even number, the range between the two middle values counts. Disputed and unproven quotes
/// and quotes whose half spread exceeds four times the floor are no witnesses.
///
/// **Allowance.** The floor plus the venue's half spread plus the widest half spread of the witnesses. The
/// floor is tripled below three witnesses, the venue included, and for a value older than five minutes. A
/// value that is older than the newest witness must be within the allowance of the range of the median since
/// it was observed. Witnesses that are ten seconds older than a value contradict it only if they also
/// contradict what the venue quoted since they were observed. The age is that of the venue's own legs: shared
/// reference rates do not count.
///
/// **Beyond the allowance** a venue is doubted at once and disputed after two seconds. A disputed venue is
/// trusted again after ten seconds below half of the allowance, a doubted one as soon as it is within the
/// allowance. So that a real crash disputes nobody for long, two reasons keep a venue doubted. It lags: it is
/// within the allowance of the range of the median of the last 30 seconds. It has company: since it left,
/// another venue has moved to its side by more than the floor and to a value that it had within the last 30
/// seconds, or it has followed another venue in this way. Company counts for two minutes and up to 20 times
/// the floor, and turns a dispute back into a doubt.
///
/// **One venue is always trusted** if one was: if all witnesses are beyond their allowance, the trusted venue
/// that deviates least is kept as long as it deviates at most twice as much as the least deviating one;
/// otherwise that one is trusted. Of two witnesses that differ, the preferred one is kept, unless it has
/// moved alone: since both last agreed within half of the allowance, at most five minutes ago, its value has
/// changed more than twice as much as the other's. Who is kept stays kept until both agree again.
///
/// **First values.** A quote after none is unproven until it is within the allowance of the trusted venues,
/// or agrees with other unproven ones that outnumber, with it, the trusted ones, or, while no other venue has
/// a quote, until it has been confirmed for 30 seconds within the allowance of its first value. A trusted
/// venue that returns within a minute, within the floor of its last value, is still trusted. A jump is passed
/// as a first value by hearing the venue without a quote in between.
///
/// **Limits.** A venue that moves first looks like a broken one: it is disputed from two seconds after it
/// left until a second venue follows, for five seconds if that one is seven seconds behind in a fast crash.
/// Two venues alone do not notice an error below three times the floor. Of two, a preferred venue that drifts
/// by less than half of the allowance in five minutes is served and the other is disputed; a wrong step of
/// the preferred venue is served until the next value of the other, if that is slow; and if the preferred
/// venue moves and the other is frozen but confirmed, the frozen value is served until both agree again or
/// the other is stale. Two first values that contradict each other are both withheld until they agree, a
/// third venue decides, or one is stale and the other has stood for 30 seconds. Half of the venues wrong by
/// the same amount at the same time cannot be told from the other half.
class Jury {
public:
    /// `map` must outlive the jury. `floor_ppm` is the floor of the allowance in millionths: 5000 is 0.5 %.
    /// The order of the map's exchangers is the order of preference.
    Jury(const MarketMap& map, std::uint32_t floor_ppm);

    /// Called after each change of a quote and at `next_change`. `quotes` has one slot per venue of the map,
    /// null if the venue has no quote. Stale quotes are ignored. Returns the verdicts whose standing changed.
    /// A venue without a quote keeps trust for a minute; otherwise it becomes unproven.
    std::vector<Verdict> hear(std::span<const Quote* const> quotes, TimePoint now);

    /// Trusts quotes that were served before this jury began, by the writer before this one or by an earlier
    /// run. Venues that have been heard are left out.
    void resume(std::span<const Quote* const> quotes, TimePoint now);

    /// The reason is that of the last change of the standing; of an unproven venue, that of the last call.
    const Verdict& verdict(VenueId venue) const;
    Standing standing(VenueId venue) const { return verdict(venue).standing; }
    bool is_withheld(VenueId venue) const { return standing(venue) != Standing::trusted; }

    /// When `hear` must be called again if no quote changes; TimePoint::max() if never.
    TimePoint next_change() const { return next_change_; }

private:
    struct Heard {
        u128 value;
        std::uint64_t half_spread_ppm = 0;
        TimePoint observed_at{};  ///< of the venue's own legs
        TimePoint fresh_until{};
    };

    struct FirstValue {
        u128 value;
        TimePoint heard_at{};
        TimePoint observed_at{};
    };

    /// A venue has been beyond its allowance since `at`.
    struct Departure {
        TimePoint at{};
        bool is_above = false;
        std::uint64_t deviation_ppm = 0;
    };

    /// The value when it was last within half of the allowance.
    struct Agreement {
        u128 value;
        TimePoint at{};
    };

    struct Member {
        Verdict verdict;
        std::optional<Heard> heard;
        u128 last_value = 0;
        TimePoint last_heard_at{};
        std::optional<FirstValue> first;  ///< unproven, and no other venue has a quote
        std::optional<Departure> departure;
        std::optional<TimePoint> calm_since;  ///< disputed, and below half of the allowance
        std::optional<Agreement> agreed;
        RangeTrack values;
        RangeTrack medians;  ///< of the others

        bool is(Standing standing) const { return verdict.standing == standing; }
        void start_anew(std::string reason);
        void trust();
    };
    using Members = std::vector<Member*>;

    /// A venue compared with its witnesses.
    struct Finding {
        Member* member = nullptr;
        std::size_t witnesses = 0;
        ValueRange median{};
        std::uint64_t allowance_ppm = 0;
        std::uint64_t deviation_ppm = 0;
        bool is_above = false;
        bool agrees = false;  ///< the values of now are within half of the allowance

        bool is_beyond() const { return deviation_ppm > allowance_ppm; }
        bool is_close() const { return deviation_ppm * 2 < allowance_ppm; }
    };
    using Findings = std::vector<Finding>;

    void restart_waits(TimePoint now);
    void take(Member& member, const Quote* quote);
    void judge();
    void judge(const Finding& finding);
    void prove_first_values();

    bool is_sound(const Member& member) const;  ///< it has a quote, and not one of a wide spread
    bool is_lagging(const Finding& finding) const;
    bool has_company(const Member& member) const;
    bool has_followed(const Member& follower, const Member& leader, const Departure& departure) const;
    bool has_moved_alone(const Member& preferred, const Member& other) const;
    bool is_confirmed(Member& member, const Members& trusted, const Members& unproven) const;
    bool has_stood(Member& member) const;

    Members choose_sound(std::initializer_list<Standing> standings);
    Finding compare(Member& member, const Members& witnesses, std::size_t total) const;
    const Member* choose_kept(const Findings& findings) const;
    TimePoint find_next_change() const;
    std::string explain(const Finding& finding) const;
    static ValueRange median(const Members& members);

    const MarketMap& map_;
    std::uint64_t floor_ppm_;
    std::vector<Member> members_;  ///< the exchangers in order of preference, then the other venues
    TimePoint now_ = TimePoint::min();
    TimePoint next_change_ = TimePoint::max();
};

}  // namespace kurs
