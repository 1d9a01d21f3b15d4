#include "kurs/http/service.hpp"

#include <algorithm>

#include "kurs/http/etag.hpp"

namespace kurs::http {
namespace {

struct Target {
    std::string_view path;
    std::string_view query;
};

/// A client that takes us for a proxy sends a whole URL (RFC 9112, 3.2.2).
std::string_view without_authority(std::string_view target) {
    constexpr std::string_view scheme = "http://";
    if (!target.starts_with(scheme)) return target;
    const auto path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? "/" : target.substr(path);
}

Target split(std::string_view target) {
    target = without_authority(target);
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return {target, {}};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

Reply to_reply(const Answer& answer) {
    return {answer.status, answer.head, answer.body};
}

constexpr std::string_view json_headers = "Content-Type: application/json\r\nCache-Control: no-store\r\n";

}  // namespace

struct Service::ServedPath {
    std::string_view path;
    std::string_view methods;  ///< as in Allow; OPTIONS is the CORS setting's own
    Reply (Service::*handle)(const Request&, TimePoint);
};

constexpr Service::ServedPath Service::served_paths[] = {
    {courses_path, "GET, HEAD", &Service::get_courses},
    {short_courses_path, "GET, HEAD", &Service::redirect_to_courses},
    {"/livez", "GET, HEAD", &Service::get_live},
    {"/readyz", "GET, HEAD", &Service::get_ready},
};

Service::Service(const Board& board, ReadinessCheck not_ready, const std::string& allowed_origin,
                 CoursesCache::PinnedWatch on_pinned)
    : not_ready_(std::move(not_ready)),
      has_cors_(!allowed_origin.empty()),
      writer_(allowed_origin),
      courses_(board, writer_, std::move(on_pinned)) {}

Reply Service::answer(const Request& request, TimePoint now) {
    auto reply = reply_to(request, now);
    if (request.method == Method::head) reply.body = {};
    return reply;
}

Reply Service::refuse(const Problem& problem) {
    return keep(writer_.write(problem));
}

Reply Service::reply_to(const Request& request, TimePoint now) {
    const auto path = split(request.target).path;
    const auto served = std::ranges::find(served_paths, path, &ServedPath::path);
    if (served == std::ranges::end(served_paths)) {
        return refuse({404, "Nothing is served at \"" + sanitised(path) + "\". Courses are at " +
                                std::string(courses_path) + "."});
    }
    if (request.method == Method::get || request.method == Method::head)
        return (this->*served->handle)(request, now);

    const auto allowed = std::string(served->methods) + (has_cors_ ? ", OPTIONS" : "");
    if (request.method == Method::options && has_cors_) return preflight(allowed);
    return refuse({405, "This path does not take that method. Use one of: " + allowed + ".",
                   "Allow: " + allowed + "\r\n"});
}

Reply Service::get_courses(const Request& request, TimePoint now) {
    const auto found = courses_.find(split(request.target).query, now);
    if (!found) return refuse({400, found.error()});
    const auto& [answer, not_modified, etag] = **found;
    const bool is_known =
        answer.status == 200 && !request.if_none_match.empty() && matches_etag(request.if_none_match, etag);
    return to_reply(is_known ? not_modified : answer);
}

Reply Service::redirect_to_courses(const Request& request, TimePoint) {
    std::string location(courses_path);
    const auto query = split(request.target).query;
    if (!query.empty()) location.append("?").append(query);
    return keep(writer_.write(307, "Location: " + location + "\r\nCache-Control: no-store\r\n", ""));
}

Reply Service::get_live(const Request&, TimePoint) {
    return keep(writer_.write(200, json_headers, R"({"status":"alive"})"));
}

Reply Service::get_ready(const Request&, TimePoint) {
    const auto reasons = not_ready_();
    if (reasons.empty()) return keep(writer_.write(200, json_headers, R"({"status":"ready"})"));
    std::string list;
    for (const auto& reason : reasons) list.append(list.empty() ? "" : ",").append(json_string(reason));
    return keep(writer_.write(503, std::string(json_headers) + "Retry-After: 1\r\n",
                              R"({"status":"not ready","reasons":[)" + list + "]}"));
}

Reply Service::preflight(const std::string& allowed_methods) {
    return keep(writer_.write(204,
                              "Access-Control-Allow-Methods: " + allowed_methods +
                                  "\r\nAccess-Control-Allow-Headers: If-None-Match\r\n"
                                  "Access-Control-Max-Age: 600\r\n",
                              ""));
}

Reply Service::keep(Answer answer) {
    latest_ = std::move(answer);
    return to_reply(latest_);
}

}  // namespace kurs::http
