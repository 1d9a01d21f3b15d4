#pragma once

#include <memory>

#include "kurs/venue/poll_session.hpp"

namespace kurs::cbr {

/// The Bank of Russia's official rates of the day (symbols "USD/RUB", "EUR/RUB"), asked every four hours,
/// and sooner by the backoff while the answer lacks a usable rate of one of them. A
/// rate is observed at the start, in Moscow, of the date it bears: it holds from then until the next one is
/// published. Source: cbr.ru, XML_daily.asp, XML in windows-1251 with decimal commas.
std::unique_ptr<PollSession> make_poll_session(const MarketMap& map, std::vector<SymbolId> symbols);

}  // namespace kurs::cbr
