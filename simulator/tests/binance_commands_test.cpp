#include "binance_commands.hpp"

#include <gtest/gtest.h>

using namespace sim;

namespace {

std::optional<Subscriptions> ask(const char* target) {
    Request request;
    parse_target(target, request);
    return parse_stream_request(request);
}

}  // namespace

TEST(BinanceStreamTarget, IsRawOrCombined) {
    EXPECT_FALSE(ask("/ws/btcusdt@trade")->combined);
    EXPECT_TRUE(ask("/stream?streams=a@trade/b@trade")->combined);
    EXPECT_EQ(ask("/stream?streams=a@trade/b@trade")->names,
              (std::vector<std::string>{"a@trade", "b@trade"}));
    EXPECT_EQ(ask("/ws/a@trade/b@trade")->names.size(), 2U);
    EXPECT_EQ(ask("/ws/ojostream")->names.size(), 1U);
    EXPECT_TRUE(ask("/ws")->names.empty());
    EXPECT_FALSE(ask("/other"));
    EXPECT_FALSE(ask("/wsx"));
}

TEST(BinanceStreamTarget, IsPercentDecoded) {
    EXPECT_EQ(ask("/stream?streams=btcusdt%40bookTicker%2Fethusdt%40trade&timeUnit=MICROSECOND")->names,
              (std::vector<std::string>{"btcusdt@bookTicker", "ethusdt@trade"}));
    EXPECT_TRUE(ask("/stream?streams=a@trade&timeUnit=microsecond")->microseconds);
    EXPECT_FALSE(ask("/stream?streams=a@trade&timeUnit=MILLISECOND")->microseconds);
}

TEST(BinanceCommands, SubscribeListAndUnsubscribe) {
    Subscriptions held;
    EXPECT_EQ(answer_command(R"({"method":"SUBSCRIBE","params":["btcusdt@aggTrade","BTCUSDT@depth"],"id":1})",
                             held),
              R"({"result":null,"id":1})");
    EXPECT_EQ(answer_command(R"({"method":"UNSUBSCRIBE","params":["BTCUSDT@depth"],"id":"x"})", held),
              R"({"result":null,"id":"x"})");
    EXPECT_EQ(answer_command(R"({"method":"LIST_SUBSCRIPTIONS","id":3})", held),
              R"({"result":["btcusdt@aggTrade"],"id":3})");
}

TEST(BinanceCommands, PropertySwitchesTheEnvelope) {
    Subscriptions held;
    EXPECT_EQ(in_envelope(held, "a@trade", "{}"), "{}");
    EXPECT_EQ(answer_command(R"({"method":"SET_PROPERTY","params":["combined",true],"id":5})", held),
              R"({"result":null,"id":5})");
    EXPECT_EQ(answer_command(R"({"method":"GET_PROPERTY","params":["combined"],"id":2})", held),
              R"({"result":true,"id":2})");
    EXPECT_EQ(in_envelope(held, "a@trade", "{}"), R"({"stream":"a@trade","data":{}})");
}

TEST(BinanceCommands, ErrorsAreAsDocumented) {
    const std::pair<const char*, const char*> cases[] = {
        {"nope", R"({"code":3,"msg":"Invalid JSON: expected value at line 1 column 2"})"},
        {"{}", R"({"code":2,"msg":"Invalid request: missing field `method` at line 1 column 2"})"},
        {R"({"method":"LIST_SUBSCRIPTIONS"})",
         R"({"code":2,"msg":"Invalid request: request ID must be an unsigned integer"})"},
        {R"({"method":"GET_PROPERTY","params":["x"],"id":1})",
         R"({"code":0,"msg":"Unknown property","id":1})"},
        {R"({"method":"SET_PROPERTY","params":["combined",1],"id":1})",
         R"({"code":1,"msg":"Invalid value type: expected Boolean"})"},
        {R"({"method":"GET_PROPERTY","params":[1],"id":1})",
         R"({"code":2,"msg":"Invalid request: property name must be a string"})"},
        {R"({"method":"GET_PROPERTY","params":["combined",1],"id":1})",
         R"({"code":2,"msg":"Invalid request: too many parameters"})"},
        {R"({"method":"SUBSCRIBE","params":["btcusdt"],"id":2})",
         R"({"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":2})"},
    };
    for (const auto& [command, answer] : cases) {
        Subscriptions held;
        EXPECT_EQ(answer_command(command, held), answer) << command;
    }
}

TEST(BinanceCommands, StreamsOfAConnectionAreLimited) {
    Subscriptions held;
    for (int i = 0; i < 1024; ++i) held.names.push_back(std::to_string(i) + "@trade");
    EXPECT_EQ(answer_command(R"({"method":"SUBSCRIBE","params":["one@trade"],"id":19})", held),
              R"({"error":{"code":4,"msg":"Too many subscriptions"},"id":19})");
    EXPECT_EQ(held.names.size(), 1024U);
}
