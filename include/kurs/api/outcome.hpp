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

namespace kurs::api {

/// Which courses a client asks for. Equal queries have equal answers, however they were spelled.
struct CoursesQuery {
    std::optional<VenueId> venue = {};         ///< none: the active one
    std::vector<DirectionId> directions = {};  ///< in the served order, without repeats; empty: all
    std::optional<Duration> max_age = {};

    friend auto operator<=>(const CoursesQuery&, const CoursesQuery&) = default;
};

/// History must be asked before the request can be answered.
struct HistoryLookup {
    HistoryQuestion question;
    std::optional<Duration> max_age = {};  ///< of a course
    bool is_csv = false;                   ///< of candles: else JSON
    bool is_head = false;
    std::string_view route = {};  ///< as in ResponseView
};

enum class Transport : std::uint8_t {
    event_stream,  ///< Server-Sent Events (the HTML standard, 9.2)
    web_socket,    ///< RFC 6455
};

/// A client asks to be told of changes, on the connection of its request.
struct Subscription {
    Transport transport{};
    CoursesQuery query;
    /// The client knows everything up to this version of the board.
    std::optional<std::uint64_t> known_version = {};
    std::string head = {};            ///< of an event stream's response; as in Response
    std::string web_socket_key = {};  ///< with which the client asked for the upgrade
    std::string_view route = {};      ///< as in ResponseView
};

/// What an endpoint answers. A view is valid until the endpoint is called again.
using Answer = std::variant<ResponseView, Response, Problem, HistoryLookup, Subscription>;

/// What becomes of a request.
using Outcome = std::variant<ResponseView, HistoryLookup, Subscription>;

}  // namespace kurs::api
