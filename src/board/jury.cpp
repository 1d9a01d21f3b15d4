#include "kurs/board/jury.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr Duration disputed_after = 2s;
constexpr Duration readmitted_after = 10s;
constexpr Duration proven_alone_after = 30s;
constexpr Duration trust_without_quote = 1min;
constexpr Duration agreement_lasts = 5min;
constexpr Duration longest_lag = 30s;
constexpr Duration slow_witness = 10s;
constexpr Duration company_lasts = 2min;
constexpr Duration look_again_after = 1s;
constexpr std::uint64_t widest_half_spread = 4;    ///< in floors
constexpr std::uint64_t furthest_company = 20;     ///< in floors
constexpr std::uint64_t with_little_evidence = 3;  ///< the factor of the floor

/// With two decimals, cut.
std::string percent(std::uint64_t ppm) {
    const auto hundredths = std::to_string(ppm / 100 % 100);
    return std::to_string(ppm / 10'000) + (hundredths.size() < 2 ? ".0" : ".") + hundredths + " %";
}

/// The time of the oldest leg that is the venue's own. The others are common to venues.
TimePoint own_observed_at(const MarketMap& map, const Quote& quote) {
    auto oldest = TimePoint::max();
    for (const auto& leg : quote.legs) {
        if (map.symbol(leg.symbol).venue == quote.venue) oldest = std::min(oldest, leg.observed_at);
    }
    return oldest == TimePoint::max() ? quote.observed_at : oldest;
}

}  // namespace

void Jury::Member::start_anew(std::string reason) {
    verdict.standing = Standing::unproven;
    verdict.reason = std::move(reason);
    first.reset();
    departure.reset();
    calm_since.reset();
    agreed.reset();
}

void Jury::Member::trust() {
    verdict.standing = Standing::trusted;
    verdict.reason.clear();
    first.reset();
    departure.reset();
    calm_since.reset();
}

Jury::Jury(const MarketMap& map, std::uint32_t floor_ppm) : map_(map), floor_ppm_(floor_ppm) {
    auto venues = map.exchangers;
    for (std::size_t i = 0; i < map.venues.size(); ++i) {
        const VenueId venue{static_cast<std::uint8_t>(i)};
        if (std::ranges::find(venues, venue) == venues.end()) venues.push_back(venue);
    }
    for (const auto venue : venues) members_.emplace_back().verdict = {venue, Standing::unproven, "no quote"};
}

const Verdict& Jury::verdict(VenueId venue) const {
    return std::ranges::find(members_, venue, [](const Member& member) { return member.verdict.venue; })
        ->verdict;
}

std::vector<Verdict> Jury::hear(std::span<const Quote* const> quotes, TimePoint now) {
    if (now < now_) restart_waits(now);
    now_ = now;
    for (auto& member : members_) {
        member.standing_before = member.verdict.standing;
        take(member, quotes[index(member.verdict.venue)]);
    }
    if (!is_grouped_) regroup();
    judge();
    prove_first_values();
    next_change_ = find_next_change();

    std::vector<Verdict> changed;
    for (const auto& member : members_) {
        if (!member.is(member.standing_before)) changed.push_back(member.verdict);
    }
    return changed;
}

void Jury::resume(std::span<const Quote* const> quotes, TimePoint now) {
    now_ = now;
    for (auto& member : members_) {
        const Quote* const quote = quotes[index(member.verdict.venue)];
        const bool is_new = !member.heard && member.is(Standing::unproven);
        if (!quote || now >= quote->fresh_until || !is_new) continue;
        take(member, quote);
        member.trust();
    }
}

/// The clock was set back to `now`.
void Jury::restart_waits(TimePoint now) {
    const auto restart = [&](TimePoint& at) { at = std::min(at, now); };
    medians_.clear();
    for (auto& member : members_) {
        member.values.clear();
        for (auto& medians : member.medians) medians.clear();
        member.first.reset();
        restart(member.last_heard_at);
        if (member.departure) restart(member.departure->at);
        if (member.calm_since) restart(*member.calm_since);
        if (member.agreed) restart(member.agreed->at);
    }
}

void Jury::take(Member& member, const Quote* quote) {
    const bool is_long_silent = now_ - member.last_heard_at >= trust_without_quote;
    if (!quote || now_ >= quote->fresh_until) {
        if (member.heard) is_grouped_ = false;
        member.heard.reset();
        member.medians.clear();
        member.first.reset();
        member.values.clear();
        if (!member.is(Standing::trusted) || is_long_silent) member.start_anew("no quote");
        return;
    }
    const auto value = quote->value.units();
    const bool is_back = !member.heard && member.is(Standing::trusted);
    if (is_back && (is_long_silent || distance_ppm(value, member.last_value) > floor_ppm_)) {
        member.start_anew("first value");
    }
    if (!member.heard || !std::ranges::equal(member.symbols, quote->legs, {}, {}, &QuoteLeg::symbol)) {
        member.symbols.clear();
        for (const auto& leg : quote->legs) member.symbols.push_back(leg.symbol);
        is_grouped_ = false;
    }
    const auto half_spread = in_ppm(quote->ask.units() - quote->bid.units(), value) / 2;
    member.heard = Heard{value, half_spread, own_observed_at(map_, *quote), quote->fresh_until};
    member.last_value = value;
    member.last_heard_at = now_;
    member.values.add({value, value}, now_);
}

void Jury::regroup() {
    std::vector<WitnessSymbols> quotes;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        if (members_[i].heard) quotes.push_back({i, members_[i].symbols});
    }
    levels_ = divide_witnesses(std::move(quotes));
    for (const auto& level : levels_) {
        for (const auto& group : level.groups) {
            for (const auto position : group.members) {
                auto& medians = members_[position].medians;
                if (medians.size() > level.depth) continue;
                auto known = medians.empty() ? medians_ : medians.back();
                medians.push_back(std::move(known));
            }
        }
    }
    is_grouped_ = true;
}

bool Jury::is_sound(const Member& member) const {
    return member.heard && member.heard->half_spread_ppm <= floor_ppm_ * widest_half_spread;
}

/// At the level being judged: a venue contradicted at a level above is none.
bool Jury::is_witness(const Member& member) const {
    const bool has_vote = member.is(Standing::trusted) || member.is(Standing::doubted);
    return has_vote && is_sound(member) && !member.findings.worst;
}

void Jury::judge() {
    bool is_anyone_trusted = false;
    std::size_t witnesses = 0;
    for (auto& member : members_) {
        member.findings = {};
        if (member.heard && !is_sound(member)) member.findings = wide_spread(member);
        if (!is_witness(member)) continue;
        is_anyone_trusted = is_anyone_trusted || member.is(Standing::trusted);
        values_.push_back({member.heard->value, member.heard->value});
        ++witnesses;
    }
    const auto all_medians = take_median(0);
    if (witnesses < 2 && !is_anyone_trusted) {
        for (auto& member : members_) {
            if (member.heard && !member.is(Standing::unproven)) member.start_anew("no venue to compare with");
        }
        return;
    }
    medians_.add(all_medians, now_);
    for (const auto& level : levels_) judge(level);
    for (auto& member : members_) {
        if (member.heard && !member.is(Standing::unproven)) judge(member);
    }
}

/// Adds to the findings about each member.
void Jury::judge(const WitnessLevel& level) {
    sides_.clear();
    level_findings_.clear();
    for (const auto& group : level.groups)
        sides_.push_back(gather(group, {Standing::trusted, Standing::doubted}));
    for (std::size_t i = 0; i < level.groups.size(); ++i) {
        const auto others = gather_others(sides_, i);
        if (others.groups == 0) continue;
        for (const auto position : level.groups[i].members) {
            auto& member = members_[position];
            member.medians[level.depth].add(others.median, now_);
            if (!is_sound(member) || member.is(Standing::unproven)) continue;
            auto& finding =
                level_findings_.emplace_back(compare(member, others, level.depth, others.groups + 1));
            finding.group = &level.groups[i];
        }
    }
    const auto* const kept = choose_kept();
    for (const auto& finding : level_findings_) {
        auto& findings = finding.member->findings;
        const bool is_kept = finding.group == kept && is_witness(*finding.member);
        ++findings.all;
        findings.agreeing += finding.agrees ? 1 : 0;
        findings.close += finding.is_close() ? 1 : 0;
        if (!finding.is_beyond() || is_kept) continue;
        findings.is_lagging = findings.is_lagging && is_lagging(finding);
        if (!findings.worst) {
            findings.level = &level;
            findings.group = finding.group;
        }
        if (!findings.worst || finding.excess_ppm() > findings.worst->excess_ppm()) findings.worst = finding;
    }
}

void Jury::judge(Member& member) {
    const auto& findings = member.findings;
    const bool was_disputed = member.is(Standing::disputed);
    if (const auto& worst = findings.worst) {
        const auto since = member.departure ? member.departure->at : now_;
        member.departure = Departure{since, worst->is_above, worst->deviation_ppm};
        member.calm_since.reset();
        const bool is_new = now_ - since < disputed_after;
        const bool is_doubt = has_company(member) || (!was_disputed && (is_new || findings.is_lagging));
        const auto standing = is_doubt ? Standing::doubted : Standing::disputed;
        if (!member.is(standing)) member.verdict = {member.verdict.venue, standing, explain(*worst)};
        return;
    }
    member.departure.reset();
    if (findings.agrees()) member.agreed = Agreement{member.heard->value, now_};
    if (was_disputed) {
        if (!findings.is_close()) member.calm_since.reset();
        if (findings.is_close() && !member.calm_since) member.calm_since = now_;
        if (!member.calm_since || now_ - *member.calm_since < readmitted_after) return;
    }
    member.trust();
}

void Jury::Witnesses::add(const Witnesses& group) {
    ++groups;
    venues += group.venues;
    newest = std::max(newest, group.newest);
    widest_half_spread_ppm = std::max(widest_half_spread_ppm, group.widest_half_spread_ppm);
}

/// The members of a group that have one of `standings` and are witnesses: a venue contradicted at a level
/// above is none.
Jury::Witnesses Jury::gather(const WitnessGroup& group, std::initializer_list<Standing> standings) {
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
        for (const auto position : group.members) {
            const auto& member = members_[position];
            const auto found = std::ranges::find(standings, member.verdict.standing);
            if (!is_sound(member) || found == standings.end() || member.findings.worst) continue;
            const auto& heard = *member.heard;
            add({1, 1, {heard.value, heard.value}, heard.observed_at, heard.half_spread_ppm});
        }
    }
    witnesses.groups = std::min<std::size_t>(witnesses.groups, 1);
    witnesses.median = take_median(first);
    return witnesses;
}

/// The witnesses of all groups except `own`.
Jury::Witnesses Jury::gather_others(const std::vector<Witnesses>& sides, std::size_t own) {
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
ValueRange Jury::take_median(std::size_t first) {
    const auto values = std::span(values_).subspan(first);
    const auto found = values.empty() ? ValueRange{} : median(values);
    values_.resize(first);
    return found;
}

Jury::Findings Jury::wide_spread(Member& member) {
    Finding finding;
    finding.member = &member;
    finding.deviation_ppm = furthest_ppm;
    Findings findings;
    findings.worst = finding;
    findings.is_lagging = false;
    return findings;
}

/// `total` is the number of groups in all, the venue's included.
Jury::Finding Jury::compare(Member& member, const Witnesses& witnesses, std::size_t depth,
                            std::size_t total) const {
    const auto& heard = *member.heard;
    const bool has_little_evidence = total < 3 || now_ - heard.observed_at > RangeTrack::length;
    Finding finding;
    finding.member = &member;
    finding.depth = depth;
    finding.groups = witnesses.groups;
    finding.venues = witnesses.venues;
    finding.median = witnesses.median;
    finding.allowance_ppm = floor_ppm_ * (has_little_evidence ? with_little_evidence : 1) +
                            heard.half_spread_ppm + witnesses.widest_half_spread_ppm;
    ValueRange own{heard.value, heard.value};
    finding.deviation_ppm = own.gap_ppm(finding.median);
    finding.agrees = finding.is_close();
    if (finding.agrees) return finding;

    if (heard.observed_at < witnesses.newest) member.medians[depth].widen(finding.median, heard.observed_at);
    if (heard.observed_at - witnesses.newest > slow_witness) member.values.widen(own, witnesses.newest);
    finding.is_above = own.low > finding.median.high;
    finding.deviation_ppm = own.gap_ppm(finding.median);
    return finding;
}

/// Which group of the level stays trusted if all witnesses are beyond their allowance, or either of two
/// groups.
const WitnessGroup* Jury::choose_kept() const {
    const auto is_contradicted = [&](const Finding& finding) {
        return finding.is_beyond() && is_witness(*finding.member);
    };
    if (std::ranges::none_of(level_findings_, is_contradicted)) return nullptr;
    std::vector<const Finding*> witnesses, trusted;
    std::set<const WitnessGroup*> groups, within;
    for (const auto& finding : level_findings_) {
        if (!is_witness(*finding.member)) continue;
        witnesses.push_back(&finding);
        if (finding.member->is(Standing::trusted)) trusted.push_back(&finding);
        groups.insert(finding.group);
        if (!finding.is_beyond()) within.insert(finding.group);
    }
    const bool is_pair = groups.size() == 2;
    if (within.size() == groups.size() || (!is_pair && !within.empty())) return nullptr;
    if (is_pair) {
        const auto* const preferred = std::ranges::min(witnesses, {}, &Finding::member)->group;
        const auto* const other = *groups.begin() == preferred ? *groups.rbegin() : *groups.begin();
        const auto is_trusted = [&](const WitnessGroup* group) {
            return std::ranges::find(trusted, group, &Finding::group) != trusted.end();
        };
        if (is_trusted(preferred) != is_trusted(other)) return is_trusted(preferred) ? preferred : other;
        return have_moved_alone(*preferred, *other) ? other : preferred;
    }
    const auto find_nearest = [](const std::vector<const Finding*>& among) {
        return *std::ranges::min_element(among, {}, &Finding::deviation_ppm);
    };
    const auto* nearest = find_nearest(witnesses);
    if (trusted.empty()) return nearest->group;
    const auto* nearest_trusted = find_nearest(trusted);
    const bool is_far = nearest_trusted->deviation_ppm > nearest->deviation_ppm * 2;
    return (is_far ? nearest : nearest_trusted)->group;
}

/// A group has moved as far as that of its witnesses which has moved least.
bool Jury::have_moved_alone(const WitnessGroup& preferred, const WitnessGroup& other) const {
    const auto moved_ppm = [&](const WitnessGroup& group) {
        auto least = furthest_ppm;
        for (const auto position : group.members) {
            const auto& member = members_[position];
            const auto& agreed = member.agreed;
            if (!is_witness(member)) continue;
            const bool is_known = agreed && now_ - agreed->at <= agreement_lasts;
            least = std::min(least, is_known ? distance_ppm(member.heard->value, agreed->value) : 0);
        }
        return least;
    };
    return moved_ppm(preferred) > moved_ppm(other) * 2;
}

bool Jury::is_lagging(const Finding& finding) const {
    const auto& member = *finding.member;
    auto recent = finding.median;
    member.medians[finding.depth].widen(recent, now_ - longest_lag);
    return ValueRange{member.heard->value, member.heard->value}.gap_ppm(recent) <= finding.allowance_ppm;
}

/// A common leg moves a whole group, so venues of the same group are no company.
bool Jury::has_company(const Member& member) const {
    const auto& departure = *member.departure;
    if (departure.deviation_ppm > floor_ppm_ * furthest_company || now_ - departure.at > company_lasts)
        return false;
    const auto is_company = [&](std::size_t position) {
        const auto& other = members_[position];
        if (!is_sound(other) || other.is(Standing::unproven)) return false;
        return has_followed(other, member, departure) || has_followed(member, other, departure);
    };
    return std::ranges::any_of(member.findings.level->groups, [&](const WitnessGroup& group) {
        return &group != member.findings.group && std::ranges::any_of(group.members, is_company);
    });
}

/// Whether the follower has moved since the departure, to its side, to what the leader was recently.
bool Jury::has_followed(const Member& follower, const Member& leader, const Departure& departure) const {
    const ValueRange value{follower.heard->value, follower.heard->value};
    auto path = value;
    follower.values.widen(path, departure.at);
    auto recent = ValueRange{leader.heard->value, leader.heard->value};
    leader.values.widen(recent, now_ - longest_lag);
    const auto moved_ppm = distance_ppm(value.low, departure.is_above ? path.low : path.high);
    return moved_ppm > floor_ppm_ && value.gap_ppm(recent) <= floor_ppm_;
}

void Jury::prove_first_values() {
    std::vector<Member*> proven;
    for (auto& member : members_) {
        if (!member.heard || !member.is(Standing::unproven)) continue;
        const bool is_single = is_sound(member) && is_alone(member);
        if (!is_single) member.first.reset();
        if (!is_sound(member)) {
            member.verdict.reason = explain(*member.findings.worst);
        } else if (is_single ? has_stood(member) : is_confirmed(member)) {
            proven.push_back(&member);
        }
    }
    for (auto* member : proven) member->trust();
}

/// No level compares it with a sound quote of another venue.
bool Jury::is_alone(const Member& member) const {
    const auto is_compared = [&](const WitnessLevel& level) {
        const auto own = find_group(level, member);
        const auto is_sound_other = [&](const WitnessGroup& group) {
            return &group != &level.groups[own] &&
                   std::ranges::any_of(group.members,
                                       [&](std::size_t position) { return is_sound(members_[position]); });
        };
        return own < level.groups.size() && std::ranges::any_of(level.groups, is_sound_other);
    };
    return std::ranges::none_of(levels_, is_compared);
}

/// By the trusted groups, or by unproven ones that, with its own, outnumber those.
bool Jury::is_confirmed(Member& member) {
    member.verdict.reason = "first value, not confirmed by another venue";
    bool is_confirmed = false;
    for (const auto& level : levels_) {
        const auto own = find_group(level, member);
        if (own == level.groups.size()) continue;
        std::vector<Witnesses> trusted, unproven;
        for (const auto& group : level.groups) {
            trusted.push_back(gather(group, {Standing::trusted}));
            const bool is_known = trusted.back().groups > 0;
            unproven.push_back(is_known ? Witnesses{} : gather(group, {Standing::unproven}));
        }
        const auto known = gather_others(trusted, own), others = gather_others(unproven, own);
        // Below a level that confirmed it, only trusted venues contradict it.
        if (known.groups == 0 && (is_confirmed || others.groups == 0)) continue;
        is_confirmed = false;
        if (known.groups > 0) {
            const auto finding = compare(member, known, level.depth, known.groups + 1);
            is_confirmed = !finding.is_beyond();
            if (!is_confirmed) member.verdict.reason = "first value, " + explain(finding);
        }
        const auto agrees = [&](std::size_t position) {
            const auto other = gather({{position}}, {Standing::unproven});
            const auto total = known.groups + others.groups + 1;
            return other.groups > 0 && !compare(member, other, level.depth, total).is_beyond();
        };
        std::size_t agreeing = 0;
        for (std::size_t i = 0; i < unproven.size(); ++i) {
            const bool is_other = i != own && unproven[i].groups > 0;
            if (is_other && std::ranges::any_of(level.groups[i].members, agrees)) ++agreeing;
        }
        is_confirmed = is_confirmed || (agreeing > 0 && agreeing + 1 > known.groups);
        if (!is_confirmed) return false;
    }
    return is_confirmed;
}

/// The number of the member's group, or that of the groups if it is in none.
std::size_t Jury::find_group(const WitnessLevel& level, const Member& member) const {
    const auto position = static_cast<std::size_t>(&member - members_.data());
    const auto has_it = [&](const WitnessGroup& group) {
        return std::ranges::find(group.members, position) != group.members.end();
    };
    return static_cast<std::size_t>(std::ranges::find_if(level.groups, has_it) - level.groups.begin());
}

/// Without another venue, a first value is confirmed by the venue itself.
bool Jury::has_stood(Member& member) const {
    member.verdict.reason = "first value, without another venue confirmed for less than 30 s";
    const auto& heard = *member.heard;
    auto& first = member.first;
    const bool is_same = first && heard.observed_at >= first->observed_at &&
                         distance_ppm(heard.value, first->value) <= floor_ppm_ * with_little_evidence;
    if (!is_same) first = FirstValue{heard.value, now_, heard.observed_at};
    return now_ - first->heard_at >= proven_alone_after &&
           heard.observed_at - first->observed_at >= proven_alone_after;
}

TimePoint Jury::find_next_change() const {
    auto next = TimePoint::max();
    for (const auto& member : members_) {
        if (member.heard) next = std::min(next, member.heard->fresh_until);
        if (!member.heard && member.is(Standing::trusted)) {
            next = std::min(next, member.last_heard_at + trust_without_quote);
        }
        if (member.departure && member.is(Standing::doubted)) {
            const auto due = member.departure->at + disputed_after;
            next = std::min(next, due > now_ ? due : now_ + look_again_after);
        }
        if (member.calm_since) next = std::min(next, *member.calm_since + readmitted_after);
    }
    return next;
}

std::string Jury::explain(const Finding& finding) const {
    const auto& member = *finding.member;
    if (!is_sound(member)) return "spread of " + percent(member.heard->half_spread_ppm * 2);
    const auto groups = finding.groups == finding.venues ? ""
                                                         : " in " + std::to_string(finding.groups) +
                                                               (finding.groups == 1 ? " group" : " groups");
    return percent(finding.deviation_ppm) + (finding.is_above ? " above" : " below") + " the median of " +
           std::to_string(finding.venues) + (finding.venues == 1 ? " other venue" : " other venues") +
           groups + ", allowed " + percent(finding.allowance_ppm);
}

}  // namespace kurs
