#pragma once

#include "kurs/store/archive.hpp"

namespace kurs {

/// What there is to write, for the archiver.
class BatchSource {
public:
    virtual ~BatchSource() = default;

    /// Lets the quotes of seconds before that of `now` be written. TimePoint::max(): all of them.
    virtual void close_seconds(TimePoint now) = 0;

    /// What is to be written: the oldest, at most `most` quotes or somewhat more. The same batch until it is
    /// `written`.
    virtual const Batch& next(std::size_t most) = 0;
    virtual void written() = 0;

    /// How many quotes may be written, and how many rows were let go so far.
    virtual std::size_t waiting() const = 0;
    virtual std::size_t lost() const = 0;
};

}  // namespace kurs
