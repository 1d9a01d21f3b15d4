#include "venues/bybit/stream.hpp"

#include "venues/bybit/subscription.hpp"

namespace kurs::bybit {
namespace {

/// The snapshot of 50 levels takes some 4 kB.
constexpr std::size_t frame_limit = 64 * 1024;

constexpr Duration ping_every = std::chrono::seconds(20);

/// Requests that wait for their answer. The feed limits what waits to be sent.
constexpr std::size_t unanswered_limit = 32;

class Stream final : public StreamSession {
public:
    Stream(const MarketMap& map, std::vector<SymbolId> symbols, std::shared_ptr<Tops> tops)
        : symbols_(std::move(symbols)), tops_(std::move(tops)) {
        for (const SymbolId symbol : symbols_)
            subscriptions_.emplace(map.symbol(symbol).name, Subscription(symbol));
    }

    StreamRequest request() const override { return {"", {}}; }
    const std::vector<SymbolId>& symbols() const override { return symbols_; }
    std::vector<std::string> on_open() override { return due_requests(TimePoint{}); }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        auto outcome =
            frame.size() > frame_limit ? refused(errc::oversized, "frame") : read(frame, received_at);
        outcome.replies = due_requests(received_at);
        if (received_at >= ping_at_) {
            // A connection without frames for this long is replaced as silent, so that each ping has a frame.
            ping_at_ = received_at + ping_every;
            outcome.replies.emplace_back(R"({"req_id":"ping","op":"ping"})");
        }
        return outcome;
    }

private:
    /// A refusal names only the request, so that each symbol has its own.
    std::vector<std::string> due_requests(TimePoint now) {
        std::vector<std::string> requests;
        for (auto& [name, subscription] : subscriptions_) {
            if (!subscription.is_due(now) || unanswered_ == unanswered_limit) continue;
            ++unanswered_;
            subscription.sent();
            requests.push_back(R"({"req_id":")" + name + R"(","op":"subscribe","args":["orderbook.1.)" +
                               name + R"(","orderbook.50.)" + name + R"("]})");
        }
        return requests;
    }

    Outcome read(std::string_view frame, TimePoint received_at) {
        element document;
        const bool is_json = parser_.parse(frame.data(), frame.size()).get(document) == simdjson::SUCCESS;
        if (!is_json || !document.is_object()) return refused(errc::malformed, "frame");
        const auto topic = text_of(document, "topic");
        if (topic.empty()) return on_answer(document, received_at);
        const bool is_top = topic.starts_with("orderbook.1.");
        if (!is_top && !topic.starts_with("orderbook.50.")) return refused(errc::unknown_event, topic);
        const auto found = subscriptions_.find(topic.substr(topic.rfind('.') + 1));
        if (found == subscriptions_.end()) return refused(errc::unknown_symbol, topic);
        auto& [name, subscription] = *found;
        const auto type = text_of(document, "type");
        element levels;
        const bool has_levels = document.at_key("data").get(levels) == simdjson::SUCCESS;
        const auto book = has_levels ? read_book(document, levels, received_at) : errc::malformed;
        const bool is_known_type = type == "snapshot" || (type == "delta" && !is_top);
        if (!book || book->symbol != name || !is_known_type) {
            subscription.retract();
            return refused(errc::malformed, topic);
        }
        if (is_top) return on_top(subscription, *book, topic, received_at);
        Outcome outcome;
        if (const auto tick = subscription.on_depth(*book, type == "snapshot", *tops_, received_at))
            outcome.ticks.push_back(*tick);
        return outcome;
    }

    Outcome on_top(Subscription& subscription, const BookText& book, std::string_view topic,
                   TimePoint received_at) {
        const auto tick = subscription.on_top(book, *tops_, received_at);
        if (!tick) return refused(tick.error(), topic);
        Outcome outcome;
        outcome.ticks.push_back(*tick);
        return outcome;
    }

    /// The form of a pong differs between the venue's products.
    Outcome on_answer(const element& document, TimePoint received_at) {
        const auto operation = text_of(document, "op"), message = text_of(document, "ret_msg");
        if (operation == "ping" || operation == "pong" || message == "pong") return {};
        bool is_success = false;
        if (document.at_key("success").get(is_success) != simdjson::SUCCESS)
            return refused(errc::unknown_event, operation.empty() ? "object" : operation);
        const auto found = subscriptions_.find(text_of(document, "req_id"));
        if (found == subscriptions_.end())
            return is_success ? Outcome{} : refused(errc::venue_error, message);
        auto& [name, subscription] = *found;
        if (unanswered_ > 0) --unanswered_;
        if (is_success) {
            subscription.accepted();
            return {};
        }
        subscription.refused(received_at);
        return refused(errc::venue_error, name + ": " + std::string(message));
    }

    std::vector<SymbolId> symbols_;
    std::shared_ptr<Tops> tops_;
    std::map<std::string, Subscription, std::less<>> subscriptions_;
    std::size_t unanswered_ = 0;
    TimePoint ping_at_{};
    simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols,
                                                   std::shared_ptr<Tops> tops) {
    return std::make_unique<Stream>(map, std::move(symbols), std::move(tops));
}

}  // namespace kurs::bybit
