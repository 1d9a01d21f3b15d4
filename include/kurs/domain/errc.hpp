#pragma once

#include <boost/system/result.hpp>
#include <string_view>

namespace kurs {

/// Why a value, a frame or a request was refused. All expected failures use these codes.
///
/// `result<T>::error()` of a success is the first code. No function returns this one, so a test that expects
/// another code fails where there is a success.
enum class errc {
    oversized,       ///< larger than the limit of a frame or body
    malformed,       ///< not the expected text, document or frame
    not_positive,    ///< a price of zero or below, or null
    overflow,        ///< more digits than a Rate holds
    crossed,         ///< bid above ask
    out_of_bounds,   ///< outside the symbol's limits in the market map
    jump,            ///< further from the last accepted value than the market map allows
    out_of_order,    ///< not newer than the known value
    unknown_symbol,  ///< a symbol that was not requested
    unknown_event,   ///< well-formed, but of an unused kind
    venue_error,     ///< the venue returned an error
};

inline constexpr std::size_t errc_count = static_cast<std::size_t>(errc::venue_error) + 1;

/// The name used in logs, such as "out_of_order".
std::string_view to_string(errc code);

template <class T>
using result = boost::system::result<T, errc>;

/// Called by result<T>::value() on a failure. Reading the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(errc code, const boost::source_location& where);

}  // namespace kurs
