#include "kurs/venue/json_text.hpp"
#include "venues/kraken/rest.hpp"

namespace kurs::kraken {
namespace {

using simdjson::dom::element;

constexpr Duration listing_every = std::chrono::minutes(1);

/// After the end of a halt the stream says so at once, and the last answer must not hold it back for a
/// minute.
constexpr Duration contradicted_every = std::chrono::seconds(10);

/// The market map's code for "XBT", "BTC" or "USD".
std::string_view asset_code(std::string_view code) {
    if (code == "XBT") return "BTC";
    return code == "XDG" ? "DOGE" : code;
}

class ListingPoll final : public RestPoll {
public:
    explicit ListingPoll(std::shared_ptr<TradingState> state)
        : RestPoll(state->map(), listing_every), state_(std::move(state)), source_(state_) {}

    TimePoint next_poll(bool /*is_needed*/) const override {
        const bool is_hurried = is_between_rounds() && !is_failing() && source_.is_contradicted();
        return is_hurried ? next_at() - (listing_every - contradicted_every) : next_at();
    }

private:
    std::deque<Symbols> questions() override { return {{}, state_->symbols()}; }

    std::string target(const Symbols& question) const override {
        if (question.empty()) return "/0/public/SystemStatus";
        return "/0/public/AssetPairs?pair=" + pair_list(question);
    }

    void read(const element& answer, const Symbols& question, TimePoint /*asked_at*/,
              Outcome& outcome) override {
        if (question.empty()) return read_system(answer, outcome);
        for (const SymbolId symbol : question) {
            element entry;
            if (find(answer, symbol).get(entry) == simdjson::SUCCESS) {
                missing_.erase(symbol);
                read_pair(symbol, entry, outcome);
            } else {
                note_missing(symbol, "absent", outcome);
            }
        }
    }

    void read_system(const element& answer, Outcome& outcome) {
        const auto status = kurs::text_of(answer, "status");
        if (status.empty()) {
            outcome.refusals.push_back({errc::malformed, "system status"});
        } else {
            outcome.listings = source_.set_system(status);
        }
    }

    void read_pair(SymbolId id, const element& entry, Outcome& outcome) {
        const auto status = kurs::text_of(entry, "status"), pair = kurs::text_of(entry, "wsname");
        const auto slash = pair.find('/');
        if (status.empty() || slash == std::string_view::npos)
            return refuse(id, errc::malformed, " not described", outcome);
        const auto base = asset_code(pair.substr(0, slash)), quote = asset_code(pair.substr(slash + 1));
        const auto other = unexpected_pair(map(), id, base, quote);
        outcome.listings.push_back(source_.set_pair(id, other.empty() ? status : std::string_view(other)));
    }

    /// A cache or a proxy may omit a symbol once: only the second omission counts.
    void note_missing(SymbolId symbol, std::string_view how, Outcome& outcome) {
        if (missing_.insert(symbol).second) {
            refuse(symbol, errc::venue_error, " " + std::string(how), outcome);
        } else {
            outcome.listings.push_back(source_.set_pair(symbol, how));
        }
    }

    void on_unknown_pair(SymbolId symbol, Outcome& outcome) override {
        note_missing(symbol, "unknown to the venue", outcome);
    }

    std::shared_ptr<TradingState> state_;
    TradingSource source_;
    std::set<SymbolId> missing_;
};

}  // namespace

std::unique_ptr<PollSession> make_listing_poll(std::shared_ptr<TradingState> state) {
    return std::make_unique<ListingPoll>(std::move(state));
}

}  // namespace kurs::kraken
