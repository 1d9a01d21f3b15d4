#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// What is fuzzed. A target reads any input and ends the process if a property of the code under test is
// broken.
namespace kurs::fuzz {

using Target = void (*)(std::string_view input);

/// Ends the process, so that libFuzzer keeps the input.
[[noreturn]] inline void fail(std::string_view property, std::string_view shown = {}) {
    std::fprintf(stderr, "PROPERTY BROKEN: %.*s: %.*s\n", static_cast<int>(property.size()), property.data(),
                 static_cast<int>(shown.size()), shown.data());
    std::abort();
}

inline void expect(bool holds, std::string_view property, std::string_view shown = {}) {
    if (!holds) fail(property, shown);
}

/// What ends up in one line of a log or of a terminal.
inline void expect_one_line(std::string_view text, std::string_view property) {
    for (const char c : text) expect((c >= 0 && c < ' ') || c == '\x7f' ? false : true, property, text);
}

/// Takes the first line, without its end.
inline std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

// sessions.cpp: the feeds of a venue.
void binance(std::string_view input);
void bybit(std::string_view input);
void cbr(std::string_view input);
void coinbase(std::string_view input);
void coingecko(std::string_view input);
void declared(std::string_view input);
void kraken(std::string_view input);
void okx(std::string_view input);

// documents.cpp: what operators write.
void env(std::string_view input);
void exports(std::string_view input);
void keys(std::string_view input);
void markets(std::string_view input);

// values.cpp
void prices(std::string_view input);
void rate(std::string_view input);
void text(std::string_view input);

// server/fuzz/http.cpp: what clients send.
void http(std::string_view input);
void query(std::string_view input);

// replicas.cpp: what replicas send each other.
void change(std::string_view input);
void note(std::string_view input);

// feed/fuzz/tunnel.cpp: what the proxy of a venue answers.
void proxy(std::string_view input);

}  // namespace kurs::fuzz
