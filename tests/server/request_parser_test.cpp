#include "server/request_parser.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace kurs::server {
namespace {

const ServerLimits usual_limits;

constexpr std::string_view two_requests =
    "GET /a HTTP/1.1\r\nHost: k\r\nIf-None-Match: \"x\"\r\nif-none-match: \"y\"\r\n"
    "Accept: text/csv\r\naccept: */*\r\nAccept-Encoding: br\r\naccept-encoding: gzip\r\n\r\n"
    "POST /b HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\nHost: "
    "trailer\r\n\r\n";

constexpr std::string_view bare_request = "GET / HTTP/1.1\r\nHost: k\r\n\r\n";

/// Feeds `bytes` in pieces and returns the targets of the parsed requests.
std::vector<std::string> targets(RequestParser& parser, std::string_view bytes, std::size_t piece) {
    std::vector<std::string> found;
    std::string held;
    while (!bytes.empty() && !parser.refusal()) {
        held += bytes.substr(0, piece);
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (bool again = true; again && !held.empty() && !parser.refusal();) {
            held.erase(0, parser.feed(held));
            again = parser.is_complete();
            if (again) found.emplace_back(parser.request().target);
            if (again) parser.next();
        }
    }
    return found;
}

TEST(RequestParser, ParsesTheSameForAnySplitOfTheBytes) {
    const std::vector<std::string> both{"/a", "/b"};
    for (std::size_t piece = 1; piece <= two_requests.size(); ++piece) {
        RequestParser parser(usual_limits);
        EXPECT_EQ(targets(parser, two_requests, piece), both) << piece;
        EXPECT_FALSE(parser.refusal()) << piece;
    }
}

TEST(RequestParser, WaitsForTheEndOfABodyWithoutContent) {
    const std::string bytes = "POST /a HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (std::size_t first = 1; first < bytes.size(); ++first) {
        for (std::size_t second = first; second < bytes.size(); ++second) {
            RequestParser parser(usual_limits);
            std::string held;
            for (const auto& part :
                 {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)}) {
                held += part;
                held.erase(0, parser.feed(held));
            }
            ASSERT_TRUE(parser.is_complete()) << first << " " << second;
        }
    }
}

TEST(RequestParser, JoinsRepeatedHeaders) {
    RequestParser parser(usual_limits);
    parser.feed(two_requests);
    EXPECT_EQ(parser.request().if_none_match, R"("x", "y")");
    EXPECT_EQ(parser.request().accept, "text/csv, */*");
    EXPECT_EQ(parser.request().accept_encoding, "br, gzip");
    EXPECT_EQ(parser.method_text(), "GET");
    parser.next();
    parser.feed(bare_request);
    EXPECT_EQ(parser.request().accept, "");
    EXPECT_EQ(parser.request().accept_encoding, "");
}

TEST(RequestParser, KeepsTheBodyOfAPost) {
    const std::string head =
        "POST /b HTTP/1.1\r\nHost: k\r\nContent-Type: application/json\r\nx-authorization: secret\r\n";
    for (const auto& request : {head + "idempotency-key: \"a\"\r\nContent-Length: 5\r\n\r\nhello",
                                head + "Idempotency-Key: \"a\"\r\nTransfer-Encoding: "
                                       "chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"}) {
        for (std::size_t piece = 1; piece <= request.size(); ++piece) {
            RequestParser parser(usual_limits);
            std::string held;
            for (std::size_t at = 0; at < request.size(); at += piece) {
                held += request.substr(at, piece);
                held.erase(0, parser.feed(held));
            }
            ASSERT_TRUE(parser.is_complete()) << piece;
            EXPECT_EQ(parser.request().method, api::Method::post);
            EXPECT_EQ(parser.request().body, "hello") << piece;
            EXPECT_EQ(parser.request().content_type, "application/json");
            EXPECT_EQ(parser.request().idempotency_key, "\"a\"");
            EXPECT_EQ(parser.request().x_authorization, "secret");
            parser.next();
            parser.feed(bare_request);
            EXPECT_EQ(parser.request().body, "");
            EXPECT_EQ(parser.request().x_authorization, "");
            EXPECT_EQ(parser.request().idempotency_key, std::nullopt);
        }
    }
    RequestParser parser(usual_limits);
    parser.feed("GET /b HTTP/1.1\r\nHost: k\r\nContent-Length: 5\r\n\r\nhello");
    ASSERT_TRUE(parser.is_complete());
    EXPECT_EQ(parser.request().body, "") << "it means nothing";
}

TEST(RequestParser, ReadsTheKeyAndTheAddressesThatProxiesReport) {
    RequestParser parser(usual_limits);
    parser.feed(
        "GET / HTTP/1.1\r\nHost: k\r\nX-Forwarded-For: 192.0.2.7\r\nx-forwarded-for: 10.0.0.1\r\n"
        "Authorization: Bearer abc\r\n\r\n");
    EXPECT_EQ(parser.request().forwarded_for, "192.0.2.7, 10.0.0.1");
    EXPECT_EQ(parser.request().authorization, "Bearer abc");
    parser.next();
    parser.feed("GET / HTTP/1.1\r\nHost: k\r\n\r\n");
    EXPECT_EQ(parser.request().forwarded_for, "");
    EXPECT_EQ(parser.request().authorization, "");
    parser.next();
    parser.feed("GET / HTTP/1.1\r\nHost: k\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n");
    EXPECT_EQ(parser.request().authorization, "Bearer a, Bearer b") << "none of the two is chosen";
}

/// Everything that a parser says of its request.
std::string report(const RequestParser& parser) {
    if (parser.refusal()) return std::to_string(parser.refusal()->status) + parser.refusal()->detail;
    if (!parser.is_complete()) return "incomplete";
    const auto request = parser.request();
    std::ostringstream text;
    text << parser.method_text() << static_cast<int>(request.method) << parser.keep_alive()
         << parser.names_web_socket() << parser.is_http_1_0() << request.upgrade.is_web_socket
         << request.idempotency_key.has_value() << request.idempotency_key.value_or("");
    for (const auto part : {request.target, request.if_none_match, request.accept, request.forwarded_for,
                            request.authorization, request.content_type, request.body,
                            request.x_authorization, request.accept_encoding, request.upgrade.last_event_id,
                            request.upgrade.web_socket_key, request.upgrade.origin, request.upgrade.host})
        text << '|' << part;
    return std::move(text).str();
}

TEST(RequestParser, SaysTheSameAfterAnyOtherRequest) {
    const std::string line = "GET /a HTTP/1.1\r\n";
    const std::string host = "Host: k\r\n";
    const std::vector<std::string> requests{
        line + host + "\r\n",
        line + "Host: kurs\r\n\r\n",
        line + "Host: \r\n\r\n",
        line + "Host: k k\r\n\r\n",
        line + "\r\n",
        "GET /b HTTP/1.1\r\n" + host + "\r\n",
        "HEAD /a HTTP/1.1\r\n" + host + "\r\n",
        "GET /a HTTP/1.0\r\n" + host + "\r\n",
        "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        line + host + "Connection: close\r\n\r\n",
        line + host + "Accept: text/csv\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\"\r\n\r\n",
        line + host + "Authorization: Bearer a\r\nX-Forwarded-For: 192.0.2.7\r\nLast-Event-ID: 7\r\n\r\n",
        line + host + "Expect: 100-continue\r\n\r\n",
        line + host + "Content-Length: 2\r\n\r\nok",
        line + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        line + host + "Transfer-Encoding: chunked, chunked\r\n\r\n",
        line + host + "X: " + std::string(1000, 'x') + "\r\n\r\n",
        line + host +
            "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nOrigin: http://k\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "POST /a HTTP/1.1\r\n" + host + "Content-Length: 2\r\nIdempotency-Key: \"a\"\r\n\r\nok",
        "POST /a HTTP/1.1\r\n" + host + "Content-Type: text/plain\r\n\r\n",
        "POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n258\r\n" + std::string(600, 'x') +
            "\r\n2\r\nok\r\n0\r\n\r\n",
        "\r\n" + line + host + "\r\n",
        line + host,
    };
    const auto alone = [](std::string_view bytes) {
        RequestParser parser(usual_limits);
        parser.feed(bytes);
        return report(parser);
    };
    for (const auto& first : requests) {
        for (const auto& second : requests) {
            for (const std::size_t piece : {std::string::npos, std::size_t{20}}) {
                RequestParser parser(usual_limits);
                targets(parser, first, piece);
                if (parser.refusal() || parser.has_started()) continue;
                for (const auto& next : {first, second, second, first}) {
                    parser.feed(next);
                    EXPECT_EQ(report(parser), alone(next)) << first << "then\n" << second;
                    if (!parser.is_complete()) break;
                    EXPECT_TRUE(parser.has_started());
                    parser.next();
                    EXPECT_FALSE(parser.has_started() || parser.is_complete());
                }
            }
        }
    }
}

TEST(RequestParser, ReadsARequestAgainFromPipelinedBytes) {
    const std::string one = "GET /a HTTP/1.1\r\nHost: k\r\n\r\n";
    for (std::size_t piece = 1; piece <= 3 * one.size(); ++piece) {
        RequestParser parser(usual_limits);
        EXPECT_EQ(targets(parser, one + one + one + one, piece), std::vector<std::string>(4, "/a")) << piece;
    }
}

/// The error for a request with these header lines; empty if it is accepted.
std::string refusal_of(std::string_view lines, std::string_view version = "1.1",
                       std::string_view target = "/") {
    RequestParser parser(usual_limits);
    const auto head = "GET " + std::string(target) + " HTTP/" + std::string(version) + "\r\n";
    parser.feed(head + std::string(lines) + "\r\n");
    if (!parser.refusal()) return "";
    EXPECT_EQ(parser.refusal()->status, 400U) << lines;
    return parser.refusal()->detail;
}

TEST(RequestParser, RefusesMalformedListsThatAffectFraming) {
    for (const std::string line : {"Transfer-Encoding: chunked foo, identity",
                                   "Transfer-Encoding: chunked foo",
                                   "Transfer-Encoding: chunked;q=1",
                                   "Transfer-Encoding: \"chunked\"",
                                   "Transfer-Encoding: chunked, gzip",
                                   "Transfer-Encoding: chunked, chunked",
                                   "Transfer-Encoding: chunked\r\nTransfer-Encoding: Chunked",
                                   "Transfer-Encoding: gzip foo, chunked",
                                   "Transfer-Encoding: chunked\x0b",
                                   "Transfer-Encoding: ",
                                   "Content-Length: 0 0",
                                   "Content-Length: 0;0",
                                   "Content-Length: 0, x",
                                   "Content-Length: 0,",
                                   "Connection: close foo",
                                   "Connection: keep-alive; x",
                                   "Connection: \"close\"",
                                   "Upgrade: websocket foo",
                                   "Upgrade: websocket, foo bar",
                                   "Upgrade: websocket/",
                                   "Upgrade: a//b",
                                   "Upgrade: websocket; x"})
        EXPECT_NE(refusal_of("Host: k\r\n" + line + "\r\n"), "") << line;
    for (const std::string line :
         {"Content-Length: 0, 0", "Connection: , close,,", "Upgrade: foo/2.0 , ,websocket", "Upgrade: ",
          "Connection: ", "Transfer-Encoding: CHUNKED", "Transfer-Encoding: , chunked ,", "TE: trailers"})
        EXPECT_EQ(refusal_of("Host: k\r\n" + line + "\r\n"), "") << line;
    EXPECT_EQ(refusal_of("Host: k\r\nUpgrade: a b\r\n", "1.0"), "");  // ignored there
    EXPECT_NE(refusal_of("Host: k\r\nTransfer-Encoding: foo bar\r\n").find("Send Content-Length"),
              std::string::npos);
}

TEST(RequestParser, RefusesAMalformedHost) {
    for (const std::string lines : {"Host: a b\r\n", "Host: user@k\r\n", "Host: k:99999\r\n",
                                    "Host: [::1\r\n", "Host: k\r\nHost: k\r\n", "Host: a,\r\nHost: b\r\n"})
        for (const auto* version : {"1.0", "1.1"})
            EXPECT_NE(refusal_of(lines, version).find("exactly one Host"), std::string::npos)
                << lines << version;
    EXPECT_NE(refusal_of(""), "");
    EXPECT_EQ(refusal_of("", "1.0"), "");
    EXPECT_EQ(refusal_of("Host: \r\n"), "");
    for (const auto* target : {"http://user@k/", "HTTP://k:65536/", "http://[::1/", "http:///", "http://?x"})
        EXPECT_NE(refusal_of("Host: k\r\n", "1.1", target), "") << target;
    EXPECT_EQ(refusal_of("Host: k\r\n", "1.1", "http://other:80/"), "");
}

TEST(RequestParser, CloseWinsInEveryVersion) {
    const struct {
        const char *version, *lines;
        bool keep_alive;
    } table[] = {
        {"1.0", "", false},
        {"1.0", "Connection: keep-alive\r\n", true},
        {"1.0", "Connection: Keep-Alive, x\r\n", true},
        {"1.0", "Connection: keep-alive, close\r\n", false},
        {"1.0", "Connection: close, keep-alive\r\n", false},
        {"1.0", "Connection: keep-alive\r\nConnection: CLOSE\r\n", false},
        {"1.0", "Proxy-Connection: keep-alive\r\n", false},
        {"1.0", "Proxy-Connection: keep-alive\r\nConnection: close\r\n", false},
        {"1.1", "", true},
        {"1.1", "Connection: keep-alive, close\r\n", false},
    };
    for (const auto& [version, lines, keep_alive] : table) {
        RequestParser parser(usual_limits);
        parser.feed(std::string("GET / HTTP/") + version + "\r\nHost: k\r\n" + lines + "\r\n");
        ASSERT_TRUE(parser.is_complete()) << lines;
        EXPECT_EQ(parser.keep_alive(), keep_alive) << version << lines;
    }
}

TEST(RequestParser, FindsWebSocketInTheListOfProtocols) {
    for (const std::string upgrade :
         {"websocket", "WebSocket", "foo/2, websocket", "h2c\r\nUpgrade: websocket"}) {
        RequestParser parser(usual_limits);
        parser.feed(
            "GET / HTTP/1.1\r\nHost: k\r\nConnection: UPGRADE\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: " +
            upgrade + "\r\n\r\n");
        EXPECT_TRUE(parser.request().upgrade.is_web_socket) << upgrade;
    }
}

TEST(RequestParser, CountsAHeaderThatComesInPieces) {
    std::string header = "GET /a HTTP/1.1\r\nHost: k\r\n";
    while (header.size() < 9000) header += "X-Small: 1234\r\n";
    for (const std::size_t piece : {15U, 100U, 3000U, 16384U}) {
        RequestParser parser(usual_limits);
        EXPECT_TRUE(targets(parser, header + "\r\n", piece).empty());
        ASSERT_TRUE(parser.refusal()) << piece;
        EXPECT_EQ(parser.refusal()->status, 431U);
    }
}

TEST(Host, IsAHostWithAnOptionalPort) {
    for (const auto* host : {"", "k", "kurs.example", "KURS.example.:8080", "kurs:", "my_host", "10.0.0.1:1",
                             "[::1]", "[::1]:65535", "xn--e1afmkfd.example", "a%20b"})
        EXPECT_TRUE(is_host(host)) << host;
    for (const auto* host :
         {"a b",        "a\tb",        "user@kurs", "user:pw@kurs", "@kurs",
          "kurs:65536", "kurs:99999",  "kurs:0",    "kurs:x",       "kurs:80:90",
          "kurs:-1",    "[::1",        "::1",       "[::1]x",       "[x]",
          "[]",         "kurs/x",      "kurs?x",    "a\"b",         "<a>",
          ":80",        "http://kurs", "a%2",       "k\xc3\xb6ln",  "kurs:18446744073709551617"})
        EXPECT_FALSE(is_host(host)) << host;
}

}  // namespace
}  // namespace kurs::server
