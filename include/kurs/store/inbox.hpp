#pragma once

#include <deque>
#include <string>

#include "kurs/store/archive.hpp"

namespace kurs {

/// Rows that a queue handed to this copy to be written, each batch under the queue's id for it, and the ids
/// of those that have been written and are to be acknowledged.
class Inbox {
public:
    /// Nothing happens if the id is held already.
    void add(std::string id, Batch rows);

    /// The oldest batches together, at least one and with at most `most` quotes if there are several. The
    /// same until it is `written`.
    const Batch& next(std::size_t most);
    void written();

    /// What was written since the last call.
    std::vector<std::string> take_written() { return std::exchange(written_, {}); }

    /// How many quotes are held.
    std::size_t waiting() const { return waiting_; }

private:
    struct Held {
        std::string id;
        Batch rows;
    };

    std::deque<Held> held_;
    std::size_t waiting_ = 0;
    Batch batch_;                       ///< what is being written
    std::size_t batch_size_ = 0;        ///< how many of `held_` it is
    std::vector<std::string> written_;  ///< and not told yet
};

}  // namespace kurs
