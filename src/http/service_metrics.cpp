// What Prometheus asks for. nginx does not serve it outside.
#include "kurs/http/accept.hpp"
#include "kurs/http/service.hpp"

namespace kurs::http {
namespace {

constexpr std::string_view headers =
    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nCache-Control: no-store\r\n";

}  // namespace

ServiceAnswer Service::get_metrics(const Asked& asked, TimePoint) {
    if (!sources_.metrics) return refuse({404, "Nothing is served here."});
    if (!takes_metrics_text(asked.request.accept)) {
        return refuse({406,
                       "Metrics come in Prometheus' text format alone. Let Accept have "
                       "text/plain;version=0.0.4 or */*, or leave it out."});
    }
    return keep(writer_.write(200, headers, sources_.metrics()));
}

}  // namespace kurs::http
