#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

namespace kurs::tape {

/// The inputs of an ingest, in the order in which it takes them, and what it makes of them. The words stand
/// in the file.
enum class Kind : std::uint8_t {
    configuration,  ///< first; payload: the settings and the market map
    begin,          ///< listening begins; payload: the board that was published before
    feed,           ///< a connection is defined; payload: its name
    session,        ///< a new connection of a stream
    open,           ///< that connection is open
    frame,          ///< payload: as received
    watch,          ///< a few times a second, whether or not frames arrive
    request,        ///< a poll sends a request, which is not recorded: it may hold a key
    response,       ///< payload: status, headers and body
    failure,        ///< no response
    clock,          ///< the board follows the time
    wanted,         ///< clients request a venue by name; payload: the venue
    restored,       ///< values of an earlier run; payload: ticks
    change,         ///< a board change that followed from the inputs before it; payload: its fingerprint
};

std::string_view to_string(Kind kind);
std::optional<Kind> parse_kind(std::string_view text);

struct Record {
    Kind kind{};
    TimePoint at{};
    std::size_t feed = 0;  ///< number of the connection; 0: none
    std::string payload;
};

/// Where an ingest records its inputs.
class Tape {
public:
    virtual ~Tape() = default;
    virtual void add(Kind kind, TimePoint at, std::size_t feed = 0, std::string_view payload = {}) = 0;

    /// Whether a new tape should take its place.
    virtual bool is_full() const = 0;
};

/// A short text that differs when `text` differs.
std::string fingerprint(std::string_view text);

}  // namespace kurs::tape
