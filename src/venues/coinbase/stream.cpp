#include "venues/coinbase/stream.hpp"

#include <set>

#include "kurs/venue/traded_session.hpp"
#include "venues/coinbase/product.hpp"

namespace kurs::coinbase {
namespace {

/// The requests that a new connection begins with. The others follow at their pace.
constexpr std::size_t requests_at_once = 16;

/// A request takes up to two messages, of which the feed sends 20 a second.
constexpr Duration request_every{100};

/// The venue refuses a whole message for one product, so each has its own.
std::string command(std::string_view type, std::string_view product, std::string_view channels) {
    return R"({"type":")" + std::string(type) + R"(","product_ids":[")" + std::string(product) +
           R"("],"channels":[)" + std::string(channels) + "]}";
}

std::string subscribe(std::string_view product) {
    return command("subscribe", product, R"("level2_batch","heartbeat")");
}

using Names = std::set<std::string_view>;

/// False if it is not a list of texts.
bool read_names(const element& channel, Names& names) {
    simdjson::dom::array list;
    if (channel.at_key("product_ids").get(list) != simdjson::SUCCESS) return false;
    for (const element& each : list) {
        std::string_view name;
        if (each.get(name) != simdjson::SUCCESS) return false;
        names.insert(name);
    }
    return true;
}

class Stream final : public TradedSession {
public:
    explicit Stream(std::shared_ptr<Shared> shared)
        : TradedSession(shared->trading), shared_(std::move(shared)) {
        ++shared_->sessions;
        for (const SymbolId id : symbols()) {
            const auto seed = shared_->sessions * 1000 + index(id);
            products_.emplace(map().symbol(id).name, Product(id, *shared_, seed));
        }
    }

    std::vector<std::string> on_open() override {
        std::vector<std::string> requests;
        for (auto& [name, product] : products_) {
            if (requests.size() == requests_at_once) break;
            requests.push_back(subscribe(name));
            opening_.push_back(&product);
        }
        unanswered_ = requests.size();
        return requests;
    }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        Outcome outcome;
        note_opened(received_at);
        read(frame, received_at, outcome);
        follow_time(received_at, outcome);
        return outcome;
    }

    Outcome on_time(TimePoint now) override {
        Outcome outcome;
        note_opened(now);
        follow_time(now, outcome);
        return outcome;
    }

private:
    void note_opened(TimePoint now) {
        for (auto* const product : std::exchange(opening_, {})) product->sent(now, std::nullopt);
    }

    void read(std::string_view frame, TimePoint received_at, Outcome& outcome) {
        element document;
        if (parser_.parse(frame.data(), frame.size()).get(document) != simdjson::SUCCESS ||
            !document.is_object())
            return on_unreadable(outcome);
        const auto type = text_of(document, "type");
        if (type == "subscriptions") return on_subscriptions(document, outcome);
        if (type == "error") return on_error(document, outcome);
        if (type != "l2update" && type != "heartbeat" && type != "snapshot")
            return refuse(outcome, errc::unknown_event, type.empty() ? "object" : type);
        const auto found = products_.find(text_of(document, "product_id"));
        if (found == products_.end())
            return refuse(outcome, errc::unknown_symbol, text_of(document, "product_id"));
        auto& [name, product] = *found;
        const auto news = on_product(type, document, product, received_at);
        if (!news) {
            drop(name, news.error(), outcome);
        } else if (*news) {
            hold(name, **news);
        }
    }

    /// It may have been an update of any product.
    void on_unreadable(Outcome& outcome) {
        refuse(outcome, errc::malformed, "frame");
        drop_all();
        for (auto& [name, product] : products_) product.on_unreadable();
    }

    Product::News on_product(std::string_view type, const element& frame, Product& product,
                             TimePoint received_at) {
        if (type == "snapshot") return product.on_snapshot(read_book(frame), received_at);
        const auto time = read_time(frame, received_at);
        if (time && (!venue_time_ || time->microseconds > venue_time_->microseconds)) venue_time_ = *time;
        if (type == "l2update") return product.on_update(read_changes(frame), time, received_at);
        return product.on_heartbeat(read_sequence(frame), time, received_at);
    }

    /// Every answer lists all subscriptions of the connection, under the venue's names of the channels:
    /// "level2_50" for "level2_batch".
    void on_subscriptions(const element& frame, Outcome& outcome) {
        if (unanswered_ > 0) --unanswered_;
        Names books, heartbeats;
        simdjson::dom::array channels;
        bool is_read = frame.at_key("channels").get(channels) == simdjson::SUCCESS;
        if (is_read) {
            for (const element& channel : channels) {
                const auto name = text_of(channel, "name");
                if (name.starts_with("level2")) is_read &= read_names(channel, books);
                if (name == "heartbeat") is_read &= read_names(channel, heartbeats);
            }
        }
        if (!is_read) return refuse(outcome, errc::malformed, "subscriptions");
        if (unanswered_ > 0) return;
        for (auto& [name, product] : products_) {
            if (!product.is_subscribed() || (books.contains(name) && heartbeats.contains(name))) continue;
            product.on_unsubscribed();
            refuse(outcome, errc::venue_error, name + " unsubscribed by the venue");
        }
    }

    /// The request that is refused is repeated, because its snapshot does not come.
    void on_error(const element& frame, Outcome& outcome) {
        if (unanswered_ > 0) --unanswered_;
        const auto message = text_of(frame, "message"), reason = text_of(frame, "reason");
        refuse(outcome, errc::venue_error,
               std::string(message) + (reason.empty() ? "" : ": ") + std::string(reason));
    }

    void follow_time(TimePoint now, Outcome& outcome) {
        send_due(now, outcome);
        conclude(outcome);
    }

    void send_due(TimePoint now, Outcome& outcome) {
        if (now < next_request_at_) return;
        for (auto& [name, product] : products_) {
            if (!product.is_due(now)) continue;
            if (product.is_accepted())
                outcome.replies.push_back(command("unsubscribe", name, R"("level2_batch")"));
            outcome.replies.push_back(subscribe(name));
            unanswered_ += outcome.replies.size();
            product.sent(now, venue_time_);
            next_request_at_ = now + request_every;
            return;
        }
    }

    std::shared_ptr<Shared> shared_;
    std::map<std::string, Product, std::less<>> products_;
    std::vector<Product*> opening_;        ///< requested by on_open, which has no time
    std::optional<VenueTime> venue_time_;  ///< the newest on this connection
    std::size_t unanswered_ = 0;
    TimePoint next_request_at_{};
    simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<StreamSession> make_stream_session(std::shared_ptr<Shared> shared) {
    return std::make_unique<Stream>(std::move(shared));
}

}  // namespace kurs::coinbase
