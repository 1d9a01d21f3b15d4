#pragma once

#include <string_view>

namespace kurs::http {

/// A file that travels in the binary: a page, a script, a style. Lives as long as the process.
struct Asset {
    std::string_view path;  ///< where it is served: "/", "/docs", "/assets/page.js"
    std::string_view content_type;
    std::string_view etag;  ///< with its quotation marks
    std::string_view body;
};

}  // namespace kurs::http
