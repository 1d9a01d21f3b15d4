#pragma once

#include <simdjson.h>

#include <deque>
#include <memory>
#include <set>

#include "kurs/venue/backoff_poll.hpp"
#include "venues/kraken/trading_state.hpp"

namespace kurs::kraken {

/// A poll of Kraken's REST API: its form of errors, its limit of about one call a second, and pairs that it
/// does not know. It refuses a whole list of pairs for one of those; each pair is then asked for separately.
/// A question that fails waits for the others of its round.
class RestPoll : public BackoffPoll {
public:
    PollRequest make_request(TimePoint now) override;
    Outcome on_response(const PollResponse& response, TimePoint received_at) override;
    void on_failure(TimePoint now) override;

protected:
    using Symbols = std::vector<SymbolId>;

    /// The period begins with the answer to the last question of a round.
    RestPoll(const MarketMap& map, Duration every);

    bool is_between_rounds() const { return questions_.empty(); }

    /// The questions of a round. A list without symbols is a question about the venue.
    virtual std::deque<Symbols> questions() = 0;
    virtual std::string target(const Symbols& question) const = 0;
    virtual void read(const simdjson::dom::element& result, const Symbols& question, TimePoint asked_at,
                      Outcome& outcome) = 0;
    virtual void on_unknown_pair(SymbolId symbol, Outcome& outcome) = 0;

    /// "XBTUSD,ETHUSD", escaped.
    std::string pair_list(const Symbols& symbols) const;

    /// The symbol's entry in an answer that is keyed by pair.
    simdjson::simdjson_result<simdjson::dom::element> find(const simdjson::dom::element& answer,
                                                           SymbolId symbol) const;

private:
    Outcome on_error(std::string_view error, TimePoint now);
    void answered(TimePoint now);

    Duration every_;
    std::deque<Symbols> questions_;
    TimePoint asked_at_{};
    simdjson::dom::parser parser_;
};

/// `Ticker`: bid and ask of all symbols in one call. It bridges the stream while that does not deliver, and
/// is not polled otherwise: the answer has no time of its own and may be older than a frame. After a failure
/// it is polled until an answer shows that the API works. The answer has the last prices of halted pairs too,
/// so that a symbol has no price before a source has named its status.
std::unique_ptr<PollSession> make_ticker_poll(std::shared_ptr<TradingState> state);

/// `AssetPairs` and `SystemStatus`, every minute: which symbols are traded, and whether they are the pairs
/// of the market map. More often while the stream contradicts an objection.
std::unique_ptr<PollSession> make_listing_poll(std::shared_ptr<TradingState> state);

}  // namespace kurs::kraken
