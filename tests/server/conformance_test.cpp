// What docs/http.md promises of messages, and no other test shows.
#include <gtest/gtest.h>

#include "loopback_client.hpp"
#include "running_server.hpp"
#include "server/request_parser.hpp"

namespace kurs::server {
namespace {

const ServerLimits usual_limits;

struct Conformance : testing::Test {
    /// The statuses of all responses until the server closes, or until the second request, which follows, is
    /// answered.
    std::vector<int> statuses(const std::string& request) {
        LoopbackClient client(server.port());
        client.send(request + get("/nothing"));
        std::vector<int> found;
        for (;;) {
            const auto answer = client.receive();
            if (answer.status == 0) return found;
            found.push_back(answer.status);
            EXPECT_NE(answer.head.find("\r\nDate: "), answer.head.npos) << request;
            if (answer.status == 404) return found;
            if (answer.is_last()) EXPECT_EQ(client.wait_end(), End::orderly) << request;
        }
    }
    /// Refused, and nothing behind it is answered.
    void expect_refusal(const std::string& request, int status = 400) {
        EXPECT_EQ(statuses(request), std::vector{status}) << request;
    }
    /// Answered, and what follows is the next request.
    void expect_answer(const std::string& request) {
        EXPECT_EQ(statuses(request), (std::vector{200, 404})) << request;
    }

    RunningServer server;
};

std::string chunked(const std::string& body) {
    return get("/livez", "Transfer-Encoding: chunked\r\n") + body;
}

std::string with_line(const std::string& line) {
    return get("/livez", line + "\r\n");
}

TEST_F(Conformance, LinesEndWithBothCharacters) {
    for (const std::string request :
         {"GET /livez HTTP/1.1\nHost: k\n\n\r\n\r\n", "GET /livez HTTP/1.1\r\nHost: k\nX: y\r\n\r\n",
          "GET /livez HTTP/1.1\r\nHost: k\r\nX: a\rb\r\n\r\n", "GET /li\rvez HTTP/1.1\r\nHost: k\r\n\r\n",
          "\rGET /livez HTTP/1.1\r\nHost: k\r\n\r\n", "GET /livez HTTP/1.1\rHost: k\r\r\n\r\n"})
        expect_refusal(request);
    expect_answer("\r\n\r\n" + get("/livez"));
}

TEST_F(Conformance, ARequestLineHasThreeParts) {
    const std::string host = "\r\nHost: k\r\n\r\n";
    for (const std::string line :
         {"GET  /livez HTTP/1.1", "GET /livez  HTTP/1.1", "GET\t/livez HTTP/1.1", " GET /livez HTTP/1.1",
          "GET /livez HTTP/1.1 ", "GET /livez", "GET /li vez HTTP/1.1", "G(T /livez HTTP/1.1",
          "GET /livez http/1.1", "GET /livez HTTP/1", "GET /livez HTTP/11.1", "GET /livez HTTPS/1.1"})
        expect_refusal(line + host);
    expect_refusal(get("/" + std::string(1, '\0')));
    expect_refusal("\x16\x03\x01\x02\x01" + std::string(512, '\x01'));  // TLS
}

TEST_F(Conformance, AnotherVersionIsNotSupported) {
    for (const std::string version : {"2.0", "3.0", "0.9", "1.2"})
        expect_refusal("GET /livez HTTP/" + version + "\r\nHost: k\r\n\r\n", 505);
    expect_refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
}

TEST_F(Conformance, ATargetIsAPathOrAnUrl) {
    for (const auto* target : {"livez", "*", "?x", "\\livez", "ftp://k/livez", "k:80", "%2flivez"})
        expect_refusal(get(target));
    expect_answer(get("http://other:8080/livez"));
    for (const auto* target : {"/api/../livez", "//livez", "/%6civez", "/livez/%2e", "/livez%00",
                               "/livez;x=1", "/livez#x", "/\xc3\xa4", "/\xff", "/./livez"})
        EXPECT_EQ(statuses(get(target)), std::vector{404}) << target << ": paths are compared as they are";
}

TEST_F(Conformance, TheServiceAsAWholeHasNoOptions) {
    for (const std::string line : {"OPTIONS *", "CONNECT k:443"})
        EXPECT_EQ(statuses(line + " HTTP/1.1\r\nHost: k\r\n\r\n"), std::vector{404}) << line;
}

TEST_F(Conformance, AFieldLineIsANameAColonAndAValue) {
    for (const std::string line : {"X : y", "X\t: y", "Content-Length : 0", ": y", "Xy", "X\xc3\xa4: y",
                                   "X(y): z", "X: a\x01", "X: a\x7f"})
        expect_refusal(with_line(line));
    expect_refusal(with_line("X: a" + std::string(1, '\0')));
    expect_refusal(with_line("X" + std::string(1, '\0') + ": b"));
    expect_refusal("GET /livez HTTP/1.1\r\n X: y\r\nHost: k\r\n\r\n");
    expect_answer(with_line("X: \xff\xfe\xc3\xa4"));
    expect_answer(with_line("X:"));
}

TEST_F(Conformance, AFoldedLineIsOneValue) {
    RequestParser parser(usual_limits);
    parser.feed(get("/", "Accept: text/csv,\r\n \t*/*\r\nTransfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n");
    ASSERT_TRUE(parser.is_complete());
    EXPECT_EQ(parser.request().accept, "text/csv, */*");
}

TEST_F(Conformance, ALengthIsOneNumber) {
    for (const auto* length : {"+5", "-1", "0x5", "5 5", "", "5;", "1_0", "5.0", "99999999999999999999",
                               "18446744073709551621", "5\r\nContent-Length: 6", "5, 6"})
        expect_refusal(with_line(std::string("Content-Length: ") + length) + "hello");
    for (const auto* length : {"5", "05", "5, 5", "5\r\nContent-Length: 5", " \t5 "})
        expect_answer(with_line(std::string("Content-Length:") + length) + "hello");
}

TEST_F(Conformance, ATransferCodingIsChunkedAlone) {
    const std::string chunks = "5\r\nhello\r\n0\r\n\r\n";
    for (const auto* coding : {"gzip, chunked", "gzip\r\nTransfer-Encoding: chunked", "identity, chunked"})
        expect_refusal(with_line(std::string("Transfer-Encoding: ") + coding) + chunks, 501);
    for (const auto* coding : {"chunked, chunked", "chunked\r\nTransfer-Encoding: chunked",
                               "chunked, identity", "gzip", "identity", "xchunked",
                               "\x0b"
                               "chunked",
                               "chunked\r\nContent-Length: 5", "chunked;x"})
        expect_refusal(with_line(std::string("Transfer-Encoding: ") + coding) + chunks);
    expect_refusal("GET /livez HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
    expect_answer(with_line("Transfer-Encoding: Chunked") + chunks);
}

TEST_F(Conformance, ChunksAreAsTheyAreCounted) {
    for (const std::string body :
         {"z\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "-1\r\n", " 5\r\nhello\r\n0\r\n\r\n",
          "+5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "10000000000000005\r\nhello\r\n0\r\n\r\n",
          "5\r\nhello0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5;a\nhello\r\n0\r\n\r\n",
          "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", "0\r\nX y\r\n\r\n",
          "0\r\n : y\r\n\r\n"})
        expect_refusal(chunked(body));
    for (const std::string body :
         {"5\r\nhello\r\n0\r\n\r\n", "5;a;b=c;d=\"e;\"\r\nhello\r\n0;x\r\n\r\n", "0\r\nX: y\r\nZ: z\r\n\r\n",
          "a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n"})
        expect_answer(chunked(body));
}

TEST_F(Conformance, ATrailerIsNotAHeader) {
    RequestParser parser(usual_limits);
    parser.feed(
        chunked("0\r\nAuthorization: Bearer x\r\nIf-None-Match: *\r\nAccept: a/b\r\nHost: other\r\n"
                "Connection: close\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"));
    ASSERT_TRUE(parser.is_complete());
    const auto request = parser.request();
    EXPECT_EQ(std::string(request.authorization) + std::string(request.if_none_match) +
                  std::string(request.accept) + std::string(request.forwarded_for),
              "");
    EXPECT_TRUE(parser.keep_alive());
}

TEST_F(Conformance, ABodyThatIsMostlyFramingIsRefused) {
    const auto repeated = [](const std::string& chunk, int count) {
        std::string body;
        for (int i = 0; i < count; ++i) body += chunk;
        return body + "0\r\n\r\n";
    };
    expect_answer(chunked(repeated("1\r\nx\r\n", 16'000)));
    for (const auto& line : {std::string(15'000, '0') + "1", "1;" + std::string(15'000, 'x')})
        expect_refusal(chunked(repeated(line + "\r\nx\r\n", 20)));
    expect_refusal(chunked("0\r\nX: " + std::string(9000, 'y') + "\r\n\r\n"), 431);
}

TEST_F(Conformance, ContinuesOnlyWithABodyThatIsAwaited) {
    const std::string expects = "Expect: 100-continue\r\n";
    expect_refusal(get("/livez", expects + "Content-Length: 16385\r\n"), 413);
    expect_refusal(get("/livez", expects + "Content-Length: x\r\n"));
    expect_answer(get("/livez", expects + "Content-Length: 5\r\n") + "hello");
    expect_answer(get("/livez", expects));
    expect_answer(get("/livez", "Expect: 200-ok\r\n"));
    LoopbackClient old(server.port());
    old.send("GET /livez HTTP/1.0\r\nContent-Length: 5\r\n" + expects + "\r\nhello");
    EXPECT_EQ(old.receive().status, 200);
}

TEST_F(Conformance, AnIncompleteRequestIsNotAnswered) {
    for (const auto& request :
         {std::string("GET /livez HTTP/1.1\r\nHost: k\r\n"), get("/livez", "Content-Length: 5\r\n") + "hell",
          chunked("5\r\nhello\r\n0\r\n"), std::string("G")}) {
        LoopbackClient client(server.port());
        client.send(get("/livez") + request);
        client.send_end();
        EXPECT_EQ(client.receive().status, 200);
        EXPECT_EQ(client.receive().status, 0) << request;
        EXPECT_EQ(client.wait_end(), End::orderly) << request;
    }
}

TEST_F(Conformance, PartsOfAFileAreNotServed) {
    LoopbackClient client(server.port());
    const auto answer = client.ask(get("/api/v1/courses", "Range: bytes=0-3\r\nIf-Range: \"x\"\r\n"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, both_courses);
}

TEST_F(Conformance, AMethodThatIsUnknownIsNotAllowed) {
    for (const std::string method : {"BREW", "get", "TRACE", "PATCH", "M-SEARCH"}) {
        LoopbackClient client(server.port());
        const auto answer = client.ask(method + " /livez HTTP/1.1\r\nHost: k\r\n\r\n");
        EXPECT_EQ(answer.status, 405) << method;
        EXPECT_TRUE(answer.has("Allow: GET, HEAD")) << method;
    }
}

TEST_F(Conformance, ErrorsHaveNoBodyForHead) {
    LoopbackClient client(server.port());
    client.send("HEAD /api/v1/courses?x=1 HTTP/1.1\r\nHost: k\r\n\r\n" + get("/livez"));
    const auto answer = client.receive(false);
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.head.find("\r\nContent-Length: "), answer.head.npos);
    EXPECT_EQ(client.receive().body, R"({"status":"alive"})");
}

TEST_F(Conformance, NotModifiedHasNoLengthAndTheTagOfTheBody) {
    LoopbackClient client(server.port());
    const auto answer = client.ask(get("/api/v1/courses", "If-None-Match: *\r\n"));
    EXPECT_EQ(answer.status, 304);
    EXPECT_EQ(answer.head.find("Content-Length"), answer.head.npos);
    const auto full = client.ask(get("/api/v1/courses")).head;
    for (const auto* name : {"\r\nETag: ", "\r\nCache-Control: ", "\r\nDate: "}) {
        EXPECT_NE(answer.head.find(name), answer.head.npos) << name;
        EXPECT_NE(full.find(name), full.npos) << name;
    }
}

}  // namespace
}  // namespace kurs::server
