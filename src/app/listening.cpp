#include "kurs/app/listening.hpp"

#include <utility>

namespace kurs {
namespace {

IntakeEvents counted(IntakeEvents events, Instruments& instruments) {
    events.on_refusal = [&instruments](VenueId venue, errc reason) {
        instruments.note_refusal(venue, reason);
    };
    return events;
}

}  // namespace

Listening::Listening(net::any_io_executor loop, const Configuration& configuration, const Clock& clock,
                     Board& board, IntakeEvents events, const std::vector<Tick>& known,
                     coingecko::Spending& spending, Instruments& instruments, Duration foresight)
    : pricer_(configuration.market),
      intake_(configuration.market, clock, pricer_, board, counted(std::move(events), instruments),
              foresight),
      feeds_(std::move(loop), configuration, clock, intake_, lines_, spending, instruments) {
    intake_.restore(known);
    feeds_.start();
}

net::awaitable<std::vector<std::string>> Listening::end(Duration limit) {
    feeds_.stop();
    return feeds_.drain(limit);
}

}  // namespace kurs
