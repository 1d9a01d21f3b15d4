#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kurs/board/value_range.hpp"
#include "kurs/board/witness_groups.hpp"
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
/// **Groups.** Quotes with a leg in common share its errors. They are one witness, so a venue is
/// compared with the other groups. Then it is compared with the rest of its own group in the same way,
/// without the common legs, level by level: `divide_witnesses`. The value of a group is the median of the
/// groups that the level below divides it into. A venue must be within its allowance at every level. The
/// level at which it exceeds its allowance most gives the figures. A venue that is beyond its allowance at
/// one level is no witness at the levels below.
///
/// **Allowance.** The floor plus the venue's half spread plus the widest half spread of the witnesses. The
/// floor is tripled below three groups, the venue's included, and for a value older than five minutes. A
/// value that is older than the newest witness must be within the allowance of the range of the median since
/// it was observed. Witnesses that are ten seconds older than a value contradict it only if they also
/// contradict what the venue quoted since they were observed. The age is that of the venue's own legs: shared
/// reference rates do not count.
///
/// **Beyond the allowance** a venue is doubted at once and disputed after two seconds. A disputed venue is
/// trusted again after ten seconds below half of the allowance, a doubted one as soon as it is within the
/// allowance. So that a real crash disputes nobody for long, two reasons keep a venue doubted. It lags: it is
/// within the allowance of the range of the median of the last 30 seconds. It has company: since it left,
/// a venue of another group has moved to its side by more than the floor and to a value that it had within
/// the last 30 seconds, or it has followed such a venue in this way. The groups are those of the topmost
/// level at which it is beyond its allowance: a common leg moves a whole group. Company counts for
/// two minutes and up to 20 times the floor, and turns a dispute back into a doubt.
///
/// **One venue is always trusted** if one was. At each level: if all witnesses are beyond their allowance,
/// the trusted venue that deviates least is kept, with its group, as long as it deviates at most twice as
/// much as the least deviating one; otherwise that one is kept. Of two groups that differ, that of the
/// preferred venue is kept, unless all of it has moved alone: since each last agreed within half of the
/// allowance, at most five minutes ago, its values have changed more than twice as much as the other's. What
/// is kept stays kept until both agree again.
///
/// **First values.** A quote after none is unproven until it is within the allowance of the trusted groups,
/// or agrees with unproven groups that outnumber, with it, the trusted ones. This must be so at the topmost
/// level at which another group has a trusted or unproven quote, so venues with a common leg do not prove
/// each other against the rest, and at each level below at which a trusted venue is. While no other venue has
/// a quote, it must be confirmed for 30 seconds within the allowance of its first value. A trusted venue that
/// returns within a minute, within the floor of its last value, is still trusted. A jump is passed as a first
/// value by hearing the venue without a quote in between.
///
/// **Limits.** A venue that moves first looks like a broken one: it is disputed from two seconds after it
/// left until a second one follows, for five seconds if that one is seven seconds behind in a fast crash. So
/// are all venues of a group that moves first. Two witnesses alone do not notice an error below three times
/// the floor. Of two, a preferred one that drifts by less than half of the allowance in five minutes is
/// served and the other is disputed; a wrong step of the preferred one is served until the next value of the
/// other, if that is slow; and if the preferred one moves and the other is frozen but confirmed, the frozen
/// value is served until both agree again or the other is stale. Two first values that contradict each other
/// are both withheld until they agree, a third one decides, or one is stale and the other has stood for 30
/// seconds. Half of the groups wrong by the same amount at the same time cannot be told from the other half.
/// If only venues with a common leg have quotes, an error of that leg is not noticed. After the groups have
/// changed, the range of the median before that is the one of the former groups.
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

    /// The witnesses of one group or of several.
    struct Witnesses {
        std::size_t groups = 0;
        std::size_t venues = 0;
        ValueRange median{};  ///< of the groups
        TimePoint newest = TimePoint::min();
        std::uint64_t widest_half_spread_ppm = 0;

        void add(const Witnesses& group);
    };

    struct Member;

    /// A venue compared with the other groups of a level.
    struct Finding {
        Member* member = nullptr;
        const WitnessGroup* group = nullptr;  ///< the venue's
        std::size_t depth = 0;
        std::size_t groups = 0;  ///< the others
        std::size_t venues = 0;  ///< of the others
        ValueRange median{};
        std::uint64_t allowance_ppm = 0;
        std::uint64_t deviation_ppm = 0;
        bool is_above = false;
        bool agrees = false;  ///< the values of now are within half of the allowance

        bool is_beyond() const { return deviation_ppm > allowance_ppm; }
        bool is_close() const { return deviation_ppm * 2 < allowance_ppm; }
        std::uint64_t excess_ppm() const { return is_beyond() ? deviation_ppm - allowance_ppm : 0; }
    };

    /// The findings of all levels about a venue.
    struct Findings {
        std::size_t all = 0;
        std::size_t agreeing = 0;
        std::size_t close = 0;
        std::optional<Finding> worst;         ///< of those beyond the allowance, without a kept group's
        const WitnessLevel* level = nullptr;  ///< the topmost of these levels
        const WitnessGroup* group = nullptr;  ///< the venue's at this level
        bool is_lagging = true;               ///< at each of these levels

        bool agrees() const { return all > 0 && agreeing == all; }
        bool is_close() const { return close == all; }
    };

    struct Member {
        Verdict verdict;
        Standing standing_before{};  ///< this `hear`
        std::optional<Heard> heard;
        std::vector<SymbolId> symbols;  ///< of the legs of the quote heard
        u128 last_value = 0;
        TimePoint last_heard_at{};
        std::optional<FirstValue> first;  ///< unproven, and no other venue has a quote
        Findings findings;                ///< of this `hear`
        std::optional<Departure> departure;
        std::optional<TimePoint> calm_since;  ///< disputed, and below half of the allowance
        std::optional<Agreement> agreed;
        RangeTrack values;
        std::vector<RangeTrack> medians;  ///< of the other groups, by the depth of the level

        bool is(Standing standing) const { return verdict.standing == standing; }
        void start_anew(std::string reason);
        void trust();
    };

    void restart_waits(TimePoint now);
    void take(Member& member, const Quote* quote);
    void regroup();
    void judge();
    void judge(const WitnessLevel& level);
    void judge(Member& member);
    void prove_first_values();

    bool is_sound(const Member& member) const;  ///< it has a quote, and not one of a wide spread
    bool is_witness(const Member& member) const;
    bool is_lagging(const Finding& finding) const;
    bool has_company(const Member& member) const;
    bool has_followed(const Member& follower, const Member& leader, const Departure& departure) const;
    bool have_moved_alone(const WitnessGroup& preferred, const WitnessGroup& other) const;
    bool is_alone(const Member& member) const;
    bool is_confirmed(Member& member);
    std::size_t find_group(const WitnessLevel& level, const Member& member) const;
    bool has_stood(Member& member) const;

    Witnesses gather(const WitnessGroup& group, std::initializer_list<Standing> standings);
    Witnesses gather_others(const std::vector<Witnesses>& sides, std::size_t own);
    ValueRange take_median(std::size_t first);
    static Findings wide_spread(Member& member);
    Finding compare(Member& member, const Witnesses& witnesses, std::size_t depth, std::size_t total) const;
    const WitnessGroup* choose_kept() const;
    TimePoint find_next_change() const;
    std::string explain(const Finding& finding) const;

    const MarketMap& map_;
    std::uint64_t floor_ppm_;
    std::vector<Member> members_;  ///< the exchangers in order of preference, then the other venues
    std::vector<WitnessLevel> levels_;
    bool is_grouped_ = true;               ///< `levels_` are those of the quotes heard
    RangeTrack medians_;                   ///< of all witnesses
    std::vector<Witnesses> sides_;         ///< of the groups of the level being judged
    std::vector<Finding> level_findings_;  ///< of the level being judged
    std::vector<ValueRange> values_;       ///< a stack, of which medians are found
    TimePoint now_ = TimePoint::min();
    TimePoint next_change_ = TimePoint::max();
};

}  // namespace kurs
