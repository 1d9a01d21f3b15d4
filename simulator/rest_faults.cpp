#include "rest_faults.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>

namespace sim {
namespace {

constexpr std::size_t oversized_bytes = 5'000'000;

Reply plain_status_reply(unsigned status) {
    if (status == 403) return firewall_page(status);
    return {
        .status = status, .type = "text/html", .body = fmt::format("<html><body>{}</body></html>", status)};
}

Reply status_reply(const Fault& fault, Instant now) {
    const auto status = static_cast<unsigned>(std::stoul(fault.value));
    if (fault.endpoint == Endpoint::binance_rest) return binance_status_reply(status, now);
    if (fault.endpoint == Endpoint::coingecko_rest) return coingecko_status_reply(status, fault.shape, now);
    return plain_status_reply(status);
}

/// Faults that change the content of a reply.
Reply with_other_content(FaultKind kind, Reply reply) {
    if (kind == FaultKind::garbage) reply.body = "<<~ neither JSON nor XML ~>> \x01\x02\xff";
    if (kind == FaultKind::truncated) reply.body.resize(reply.body.size() / 2);
    if (kind == FaultKind::oversized) reply.body += std::string(oversized_bytes, ' ');
    if (kind == FaultKind::html) {
        reply = firewall_page(200);
    }
    return reply;
}

std::optional<Delivery> delivery_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::never: return Delivery::never;
        case FaultKind::slow_headers: return Delivery::slow_headers;
        case FaultKind::slow_body: return Delivery::slow_body;
        case FaultKind::cut_body: return Delivery::cut_body;
        case FaultKind::wrong_length: return Delivery::wrong_length;
        case FaultKind::refuse: return Delivery::reset;
        default: return std::nullopt;
    }
}

}  // namespace

Reply binance_status_reply(unsigned status, Instant now) {
    Reply reply{.status = status, .type = "application/json;charset=UTF-8"};
    switch (status) {
        case 403: return firewall_page(status);
        case 418:
            reply.headers = {{"Retry-After", "120"}};
            reply.body =
                fmt::format(R"({{"code":-1003,"msg":"Way too much request weight used; IP banned until {}. )"
                            R"(Please use WebSocket Streams for live updates to avoid bans."}})",
                            to_unix_ms(now) + 120'000);
            break;
        case 429:
            reply.headers = {{"Retry-After", "7"}};
            reply.body =
                R"({"code":-1003,"msg":"Too much request weight used; current limit is 6000 request weight )"
                R"(per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."})";
            break;
        case 451:
            reply.body =
                "{\n  \"code\": 0,\n  \"msg\": \"Service unavailable from a restricted location according to "
                "'b. Eligibility' in https://www.binance.com/en/terms. Please contact customer service if "
                "you "
                "believe you received this message in error.\"\n}";
            break;
        case 504:
            reply.body =
                R"({"code":-1007,"msg":"Timeout waiting for response from backend server. Send status )"
                R"(unknown; execution status unknown."})";
            break;
        case 503: reply.body = R"({"code":-1008,"msg":"Server is currently overloaded."})"; break;
        default:
            reply.body = R"({"code":-1000,"msg":"An unknown error occurred while processing the request."})";
            break;
    }
    return reply;
}

Reply coingecko_status_reply(unsigned status, std::string_view shape, Instant now) {
    Reply reply{.status = status, .type = "application/json; charset=utf-8"};
    if (status == 403) {
        reply.body = R"({"error":"Your plan does not have access to this endpoint"})";
    } else if (status == 401) {
        reply.body = R"({"status":{"error_code":401,"error_message":"API Key Missing"}})";
    } else if (status != 429) {
        reply.body =
            fmt::format(R"({{"status":{{"error_code":{},"error_message":"Service error"}}}})", status);
    } else if (shape == "ratelimit_reset") {
        const auto reset = fmt::format("{:%Y-%m-%d %H:%M:%S} +0000", fmt::gmtime(to_unix_seconds(now) + 60));
        reply.headers = {{"x-ratelimit-reset", reset}};
    } else if (shape == "throttled") {
        reply.type = "text/plain";
        reply.body = "Throttled";
    } else if (shape == "html") {
        reply.type = "text/html";
        reply.body =
            "<!DOCTYPE html><html><head><title>Access denied | api.coingecko.com used Cloudflare to restrict "
            "access</title></head></html>";
    } else if (shape != "empty") {
        reply.headers = {{"Retry-After", "60"}};
        reply.body =
            R"({"status":{"error_code":429,"error_message":"You've exceeded the Rate Limit. Please visit )"
            R"(https://www.coingecko.com/en/api/pricing to subscribe to our API plans for higher rate )"
            R"(limits."}})";
    }
    return reply;
}

Reply with_rest_faults(FaultTable& faults, Endpoint endpoint, Reply regular, Instant now) {
    const Place here{endpoint, 0, {}, {}};
    auto reply = std::move(regular);
    if (const auto fault = faults.take(FaultKind::status, here, now)) reply = status_reply(*fault, now);
    if (const auto fault = faults.take(FaultKind::redirect, here, now))
        reply = {
            .status = 302, .type = "text/plain", .body = "moved", .headers = {{"Location", fault->value}}};
    for (const auto kind :
         {FaultKind::garbage, FaultKind::truncated, FaultKind::oversized, FaultKind::html}) {
        if (faults.take(kind, here, now)) reply = with_other_content(kind, std::move(reply));
    }
    constexpr std::array deliveries{FaultKind::never,    FaultKind::slow_headers, FaultKind::slow_body,
                                    FaultKind::cut_body, FaultKind::wrong_length, FaultKind::refuse};
    for (const auto kind : deliveries) {
        const auto fault = faults.take(kind, here, now);
        if (!fault) continue;
        reply.delivery = *delivery_of(kind);
        if (!fault->value.empty()) reply.duration = milliseconds_of(*fault);
        break;
    }
    return reply;
}

}  // namespace sim
