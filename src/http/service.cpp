#include "kurs/http/service.hpp"

#include <algorithm>

#include "http/openapi/render.hpp"
#include "http/target.hpp"
#include "kurs/http/contract_v2.hpp"
#include "kurs/http/etag.hpp"
#include "kurs/http/history_contract.hpp"

namespace kurs::http {
namespace {

Reply to_reply(const Answer& answer) {
    return {answer.status, answer.head, answer.body};
}

std::string explain_not_found(std::string_view path) {
    const auto nothing = "Nothing is served at \"" + sanitised(path) + "\". ";
    for (const auto courses : {courses_path, short_courses_path}) {
        const auto prefix = std::string(courses) + "/";
        if (!path.starts_with(prefix)) continue;
        const auto rest = path.substr(prefix.size());
        const auto direction = sanitised(rest.substr(0, rest.find('/')));
        if (direction.empty()) continue;
        return nothing + "Version 1 takes directions as a parameter: /api/v1/courses?direction=" + direction +
               ". One course with its age and legs is at /api/v2/courses/" + direction + ".";
    }
    return nothing +
           "Courses are at /api/v1/courses, and with their ages and legs at "
           "/api/v2/courses and /api/v2/courses/{direction}; candles are at "
           "/api/v2/history/{direction}, the exchangers at /api/v2/exchangers, changes as "
           "they happen at /api/v2/stream. All of it is described at /docs.";
}

/// Instead of an operation: for people, so not described to programs.
constexpr std::string_view page = "page";

/// No header of a request does harm here, so pages may send any. Those that clients are known to send are
/// named for browsers that do not know the asterisk.
constexpr std::string_view allowed_headers =
    "*, Accept, Cache-Control, Content-Type, If-None-Match, Last-Event-ID, Pragma, X-Request-Id, "
    "X-Requested-With";

constexpr std::string_view json_headers = "Content-Type: application/json\r\nCache-Control: no-store\r\n";

}  // namespace

struct Service::ServedPath {
    std::string_view path;     ///< one that ends with a slash is followed by a parameter, without a slash
    std::string_view methods;  ///< as in Allow; OPTIONS is the CORS setting's own
    ServiceAnswer (Service::*handle)(const Asked&, TimePoint);
    std::string_view operation;  ///< as openapi/operations.json has it, or `page`

    bool serves(std::string_view asked) const {
        if (!path.ends_with('/') || path == "/") return asked == path;
        return asked.size() > path.size() && asked.starts_with(path) &&
               asked.find('/', path.size()) == std::string_view::npos;
    }
    std::string_view parameter_of(std::string_view asked) const { return asked.substr(path.size()); }
};

constexpr std::string_view get_only = "GET";
constexpr std::string_view get_and_head = "GET, HEAD";

constexpr Service::ServedPath Service::served_paths[] = {
    {courses_path, get_and_head, &Service::get_courses, "list_courses_v1"},
    {short_courses_path, get_and_head, &Service::redirect_to_courses, "redirect_to_courses_v1"},
    {v2::courses_path, get_and_head, &Service::get_courses_v2, "list_courses"},
    {v2::course_path, get_and_head, &Service::get_course, "get_course"},
    {v2::history_path, get_and_head, &Service::get_candles, "list_candles"},
    {v2::exchangers_path, get_and_head, &Service::get_exchangers, "list_exchangers"},
    {v2::stream_path, get_only, &Service::open_event_stream, "stream_changes"},
    {v2::web_socket_path, get_only, &Service::open_web_socket, "open_web_socket"},
    {"/livez", get_and_head, &Service::get_live, "get_liveness"},
    {"/readyz", get_and_head, &Service::get_ready, "get_readiness"},
    {"/metrics", get_and_head, &Service::get_metrics, "get_metrics"},
    {"/openapi.json", get_and_head, &Service::get_openapi, "get_openapi"},
    {"/docs", get_and_head, &Service::get_asset, page},
    {"/assets/", get_and_head, &Service::get_asset, page},
    {"/", get_and_head, &Service::get_asset, page},
};

std::string Service::render_openapi() const {
    static_assert(std::ranges::none_of(served_paths, &std::string_view::empty, &ServedPath::operation));
    std::vector<openapi::DescribedPath> described;
    for (const auto& each : served_paths) {
        if (each.operation != page) described.push_back({each.path, each.operation});
    }
    return openapi::render(sources_.board.map(), sources_.version, described);
}

Service::Service(ServiceSources sources, const std::string& allowed_origin)
    : sources_(std::move(sources)),
      allowed_origin_(allowed_origin),
      has_cors_(!allowed_origin.empty()),
      writer_(allowed_origin),
      courses_(sources_.board, writer_, sources_.on_pinned) {}

ServiceAnswer Service::answer(const Request& request, TimePoint now) {
    follow(now);
    auto answer = reply_to(request, now);
    if (request.method != Method::head) return answer;
    if (auto* const reply = std::get_if<Reply>(&answer)) reply->body = {};
    if (auto* const pending = std::get_if<PendingAnswer>(&answer)) pending->is_head = true;
    return answer;
}

Reply Service::refuse(const Problem& problem) {
    return keep(writer_.write(problem));
}

ServiceAnswer Service::reply_to(const Request& request, TimePoint now) {
    const auto [authority, path, query] = split_target(request.target);
    const auto find = [](std::string_view asked) {
        return std::ranges::find_if(served_paths, [=](const auto& each) { return each.serves(asked); });
    };
    const auto none = std::ranges::end(served_paths);
    const auto bare_path = path.substr(0, path.size() - (path.ends_with('/') ? 1 : 0));
    const auto exact = find(path);
    const auto served = exact != none ? exact : find(bare_path);
    if (served == none) return refuse({404, explain_not_found(path)});
    const Asked asked{request, path, served->parameter_of(path), query};
    const bool is_handled =
        request.method == Method::get || (request.method == Method::head && served->methods == get_and_head);
    if (is_handled) {
        auto answer = exact != none ? (this->*served->handle)(asked, now) : redirect(bare_path, query);
        std::visit([served](auto& any) { any.route = served->path; }, answer);
        return answer;
    }
    const auto allowed = std::string(served->methods) + (has_cors_ ? ", OPTIONS" : "");
    if (request.method == Method::options && has_cors_) return preflight(allowed);
    return refuse({405, "This path does not take that method. Use one of: " + allowed + ".",
                   "Allow: " + allowed + "\r\n"});
}

ServiceAnswer Service::get_courses(const Asked& asked, TimePoint now) {
    const auto found = courses_.find(asked.query, now);
    if (!found) return refuse({400, found.error()});
    const auto& [answer, not_modified, etag] = **found;
    const auto condition = asked.request.if_none_match;
    const bool is_known = answer.status == 200 && !condition.empty() && matches_etag(condition, etag);
    return to_reply(is_known ? not_modified : answer);
}

ServiceAnswer Service::redirect_to_courses(const Asked& asked, TimePoint) {
    return redirect(courses_path, asked.query);
}

Reply Service::redirect(std::string_view path, std::string_view query) {
    std::string location(path);
    if (!query.empty()) location.append("?").append(query);
    return keep(writer_.write(307, "Location: " + location + "\r\nCache-Control: no-store\r\n", ""));
}

ServiceAnswer Service::get_live(const Asked&, TimePoint) {
    return keep(writer_.write(200, json_headers, R"({"status":"alive"})"));
}

ServiceAnswer Service::get_ready(const Asked&, TimePoint) {
    const auto reasons = sources_.not_ready();
    if (reasons.empty()) return keep(writer_.write(200, json_headers, R"({"status":"ready"})"));
    std::string list;
    for (const auto& reason : reasons) list.append(list.empty() ? "" : ",").append(json_string(reason));
    return keep(writer_.write(503, std::string(json_headers) + "Retry-After: 1\r\n",
                              R"({"status":"not ready","reasons":[)" + list + "]}"));
}

Reply Service::preflight(const std::string& allowed_methods) {
    return keep(writer_.write(204,
                              "Access-Control-Allow-Methods: " + allowed_methods +
                                  "\r\nAccess-Control-Allow-Headers: " + std::string(allowed_headers) +
                                  "\r\nAccess-Control-Max-Age: 600\r\n",
                              ""));
}

Reply Service::keep(Answer answer) {
    latest_ = std::move(answer);
    return to_reply(latest_);
}

}  // namespace kurs::http
