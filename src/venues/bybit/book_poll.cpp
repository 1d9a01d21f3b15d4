#include <algorithm>

#include "venues/bybit/rest.hpp"

namespace kurs::bybit {
namespace {

/// The venue allows 600 calls in five seconds.
constexpr Duration between_books{100};

class BookPoll final : public RestPoll {
public:
    BookPoll(const MarketMap& map, std::vector<SymbolId> symbols, std::shared_ptr<Tops> tops)
        : RestPoll(map, std::move(symbols), between_books), tops_(std::move(tops)) {}

    TimePoint next_poll(bool is_needed) const override {
        return is_needed || is_failing() ? RestPoll::next_poll(is_needed) : TimePoint::max();
    }

    PollRequest make_request(TimePoint /*now*/) override {
        asked_ = symbols()[turn_++ % symbols().size()];
        return {"/v5/market/orderbook?category=spot&symbol=" + map().symbol(asked_).name + "&limit=1", {}};
    }

private:
    Outcome read(const element& result, TimePoint received_at) override {
        const auto& name = map().symbol(asked_).name;
        const auto book = read_book(result, result, received_at);
        if (!book || book->symbol != name) return refused(errc::malformed, name);
        if (!tops_->is_newest(asked_, book->sequence)) return refused(errc::out_of_order, name);
        const auto top = read_top(*book);
        if (!top) {
            if (top.error() != errc::malformed) tops_->withdraw(asked_, book->sequence);
            return refused(top.error(), name);
        }
        // The book is as it was when it was sent: a later change would have a later number.
        const auto tick = tops_->observe(asked_, *top, book->sequence, std::min(book->sent_at, received_at));
        if (!tick) return refused(tick.error(), name);
        Outcome outcome;
        outcome.ticks.push_back(*tick);
        return outcome;
    }

    std::shared_ptr<Tops> tops_;
    SymbolId asked_{};
    std::size_t turn_ = 0;
};

}  // namespace

std::unique_ptr<PollSession> make_book_poll(const MarketMap& map, std::vector<SymbolId> symbols,
                                            std::shared_ptr<Tops> tops) {
    return std::make_unique<BookPoll>(map, std::move(symbols), std::move(tops));
}

}  // namespace kurs::bybit
