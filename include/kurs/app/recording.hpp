#pragma once

#include <memory>

#include "kurs/app/configuration.hpp"
#include "kurs/tape/reader.hpp"

namespace kurs {

/// Starts a tape of `RECORD_FILE` with the configuration as its first record. Null: nothing is recorded.
std::unique_ptr<tape::Tape> start_tape(const Configuration& configuration, TimePoint now);

/// The configuration that a tape was recorded with, as far as rates depend on it.
struct RecordedConfiguration {
    Settings settings;
    Market market;
};

/// Adds all problems; empty if there was any.
std::optional<RecordedConfiguration> read_recorded(const tape::Record& record,
                                                   std::vector<Problem>& problems);

}  // namespace kurs
