#pragma once

#include <memory>
#include <string>

#include "kurs/lock/store.hpp"

namespace kurs::postgres {

/// Locked quotes in the table locked_quotes, which the migrations make: the writers of history apply them, or
/// "kurs migrate". Connects at its first call, and again when its connection was lost. `url` is as for
/// make_archive.
std::unique_ptr<lock::QuoteStore> make_quote_store(const std::string& url);

}  // namespace kurs::postgres
