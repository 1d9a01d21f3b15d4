#pragma once

#include <string>
#include <string_view>

namespace kurs::api {

/// An error response (RFC 9457).
struct Problem {
    unsigned status = 500;
    std::string detail;        ///< a sentence that tells the client what to change; no internals
    std::string headers = {};  ///< additional header lines, such as Allow, each ending with CRLF
    std::string members = {};  ///< additional members of the document, separated by commas
};

/// A 405. `allowed` is the value of Allow.
Problem wrong_method(const std::string& allowed);

/// "Not Found" for 404.
std::string_view reason_phrase(unsigned status);

/// The application/problem+json document.
std::string to_json(const Problem& problem);

/// A client's bytes made safe to display: printable ASCII, at most `longest` characters.
std::string sanitised(std::string_view input, std::size_t longest = 64);

/// `text` as a JSON string, with quotation marks.
std::string json_string(std::string_view text);
void append_json_string(std::string& json, std::string_view text);

}  // namespace kurs::api
