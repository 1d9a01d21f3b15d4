#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kurs/api/response.hpp"
#include "kurs/domain/history.hpp"
#include "kurs/lock/store.hpp"

namespace kurs::api {

/// The courses that a client requests. Equal queries have equal responses, however they were spelled.
struct CoursesQuery {
    std::optional<VenueId> venue = {};         ///< none: the active venue
    std::vector<DirectionId> directions = {};  ///< in the configured order, without duplicates; empty: all
    std::optional<Duration> max_age = {};

    friend auto operator<=>(const CoursesQuery&, const CoursesQuery&) = default;
};

/// The request needs history before it can be answered.
struct HistoryLookup {
    HistoryQuestion question;
    std::optional<Duration> max_age = {};  ///< for a course
    bool is_csv = false;                   ///< for candles: CSV instead of JSON
};

/// The request needs the store of locked quotes before it can be answered.
struct QuoteLookup {
    lock::LockQuestion question;
    std::optional<Problem> refusal = {};  ///< why an order has no quote
};

/// What a request waits for.
struct Lookup {
    std::variant<HistoryLookup, QuoteLookup> asked;
    bool is_head = false;
    std::string_view route = {};  ///< as in ResponseView
};

/// What a lookup has found, in the order of its kinds.
using Finding = std::variant<HistoryAnswer, lock::LockAnswer>;

enum class Transport : std::uint8_t {
    event_stream,  ///< Server-Sent Events (the HTML standard, 9.2)
    web_socket,    ///< RFC 6455
};

/// A client subscribes to changes on the connection of its request.
struct Subscription {
    Transport transport{};
    CoursesQuery query;
    /// The client has everything up to this board version.
    std::optional<std::uint64_t> known_version = {};
    std::string head = {};            ///< head of the event stream's response, as in Response
    std::string web_socket_key = {};  ///< the Sec-WebSocket-Key of the upgrade request
    std::string_view route = {};      ///< as in ResponseView
};

/// The result of an endpoint. A view is valid until the endpoint is called again.
using Answer = std::variant<ResponseView, Response, Problem, HistoryLookup, QuoteLookup, Subscription>;

/// The result of a request.
using Outcome = std::variant<ResponseView, Lookup, Subscription>;

}  // namespace kurs::api
