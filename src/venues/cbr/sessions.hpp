#pragma once

#include <memory>

#include "kurs/venue/poll_session.hpp"

namespace kurs::cbr {

/// The Bank of Russia's official daily rates (symbols "USD/RUB", "EUR/RUB"). Polled every four hours, or with
/// a backoff while the response lacks a usable rate of one of them. A rate is observed at the start of its
/// date in Moscow: it is valid from then until the next one is published. Every response confirms it. Source:
/// cbr.ru, XML_daily.asp, XML in windows-1251 with decimal commas.
std::unique_ptr<PollSession> make_poll_session(const MarketMap& map, std::vector<SymbolId> symbols);

}  // namespace kurs::cbr
