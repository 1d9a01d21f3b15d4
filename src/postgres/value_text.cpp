#include "postgres/value_text.hpp"

#include "postgres/failure.hpp"

namespace kurs::postgres {

std::string as_time(const std::string& expression) {
    return "trunc(extract(epoch from " + expression + ") * 1000)::bigint";
}

Rate read_rate(std::string_view text) {
    const auto rate = Rate::parse(text);
    if (!rate) throw Unfit("the database holds '" + std::string(text) + "' where a price is expected");
    return *rate;
}

TimePoint read_time(const pqxx::field& field) {
    return TimePoint{Duration{field.as<std::int64_t>()}};
}

}  // namespace kurs::postgres
