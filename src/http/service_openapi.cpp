// The description of all that is served, for tools and for the page that shows it.
#include "kurs/http/etag.hpp"
#include "kurs/http/service.hpp"

namespace kurs::http {

ServiceAnswer Service::get_openapi(const Asked& asked, TimePoint) {
    if (!openapi_) {
        auto document = render_openapi();
        const auto etag = make_etag(document);
        const auto kept = std::string(asked_each_time) + "ETag: " + etag + "\r\n";
        const auto headers = "Content-Type: application/json\r\n" + kept;
        openapi_ = {writer_.write(200, headers, std::move(document)), writer_.write(304, kept, ""), etag};
    }
    const auto& [answer, not_modified, etag] = *openapi_;
    const auto condition = asked.request.if_none_match;
    const bool is_known = !condition.empty() && matches_etag(condition, etag);
    const auto& chosen = is_known ? not_modified : answer;
    return Reply{chosen.status, chosen.head, chosen.body, true};
}

}  // namespace kurs::http
