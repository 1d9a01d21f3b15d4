#pragma once

#include "kurs/store/shared_queue.hpp"
#include "redis/script.hpp"

namespace kurs::redis {

/// The rows on their way to the archive: the stream `kurs:history`, which its one consumer group shares out.
/// What is acknowledged is deleted, so that the stream holds what waits and no more.
class History {
public:
    History(Line& commands, Line& readings, std::string copy, RedisLimits limits);

    SharedQueue::Answer<std::optional<Appended>> append(Epoch epoch, std::string text);
    SharedQueue::Answer<std::vector<QueueEntry>> read(std::size_t most, Duration wait, Duration idle_limit);
    SharedQueue::Answer<bool> acknowledge(std::vector<std::string> ids);
    SharedQueue::Answer<std::optional<QueueEntry>> find_oldest(Epoch epoch);

private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    using Entries = std::vector<QueueEntry>;

    SharedQueue::Answer<Entries> claim(std::size_t most, Duration idle_limit);
    SharedQueue::Answer<Entries> read_new(std::size_t most, Duration wait);
    SharedQueue::Answer<Entries> make_group();
    net::awaitable<void> forget_consumers();

    Line& commands_;
    Line& readings_;
    std::string copy_;
    RedisLimits limits_;
    Script append_;
    Script acknowledge_;
    Script find_oldest_;
    Script forget_;
    std::string claim_from_ = "0-0";  ///< how far the search for what others left has come
    SteadyTime forget_at_{};
};

}  // namespace kurs::redis
