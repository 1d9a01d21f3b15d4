#pragma once

#include <boost/system/result.hpp>
#include <string_view>

namespace kurs {

/// Why a value, a frame or a request was refused. The one vocabulary of expected failures.
enum class errc {
    malformed,       ///< not the text, document or frame that was expected
    not_positive,    ///< a price of zero or below, or null
    overflow,        ///< more digits than a Rate holds
    crossed,         ///< bid above ask
    out_of_bounds,   ///< outside the limits the market map sets for the symbol
    jump,            ///< moved further from the last accepted value than the market map allows
    out_of_order,    ///< not newer than what is already known
    unknown_symbol,  ///< a symbol nobody asked for
    unknown_event,   ///< well-formed, but of a kind we do not use
    oversized,       ///< larger than a frame or body may be
    venue_error,     ///< the venue answered with an error of its own
};

inline constexpr std::size_t errc_count = static_cast<std::size_t>(errc::venue_error) + 1;

/// The name used in logs, such as "out_of_order".
std::string_view to_string(errc code);

template <class T>
using result = boost::system::result<T, errc>;

/// Called by result<T>::value() on a failure: asking for the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(errc code, const boost::source_location& where);

}  // namespace kurs
