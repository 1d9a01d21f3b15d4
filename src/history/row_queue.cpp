#include "kurs/history/row_queue.hpp"

namespace kurs::history {
namespace {

using Bytes = std::deque<char>;

/// Seven bits per byte, lowest first; the eighth bit marks continuation.
void put(Bytes& bytes, u128 number) {
    for (; number >= 0x80; number >>= 7U) bytes.push_back(static_cast<char>(number | 0x80U));
    bytes.push_back(static_cast<char>(number));
}

void put(Bytes& bytes, TimePoint time) {
    put(bytes, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

class RowReader {
public:
    explicit RowReader(const Bytes& bytes) : at_(bytes.begin()) {}

    u128 number() {
        u128 number = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(*at_++);
            number |= static_cast<u128>(byte & 0x7FU) << shift;
            if (byte < 0x80) return number;
        }
    }

    Rate rate() { return Rate::from_units(number()).value(); }

    TimePoint time() { return TimePoint{Duration{static_cast<std::int64_t>(number())}}; }

    Bytes::const_iterator at() const { return at_; }

private:
    Bytes::const_iterator at_;
};

}  // namespace

void RowQueue::push(const QuoteRecord& record) {
    put(bytes_, record.recorded_at);
    put(bytes_, index(record.venue));
    put(bytes_, index(record.direction));
    put(bytes_, record.quote ? record.quote->legs.size() + 1 : 0);
    ++size_;
    if (!record.quote) return;
    const auto& quote = *record.quote;
    for (const Rate rate : {quote.bid, quote.value, quote.ask}) put(bytes_, rate.units());
    put(bytes_, quote.observed_at);
    put(bytes_, quote.fresh_until);
    for (const auto& leg : quote.legs) {
        put(bytes_, index(leg.symbol) * 2 + (leg.inverted ? 1 : 0));
        put(bytes_, leg.bid.units());
        put(bytes_, leg.ask.units());
        put(bytes_, leg.observed_at);
    }
}

QuoteRecord RowQueue::pop() {
    RowReader reader(bytes_);
    QuoteRecord record;
    record.recorded_at = reader.time();
    record.venue = static_cast<VenueId>(reader.number());
    record.direction = static_cast<DirectionId>(reader.number());
    const auto legs = static_cast<std::size_t>(reader.number());
    if (legs > 0) {
        const auto bid = reader.rate(), value = reader.rate(), ask = reader.rate();
        const auto observed_at = reader.time(), fresh_until = reader.time();
        record.quote = Quote{record.venue, record.direction, bid, value, ask, observed_at, fresh_until, {}};
    }
    for (std::size_t i = 1; i < legs; ++i) {
        const auto symbol = static_cast<std::size_t>(reader.number());
        const auto bid = reader.rate(), ask = reader.rate();
        record.quote->legs.push_back(
            {static_cast<SymbolId>(symbol / 2), symbol % 2 == 1, bid, ask, reader.time()});
    }
    bytes_.erase(bytes_.cbegin(), reader.at());
    --size_;
    return record;
}

TimePoint RowQueue::front_recorded_at() const {
    return RowReader(bytes_).time();
}

}  // namespace kurs::history
