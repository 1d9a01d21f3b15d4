#include "kurs/board/jury.hpp"

#include <algorithm>
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
    std::vector<Standing> before;
    for (const auto& member : members_) before.push_back(member.verdict.standing);

    for (auto& member : members_) take(member, quotes[index(member.verdict.venue)]);
    judge();
    prove_first_values();
    next_change_ = find_next_change();

    std::vector<Verdict> changed;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        if (members_[i].verdict.standing != before[i]) changed.push_back(members_[i].verdict);
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
    for (auto& member : members_) {
        member.values.clear();
        member.medians.clear();
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
        member.heard.reset();
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
    const auto half_spread = in_ppm(quote->ask.units() - quote->bid.units(), value) / 2;
    member.heard = Heard{value, half_spread, own_observed_at(map_, *quote), quote->fresh_until};
    member.last_value = value;
    member.last_heard_at = now_;
    member.values.add({value, value}, now_);
}

bool Jury::is_sound(const Member& member) const {
    return member.heard && member.heard->half_spread_ppm <= floor_ppm_ * widest_half_spread;
}

Jury::Members Jury::choose_sound(std::initializer_list<Standing> standings) {
    Members chosen;
    for (auto& member : members_) {
        const auto found = std::ranges::find(standings, member.verdict.standing);
        if (is_sound(member) && found != standings.end()) chosen.push_back(&member);
    }
    return chosen;
}

void Jury::judge() {
    const auto jurors = choose_sound({Standing::trusted, Standing::doubted});
    if (jurors.empty() || (jurors.size() == 1 && !jurors.front()->is(Standing::trusted))) {
        for (auto& member : members_) {
            if (member.heard && !member.is(Standing::unproven)) member.start_anew("no venue to compare with");
        }
        return;
    }
    Findings findings;
    for (auto& member : members_) {
        auto others = jurors;
        std::erase(others, &member);
        if (!others.empty()) member.medians.add(median(others), now_);
        if (!member.heard || member.is(Standing::unproven)) continue;
        findings.push_back(compare(member, others, others.size() + 1));
    }
    const auto* kept = choose_kept(findings);
    for (const auto& finding : findings) {
        auto& departure = finding.member->departure;
        if (!finding.is_beyond() || finding.member == kept) {
            departure.reset();
        } else {
            departure = Departure{departure ? departure->at : now_, finding.is_above, finding.deviation_ppm};
        }
    }
    for (const auto& finding : findings) judge(finding);
}

void Jury::judge(const Finding& finding) {
    auto& member = *finding.member;
    const bool was_disputed = member.is(Standing::disputed);
    if (member.departure) {
        member.calm_since.reset();
        const bool is_new = now_ - member.departure->at < disputed_after;
        const bool is_doubt = has_company(member) || (!was_disputed && (is_new || is_lagging(finding)));
        const auto standing = is_doubt ? Standing::doubted : Standing::disputed;
        if (!member.is(standing)) member.verdict = {member.verdict.venue, standing, explain(finding)};
        return;
    }
    if (finding.agrees) member.agreed = Agreement{member.heard->value, now_};
    if (was_disputed) {
        if (!finding.is_close()) member.calm_since.reset();
        if (finding.is_close() && !member.calm_since) member.calm_since = now_;
        if (!member.calm_since || now_ - *member.calm_since < readmitted_after) return;
    }
    member.trust();
}

/// Of even numbers, the range between both middle values.
ValueRange Jury::median(const Members& members) {
    std::vector<u128> values;
    for (const auto* member : members) values.push_back(member->heard->value);
    std::ranges::sort(values);
    return {values[(values.size() - 1) / 2], values[values.size() / 2]};
}

/// `total` is the number of witnesses in all, the venue included.
Jury::Finding Jury::compare(Member& member, const Members& witnesses, std::size_t total) const {
    const auto& heard = *member.heard;
    const bool has_little_evidence = total < 3 || now_ - heard.observed_at > RangeTrack::length;
    Finding finding;
    finding.member = &member;
    finding.witnesses = witnesses.size();
    finding.allowance_ppm =
        floor_ppm_ * (has_little_evidence ? with_little_evidence : 1) + heard.half_spread_ppm;
    if (!is_sound(member)) finding.deviation_ppm = furthest_ppm;
    if (!is_sound(member) || witnesses.empty()) return finding;

    auto newest = TimePoint::min();
    std::uint64_t widest = 0;
    for (const auto* witness : witnesses) {
        newest = std::max(newest, witness->heard->observed_at);
        widest = std::max(widest, witness->heard->half_spread_ppm);
    }
    finding.allowance_ppm += widest;
    finding.median = median(witnesses);
    ValueRange own{heard.value, heard.value};
    finding.agrees = own.gap_ppm(finding.median) * 2 < finding.allowance_ppm;
    if (heard.observed_at < newest) member.medians.widen(finding.median, heard.observed_at);
    if (heard.observed_at - newest > slow_witness) member.values.widen(own, newest);
    finding.is_above = own.low > finding.median.high;
    finding.deviation_ppm = own.gap_ppm(finding.median);
    return finding;
}

/// Who stays trusted if all jurors are beyond their allowance, or either of two.
const Jury::Member* Jury::choose_kept(const Findings& findings) const {
    std::vector<const Finding*> jurors, trusted;
    for (const auto& finding : findings) {
        if (!is_sound(*finding.member) || finding.member->is(Standing::disputed)) continue;
        jurors.push_back(&finding);
        if (finding.member->is(Standing::trusted)) trusted.push_back(&finding);
    }
    const auto beyond =
        std::ranges::count_if(jurors, [](const Finding* finding) { return finding->is_beyond(); });
    const bool is_pair = jurors.size() == 2;
    if (beyond == 0 || (!is_pair && std::cmp_less(beyond, jurors.size()))) return nullptr;
    if (is_pair && trusted.size() == 1) return trusted.front()->member;
    if (is_pair) {
        const auto& preferred = *jurors.front()->member;
        const auto& other = *jurors.back()->member;
        return has_moved_alone(preferred, other) ? &other : &preferred;
    }
    const auto find_nearest = [](const std::vector<const Finding*>& among) {
        return *std::ranges::min_element(among, {},
                                         [](const Finding* finding) { return finding->deviation_ppm; });
    };
    const auto* nearest = find_nearest(jurors);
    if (trusted.empty()) return nearest->member;
    const auto* nearest_trusted = find_nearest(trusted);
    const bool is_far = nearest_trusted->deviation_ppm > nearest->deviation_ppm * 2;
    return (is_far ? nearest : nearest_trusted)->member;
}

bool Jury::has_moved_alone(const Member& preferred, const Member& other) const {
    const auto moved_ppm = [&](const Member& member) -> std::uint64_t {
        const auto& agreed = member.agreed;
        if (!agreed || now_ - agreed->at > agreement_lasts) return 0;
        return distance_ppm(member.heard->value, agreed->value);
    };
    return moved_ppm(preferred) > moved_ppm(other) * 2;
}

bool Jury::is_lagging(const Finding& finding) const {
    const auto& member = *finding.member;
    if (!is_sound(member) || finding.witnesses == 0) return false;
    auto recent = finding.median;
    member.medians.widen(recent, now_ - longest_lag);
    return ValueRange{member.heard->value, member.heard->value}.gap_ppm(recent) <= finding.allowance_ppm;
}

bool Jury::has_company(const Member& member) const {
    const auto& departure = *member.departure;
    if (departure.deviation_ppm > floor_ppm_ * furthest_company || now_ - departure.at > company_lasts)
        return false;
    return std::ranges::any_of(members_, [&](const Member& other) {
        if (&other == &member || !is_sound(other) || other.is(Standing::unproven)) return false;
        return has_followed(other, member, departure) || has_followed(member, other, departure);
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
    const auto trusted = choose_sound({Standing::trusted});
    const auto unproven = choose_sound({Standing::unproven});
    const bool is_alone = unproven.size() == 1 && std::ranges::count_if(members_, [&](auto& member) {
                                                      return is_sound(member);
                                                  }) == 1;
    Members proven;
    for (auto& member : members_) {
        if (!member.heard || !member.is(Standing::unproven)) continue;
        if (!is_alone || !is_sound(member)) member.first.reset();
        if (!is_sound(member)) {
            member.verdict.reason = explain(compare(member, {}, 1));
        } else if (is_alone ? has_stood(member) : is_confirmed(member, trusted, unproven)) {
            proven.push_back(&member);
        }
    }
    for (auto* member : proven) member->trust();
}

/// By the trusted venues, or by other unproven ones that, with it, outnumber those.
bool Jury::is_confirmed(Member& member, const Members& trusted, const Members& unproven) const {
    member.verdict.reason = "first value, not confirmed by another venue";
    if (!trusted.empty()) {
        const auto finding = compare(member, trusted, trusted.size() + 1);
        if (!finding.is_beyond()) return true;
        member.verdict.reason = "first value, " + explain(finding);
    }
    const auto agreeing = std::ranges::count_if(unproven, [&](Member* other) {
        return other != &member && !compare(member, {other}, trusted.size() + unproven.size()).is_beyond();
    });
    return agreeing > 0 && std::cmp_greater(agreeing + 1, trusted.size());
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
    return percent(finding.deviation_ppm) + (finding.is_above ? " above" : " below") + " the median of " +
           std::to_string(finding.witnesses) + (finding.witnesses == 1 ? " other venue" : " other venues") +
           ", allowed " + percent(finding.allowance_ppm);
}

}  // namespace kurs
