#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kurs/http/contract_v1.hpp"

namespace kurs::http {

enum class Transport : std::uint8_t {
    event_stream,  ///< Server-Sent Events (the HTML standard, 9.2)
    web_socket,    ///< RFC 6455
};

/// A client asks to be told of what changes, on the connection of its request.
struct Subscription {
    Transport transport{};
    CoursesQuery query;
    std::optional<std::uint64_t> known_version =
        {};                           ///< the client knows all up to this version of the board
    std::string head = {};            ///< of the answer, as of an event stream; as in Answer
    std::string web_socket_key = {};  ///< with which the client asked for the upgrade
    std::string_view route = {};      ///< as in Reply
};

}  // namespace kurs::http
