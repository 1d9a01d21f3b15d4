#pragma once

#include <stdexcept>
#include <string_view>

#include "kurs/store/archive.hpp"

namespace kurs::postgres {

/// A database that this build cannot use, however often it tries. The text is a sentence.
class Unfit : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

/// What the exception that is being handled means. To be called in a catch clause only.
StoreFailure describe_failure();

/// The first line of what libpq says: the rest is hints, and newlines.
std::string first_line(std::string_view text);

}  // namespace kurs::postgres
