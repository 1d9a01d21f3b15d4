#pragma once

#include <string>
#include <string_view>

#include "kurs/http/problem.hpp"

namespace kurs::http {

/// A cache may keep the answer, but asks each time. Caches that know no `no-cache` take it for too old.
inline constexpr std::string_view asked_each_time = "Cache-Control: no-cache, max-age=0\r\n";

/// A rendered answer. Only Date, Connection and the blank line that ends the head are missing: the server
/// adds them.
struct Answer {
    unsigned status = 0;
    std::string head;  ///< the status line and headers, each ended by CRLF
    std::string body;
};

/// What is to be sent of an answer. Borrowed from whoever holds it.
struct Reply {
    unsigned status = 0;
    std::string_view head;
    std::string_view body;
    bool is_lasting = false;  ///< the body lives as long as the service
    std::string_view route =
        {};  ///< the row of the routing table that answered; empty: none. Lives for ever.
};

/// Renders answers with the headers that all of them share.
class AnswerWriter {
public:
    /// `allowed_origin` is the CORS setting: empty for off, "*", or one origin.
    explicit AnswerWriter(std::string_view allowed_origin);

    /// `headers` are whole lines, each ended by CRLF. 204 and 304 carry no Content-Length, as they end with
    /// the head.
    Answer write(unsigned status, std::string_view headers, std::string body) const;
    Answer write(const Problem& problem) const;

    /// Of a body of `length` that is kept elsewhere.
    Answer write_head(unsigned status, std::string_view headers, std::size_t length) const;

    /// The head of an answer whose body ends with the connection.
    std::string write_open(unsigned status, std::string_view headers) const;

private:
    std::string common_;
};

}  // namespace kurs::http
