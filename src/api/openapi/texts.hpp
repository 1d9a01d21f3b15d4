#pragma once

#include <string_view>

namespace kurs::api::openapi {

/// The JSON files of this folder, embedded in the binary.
struct Texts {
    std::string_view document;
    std::string_view operations;
    std::string_view responses;
    std::string_view parameters;
    std::string_view headers;
    std::string_view schemas;
    std::string_view examples;
    std::string_view problems;
    std::string_view access;
    std::string_view quotes;
};

Texts built_in_texts();

}  // namespace kurs::api::openapi
