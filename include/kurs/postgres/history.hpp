#pragma once

#include <memory>
#include <string>

#include "kurs/store/archive.hpp"

namespace kurs::postgres {

/// Who writes to the database.
enum class Writers {
    others,   ///< this process only reads: it applies no migration, and `open` fails while one is pending
    one,      ///< this process alone: its earlier run ended with the newest row
    several,  ///< this process among others
};

/// Neither connects before its first call; each reconnects when its connection was lost. `url` is
/// postgresql://user:password@host:port/database; `map` must outlive what is made. Calls end by themselves
/// when nothing answers, questions after 5 s. `interrupt` does not end an attempt to connect, which takes 3 s
/// at most for each address of the host.
std::unique_ptr<Archive> make_archive(const std::string& url, const MarketMap& map, Duration keep,
                                      Writers writers = Writers::one);
std::unique_ptr<HistorySource> make_history_source(const std::string& url, const MarketMap& map);

}  // namespace kurs::postgres
