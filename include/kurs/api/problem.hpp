#pragma once

#include <string>
#include <string_view>

namespace kurs::api {

/// Why a request is not answered with what it asked for (RFC 9457).
struct Problem {
    unsigned status = 500;
    std::string detail;        ///< a sentence that says what to change; never anything internal
    std::string headers = {};  ///< further header lines, such as Allow, each ended by CRLF
    std::string members = {};  ///< further members of the document, separated by commas
};

/// "Not Found" for 404.
std::string_view reason_phrase(unsigned status);

/// The application/problem+json document.
std::string to_json(const Problem& problem);

/// A client's bytes in a form that may be shown: printable ASCII, at most `longest` characters.
std::string sanitised(std::string_view input, std::size_t longest = 64);

/// `text` as a JSON string, with its quotation marks.
std::string json_string(std::string_view text);
void append_json_string(std::string& json, std::string_view text);

}  // namespace kurs::api
