#pragma once

#include <memory>
#include <string>

#include "kurs/store/archive.hpp"

namespace kurs::postgres {

/// One: what the newest row was when a writer begins, an earlier run ended with. Several: others may go on.
enum class Writers { one, several };

/// Neither connects before its first call; each reconnects when its connection was lost. `url` is
/// postgresql://user:password@host:port/database; `map` must outlive what is made. Calls end by themselves
/// when nothing answers, questions after 5 s. `interrupt` does not end an attempt to connect, which takes 3 s
/// at most for each address of the host.
std::unique_ptr<Archive> make_archive(const std::string& url, const MarketMap& map, Duration keep,
                                      Writers writers = Writers::one);
std::unique_ptr<HistorySource> make_history_source(const std::string& url, const MarketMap& map);

}  // namespace kurs::postgres
