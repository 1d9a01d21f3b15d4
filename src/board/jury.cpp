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
constexpr Duration company_lasts = 2min;
constexpr Duration look_again_after = 1s;
constexpr std::uint64_t furthest_company = 20;  ///< in floors
constexpr std::uint64_t first_value_range = 3;  ///< in floors

}  // namespace

Jury::Jury(const MarketMap& map, std::uint32_t floor_ppm)
    : floor_ppm_(floor_ppm), comparison_(map, floor_ppm, map.venues.size()) {
    const auto add = [this](VenueId venue) {
        if (std::ranges::find(members_, venue, &Member::venue) != members_.end()) return;
        auto& member = members_.emplace_back();
        member.venue = venue;
        member.witness = members_.size() - 1;
    };
    for (const auto venue : map.exchangers) add(venue);
    for (std::size_t i = 0; i < map.venues.size(); ++i) add(VenueId{static_cast<std::uint8_t>(i)});
}

const Jury::Member& Jury::find(VenueId venue) const {
    return *std::ranges::find(members_, venue, &Member::venue);
}

std::vector<Verdict> Jury::hear(std::span<const Quote* const> quotes, TimePoint now) {
    if (now < now_) restart_waits(now);
    now_ = now;
    for (auto& member : members_) {
        member.standing_before = standing(member);
        take(member, quotes[index(member.venue)]);
    }
    const bool is_compared = comparison_.compare(now);
    for (auto& member : members_) {
        if (!member.fresh_until || standing(member) == Standing::unproven) continue;
        if (is_compared) {
            judge(member);
        } else {
            settle(member, Standing::unproven, "no venue to compare with");
        }
    }
    prove_first_values();
    next_change_ = find_next_change();

    std::vector<Verdict> changed;
    for (const auto& member : members_) {
        if (standing(member) != member.standing_before) changed.push_back(verdict(member));
    }
    return changed;
}

void Jury::resume(std::span<const Quote* const> quotes, TimePoint now) {
    now_ = now;
    for (auto& member : members_) {
        const Quote* const quote = quotes[index(member.venue)];
        const bool is_new = !member.fresh_until && standing(member) == Standing::unproven;
        if (!quote || now >= quote->fresh_until || !is_new) continue;
        take(member, quote);
        settle(member, Standing::trusted);
    }
}

/// The clock was set back to `now`.
void Jury::restart_waits(TimePoint now) {
    comparison_.restart(now);
    for (auto& member : members_) {
        member.first.reset();
        member.last_heard_at = std::min(member.last_heard_at, now);
        for (auto* since : {&member.departed_at, &member.calm_since})
            if (*since) *since = std::min(**since, now);
    }
}

void Jury::take(Member& member, const Quote* quote) {
    const bool is_trusted = standing(member) == Standing::trusted;
    const bool is_long_silent = now_ - member.last_heard_at >= trust_without_quote;
    if (!quote || now_ >= quote->fresh_until) {
        comparison_.forget(member.witness);
        member.fresh_until.reset();
        member.first.reset();
        if (!is_trusted || is_long_silent) settle(member, Standing::unproven, "no quote");
        return;
    }
    const auto value = quote->value.units();
    const bool is_back = !member.fresh_until && is_trusted;
    if (is_back && (is_long_silent || distance_ppm(value, member.last_value) > floor_ppm_))
        settle(member, Standing::unproven, "first value");
    comparison_.hear(member.witness, *quote, now_);
    member.fresh_until = quote->fresh_until;
    member.last_value = value;
    member.last_heard_at = now_;
}

/// Makes it trusted or unproven.
void Jury::settle(Member& member, Standing standing, std::string reason) {
    comparison_.set_standing(member.witness, standing);
    member.reason = std::move(reason);
    member.first.reset();
    member.departed_at.reset();
    member.calm_since.reset();
}

void Jury::judge(Member& member) {
    const auto& findings = comparison_.findings(member.witness);
    if (findings.worst) return contradict(member, findings);
    member.departed_at.reset();
    if (standing(member) == Standing::disputed) {
        if (!findings.is_close) member.calm_since.reset();
        if (findings.is_close && !member.calm_since) member.calm_since = now_;
        if (!member.calm_since || now_ - *member.calm_since < readmitted_after) return;
    }
    settle(member, Standing::trusted);
}

void Jury::contradict(Member& member, const Findings& findings) {
    if (!member.departed_at) member.departed_at = now_;
    member.calm_since.reset();
    const auto age = now_ - *member.departed_at;
    const bool is_far = findings.worst->deviation_ppm > floor_ppm_ * furthest_company;
    const bool has_company =
        !is_far && age <= company_lasts && comparison_.has_company(member.witness, *member.departed_at);
    const bool was_disputed = standing(member) == Standing::disputed;
    const bool is_early = !was_disputed && (age < disputed_after || findings.is_lagging);
    const auto standing_now = has_company || is_early ? Standing::doubted : Standing::disputed;
    if (standing(member) == standing_now) return;
    comparison_.set_standing(member.witness, standing_now);
    member.reason = comparison_.explain(*findings.worst);
}

void Jury::prove_first_values() {
    std::vector<Member*> proven;
    for (auto& member : members_) {
        if (!member.fresh_until || standing(member) != Standing::unproven) continue;
        if (is_proven(member)) proven.push_back(&member);
    }
    for (auto* member : proven) settle(*member, Standing::trusted);
}

bool Jury::is_proven(Member& member) {
    const bool is_sound = comparison_.is_sound(member.witness);
    const bool is_single = is_sound && comparison_.is_alone(member.witness);
    if (!is_single) member.first.reset();
    if (!is_sound) {
        member.reason = comparison_.explain(*comparison_.findings(member.witness).worst);
        return false;
    }
    if (is_single) return has_stood(member);
    const auto [is_confirmed, objection] = comparison_.confirm(member.witness);
    member.reason =
        "first value, " + (objection ? comparison_.explain(*objection) : "not confirmed by another venue");
    return is_confirmed;
}

/// Without another venue, a first value is confirmed by the venue itself.
bool Jury::has_stood(Member& member) const {
    member.reason = "first value, without another venue confirmed for less than 30 s";
    const auto value = member.last_value;
    const auto observed_at = comparison_.observed_at(member.witness);
    auto& first = member.first;
    const bool is_same = first && observed_at >= first->observed_at &&
                         distance_ppm(value, first->value) <= floor_ppm_ * first_value_range;
    if (!is_same) first = FirstValue{value, now_, observed_at};
    return now_ - first->heard_at >= proven_alone_after &&
           observed_at - first->observed_at >= proven_alone_after;
}

TimePoint Jury::find_next_change() const {
    auto next = TimePoint::max();
    for (const auto& member : members_) {
        if (member.fresh_until) {
            next = std::min(next, *member.fresh_until);
        } else if (standing(member) == Standing::trusted) {
            next = std::min(next, member.last_heard_at + trust_without_quote);
        }
        if (member.departed_at && standing(member) == Standing::doubted) {
            const auto due = *member.departed_at + disputed_after;
            next = std::min(next, due > now_ ? due : now_ + look_again_after);
        }
        if (member.calm_since) next = std::min(next, *member.calm_since + readmitted_after);
    }
    return next;
}

}  // namespace kurs
