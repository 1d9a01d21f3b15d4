#include "kurs/feed/endpoint_choice.hpp"

#include <algorithm>
#include <stdexcept>

namespace kurs {

EndpointChoice::EndpointChoice(std::size_t count) : rests_until_(count) {
    if (count == 0) throw std::invalid_argument("a feed needs an endpoint");
}

EndpointChoice::Choice EndpointChoice::pick(TimePoint now) const {
    Choice earliest{turn_, rests_until_[turn_]};
    for (std::size_t step = 0; step < rests_until_.size(); ++step) {
        const std::size_t index = (turn_ + step) % rests_until_.size();
        if (rests_until_[index] <= now) return {index, now};
        if (rests_until_[index] < earliest.at) earliest = {index, rests_until_[index]};
    }
    return earliest;
}

}  // namespace kurs
