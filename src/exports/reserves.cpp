#include "kurs/exports/reserves.hpp"

#include <algorithm>

#include "kurs/venue/pointed_document.hpp"

namespace kurs::exports {
namespace {

using namespace std::chrono_literals;

/// Several polls within the age limit, so that one failure is harmless.
Duration poll_period(Duration max_age) {
    return std::clamp<Duration>(max_age / 4, 250ms, 1min);
}

}  // namespace

void ReserveBook::set(std::size_t source, Reserve reserve) {
    reserves_.insert_or_assign(source, reserve);
    ++revision_;
}

void ReserveBook::withdraw(std::size_t source) {
    if (reserves_.erase(source) > 0) ++revision_;
}

std::optional<ReserveBook::Reserve> ReserveBook::find(std::size_t source, TimePoint now) const {
    const auto found = reserves_.find(source);
    if (found == reserves_.end() || now >= found->second.stale_at) return std::nullopt;
    return found->second;
}

result<Rate> read_reserve(std::string_view document, std::string_view pointer) {
    PointedDocument pointed(document);
    const auto text = pointed.text_at(pointer);
    if (!text) return text.error();
    return Rate::parse_number(*text);
}

PollRequest ReservePoll::make_request(TimePoint now) {
    asked_at_ = now;
    next_at_ = now + poll_period(source_.max_age);
    return {"", {}};
}

Outcome ReservePoll::on_response(const PollResponse& response, TimePoint /*received_at*/) {
    if (response.status != 200)
        return refused(errc::venue_error, "status " + std::to_string(response.status));
    const auto amount = read_reserve(response.body, source_.pointer);
    if (amount) {
        book_.set(index_, {*amount, asked_at_ + source_.max_age});
        return {};
    }
    if (amount.error() == errc::not_positive) {
        book_.withdraw(index_);
        return {};
    }
    return refused(amount.error(), source_.pointer);
}

}  // namespace kurs::exports
