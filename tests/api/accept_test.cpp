#include "api/accept.hpp"

#include <gtest/gtest.h>

namespace kurs::api {
namespace {

TEST(Accept, AcceptsTheMetricsText) {
    for (const auto* accept :
         {"", " ", "*/*", "text/plain", "TEXT/Plain;Version=0.0.4", "text/html foo", "text/html, /",
          "text/*;q=0.1", "text/plain;version=0.0.4", "text/plain; version=\"0.0.4\"; charset=utf-8",
          "text/html, */*;q=0.8", "text/plain;version=1.0.0;q=0, text/plain;version=0.0.4",
          "text/plain;version=0.0.4, text/plain;q=0",
          // As Prometheus versions send it.
          "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
          "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
          "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.6,*/*;q=0.5",
          "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
          "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;"
          "q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1"}) {
        EXPECT_TRUE(takes_metrics_text(accept)) << accept;
    }
}

TEST(Accept, AcceptsNoOtherText) {
    for (const auto* accept :
         {"application/json", "application/openmetrics-text;version=1.0.0", "text/html",
          "text/plain;version=1.0.0", "text/plain;q=0", "text/plain, text/plain;version=0.0.4;q=0",
          "text/plain;q=0, */*", "*/*;q=0", "text/*;q=0, */*", "text/plainx", ","}) {
        EXPECT_FALSE(takes_metrics_text(accept)) << accept;
    }
}

}  // namespace
}  // namespace kurs::api
