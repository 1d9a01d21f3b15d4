#pragma once

#include <gtest/gtest.h>

#include "market_fixture.hpp"

namespace kurs::http {

struct ServiceTestV2 : testing::Test {
    Reply get(std::string_view target, TimePoint now = noon) { return ask(Method::get, target, now); }
    Reply ask(Method method, std::string_view target, TimePoint now = noon) {
        return std::get<Reply>(service.answer({method, target, {}}, now));
    }
    PendingAnswer pending(std::string_view target, std::string_view accept = "",
                          Method method = Method::get) {
        return std::get<PendingAnswer>(service.answer({method, target, {}, accept}, noon));
    }

    Market market;
    Service service{market.sources(), ""};
    Service open_service{market.sources(), "*"};
};

inline bool has(const Reply& reply, std::string_view line) {
    return reply.head.find("\r\n" + std::string(line) + "\r\n") != std::string_view::npos;
}
inline bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace kurs::http
