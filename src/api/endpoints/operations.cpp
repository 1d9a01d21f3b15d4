#include "api/accept.hpp"
#include "api/endpoints/endpoints.hpp"

namespace kurs::api {

Answer GetLiveness::operator()(const Call&, TimePoint) const {
    return writer.write_json(200, no_store, R"({"status":"alive"})");
}

Answer GetReadiness::operator()(const Call&, TimePoint) const {
    const auto reasons = not_ready();
    if (reasons.empty()) return writer.write_json(200, no_store, R"({"status":"ready"})");
    std::string list;
    for (const auto& reason : reasons) list.append(list.empty() ? "" : ",").append(json_string(reason));
    return writer.write_json(503, std::string(no_store) + "Retry-After: 1\r\n",
                             R"({"status":"not ready","reasons":[)" + list + "]}");
}

Answer GetMetrics::operator()(const Call& call, TimePoint) const {
    if (!render) return Problem{404, "Nothing is served here."};
    if (!takes_metrics_text(call.request.accept)) {
        return Problem{406,
                       "Metrics are available only in the Prometheus text format. Set Accept to "
                       "text/plain;version=0.0.4 or */*, or omit it."};
    }
    std::string headers = "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n";
    return writer.write(200, headers.append(no_store), render());
}

}  // namespace kurs::api
