#include "api_fixture.hpp"

namespace kurs::api {
namespace {

struct ApiPush : ApiFixture {
    Outcome connect(std::string_view target, const Upgrade& upgrade = {}) {
        return api.answer({Method::get, target, {}, {}, upgrade}, noon);
    }
    Subscription subscribe(std::string_view target, const Upgrade& upgrade = {}) {
        return std::get<Subscription>(connect(target, upgrade));
    }
    ResponseView refused(std::string_view target, const Upgrade& upgrade = {}) {
        return std::get<ResponseView>(connect(target, upgrade));
    }
    static Upgrade web_socket(std::string_view origin = "", std::string_view host = "kurs.example:8000") {
        return {"", true, "dGhlIHNhbXBsZSBub25jZQ==", origin, host};
    }
};

TEST_F(ApiPush, AnEventStreamHasTheFiltersOfCourses) {
    const auto all = subscribe("/api/v2/stream");
    EXPECT_EQ(all.query, CoursesQuery{});
    EXPECT_EQ(all.transport, Transport::event_stream);
    EXPECT_EQ(all.route, "/api/v2/stream");
    const auto some = subscribe("/api/v2/stream?direction=btc-usd&exchanger=coingecko&max_age=3");
    EXPECT_EQ(some.query, (CoursesQuery{coingecko, {btc_usd}, 3s}));
    EXPECT_EQ(market.requested, std::vector{coingecko});
}

TEST_F(ApiPush, ItsHeadHasNoLength) {
    const auto head = subscribe("/api/v2/stream").head;
    EXPECT_TRUE(holds(head, "\r\nContent-Type: text/event-stream\r\n"));
    EXPECT_TRUE(holds(head, "\r\nX-Accel-Buffering: no\r\n"));
    EXPECT_FALSE(holds(head, "Content-Length"));
}

TEST_F(ApiPush, AStreamResumesAfterTheLastEvent) {
    EXPECT_EQ(subscribe("/api/v2/stream").known_version, std::nullopt);
    EXPECT_EQ(subscribe("/api/v2/stream?last_event_id=17").known_version, 17);
    EXPECT_EQ(subscribe("/api/v2/stream", {"18"}).known_version, 18);
    EXPECT_EQ(subscribe("/api/v2/stream?last_event_id=17", {"18"}).known_version, 18);
    EXPECT_EQ(subscribe("/api/v2/stream?last_event_id=").known_version, std::nullopt);
}

TEST_F(ApiPush, AMalformedIdIsRefused) {
    for (const auto* const id : {"x", "-1", "1.5", "18446744073709551616", "%201"}) {
        const auto reply = refused("/api/v2/stream?last_event_id=" + std::string(id));
        EXPECT_EQ(reply.status, 400) << id;
        EXPECT_TRUE(holds(reply.body, "No event has the id")) << id;
    }
    EXPECT_EQ(refused("/api/v2/stream?last_event_id=1&last_event_id=2").status, 400);
    EXPECT_TRUE(holds(refused("/api/v2/stream?depth=1").body, "max_age, last_event_id"));
}

TEST_F(ApiPush, AMalformedIdInTheHeaderIsIgnored) {
    for (const auto* const id : {"x", "-1", "1 2", "18446744073709551616"})
        EXPECT_EQ(subscribe("/api/v2/stream?last_event_id=17", {id}).known_version, std::nullopt) << id;
}

TEST_F(ApiPush, OnlyGetOpensAStream) {
    for (const auto method : {Method::head, Method::other}) {
        const auto reply = ask(method, "/api/v2/stream");
        EXPECT_EQ(reply.status, 405);
        EXPECT_TRUE(has(reply, "Allow: GET"));
    }
}

TEST_F(ApiPush, AWebSocketNeedsAnUpgrade) {
    const auto reply = refused("/api/v2/ws");
    EXPECT_EQ(reply.status, 426);
    EXPECT_TRUE(has(reply, "Connection: Upgrade"));
    EXPECT_TRUE(has(reply, "Upgrade: websocket"));
    const auto subscription = subscribe("/api/v2/ws?direction=eth-usd", web_socket());
    EXPECT_EQ(subscription.transport, Transport::web_socket);
    EXPECT_EQ(subscription.query.directions, std::vector{eth_usd});
    EXPECT_EQ(subscription.web_socket_key, "dGhlIHNhbXBsZSBub25jZQ==");
}

TEST_F(ApiPush, OtherOriginsSubscribeOnlyIfAllowed) {
    EXPECT_EQ(refused("/api/v2/ws", web_socket("https://elsewhere.example")).status, 403);
    EXPECT_EQ(refused("/api/v2/ws", web_socket("null")).status, 403);
    EXPECT_EQ(refused("/api/v2/ws", web_socket("http://kurs.example:8000.evil.example")).status, 403);
    subscribe("/api/v2/ws", web_socket("https://kurs.example"));
    subscribe("/api/v2/ws", web_socket("https://kurs.example", "KURS.Example:443"));
    subscribe("/api/v2/ws", web_socket("http://[::1]:8000", "[::1]"));
    const Request from_elsewhere{Method::get, "/api/v2/ws", {}, {}, web_socket("https://elsewhere.example")};
    EXPECT_TRUE(std::holds_alternative<Subscription>(open_api.answer(from_elsewhere, noon)));
}

}  // namespace
}  // namespace kurs::api
