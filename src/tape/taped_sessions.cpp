#include "kurs/tape/taped_sessions.hpp"

#include <utility>

#include "kurs/domain/whole_number.hpp"

namespace kurs::tape {
namespace {

constexpr std::string_view between = ": ";

class TapedSession final : public StreamSession {
public:
    TapedSession(std::unique_ptr<StreamSession> session, Tape& tape, std::size_t feed)
        : session_(std::move(session)), tape_(tape), feed_(feed) {}

    StreamRequest request() const override { return session_->request(); }
    const std::vector<SymbolId>& symbols() const override { return session_->symbols(); }

    std::vector<std::string> on_open() override {
        tape_.add(Kind::open, {}, feed_);
        return session_->on_open();
    }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        tape_.add(Kind::frame, received_at, feed_, frame);
        return session_->on_frame(frame, received_at);
    }

    Outcome on_time(TimePoint now) override {
        tape_.add(Kind::watch, now, feed_);
        return session_->on_time(now);
    }

private:
    std::unique_ptr<StreamSession> session_;
    Tape& tape_;
    std::size_t feed_;
};

/// Takes the text up to a line end, and removes it from `rest`.
std::optional<std::string_view> take_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

}  // namespace

std::unique_ptr<StreamSession> TapedStream::make_session() {
    tape_.add(Kind::session, {}, feed_);
    return std::make_unique<TapedSession>(venue_.make_session(), tape_, feed_);
}

PollRequest TapedPoll::make_request(TimePoint now) {
    tape_.add(Kind::request, now, feed_);
    return session_.make_request(now);
}

Outcome TapedPoll::on_response(const PollResponse& response, TimePoint received_at) {
    tape_.add(Kind::response, received_at, feed_, to_text(response));
    return session_.on_response(response, received_at);
}

void TapedPoll::on_failure(TimePoint now) {
    tape_.add(Kind::failure, now, feed_);
    session_.on_failure(now);
}

std::string to_text(const PollResponse& response) {
    auto text = std::to_string(response.status) + "\n";
    for (const auto& [name, value] : response.headers)
        text.append(name).append(between).append(value).append("\n");
    return text.append("\n").append(response.body);
}

Result<PollResponse> parse_response(std::string_view text) {
    PollResponse response;
    const auto status = take_line(text);
    const auto code = parse_whole_number<int>(status.value_or(""));
    if (!code) return Failure{"a response has no status"};
    response.status = *code;
    for (;;) {
        const auto line = take_line(text);
        const auto middle = line ? line->find(between) : 0;
        if (!line || (!line->empty() && middle == std::string_view::npos))
            return Failure{"a response has a malformed header"};
        if (line->empty()) break;
        response.headers.emplace_back(line->substr(0, middle), line->substr(middle + between.size()));
    }
    response.body = text;
    return response;
}

}  // namespace kurs::tape
