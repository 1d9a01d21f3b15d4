#include "kurs/api/response.hpp"

namespace kurs::api {

ResponseWriter::ResponseWriter(std::string allowed_origin)
    : allowed_origin_(std::move(allowed_origin)),
      common_("Server: kurs\r\nX-Content-Type-Options: nosniff\r\n") {
    if (!has_cors()) return;
    common_.append("Access-Control-Allow-Origin: ").append(allowed_origin_).append("\r\n");
    common_ += "Access-Control-Expose-Headers: ETag, Retry-After\r\n";
    if (allowed_origin_ != "*") common_ += "Vary: Origin\r\n";
}

Response ResponseWriter::write(unsigned status, std::string_view headers, std::string body) const {
    auto response = write_head(status, headers, body.size());
    response.body = std::move(body);
    return response;
}

Response ResponseWriter::write_head(unsigned status, std::string_view headers, std::size_t length) const {
    auto head = write_open(status, headers);
    const bool ends_with_head = status == 204 || status == 304;
    if (!ends_with_head) head += "Content-Length: " + std::to_string(length) + "\r\n";
    return {status, std::move(head), {}};
}

std::string ResponseWriter::write_open(unsigned status, std::string_view headers) const {
    std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
    return head.append(reason_phrase(status)).append("\r\n").append(common_).append(headers);
}

Response ResponseWriter::write(const Problem& problem) const {
    std::string headers = "Content-Type: application/problem+json\r\n";
    headers.append(no_store).append(problem.headers);
    return write(problem.status, headers, to_json(problem));
}

Response ResponseWriter::write_json(unsigned status, std::string_view headers, std::string body) const {
    return write(status, "Content-Type: application/json\r\n" + std::string(headers), std::move(body));
}

Response ResponseWriter::write_redirect(std::string_view path, std::string_view query) const {
    std::string headers = "Location: ";
    headers.append(path);
    if (!query.empty()) headers.append("?").append(query);
    headers.append("\r\n").append(no_store);
    return write(307, headers, "");
}

}  // namespace kurs::api
