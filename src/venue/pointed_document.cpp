#include "kurs/venue/pointed_document.hpp"

#include <simdjson.h>

#include "kurs/domain/trimmed.hpp"

namespace kurs {

struct PointedDocument::Parsed {
    explicit Parsed(std::string_view text)
        : padded(text), is_json(parser.iterate(padded).get(document) == simdjson::SUCCESS) {}

    simdjson::padded_string padded;
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    bool is_json;
};

PointedDocument::PointedDocument(std::string_view document) : parsed_(std::make_unique<Parsed>(document)) {}
PointedDocument::~PointedDocument() = default;

result<std::string_view> PointedDocument::text_at(std::string_view pointer) {
    simdjson::ondemand::value value;
    simdjson::ondemand::json_type type{};
    // A document in which simdjson has met an error that ends it must not be read again.
    if (!parsed_->is_json || !parsed_->document.is_alive() ||
        parsed_->document.at_pointer(pointer).get(value) != simdjson::SUCCESS ||
        value.type().get(type) != simdjson::SUCCESS)
        return errc::malformed;
    if (type == simdjson::ondemand::json_type::number) return trimmed(value.raw_json_token(), " \t\r\n");
    std::string_view text;
    if (type == simdjson::ondemand::json_type::string && value.get_string().get(text) == simdjson::SUCCESS)
        return text;
    return errc::malformed;
}

}  // namespace kurs
