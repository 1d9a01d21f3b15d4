#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kurs/board/comparison.hpp"

namespace kurs {

struct Verdict {
    VenueId venue{};
    Standing standing{};
    std::string reason;  ///< a sentence for people; empty if trusted
};

/// Decides for one direction which venues' quotes may be served by default. `Comparison` says which of them
/// are beyond their allowance at one moment; the jury says what follows from it over time.
///
/// **Beyond the allowance** a venue is doubted at once and disputed after two seconds. A disputed venue is
/// trusted again after ten seconds below half of the allowance, a doubted one as soon as it is within the
/// allowance. So that a real crash disputes nobody for long, two reasons keep a venue doubted. It lags: it is
/// within the allowance of the range of the median of the last 30 seconds. It has company: a venue of another
/// group has moved like it. Company counts for two minutes and up to 20 times the floor, and turns a dispute
/// back into a doubt.
///
/// **First values.** A quote after none is unproven until the comparison confirms it. While no other venue
/// has a quote, it must be confirmed for 30 seconds within the allowance of its first value. A trusted venue
/// that returns within a minute, within the floor of its last value, is still trusted. A jump is passed as a
/// first value by hearing the venue without a quote in between.
///
/// **Limits.** A venue that moves first looks like a broken one: it is disputed from two seconds after it
/// left until a second one follows, for five seconds if that one is seven seconds behind in a fast crash. So
/// are all venues of a group that moves first. Of two, a preferred one that drifts by less than half of the
/// allowance in five minutes is served and the other is disputed; a wrong step of the preferred one is served
/// until the next value of the other, if that is slow; and if the preferred one moves and the other is frozen
/// but confirmed, the frozen value is served until both agree again or the other is stale. Two first values
/// that contradict each other are both withheld until they agree, a third one decides, or one is stale and
/// the other has stood for 30 seconds.
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
    Verdict verdict(VenueId venue) const { return verdict(find(venue)); }
    Standing standing(VenueId venue) const { return standing(find(venue)); }
    bool is_withheld(VenueId venue) const { return standing(venue) != Standing::trusted; }

    /// When `hear` must be called again if no quote changes; TimePoint::max() if never.
    TimePoint next_change() const { return next_change_; }

private:
    struct FirstValue {
        u128 value;
        TimePoint heard_at{};
        TimePoint observed_at{};
    };

    struct Member {
        VenueId venue{};
        std::size_t witness = 0;  ///< its number in the comparison
        std::string reason = "no quote";
        Standing standing_before{};            ///< this `hear`
        std::optional<TimePoint> fresh_until;  ///< of the quote heard; none without one
        u128 last_value = 0;
        TimePoint last_heard_at{};
        std::optional<FirstValue> first;       ///< unproven, and no other venue has a quote
        std::optional<TimePoint> departed_at;  ///< beyond its allowance since then
        std::optional<TimePoint> calm_since;   ///< disputed, and below half of the allowance
    };

    const Member& find(VenueId venue) const;
    Standing standing(const Member& member) const { return comparison_.standing(member.witness); }
    Verdict verdict(const Member& member) const { return {member.venue, standing(member), member.reason}; }

    void restart_waits(TimePoint now);
    void take(Member& member, const Quote* quote);
    void settle(Member& member, Standing standing, std::string reason = {});
    void judge(Member& member);
    void contradict(Member& member, const Findings& findings);
    void prove_first_values();
    bool is_proven(Member& member);
    bool has_stood(Member& member) const;
    TimePoint find_next_change() const;

    std::uint64_t floor_ppm_;
    std::vector<Member> members_;  ///< the exchangers in order of preference, then the other venues
    Comparison comparison_;
    TimePoint now_ = TimePoint::min();
    TimePoint next_change_ = TimePoint::max();
};

}  // namespace kurs
