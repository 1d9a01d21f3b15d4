#include "kurs/domain/errc.hpp"

#include <stdexcept>
#include <string>

namespace kurs {

std::string_view to_string(errc code) {
    switch (code) {
        case errc::malformed: return "malformed";
        case errc::not_positive: return "not_positive";
        case errc::overflow: return "overflow";
        case errc::crossed: return "crossed";
        case errc::out_of_bounds: return "out_of_bounds";
        case errc::jump: return "jump";
        case errc::out_of_order: return "out_of_order";
        case errc::unknown_symbol: return "unknown_symbol";
        case errc::unknown_event: return "unknown_event";
        case errc::oversized: return "oversized";
        case errc::venue_error: return "venue_error";
    }
    return "unknown";
}

void throw_exception_from_error(errc code, const boost::source_location& where) {
    throw std::logic_error(std::string("unchecked failure '") + std::string(to_string(code)) + "' at " +
                           where.to_string());
}

}  // namespace kurs
