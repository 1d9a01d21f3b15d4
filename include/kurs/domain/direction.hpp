#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "kurs/domain/errc.hpp"

namespace kurs {

/// The direction that a client requests: base to quote, such as BTC-USD. Always upper case.
class Direction {
public:
    /// Reads two asset codes of 2 to 12 letters and digits around a hyphen, in any case. Fails with
    /// `malformed`.
    static result<Direction> parse(std::string_view text);

    const std::string& text() const { return text_; }
    std::string_view base() const { return std::string_view(text_).substr(0, hyphen_); }
    std::string_view quote() const { return std::string_view(text_).substr(hyphen_ + 1); }

    friend auto operator<=>(const Direction&, const Direction&) = default;

private:
    Direction(std::string text, std::size_t hyphen) : text_(std::move(text)), hyphen_(hyphen) {}

    std::string text_;
    std::size_t hyphen_;
};

/// 2 to 12 upper-case letters and digits: "BTC", "USDTTRC".
bool is_asset_code(std::string_view text);

}  // namespace kurs
