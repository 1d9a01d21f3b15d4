#include "kurs/board/comparison.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "kurs/domain/percent_text.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr Duration agreement_lasts = 5min;
constexpr Duration longest_lag = 30s;
constexpr Duration slow_witness = 10s;
constexpr std::uint64_t widest_half_spread = 4;    ///< in floors
constexpr std::uint64_t with_little_evidence = 3;  ///< the factor of the floor

std::string percent(std::uint64_t ppm) {
    return percent_text(ppm, 2) + " %";
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

ValueRange point(u128 value) {
    return {value, value};
}

/// The time of the oldest leg that is the venue's own. The others are common to venues.
TimePoint own_observed_at(const MarketMap& map, const Quote& quote) {
    auto oldest = TimePoint::max();
    for (const auto& leg : quote.legs) {
        if (map.symbol(leg.symbol).venue == quote.venue) oldest = std::min(oldest, leg.observed_at);
    }
    return oldest == TimePoint::max() ? quote.observed_at : oldest;
}

/// The number of the witness's group, or that of the groups if it is in none.
std::size_t find_group(const WitnessLevel& level, std::size_t witness) {
    const auto has_it = [&](const WitnessGroup& group) {
        return std::ranges::find(group.members, witness) != group.members.end();
    };
    return static_cast<std::size_t>(std::ranges::find_if(level.groups, has_it) - level.groups.begin());
}

}  // namespace

Comparison::Comparison(const MarketMap& map, std::uint64_t floor_ppm, std::size_t witnesses)
    : map_(map), floor_ppm_(floor_ppm), witnesses_(witnesses) {}

void Comparison::hear(std::size_t number, const Quote& quote, TimePoint now) {
    auto& witness = witnesses_[number];
    if (!witness.heard || !std::ranges::equal(witness.symbols, quote.legs, {}, {}, &QuoteLeg::symbol)) {
        witness.symbols.clear();
        for (const auto& leg : quote.legs) witness.symbols.push_back(leg.symbol);
        is_grouped_ = false;
    }
    const auto value = quote.value.units();
    const auto half_spread = in_ppm(quote.ask.units() - quote.bid.units(), value) / 2;
    witness.heard = Heard{value, half_spread, own_observed_at(map_, quote)};
    witness.values.add(point(value), now);
}

void Comparison::forget(std::size_t number) {
    auto& witness = witnesses_[number];
    if (witness.heard) is_grouped_ = false;
    witness.heard.reset();
    witness.medians.clear();
    witness.values.clear();
}

void Comparison::set_standing(std::size_t number, Standing standing) {
    auto& witness = witnesses_[number];
    witness.standing = standing;
    if (standing == Standing::unproven) witness.agreed.reset();
}

void Comparison::restart(TimePoint now) {
    medians_.clear();
    for (auto& witness : witnesses_) {
        witness.values.clear();
        for (auto& medians : witness.medians) medians.clear();
        if (witness.agreed) witness.agreed->at = std::min(witness.agreed->at, now);
    }
}

bool Comparison::compare(TimePoint now) {
    now_ = now;
    if (!is_grouped_) regroup();
    bool is_anyone_trusted = false;
    for (std::size_t i = 0; i < witnesses_.size(); ++i) {
        auto& witness = witnesses_[i];
        witness.findings = {};
        if (witness.heard && !is_sound(witness)) {
            witness.findings.is_lagging = false;
            witness.findings.worst = Finding{.witness = i, .deviation_ppm = furthest_ppm};
        }
        if (!has_vote(witness)) continue;
        is_anyone_trusted = is_anyone_trusted || witness.is(Standing::trusted);
        values_.push_back(point(witness.heard->value));
    }
    const auto count = values_.size();
    const auto all_medians = take_median(0);
    if (count < 2 && !is_anyone_trusted) return false;
    medians_.add(all_medians, now_);
    for (const auto& level : levels_) compare(level);
    for (auto& witness : witnesses_)
        if (witness.findings.is_compared && witness.findings.agrees)
            witness.agreed = Agreement{witness.heard->value, now_};
    return true;
}

void Comparison::regroup() {
    std::vector<WitnessSymbols> quotes;
    for (std::size_t i = 0; i < witnesses_.size(); ++i) {
        if (witnesses_[i].heard) quotes.push_back({i, witnesses_[i].symbols});
    }
    levels_ = divide_witnesses(std::move(quotes));
    for (const auto& level : levels_) {
        for (const auto& group : level.groups) {
            for (const auto member : group.members) {
                auto& medians = witnesses_[member].medians;
                if (medians.size() > level.depth) continue;
                auto known = medians.empty() ? medians_ : medians.back();
                medians.push_back(std::move(known));
            }
        }
    }
    is_grouped_ = true;
}

/// Adds to the findings about each witness.
void Comparison::compare(const WitnessLevel& level) {
    sides_.clear();
    found_.clear();
    for (const auto& group : level.groups)
        sides_.push_back(gather(group, {Standing::trusted, Standing::doubted}));
    for (std::size_t i = 0; i < level.groups.size(); ++i) {
        const auto others = gather_others(sides_, i);
        if (others.groups == 0) continue;
        for (const auto member : level.groups[i].members) {
            auto& witness = witnesses_[member];
            witness.medians[level.depth].add(others.median, now_);
            if (!is_sound(witness) || witness.is(Standing::unproven)) continue;
            found_.push_back(compare(member, others, level.depth, others.groups + 1));
            found_.back().group = &level.groups[i];
        }
    }
    const auto* const kept = choose_kept();
    for (const auto& finding : found_)
        add(finding, level, finding.group == kept && has_vote(witnesses_[finding.witness]));
}

/// `total` is the number of groups in all, the witness's included.
Finding Comparison::compare(std::size_t number, const Witnesses& others, std::size_t depth,
                            std::size_t total) const {
    const auto& witness = witnesses_[number];
    const auto& heard = *witness.heard;
    const bool has_little_evidence = total < 3 || now_ - heard.observed_at > RangeTrack::length;
    Finding finding;
    finding.witness = number;
    finding.depth = depth;
    finding.groups = others.groups;
    finding.venues = others.venues;
    finding.median = others.median;
    finding.allowance_ppm = floor_ppm_ * (has_little_evidence ? with_little_evidence : 1) +
                            heard.half_spread_ppm + others.widest_half_spread_ppm;
    auto own = point(heard.value);
    finding.deviation_ppm = own.gap_ppm(finding.median);
    finding.agrees = finding.is_close();
    if (finding.agrees) return finding;

    if (heard.observed_at < others.newest) witness.medians[depth].widen(finding.median, heard.observed_at);
    if (heard.observed_at - others.newest > slow_witness) witness.values.widen(own, others.newest);
    finding.is_above = own.low > finding.median.high;
    finding.deviation_ppm = own.gap_ppm(finding.median);
    return finding;
}

void Comparison::add(const Finding& finding, const WitnessLevel& level, bool is_kept) {
    auto& findings = witnesses_[finding.witness].findings;
    findings.is_compared = true;
    findings.agrees = findings.agrees && finding.agrees;
    findings.is_close = findings.is_close && finding.is_close();
    if (!finding.is_beyond() || is_kept) return;
    findings.is_lagging = findings.is_lagging && is_lagging(finding);
    if (!findings.worst) {
        findings.level = &level;
        findings.group = finding.group;
    }
    if (!findings.worst || finding.excess_ppm() > findings.worst->excess_ppm()) findings.worst = finding;
}

/// Which group of the level stays trusted if all witnesses are beyond their allowance, or either of two
/// groups.
const WitnessGroup* Comparison::choose_kept() const {
    const auto is_contradicted = [&](const Finding& finding) {
        return finding.is_beyond() && has_vote(witnesses_[finding.witness]);
    };
    if (std::ranges::none_of(found_, is_contradicted)) return nullptr;
    Votes votes;
    std::set<const WitnessGroup*> groups, within;
    for (const auto& finding : found_) {
        if (!has_vote(witnesses_[finding.witness])) continue;
        votes.push_back(&finding);
        groups.insert(finding.group);
        if (!finding.is_beyond()) within.insert(finding.group);
    }
    if (within.size() == groups.size()) return nullptr;
    if (groups.size() == 2) return choose_of_two(votes);
    return within.empty() ? choose_nearest(std::move(votes)) : nullptr;
}

const WitnessGroup* Comparison::choose_of_two(const Votes& votes) const {
    const auto* const preferred = std::ranges::min(votes, {}, &Finding::witness)->group;
    const auto is_other = [&](const Finding* vote) { return vote->group != preferred; };
    const auto* const other = (*std::ranges::find_if(votes, is_other))->group;
    const auto is_trusted = [&](const WitnessGroup* group) {
        return std::ranges::any_of(votes, [&](const Finding* vote) {
            return vote->group == group && standing(vote->witness) == Standing::trusted;
        });
    };
    if (is_trusted(preferred) != is_trusted(other)) return is_trusted(preferred) ? preferred : other;
    return moved_ppm(*preferred) > moved_ppm(*other) * 2 ? other : preferred;
}

/// How far a group has moved alone: as far as that of its witnesses which has moved least.
std::uint64_t Comparison::moved_ppm(const WitnessGroup& group) const {
    auto least = furthest_ppm;
    for (const auto member : group.members) {
        const auto& witness = witnesses_[member];
        if (!has_vote(witness)) continue;
        const auto& agreed = witness.agreed;
        const bool is_known = agreed && now_ - agreed->at <= agreement_lasts;
        least = std::min(least, is_known ? distance_ppm(witness.heard->value, agreed->value) : 0);
    }
    return least;
}

const WitnessGroup* Comparison::choose_nearest(Votes votes) const {
    const auto* const nearest = *std::ranges::min_element(votes, {}, &Finding::deviation_ppm);
    std::erase_if(votes, [&](const Finding* vote) { return standing(vote->witness) != Standing::trusted; });
    if (votes.empty()) return nearest->group;
    const auto* const nearest_trusted = *std::ranges::min_element(votes, {}, &Finding::deviation_ppm);
    const bool is_far = nearest_trusted->deviation_ppm > nearest->deviation_ppm * 2;
    return (is_far ? nearest : nearest_trusted)->group;
}

bool Comparison::is_sound(const Witness& witness) const {
    return witness.heard && witness.heard->half_spread_ppm <= floor_ppm_ * widest_half_spread;
}

/// At the level being compared: a witness contradicted at a level above has none.
bool Comparison::has_vote(const Witness& witness) const {
    const bool is_heard = witness.is(Standing::trusted) || witness.is(Standing::doubted);
    return is_heard && is_sound(witness) && !witness.findings.worst;
}

bool Comparison::is_lagging(const Finding& finding) const {
    const auto& witness = witnesses_[finding.witness];
    auto recent = finding.median;
    witness.medians[finding.depth].widen(recent, now_ - longest_lag);
    return point(witness.heard->value).gap_ppm(recent) <= finding.allowance_ppm;
}

bool Comparison::has_company(std::size_t number, TimePoint since) const {
    const auto& witness = witnesses_[number];
    const auto& findings = witness.findings;
    const bool is_above = findings.worst->is_above;
    const auto is_company = [&](std::size_t member) {
        const auto& other = witnesses_[member];
        if (!is_sound(other) || other.is(Standing::unproven)) return false;
        return has_followed(other, witness, since, is_above) || has_followed(witness, other, since, is_above);
    };
    return findings.level && std::ranges::any_of(findings.level->groups, [&](const WitnessGroup& group) {
               return &group != findings.group && std::ranges::any_of(group.members, is_company);
           });
}

/// Whether the follower has moved since `since`, up or down, to what the leader was recently.
bool Comparison::has_followed(const Witness& follower, const Witness& leader, TimePoint since,
                              bool is_above) const {
    const auto value = point(follower.heard->value);
    auto path = value;
    follower.values.widen(path, since);
    auto recent = point(leader.heard->value);
    leader.values.widen(recent, now_ - longest_lag);
    const auto moved_ppm = distance_ppm(value.low, is_above ? path.low : path.high);
    return moved_ppm > floor_ppm_ && value.gap_ppm(recent) <= floor_ppm_;
}

bool Comparison::is_alone(std::size_t number) const {
    const auto is_compared = [&](const WitnessLevel& level) {
        const auto own = find_group(level, number);
        const auto is_sound_other = [&](const WitnessGroup& group) {
            return &group != &level.groups[own] &&
                   std::ranges::any_of(group.members, [&](std::size_t member) { return is_sound(member); });
        };
        return own < level.groups.size() && std::ranges::any_of(level.groups, is_sound_other);
    };
    return std::ranges::none_of(levels_, is_compared);
}

Comparison::Confirmation Comparison::confirm(std::size_t number) {
    Confirmation found;
    for (const auto& level : levels_) {
        const auto own = find_group(level, number);
        if (own == level.groups.size()) continue;
        Sides trusted, unproven;
        for (const auto& group : level.groups) {
            trusted.push_back(gather(group, {Standing::trusted}));
            const bool is_known = trusted.back().groups > 0;
            unproven.push_back(is_known ? Witnesses{} : gather(group, {Standing::unproven}));
        }
        unproven[own] = {};
        const auto known = gather_others(trusted, own), others = gather_others(unproven, own);
        // Below a level that confirmed it, only trusted venues contradict it.
        if (known.groups == 0 && (found.is_confirmed || others.groups == 0)) continue;
        found.is_confirmed = false;
        if (known.groups > 0) {
            const auto finding = compare(number, known, level.depth, known.groups + 1);
            found.is_confirmed = !finding.is_beyond();
            if (!found.is_confirmed) found.objection = finding;
        }
        const auto agreeing = count_agreeing(number, level, unproven, known.groups + others.groups + 1);
        found.is_confirmed = found.is_confirmed || (agreeing > 0 && agreeing + 1 > known.groups);
        if (!found.is_confirmed) return found;
    }
    return found;
}

/// How many of the unproven groups have a member with which the witness agrees.
std::size_t Comparison::count_agreeing(std::size_t number, const WitnessLevel& level, const Sides& unproven,
                                       std::size_t total) {
    const auto agrees = [&](std::size_t member) {
        const auto other = gather({{member}}, {Standing::unproven});
        return other.groups == 1 && !compare(number, other, level.depth, total).is_beyond();
    };
    std::size_t agreeing = 0;
    for (std::size_t i = 0; i < unproven.size(); ++i) {
        if (unproven[i].groups > 0 && std::ranges::any_of(level.groups[i].members, agrees)) ++agreeing;
    }
    return agreeing;
}

void Comparison::Witnesses::add(const Witnesses& group) {
    ++groups;
    venues += group.venues;
    newest = std::max(newest, group.newest);
    widest_half_spread_ppm = std::max(widest_half_spread_ppm, group.widest_half_spread_ppm);
}

/// The members of a group that have one of `standings` and are witnesses: one contradicted at a level above
/// is none.
Comparison::Witnesses Comparison::gather(const WitnessGroup& group, Standings standings) {
    Witnesses witnesses;
    const auto first = values_.size();
    const auto add = [&](const Witnesses& part) {
        witnesses.add(part);
        values_.push_back(part.median);
    };
    if (group.level_below) {
        for (const auto& part : levels_[*group.level_below].groups) {
            if (const auto found = gather(part, standings); found.groups > 0) add(found);
        }
    } else {
        for (const auto member : group.members) {
            const auto& witness = witnesses_[member];
            const auto found = std::ranges::find(standings, witness.standing);
            if (!is_sound(witness) || found == standings.end() || witness.findings.worst) continue;
            const auto& heard = *witness.heard;
            add({1, 1, point(heard.value), heard.observed_at, heard.half_spread_ppm});
        }
    }
    witnesses.groups = std::min<std::size_t>(witnesses.groups, 1);
    witnesses.median = take_median(first);
    return witnesses;
}

/// The witnesses of all groups except `own`.
Comparison::Witnesses Comparison::gather_others(const Sides& sides, std::size_t own) {
    Witnesses others;
    const auto first = values_.size();
    for (std::size_t i = 0; i < sides.size(); ++i) {
        if (i == own || sides[i].groups == 0) continue;
        others.add(sides[i]);
        values_.push_back(sides[i].median);
    }
    others.median = take_median(first);
    return others;
}

/// Of the values from `first` on, which are removed. Without any, an empty range.
ValueRange Comparison::take_median(std::size_t first) {
    const auto values = std::span(values_).subspan(first);
    const auto found = values.empty() ? ValueRange{} : median(values);
    values_.resize(first);
    return found;
}

std::string Comparison::explain(const Finding& finding) const {
    const auto& witness = witnesses_[finding.witness];
    if (!is_sound(witness)) return "spread of " + percent(witness.heard->half_spread_ppm * 2);
    auto text = percent(finding.deviation_ppm) + (finding.is_above ? " above" : " below") +
                " the median of " + counted(finding.venues, "other venue");
    if (finding.groups != finding.venues) text += " in " + counted(finding.groups, "group");
    return text + ", allowed " + percent(finding.allowance_ppm);
}

}  // namespace kurs
