#pragma once

#include <memory>
#include <string>

#include "kurs/history/store.hpp"

namespace kurs::postgres {

/// The processes that write to the database.
enum class Writers {
    others,   ///< this process only reads: it applies no migration, and `open` fails while one is pending
    one,      ///< this process alone: its previous run ended at the newest row
    several,  ///< this process and others
};

/// Neither connects before its first call. Each reconnects when its connection was lost. `url` is
/// postgresql://user:password@host:port/database; `map` must outlive the returned object. Neither a limit nor
/// `interrupt` ends an attempt to connect, which takes at most 2 s per address of the host.
std::unique_ptr<history::Archive> make_archive(const std::string& url, const MarketMap& map, Duration keep,
                                               Writers writers = Writers::one);
std::unique_ptr<history::Source> make_history_source(const std::string& url, const MarketMap& map);

/// Whether libpq accepts the URL. The failure's text is a rule that reveals no part of the password. Sends
/// nothing and resolves no name.
history::result<void> check_url(const std::string& url);

}  // namespace kurs::postgres
