#include "kurs/history/row_queue.hpp"

namespace kurs::history {
namespace {

constexpr std::size_t block_bytes = 16 * 1024;

/// An upper bound for a row: numbers of at most 19 bytes, three of the quote and two of each of six legs.
constexpr std::size_t row_bytes = 512;

/// Seven bits per byte, lowest first; the eighth bit marks continuation.
void put(std::string& block, u128 number) {
    for (; number >= 0x80; number >>= 7U) block.push_back(static_cast<char>(number | 0x80U));
    block.push_back(static_cast<char>(number));
}

/// Differences may be negative: the lowest bit is the sign.
void put(std::string& block, Duration difference) {
    const auto count = difference.count();
    put(block, static_cast<std::uint64_t>(count) << 1U ^ static_cast<std::uint64_t>(count >> 63U));
}

class RowReader {
public:
    explicit RowReader(std::string_view bytes) : bytes_(bytes) {}

    u128 number() {
        u128 number = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(bytes_[at_++]);
            number |= static_cast<u128>(byte & 0x7FU) << shift;
            if (byte < 0x80) return number;
        }
    }

    template <class Value>
    Value number_as() {
        return static_cast<Value>(number());
    }

    Rate rate() { return Rate::from_units(number()).value(); }

    Duration difference() {
        const auto coded = number_as<std::uint64_t>();
        return Duration{static_cast<std::int64_t>(coded >> 1U ^ (~(coded & 1U) + 1U))};
    }

    std::size_t at() const { return at_; }

private:
    std::string_view bytes_;
    std::size_t at_ = 0;
};

}  // namespace

void RowQueue::push(const QuoteRecord& record) {
    if (blocks_.empty() || blocks_.back().size() + row_bytes > block_bytes) {
        blocks_.emplace_back().reserve(block_bytes);
    }
    auto& block = blocks_.back();
    const auto at = record.recorded_at;
    put(block, at.time_since_epoch());
    put(block, index(record.venue));
    put(block, index(record.direction));
    put(block, record.quote ? record.quote->legs.size() + 1 : 0);
    ++size_;
    if (!record.quote) return;
    const auto& quote = *record.quote;
    for (const Rate rate : {quote.bid, quote.value, quote.ask}) put(block, rate.units());
    put(block, quote.observed_at - at);
    put(block, quote.fresh_until - at);
    for (const auto& leg : quote.legs) {
        put(block, index(leg.symbol) * 2 + (leg.inverted ? 1 : 0));
        put(block, leg.bid.units());
        put(block, leg.ask.units());
        put(block, leg.observed_at - at);
    }
}

QuoteRecord RowQueue::pop() {
    RowReader reader(std::string_view(blocks_.front()).substr(read_));
    QuoteRecord record;
    const TimePoint at{reader.difference()};
    record.recorded_at = at;
    record.venue = reader.number_as<VenueId>();
    record.direction = reader.number_as<DirectionId>();
    const auto legs = reader.number_as<std::size_t>();
    if (legs > 0) {
        const auto bid = reader.rate(), value = reader.rate(), ask = reader.rate();
        const auto observed_at = at + reader.difference(), fresh_until = at + reader.difference();
        record.quote = Quote{record.venue, record.direction, bid, value, ask, observed_at, fresh_until, {}};
    }
    for (std::size_t i = 1; i < legs; ++i) {
        const auto symbol = reader.number_as<std::size_t>();
        const auto bid = reader.rate(), ask = reader.rate();
        record.quote->legs.push_back(
            {static_cast<SymbolId>(symbol / 2), symbol % 2 == 1, bid, ask, at + reader.difference()});
    }
    read_ += reader.at();
    --size_;
    if (read_ == blocks_.front().size()) {
        blocks_.pop_front();
        read_ = 0;
    }
    return record;
}

TimePoint RowQueue::front_recorded_at() const {
    return TimePoint{RowReader(std::string_view(blocks_.front()).substr(read_)).difference()};
}

std::size_t RowQueue::bytes() const {
    return blocks_.size() * block_bytes;
}

}  // namespace kurs::history
