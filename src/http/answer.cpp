#include "kurs/http/answer.hpp"

namespace kurs::http {

AnswerWriter::AnswerWriter(std::string_view allowed_origin)
    : common_("Server: kurs\r\nX-Content-Type-Options: nosniff\r\n") {
    if (allowed_origin.empty()) return;
    common_.append("Access-Control-Allow-Origin: ").append(allowed_origin).append("\r\n");
    common_ += "Access-Control-Expose-Headers: ETag, Retry-After\r\n";
    if (allowed_origin != "*") common_ += "Vary: Origin\r\n";
}

Answer AnswerWriter::write(unsigned status, std::string_view headers, std::string body) const {
    auto answer = write_head(status, headers, body.size());
    answer.body = std::move(body);
    return answer;
}

Answer AnswerWriter::write_head(unsigned status, std::string_view headers, std::size_t length) const {
    auto head = write_open(status, headers);
    const bool ends_with_head = status == 204 || status == 304;
    if (!ends_with_head) head += "Content-Length: " + std::to_string(length) + "\r\n";
    return {status, std::move(head), {}};
}

std::string AnswerWriter::write_open(unsigned status, std::string_view headers) const {
    std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
    return head.append(reason_phrase(status)).append("\r\n").append(common_).append(headers);
}

Answer AnswerWriter::write(const Problem& problem) const {
    const std::string headers =
        "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n" + problem.headers;
    return write(problem.status, headers, to_json(problem));
}

}  // namespace kurs::http
