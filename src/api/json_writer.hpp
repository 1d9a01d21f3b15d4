#pragma once

#include <charconv>
#include <concepts>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kurs/api/problem.hpp"
#include "kurs/domain/rate.hpp"
#include "kurs/domain/time_text.hpp"

namespace kurs::api {

/// Appends JSON text and inserts the commas. The caller keeps the brackets balanced.
class JsonWriter {
public:
    explicit JsonWriter(std::size_t expected_size) { text_.reserve(expected_size); }

    void open(char bracket) {
        separate();
        text_ += bracket;
        is_first_ = true;
    }
    void close(char bracket) {
        text_ += bracket;
        is_first_ = false;
    }

    template <class T>
    void member(std::string_view name, const T& content) {
        key(name);
        value(content);
    }

    /// `name` is written without escaping.
    void key(std::string_view name) {
        separate();
        text_.append("\"").append(name).append("\":");
        is_first_ = true;
    }

    void value(std::string_view text) {
        separate();
        append_json_string(text_, text);
    }
    void value(Rate rate) { bare('"' + to_string(rate) + '"'); }
    void value(TimePoint time) { bare('"' + to_rfc3339(time) + '"'); }
    void value(std::nullopt_t) { bare("null"); }

    template <std::integral T>
    void value(T number) {
        if constexpr (std::same_as<T, bool>) {
            bare(number ? "true" : "false");
        } else {
            char digits[24];
            const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
            bare({digits, static_cast<std::size_t>(end - digits)});
        }
    }

    template <class T>
    void value(const std::optional<T>& maybe) {
        if (maybe) {
            value(*maybe);
        } else {
            value(std::nullopt);
        }
    }

    std::string take() { return std::move(text_); }

private:
    void separate() {
        if (!is_first_) text_ += ',';
        is_first_ = false;
    }
    void bare(std::string_view text) {
        separate();
        text_ += text;
    }

    std::string text_;
    bool is_first_ = true;  ///< no element precedes on this level, so no comma is needed
};

}  // namespace kurs::api
