#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "kurs/app/configuration.hpp"
#include "kurs/app/instruments.hpp"
#include "kurs/app/intake.hpp"
#include "kurs/app/line_book.hpp"
#include "kurs/feed/poll_feed.hpp"
#include "kurs/feed/stream_feed.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/venues/binance.hpp"
#include "kurs/venues/coingecko.hpp"

namespace kurs {

/// The feeds of all venues, put together: what they deliver goes to the intake, how it stands with them to
/// the line book.
class Feeds {
public:
    /// All must outlive the feeds.
    Feeds(net::any_io_executor loop, const Configuration& configuration, const Clock& clock, Intake& intake,
          LineBook& lines, coingecko::Spending& spending, Instruments& instruments);

    void start();
    void stop();

    /// To be awaited after `stop`, for at most `limit`. Returns the names of those that have not ended.
    net::awaitable<std::vector<std::string>> drain(Duration limit);

private:
    void add_binance();
    void add_coingecko();
    void add_cbr();

    FeedEvents events(const std::string& name, VenueId venue);
    StreamFeed stream_feed(const std::string& name, VenueId venue, std::vector<Endpoint> endpoints,
                           StreamVenue& streams);
    PollFeed poll_feed(const std::string& name, VenueId venue, Endpoint endpoint, PollSession& session,
                       std::function<bool()> is_needed);
    void follow_listings(const Outcome& outcome);

    const Configuration& configuration_;
    const Settings& settings_;
    const MarketMap& map_;
    const Clock& clock_;
    Intake& intake_;
    LineBook& lines_;
    coingecko::Spending& spending_;
    Instruments& instruments_;
    std::optional<binance::Streams> binance_streams_;
    std::unique_ptr<PollSession> binance_listing_;
    std::optional<coingecko::Streams> coingecko_streams_;
    FeedState coingecko_stream_state_ = FeedState::connecting;
    std::unique_ptr<PollSession> coingecko_poll_;
    std::unique_ptr<PollSession> cbr_poll_;
    TaskGroup tasks_;
};

}  // namespace kurs
