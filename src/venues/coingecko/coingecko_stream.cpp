#include "venues/coingecko/coins.hpp"
#include "venues/coingecko/json_text.hpp"
#include "venues/coingecko/sessions.hpp"

namespace kurs::coingecko {
namespace {

namespace json = simdjson::ondemand;

constexpr std::size_t frame_limit = 64 * 1024;
constexpr std::string_view channel = R"("identifier":"{\"channel\":\"CGSimplePrice\"}")";

/// The used fields of a frame, in any order. All frames are flat objects.
struct Frame {
    std::string type, channel, coin, currency, reason, price, time;
    std::optional<std::int64_t> code;
    bool may_reconnect = true;
};

Frame read_frame(json::parser& parser, std::string_view text) {
    const simdjson::padded_string padded(text);
    json::document document = parser.iterate(padded);
    Frame frame;
    for (auto field : document.get_object()) {
        const std::string_view key = field.unescaped_key();
        json::value value = field.value();
        if (key == "type") frame.type = scalar_text(value);
        if (key == "c" || (key == "ch" && frame.channel.empty())) frame.channel = scalar_text(value);
        if (key == "i") frame.coin = scalar_text(value);
        if (key == "vs") frame.currency = scalar_text(value);
        if (key == "reason") frame.reason = scalar_text(value);
        if (key == "p") frame.price = scalar_text(value);
        if (key == "t") frame.time = scalar_text(value);
        if (std::int64_t code = 0; key == "code" && !value.get_int64().get(code)) frame.code = code;
        if (key == "reconnect") frame.may_reconnect = scalar_text(value) != "false";
    }
    return frame;
}

std::string quoted_list(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? R"(\")" : R"(,\")") + item + R"(\")";
    return "[" + text + "]";
}

class Stream final : public StreamSession {
public:
    Stream(const MarketMap& map, std::vector<SymbolId> symbols, std::string key)
        : symbols_(std::move(symbols)), coins_(make_coins(map, symbols_)), key_(std::move(key)) {}

    /// The key is sent in a header, so that no log of URLs contains it.
    StreamRequest request() const override { return {"", {{"x-cg-pro-api-key", key_}}}; }
    const std::vector<SymbolId>& symbols() const override { return symbols_; }

    /// No frames: the server speaks first.
    std::vector<std::string> on_open() override { return {}; }

    Outcome on_frame(std::string_view text, TimePoint received_at) override {
        if (text.size() > frame_limit) return refused(errc::oversized, "frame");
        try {
            const Frame frame = read_frame(parser_, text);
            return frame.channel == "C1" ? on_update(frame, received_at) : on_control(frame);
        } catch (const simdjson::simdjson_error&) {
            return refused(errc::malformed, "frame");
        }
    }

private:
    enum class Step { greeting, confirming, subscribed };

    static Outcome farewell(std::string reason, bool is_permanent) {
        Outcome outcome;
        outcome.farewell = Farewell{reason.substr(0, 80), is_permanent};
        return outcome;
    }

    /// Texts vary from year to year, so only types and codes are used. Data proves a subscription.
    Outcome on_control(const Frame& frame) {
        if (frame.type == "ping") return {};
        if (frame.type == "disconnect") return farewell("disconnect: " + frame.reason, !frame.may_reconnect);
        if (frame.type == "reject_subscription") return farewell("subscription rejected", true);
        if (frame.type == "welcome" || frame.code == 3000) return advance(Step::greeting);
        if (frame.type == "confirm_subscription" || frame.code == 2000) return advance(Step::confirming);
        if (frame.code) return refused(errc::venue_error, "code " + std::to_string(*frame.code));
        return refused(errc::unknown_event, frame.type.empty() ? frame.channel : frame.type);
    }

    /// Sends the frames that follow `done`, once.
    Outcome advance(Step done) {
        Outcome outcome;
        if (step_ != done) return outcome;
        if (done == Step::greeting) {
            step_ = Step::confirming;
            outcome.replies.push_back(R"({"command":"subscribe",)" + std::string(channel) + "}");
        } else {
            step_ = Step::subscribed;
            outcome.replies.push_back(R"({"command":"message",)" + std::string(channel) +
                                      R"(,"data":"{\"coin_id\":)" + quoted_list(coins_.ids) +
                                      R"(,\"vs_currencies\":)" + quoted_list(coins_.currencies) +
                                      R"(,\"action\":\"set_tokens\"}"})");
        }
        return outcome;
    }

    Outcome on_update(const Frame& frame, TimePoint received_at) const {
        // Frames from before 2026 do not name the currency: it is USD if nothing else was requested.
        const bool is_only_usd = coins_.currencies.size() == 1 && coins_.currencies.front() == "usd";
        if (frame.currency.empty() && !is_only_usd) return refused(errc::malformed, frame.coin);
        const std::string name = frame.coin + "/" + (frame.currency.empty() ? "usd" : frame.currency);
        const auto found = coins_.by_name.find(name);
        if (found == coins_.by_name.end()) return refused(errc::unknown_symbol, name);
        const auto updated_at = read_time(frame.time);
        if (!updated_at) return refused(updated_at.error(), name);
        const auto tick = make_tick(found->second, frame.price, *updated_at, received_at);
        if (!tick) return refused(tick.error(), name);
        Outcome outcome;
        outcome.ticks.push_back(*tick);
        return outcome;
    }

    std::vector<SymbolId> symbols_;
    Coins coins_;
    std::string key_;
    Step step_ = Step::greeting;
    json::parser parser_;
};

}  // namespace

std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols,
                                                   std::string key) {
    return std::make_unique<Stream>(map, std::move(symbols), std::move(key));
}

}  // namespace kurs::coingecko
