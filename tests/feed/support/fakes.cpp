#include "support/fakes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kurs::testing {

MarketMap make_map(Duration max_age) {
    MarketMap map;
    map.venues = {"words"};
    for (const char* name : {"BTCUSDT", "ETHUSDT"}) {
        Symbol symbol;
        symbol.name = name;
        symbol.limits.max_age = max_age;
        map.symbols.push_back(symbol);
    }
    return map;
}

Tick make_tick(SymbolId symbol, TimePoint observed_at) {
    const Rate price = *Rate::parse("61234.5");
    return {symbol, price, price, observed_at, 0};
}

StreamRequest WordSession::request() const {
    return {"/stream?key=secret", {{"X-Key", "secret"}}};
}

Outcome WordSession::on_frame(std::string_view frame, TimePoint received_at) {
    Outcome outcome;
    if (frame == "tick 0" || frame == "tick 1") {
        outcome.ticks.push_back(
            make_tick(SymbolId{static_cast<std::uint16_t>(frame.back() - '0')}, received_at));
    } else if (frame == "bad") {
        outcome.refusals.push_back({errc::malformed, "BTCUSDT"});
    } else if (frame == "bye") {
        outcome.farewell = Farewell{"serverShutdown", false};
    } else if (frame == "soon") {
        outcome.farewell = Farewell{"serverShutdown", false, true};
    } else if (frame == "never") {
        outcome.farewell = Farewell{"unauthorized", true};
    } else if (frame == "bug") {
        throw std::logic_error("a bug in the session");
    } else {
        outcome.replies.emplace_back(frame);
    }
    return outcome;
}

PollRequest WordPoll::make_request(TimePoint now) {
    next_ = now + every;
    return {target, {{"X-Key", "secret"}}};
}

Outcome WordPoll::on_response(const PollResponse& response, TimePoint received_at) {
    responses.push_back(response);
    Outcome outcome;
    if (response.status == 200) {
        outcome.ticks.push_back(make_tick(SymbolId{0}, received_at));
    } else {
        outcome.refusals.push_back({errc::venue_error, std::to_string(response.status)});
    }
    return outcome;
}

FeedEvents Seen::events() {
    FeedEvents events;
    events.on_outcome = [this](const Outcome& outcome, TimePoint) {
        ticks.insert(ticks.end(), outcome.ticks.begin(), outcome.ticks.end());
        refusals.insert(refusals.end(), outcome.refusals.begin(), outcome.refusals.end());
    };
    events.on_state = [this](FeedState state, std::string_view reason) {
        states.emplace_back(state, reason);
    };
    events.on_failure = [this](FeedFailure failure) { failures.push_back(failure); };
    return events;
}

bool Seen::has(FeedState state, std::string_view part_of_reason) const {
    return std::ranges::any_of(states, [&](const auto& seen) {
        return seen.first == state && seen.second.find(part_of_reason) != std::string::npos;
    });
}

std::size_t Seen::count(FeedState state) const {
    const auto is_it = [state](const auto& seen) { return seen.first == state; };
    return static_cast<std::size_t>(std::ranges::count_if(states, is_it));
}

}  // namespace kurs::testing
