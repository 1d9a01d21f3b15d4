#pragma once

#include "kurs/store/shared_queue.hpp"
#include "redis/script.hpp"

namespace kurs::redis {

/// What copies tell one another: notes, each under `kurs:note:` and its name, and in `kurs:copies` when each
/// copy said last that it runs.
class Notes {
public:
    Notes(Line& line, std::string copy, RedisLimits limits);

    SharedQueue::Answer<bool> leave(std::string name, std::string text, Duration kept);
    SharedQueue::Answer<std::vector<std::string>> read(std::vector<std::string> names);
    SharedQueue::Answer<std::size_t> check_in();

private:
    Line& line_;
    std::string copy_;
    RedisLimits limits_;
    Script check_in_;
};

}  // namespace kurs::redis
