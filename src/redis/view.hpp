#pragma once

#include "kurs/store/shared_queue.hpp"
#include "redis/script.hpp"

namespace kurs::redis {

/// The leader's view: the stream `kurs:view` of what changed, with the id of its newest entry in
/// `kurs:view-last`, and the snapshot `kurs:snapshot`.
class View {
public:
    View(Line& commands, Line& readings, RedisLimits limits);

    SharedQueue::Answer<std::optional<std::string>> append(Epoch epoch, std::string text);
    SharedQueue::Answer<bool> save(QueueSnapshot snapshot);
    SharedQueue::Answer<std::optional<QueueSnapshot>> load();
    SharedQueue::Answer<std::vector<QueueEntry>> read(std::string id, Duration wait);

private:
    Line& commands_;
    Line& readings_;
    RedisLimits limits_;
    Script append_;
    Script save_;
};

}  // namespace kurs::redis
