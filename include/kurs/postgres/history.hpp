#pragma once

#include <memory>
#include <string>

#include "kurs/store/archive.hpp"

namespace kurs::postgres {

/// Neither connects before its first call; each reconnects when its connection was lost. `url` is
/// postgresql://user:password@host:port/database; `map` must outlive what is made.
std::unique_ptr<Archive> make_archive(const std::string& url, const MarketMap& map, Duration keep);
std::unique_ptr<HistorySource> make_history_source(const std::string& url, const MarketMap& map);

}  // namespace kurs::postgres
