#include "capture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "rejected.hpp"
#include "stream_name.hpp"

namespace sim {
namespace {

using nlohmann::json;

struct TimedLine {
    double epoch;
    std::string_view text;
};

TimedLine split_line(std::string_view line) {
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) throw Rejected("expected 'epoch: json'");
    const std::string epoch_text{line.substr(0, colon)};
    char* end = nullptr;
    const double epoch = std::strtod(epoch_text.c_str(), &end);
    if (epoch_text.empty() || *end != '\0' || !std::isfinite(epoch) || epoch <= 0)
        throw Rejected(fmt::format("'{}' is not a time in seconds", epoch_text));
    return {epoch, line.substr(colon + 2)};
}

/// The exact text of the envelope's `data`, so that a replay is identical to the capture.
std::string payload_text(std::string_view envelope) {
    constexpr std::string_view key = R"("data":)";
    const auto at = envelope.find(key);
    const auto end = envelope.rfind('}');
    const auto begin = at + key.size();
    if (at == std::string_view::npos || end <= begin) throw Rejected("no \"data\" in the frame");
    const auto payload = envelope.substr(begin, end - begin);
    if (!json::accept(payload)) throw Rejected("\"data\" must be the last member of the frame");
    return std::string{payload};
}

CapturedFrame parse_frame(std::string_view envelope, Millis offset) {
    const auto frame = json::parse(envelope, nullptr, false);
    if (frame.is_discarded()) throw Rejected("not JSON");
    if (!frame.is_object() || !frame.contains("stream") || !frame["stream"].is_string())
        throw Rejected("not a frame of a combined stream: no \"stream\"");
    const auto stream = frame["stream"].get<std::string>();
    const auto name = split_stream_name(stream);
    CapturedFrame captured{offset, stream, to_upper(name.symbol), std::string{name.kind},
                           payload_text(envelope)};
    if (captured.kind == "bookTicker") parse_book(captured.payload);
    return captured;
}

}  // namespace

Book parse_book(std::string_view payload) {
    const auto book = json::parse(payload, nullptr, false);
    const auto price = [&](const char* key) {
        if (!book.contains(key) || !book[key].is_string())
            throw Rejected(fmt::format("bookTicker without a text \"{}\"", key));
        return amount(book[key].get<std::string>());
    };
    if (!book.is_object() || !book.contains("u") || !book["u"].is_number_integer())
        throw Rejected("bookTicker without an integer \"u\"");
    return {book["u"].get<std::int64_t>(), price("b"), price("B"), price("a"), price("A")};
}

Capture parse_capture(std::string_view text) {
    Capture capture;
    double first_epoch = 0;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty()) continue;
        try {
            if (number == 1) {
                if (!line.starts_with("wss://") && !line.starts_with("ws://"))
                    throw Rejected("expected the URL of the connection");
                continue;
            }
            const auto timed = split_line(line);
            if (capture.frames.empty()) first_epoch = timed.epoch;
            const auto offset = static_cast<std::int64_t>(std::llround((timed.epoch - first_epoch) * 1000));
            capture.frames.push_back(parse_frame(timed.text, Millis{std::max<std::int64_t>(offset, 0)}));
        } catch (const Rejected& rule) {
            throw Rejected(fmt::format("line {}: {}", number, rule.what()));
        }
    }
    if (capture.frames.empty()) throw Rejected("no frames");
    return capture;
}

}  // namespace sim
