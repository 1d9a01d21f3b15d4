#include "kurs/exports/reserves.hpp"

#include <simdjson.h>

#include <algorithm>

#include "kurs/domain/trimmed.hpp"

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
    const simdjson::padded_string padded(document);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document parsed;
    simdjson::ondemand::value value;
    if (parser.iterate(padded).get(parsed) != simdjson::SUCCESS) return errc::malformed;
    if (parsed.at_pointer(pointer).get(value) != simdjson::SUCCESS) return errc::malformed;
    simdjson::ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return errc::malformed;
    std::string_view text;
    if (type == simdjson::ondemand::json_type::string) {
        if (value.get_string().get(text) != simdjson::SUCCESS) return errc::malformed;
    } else if (type == simdjson::ondemand::json_type::number) {
        text = trimmed(value.raw_json_token(), " \t\r\n");  // a double would lose digits
    }
    return Rate::parse_number(text);
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
