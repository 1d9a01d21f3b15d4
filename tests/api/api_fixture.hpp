#pragma once

#include <gtest/gtest.h>

#include "market_fixture.hpp"

namespace kurs::api {

struct ApiFixture : testing::Test {
    ResponseView get(std::string_view target, TimePoint now = noon) { return ask(Method::get, target, now); }
    ResponseView ask(Method method, std::string_view target, TimePoint now = noon) {
        return std::get<ResponseView>(api.answer({method, target, {}}, now));
    }
    Lookup pending(std::string_view target, Method method = Method::get, std::string_view accept = "") {
        return std::get<Lookup>(api.answer({method, target, {}, accept}, noon));
    }
    /// The response after history has answered.
    ResponseView answer(const Lookup& lookup, HistoryAnswer found) {
        return api.answer(lookup, Finding(std::move(found)), noon);
    }

    Market market;
    Api api{market.sources(), ""};
    Api open_api{market.sources(), "*"};
};

inline bool has(const ResponseView& reply, std::string_view line) {
    return reply.head.find("\r\n" + std::string(line) + "\r\n") != std::string_view::npos;
}
inline bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace kurs::api
