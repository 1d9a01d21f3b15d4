#include "venues/kraken/frame_text.hpp"

namespace kurs::kraken {
namespace {

/// The source text of a scalar.
std::string_view token_of(json::value value) {
    const std::string_view token = value.raw_json_token();
    return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

LevelText read_level(json::object level) {
    LevelText text;
    for (auto field : level) {
        const std::string_view key = field.unescaped_key();
        if (key == "price") text.price = token_of(field.value());
        if (key == "qty") text.quantity = token_of(field.value());
    }
    return text;
}

/// False if it is not a list of objects.
bool read_side(json::value value, std::vector<LevelText>& side) {
    json::array levels;
    if (!is_read(value.get_array().get(levels))) return false;
    bool is_whole = true;
    for (auto level : levels) {
        json::object object;
        if (is_read(level.get_object().get(object))) {
            side.push_back(read_level(object));
        } else {
            is_whole = false;
        }
    }
    return is_whole;
}

}  // namespace

bool is_read(simdjson::error_code error) {
    const bool is_member_error = error == simdjson::INCORRECT_TYPE || error == simdjson::NO_SUCH_FIELD ||
                                 error == simdjson::NUMBER_ERROR || error == simdjson::NUMBER_OUT_OF_RANGE;
    if (error != simdjson::SUCCESS && !is_member_error) throw simdjson::simdjson_error(error);
    return error == simdjson::SUCCESS;
}

BookEntry read_book_entry(json::value value) {
    BookEntry entry;
    json::object object;
    entry.is_whole = is_read(value.get_object().get(object));
    if (!entry.is_whole) return entry;
    for (auto field : object) {
        const std::string_view key = field.unescaped_key();
        json::value member = field.value();
        if (key == "symbol") entry.is_whole &= is_read(member.get_string().get(entry.symbol));
        if (key == "timestamp") entry.is_whole &= is_read(member.get_string().get(entry.timestamp));
        if (key == "bids") entry.is_whole &= read_side(member, entry.bids);
        if (key == "asks") entry.is_whole &= read_side(member, entry.asks);
        if (key == "checksum") {
            std::uint64_t number = 0;
            entry.is_whole &= is_read(member.get_uint64().get(number)) && number <= 0xFFFF'FFFFU;
            entry.checksum = static_cast<std::uint32_t>(number);
        }
    }
    return entry;
}

std::string_view text_of(json::object& object, std::string_view key) {
    json::value value;
    std::string_view text;
    if (!is_read(object.find_field_unordered(key).get(value))) return {};
    return is_read(value.get_string().get(text)) ? text : std::string_view{};
}

}  // namespace kurs::kraken
