#include "api/accept.hpp"

#include <gtest/gtest.h>

namespace kurs::api {
namespace {

TEST(Accept, AcceptsTheMetricsText) {
    for (const auto* accept :
         {"", " ", "*/*", "text/plain", "TEXT/Plain;Version=0.0.4", "text/html foo", "text/html, /",
          "text/*;q=0.1", "text/plain;version=0.0.4", "text/plain; version=\"0.0.4\"; charset=utf-8",
          "text/html, */*;q=0.8", "text/plain;version=1.0.0;q=0, text/plain;version=0.0.4",
          "text/plain;version=0.0.4, text/plain;q=0", R"(text/plain;x="a,b;q=0";version=0.0.4)",
          R"(text/plain;x="\",text/html;q=0";version=0.0.4)", "text/plain ;\tq=1", "text/plain;x",
          // Malformed, so that everything is accepted.
          R"(text/html;x="a)", R"(text/html;x="a\")", "text/html;x=", "text/html;x=,a/b", R"(text/html;x=")",
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
          "text/plain;q=0, */*", "*/*;q=0", "text/*;q=0, */*", "text/plainx", ",",
          R"(text/html;x="text/plain")", "text/html ; q=1", "text/html;x", "text/html;x;y=1"}) {
        EXPECT_FALSE(takes_metrics_text(accept)) << accept;
    }
}

TEST(Accept, AcceptsGzipUnlessItsWeightIsZero) {
    for (const auto* accept :
         {"gzip", "GZIP", "br, gzip", "*", "gzip;q=1", "gzip;q=0.001", "gzip;q=0.9", "gzip;q=1.000",
          "gzip;Q=0.010", "*;q=0, gzip", "gzip, *;q=0", "gzip;q=1.", "gzip ; x=1 ; q=0.5"})
        EXPECT_TRUE(takes_gzip(accept)) << accept;
    for (const auto* accept :
         {"", "br", "gzip;q=0", "gzip;q=0.", "gzip;q=0.000", "gzip;q=", "gzip;q=2", "gzip;q=/", "gzip;q=1x",
          "gzip;q=0.5x", "gzip;q=0.0001", "gzip;q=x", "*;q=0", "*, gzip;q=0", "gzip;q=0, *", "gzipx"})
        EXPECT_FALSE(takes_gzip(accept)) << accept;
}

}  // namespace
}  // namespace kurs::api
