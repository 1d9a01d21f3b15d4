#pragma once

#include <memory>

#include "kurs/api/api.hpp"
#include "kurs/app/configuration.hpp"
#include "kurs/app/history.hpp"
#include "kurs/app/instruments.hpp"
#include "kurs/app/quotes.hpp"
#include "kurs/app/venues.hpp"
#include "kurs/board/board.hpp"
#include "kurs/boardlog/board_log.hpp"
#include "kurs/exports/reserves.hpp"
#include "kurs/ingest/ingest.hpp"
#include "kurs/runtime/clock.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/server/server.hpp"

namespace kurs {

/// Everything between the venues and the server, in the order in which a rate travels, for one configuration.
/// When the configuration changes, a new graph runs beside the serving one until it can take its place.
class Graph {
public:
    /// The first graph serves at once. A later one starts beside `serving`, stays apart from the other
    /// replicas until `take_over`, and copies the values of `serving` if `keeps_values`. `server` must
    /// outlive it.
    Graph(std::shared_ptr<const Configuration> configuration, net::io_context& loop,
          const server::Server& server, const Graph* serving = nullptr, bool keeps_values = true);

    /// What this graph still lacks compared with `serving`: fresh rates, live feeds, an active exchanger, the
    /// newest version of the board. If nothing, and `serving` is ready: why this graph is not. Rates that its
    /// own market map does not define do not count.
    std::vector<std::string> missing_beside(const Graph& serving) const;

    /// Records what it serves from now on. `previous` records nothing from now on.
    void take_over(const std::shared_ptr<Graph>& previous);

    /// Ends everything in the direction in which rates travel, so that the last change is recorded, and
    /// writes the rest of the history. False: something did not end within its limit.
    net::awaitable<bool> stop();

    /// Like `stop`, for a graph that no longer serves or never did. Waits until its rows are written or the
    /// server stops. Afterwards no handler refers to it.
    net::awaitable<void> retire();

    const std::shared_ptr<const Configuration>& configuration() const { return configuration_; }
    server::Front& front() { return front_; }

    /// Moves the graph's clock forward to the system's. Returns how far the system's clock is behind it.
    Duration follow_system_clock() { return clock_.follow_system(); }

    /// Whether a new graph should take this one's place, so that it begins a new recording.
    bool is_tape_full() const { return ingest_.is_tape_full(); }

private:
    BoardLogEvents log_events();
    IngestParts ingest_parts();
    api::Sources api_sources();
    net::awaitable<api::Finding> look_up(api::Lookup lookup);
    std::vector<std::string> why_not_ready() const;
    void carry_over(const Graph& serving);
    void note_change(const BoardChange& change);
    void record_difference(const Graph& previous);
    const Quote* find(const std::string& exchanger, const Direction& direction) const;
    std::string active() const;
    void poll_reserves();
    Alerts::Parts alert_parts();
    net::awaitable<bool> end_all_but_history();

    std::shared_ptr<const Configuration> configuration_;
    const MarketMap& map_;
    const server::Server& server_;
    Instruments instruments_{map_};
    Clock clock_;
    Board board_;  ///< the served board; only the log changes it
    Venues venues_;
    History history_;
    Quotes quotes_;
    std::unique_ptr<BoardLog> log_;
    Ingest ingest_;
    exports::ReserveBook reserves_;
    std::vector<exports::ReservePoll> reserve_polls_;  ///< one a source
    Alerts alerts_;
    api::Api api_;
    server::Front front_;
    TaskGroup tasks_;
    bool is_serving_;
};

}  // namespace kurs
