#include "kurs/venue/json_text.hpp"

namespace kurs {

std::string_view text_of(const simdjson::dom::element& object, std::string_view key) {
    std::string_view text;
    return object.at_key(key).get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

result<Level> read_level(const simdjson::dom::element& level, std::size_t first) {
    std::string_view price_text, quantity_text;
    const bool is_level = level.at(first).get(price_text) == simdjson::SUCCESS &&
                          level.at(first + 1).get(quantity_text) == simdjson::SUCCESS;
    if (!is_level) return errc::malformed;
    const auto price = Rate::parse(price_text);
    if (!price) return price.error();
    const auto quantity = Rate::parse(quantity_text);
    if (!quantity && quantity.error() != errc::not_positive) return quantity.error();
    return Level{*price, quantity.has_value()};
}

}  // namespace kurs
