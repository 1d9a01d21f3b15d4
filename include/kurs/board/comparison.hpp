#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
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

/// A witness compared with the other groups of a level.
struct Finding {
    std::size_t witness = 0;
    const WitnessGroup* group = nullptr;  ///< the witness's
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

/// The findings of all levels about a witness.
struct Findings {
    bool is_compared = false;             ///< there is a finding
    bool agrees = true;                   ///< each does
    bool is_close = true;                 ///< each is
    bool is_lagging = true;               ///< at each level that is beyond its allowance
    std::optional<Finding> worst;         ///< of those beyond the allowance, without a kept group's
    const WitnessLevel* level = nullptr;  ///< the topmost of these levels
    const WitnessGroup* group = nullptr;  ///< the witness's at this level
};

/// Compares the quotes of one direction at one moment. Witnesses are numbered in the order of preference.
/// What becomes of a witness over time is decided by `Jury`, which tells the standing of each.
///
/// **Witnesses.** The mid of a witness is compared with the median of the mids of the other trusted or
/// doubted ones. Of an even number, the range between the two middle values counts. Disputed and unproven
/// quotes and quotes whose half spread exceeds four times the floor do not count.
///
/// **Groups.** Quotes with a leg in common share its errors. They are one witness, so a quote is
/// compared with the other groups. Then it is compared with the rest of its own group in the same way,
/// without the common legs, level by level: `divide_witnesses`. The value of a group is the median of the
/// groups that the level below divides it into. A quote must be within its allowance at every level. The
/// level at which it exceeds its allowance most gives the figures. A quote that is beyond its allowance at
/// one level is no witness at the levels below.
///
/// **Allowance.** The floor plus the quote's half spread plus the widest half spread of the witnesses. The
/// floor is tripled below three groups, the quote's included, and for a value older than five minutes. A
/// value that is older than the newest witness must be within the allowance of the range of the median since
/// it was observed. Witnesses that are ten seconds older than a value contradict it only if they also
/// contradict what the venue quoted since they were observed. The age is that of the venue's own legs: shared
/// reference rates do not count.
///
/// **One group is always kept.** At each level: if all witnesses are beyond their allowance, the trusted one
/// that deviates least is kept, with its group, as long as it deviates at most twice as much as the least
/// deviating one; otherwise that one is kept. Of two groups that differ, that of the preferred witness is
/// kept, unless all of it has moved alone: since each last agreed within half of the allowance, at most five
/// minutes ago, its values have changed more than twice as much as the other's. What is kept stays kept until
/// both agree again.
///
/// **Limits.** Two witnesses alone do not notice an error below three times the floor. Half of the groups
/// wrong by the same amount at the same time cannot be told from the other half. If only venues with a common
/// leg have quotes, an error of that leg is not noticed. After the groups have changed, the range of the
/// median before that is the one of the former groups.
class Comparison {
public:
    /// `map` must outlive the comparison. `floor_ppm` is the floor of the allowance in millionths.
    Comparison(const MarketMap& map, std::uint64_t floor_ppm, std::size_t witnesses);

    void hear(std::size_t witness, const Quote& quote, TimePoint now);

    /// The witness has no quote.
    void forget(std::size_t witness);

    /// An unproven witness has agreed with none.
    void set_standing(std::size_t witness, Standing standing);

    /// Compares what was heard. False if there is nothing to compare: fewer than two witnesses, and none of
    /// them trusted.
    bool compare(TimePoint now);

    /// What the last `compare` found. Its pointers are valid until the next one.
    const Findings& findings(std::size_t witness) const { return witnesses_[witness].findings; }

    Standing standing(std::size_t witness) const { return witnesses_[witness].standing; }

    /// The time of the oldest leg that is the venue's own. There is a quote.
    TimePoint observed_at(std::size_t witness) const { return witnesses_[witness].heard->observed_at; }

    /// Whether there is a quote, and not one of a wide spread.
    bool is_sound(std::size_t witness) const { return is_sound(witnesses_[witness]); }

    /// Whether no level compares the witness with a sound quote of another venue.
    bool is_alone(std::size_t witness) const;

    /// Whether a witness of another group has moved like this one, which is beyond its allowance since
    /// `since`: either has moved since then, to the side of this one, by more than the floor and to a value
    /// that the other had within the last 30 seconds. The groups are those of the topmost level at which this
    /// one is beyond its allowance: a common leg moves a whole group.
    bool has_company(std::size_t witness, TimePoint since) const;

    /// A first value is confirmed if it is within the allowance of the trusted groups, or agrees with
    /// unproven groups that outnumber, with it, the trusted ones. This must be so at the topmost level at
    /// which another group has a trusted or unproven quote, so venues with a common leg do not prove each
    /// other against the rest, and at each level below at which a trusted venue is.
    struct Confirmation {
        bool is_confirmed = false;
        std::optional<Finding> objection;  ///< of the trusted groups
    };
    Confirmation confirm(std::size_t witness);

    /// "1.02 % above the median of 5 other venues in 3 groups, allowed 0.52 %"
    std::string explain(const Finding& finding) const;

    /// The clock was set back: forgets what the values have been.
    void restart(TimePoint now);

private:
    struct Heard {
        u128 value;
        std::uint64_t half_spread_ppm = 0;
        TimePoint observed_at{};  ///< of the venue's own legs
    };

    /// The value when it was last within half of the allowance.
    struct Agreement {
        u128 value;
        TimePoint at{};
    };

    struct Witness {
        Standing standing = Standing::unproven;
        std::optional<Heard> heard;
        std::vector<SymbolId> symbols;  ///< of the legs of the quote heard
        RangeTrack values;
        std::vector<RangeTrack> medians;  ///< of the other groups, by the depth of the level
        std::optional<Agreement> agreed;
        Findings findings;

        bool is(Standing wanted) const { return standing == wanted; }
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

    using Sides = std::vector<Witnesses>;  ///< of each group of a level
    using Standings = std::initializer_list<Standing>;
    using Votes = std::vector<const Finding*>;

    void regroup();
    void compare(const WitnessLevel& level);
    Finding compare(std::size_t witness, const Witnesses& others, std::size_t depth, std::size_t total) const;
    void add(const Finding& finding, const WitnessLevel& level, bool is_kept);
    const WitnessGroup* choose_kept() const;
    const WitnessGroup* choose_of_two(const Votes& votes) const;
    const WitnessGroup* choose_nearest(Votes votes) const;
    std::uint64_t moved_ppm(const WitnessGroup& group) const;

    bool is_sound(const Witness& witness) const;
    bool has_vote(const Witness& witness) const;
    bool is_lagging(const Finding& finding) const;
    bool has_followed(const Witness& follower, const Witness& leader, TimePoint since, bool is_above) const;
    std::size_t count_agreeing(std::size_t witness, const WitnessLevel& level, const Sides& unproven,
                               std::size_t total);

    Witnesses gather(const WitnessGroup& group, Standings standings);
    Witnesses gather_others(const Sides& sides, std::size_t own);
    ValueRange take_median(std::size_t first);

    const MarketMap& map_;
    std::uint64_t floor_ppm_;
    std::vector<Witness> witnesses_;
    std::vector<WitnessLevel> levels_;
    bool is_grouped_ = true;          ///< `levels_` are those of the quotes heard
    RangeTrack medians_;              ///< of all witnesses
    Sides sides_;                     ///< at the level being compared
    std::vector<Finding> found_;      ///< at the level being compared
    std::vector<ValueRange> values_;  ///< a stack, of which medians are found
    TimePoint now_ = TimePoint::min();
};

}  // namespace kurs
