#include "faults.hpp"

#include <array>

namespace sim {

std::string_view to_string(Endpoint endpoint) {
    constexpr std::array<std::string_view, endpoint_count> names{"binance_stream", "binance_rest",
                                                                 "coingecko_stream", "coingecko_rest", "cbr"};
    return names[static_cast<std::size_t>(endpoint)];
}

int FaultTable::add(Fault fault) {
    faults_.emplace(++last_id_, std::move(fault));
    return last_id_;
}

bool FaultTable::erase(int id) {
    return faults_.erase(id) > 0;
}

const std::map<int, Fault>& FaultTable::active(Instant now) {
    std::erase_if(faults_, [now](const auto& entry) {
        const auto& fault = entry.second;
        return (fault.until && *fault.until <= now) || (fault.left && *fault.left <= 0);
    });
    return faults_;
}

const Fault* FaultTable::find(FaultKind kind, const Place& place, Instant now) {
    for (const auto& [id, fault] : active(now)) {
        if (fault.kind == kind && covers(fault, place)) return &fault;
    }
    return nullptr;
}

std::optional<Fault> FaultTable::take(FaultKind kind, const Place& place, Instant now) {
    active(now);
    for (auto& [id, fault] : faults_) {
        if (fault.kind != kind || !covers(fault, place)) continue;
        if (fault.left) --*fault.left;
        return fault;
    }
    return std::nullopt;
}

bool covers(const Fault& fault, const Place& place) {
    const auto matches = [](std::string_view wanted, std::string_view actual) {
        return wanted.empty() || actual.empty() || wanted == actual;
    };
    return fault.endpoint == place.endpoint && (fault.line == 0 || fault.line == place.line) &&
           matches(fault.symbol, place.symbol) && matches(fault.stream, place.stream);
}

Millis milliseconds_of(const Fault& fault) {
    return Millis{std::stoll(fault.value)};  // the catalogue accepts digits only
}

}  // namespace sim
