#include "kurs/boardlog/log_store.hpp"

#include <stdexcept>

namespace kurs {

void throw_exception_from_error(const LogFailure& failure, const boost::source_location& where) {
    throw std::logic_error("unchecked failure '" + failure.text + "' at " + where.to_string());
}

}  // namespace kurs
