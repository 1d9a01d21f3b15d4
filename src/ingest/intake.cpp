#include "kurs/ingest/intake.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace kurs {
namespace {

std::string source_text(const MarketMap& map, const ReferenceSource& source) {
    return map.name(map.symbol(source.legs.front().symbol).venue) + " " +
           map.formula(source.legs, source.references);
}

void report(const MarketMap& map, const VenueChange& change) {
    if (!change.from) return spdlog::info("active exchanger is {}: {}", map.name(change.to), change.reason);
    spdlog::warn("active exchanger is now {}, was {}: {}", map.name(change.to), map.name(*change.from),
                 change.reason);
}

void report(const MarketMap& map, const StandingChange& change) {
    const auto& [venue, standing, reason] = change.verdict;
    const auto direction = map.direction(change.direction).text();
    const bool is_over = change.before == Standing::disputed && standing == Standing::trusted;
    if (standing == Standing::disputed)
        return spdlog::warn("dispute {} {}: {}", map.name(venue), direction, reason);
    if (is_over) return spdlog::info("dispute {} {}: over", map.name(venue), direction);
    spdlog::debug("dispute {} {}: {}", map.name(venue), direction, reason.empty() ? "trusted" : reason);
}

void report(const MarketMap& map, const ReferenceSourceChange& change) {
    const auto& rate = map.reference_rates[index(change.rate)];
    if (!change.source) return spdlog::error("reference rate {}: no fresh source", rate.direction.text());
    const bool is_first = *change.source == 0;
    spdlog::log(is_first ? spdlog::level::info : spdlog::level::warn, "reference rate {}: source is {}{}",
                rate.direction.text(), source_text(map, rate.sources[*change.source]),
                is_first            ? ""
                : change.is_doubted ? ", preferred sources differ from the others"
                                    : ", preferred sources are stale");
}

}  // namespace

std::string connection_name(const StreamPlan& plan, std::size_t number) {
    return plan.connections == 1 ? plan.name : plan.name + "/" + std::to_string(number + 1);
}

Intake::Intake(IntakeParts parts, const BoardChange& published, TimePoint now)
    : parts_(std::move(parts)),
      map_(parts_.map),
      arbiter_(map_),
      draft_(map_, parts_.failback_after, parts_.delay, published, now),
      refusals_(map_.venues.size()) {}

void Intake::take(const IntakeSource& from, const Outcome& outcome, TimePoint at) {
    note(from.venue, outcome.refusals, at);
    for (const Listing& listing : outcome.listings) take(from, listing, at);
    take(from.venue, arbiter_.news(from.source, outcome.ticks, at), at);
}

void Intake::restore(const std::vector<Tick>& ticks, TimePoint at) {
    parts_.append(draft_.restore(ticks, at), at);
    follow_time(at);
}

PricingReport Intake::report(TimePoint now) const {
    return {now, parts_.refusal_log.recent(now), draft_.report_references(now)};
}

/// Values that the session refused. Those of unknown symbols explain no rate.
void Intake::note(VenueId venue, const std::vector<Refusal>& refusals, TimePoint at) {
    for (const auto& [reason, what] : refusals)
        if (const auto symbol = map_.find_symbol(map_.name(venue), what))
            parts_.refusal_log.add(*symbol, reason, std::nullopt, std::nullopt, at);
}

void Intake::take(const IntakeSource& from, const Listing& listing, TimePoint at) {
    auto update = draft_.set_trading(listing.symbol, listing.is_trading, at);
    if (!update) return;
    const auto& name = map_.symbol(listing.symbol).name;
    if (listing.is_trading) {
        spdlog::info("venue {}: symbol {} is trading again", map_.name(from.venue), name);
    } else {
        spdlog::error("venue {}: symbol {} not trading, status={}", map_.name(from.venue), name,
                      listing.status);
    }
    if (from.stream) from.stream->set_trading(listing.symbol, listing.is_trading);
    take(*std::move(update), at);
}

void Intake::take(VenueId venue, const std::vector<Tick>& ticks, TimePoint at) {
    if (ticks.empty()) return;
    auto update = draft_.apply(ticks, at);
    auto& refusals = refusals_[index(venue)];
    for (const auto& [symbol, reason, bid, ask] : update.refused) {
        parts_.refusal_log.add(symbol, reason, bid, ask, at);
        const auto& name = map_.symbol(symbol).name;
        spdlog::debug("pricer {}: refused {}: {}", map_.name(venue), name, to_string(reason));
        refusals.add({reason, name});
        parts_.on_refused_tick(venue, reason);
    }
    if (const auto report = refusals.report(at))
        spdlog::warn("pricer {}: refused {}", map_.name(venue), *report);
    take(std::move(update), at);
}

void Intake::take(DraftUpdate update, TimePoint at) {
    for (const auto& change : update.reference_changes) kurs::report(map_, change);
    for (const auto& change : update.standings) kurs::report(map_, change);
    if (update.active) kurs::report(map_, *update.active);
    if (!update.change.is_empty()) parts_.append(std::move(update.change), at);
}

}  // namespace kurs
