#include "postgres/failure.hpp"

#include <algorithm>
#include <pqxx/except>

namespace kurs::postgres {
namespace {

constexpr std::string_view query_canceled = "57014";

// Both by the first two characters of the SQLSTATE.

/// Data exception, or constraint violated.
bool is_rejected(std::string_view sqlstate) {
    return sqlstate.starts_with("22") || sqlstate.starts_with("23");
}

/// As well not supported, and syntax error or access rule, which is also a table that is missing.
bool is_permanent(std::string_view sqlstate) {
    return is_rejected(sqlstate) || sqlstate.starts_with("0A") || sqlstate.starts_with("42");
}

}  // namespace

StoreFailure describe_failure() {
    try {
        throw;
    } catch (const pqxx::sql_error& failure) {
        StoreFailure described{first_line(failure.what()), is_permanent(failure.sqlstate())};
        described.is_rejected = is_rejected(failure.sqlstate());
        described.is_overdue = failure.sqlstate() == query_canceled;
        return described;
    } catch (const Unfit& failure) {
        return {failure.what(), true};
    } catch (const std::exception& failure) {
        return {first_line(failure.what())};
    }
}

std::string first_line(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    text = text.substr(0, text.find_first_of("\r\n"));
    return text.empty() ? "failed without a reason" : std::string(text);
}

}  // namespace kurs::postgres
