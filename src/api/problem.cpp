#include "kurs/api/problem.hpp"

#include <algorithm>

namespace kurs::api {
namespace {

constexpr bool is_printable(char c) {
    return c >= 0x20 && c < 0x7f;
}

}  // namespace

Problem wrong_method(const std::string& allowed) {
    return {405, "This path does not support that method. Use one of: " + allowed + ".",
            "Allow: " + allowed + "\r\n"};
}

std::string_view reason_phrase(unsigned status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 204: return "No Content";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 422: return "Unprocessable Content";
        case 426: return "Upgrade Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "Internal Server Error";
    }
}

std::string to_json(const Problem& problem) {
    std::string json = R"({"type":"about:blank","title":)";
    json += json_string(reason_phrase(problem.status));
    json += R"(,"status":)" + std::to_string(problem.status);
    json += R"(,"detail":)" + json_string(problem.detail);
    if (!problem.members.empty()) json.append(",").append(problem.members);
    return json += '}';
}

std::string sanitised(std::string_view input, std::size_t longest) {
    std::string shown(input.substr(0, longest));
    std::ranges::replace_if(
        shown, [](char c) { return !is_printable(c); }, '?');
    if (input.size() > longest) shown.replace(longest - 3, 3, "...");
    return shown;
}

std::string json_string(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

void append_json_string(std::string& json, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    json += '"';
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (code < 0x20) {
            json += "\\u00";
            json += digits[code >> 4];
            json += digits[code & 15];
        } else {
            json += c;
        }
    }
    json += '"';
}

}  // namespace kurs::api
