#pragma once

#include <memory>
#include <string>

#include "kurs/api/api.hpp"
#include "kurs/api/topic.hpp"
#include "kurs/board/board.hpp"
#include "kurs/domain/failover_history.hpp"

namespace kurs::bench {

/// One exchanger with any number of directions, of which one changes at a time, and who is told of it.
class WideMarket {
public:
    explicit WideMarket(std::size_t directions);

    /// The next direction has a new price.
    void change();

    /// GET /api/v1/courses, rendered after a change. Returns its size.
    std::size_t answer();

    /// What a subscriber to all directions gets after a change. Returns its size.
    std::size_t tell();

private:
    Quote quote(std::size_t direction, std::uint64_t number) const;

    MarketMap map_;
    Board board_;
    FailoverHistory failovers_;
    api::Api api_;
    std::unique_ptr<api::Topic> topic_;
    api::PushPosition position_;
    std::uint64_t changes_ = 0;
};

}  // namespace kurs::bench
