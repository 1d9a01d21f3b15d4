#pragma once

#include "kurs/store/shared_queue.hpp"
#include "redis/script.hpp"

namespace kurs::redis {

/// Who leads: `kurs:lease` is the holder's name and epoch, `kurs:epoch` the newest epoch there has been.
class Lease {
public:
    Lease(Line& line, std::string copy);

    SharedQueue::Answer<std::optional<Epoch>> take(Duration lease);
    SharedQueue::Answer<bool> renew(Epoch epoch, Duration lease);
    SharedQueue::Answer<bool> release(Epoch epoch);

private:
    std::string holder(Epoch epoch) const;

    Line& line_;
    std::string copy_;
    Script take_;
    Script renew_;
    Script release_;
};

}  // namespace kurs::redis
