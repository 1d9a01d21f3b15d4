#include "kurs/feed/send_pace.hpp"

#include <algorithm>

namespace kurs {
namespace {

// A little over a second, because network jitter changes the spacing that the venue sees.
constexpr Duration rolling_second{1'050};

}  // namespace

Duration SendPace::wait(TimePoint now) const {
    if (sent_.size() < per_second_) return Duration{0};
    return std::max(sent_.front() + rolling_second - now, Duration{0});
}

void SendPace::sent(TimePoint now) {
    if (sent_.size() == per_second_) sent_.pop_front();
    sent_.push_back(now);
}

}  // namespace kurs
