// Reads a stream of bytes per line, in hexadecimal pieces with blanks between them, and writes where requests
// end: "METHOD target body keep@offset ..." and then "open", "waits" or "refused". See
// tests/system/test_framing.py.
#include <boost/algorithm/hex.hpp>
#include <iostream>
#include <sstream>
#include <string>

#include "server/request_parser.hpp"

namespace {

std::string hex(std::string_view bytes) {
    return bytes.empty() ? "-" : boost::algorithm::hex_lower(std::string(bytes));
}

std::string read(std::istringstream pieces) {
    using kurs::server::RequestParser;
    const kurs::server::ServerLimits limits;
    RequestParser parser(limits);
    std::string written, held, piece;
    std::size_t offset = 0;
    while (pieces >> piece) {
        held += boost::algorithm::unhex(piece);
        for (bool is_complete = true; is_complete && !held.empty();) {
            const auto used = parser.feed(held);
            held.erase(0, used);
            offset += used;
            if (parser.refusal()) return written + "refused";
            is_complete = parser.is_complete();
            if (!is_complete) break;
            const auto request = parser.request();
            const bool is_kept = parser.keep_alive() && !parser.names_web_socket();
            written += hex(parser.method_text()) + " " + hex(request.target) + " " + hex(request.body) +
                       (is_kept ? " keep@" : " close@") + std::to_string(offset) + " ";
            if (!is_kept) return written + "open";
            parser.next();
        }
    }
    return written + (parser.has_started() || !held.empty() ? "waits" : "open");
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) std::cout << read(std::istringstream(line)) << '\n';
}
