#pragma once

#include <string>
#include <vector>

namespace kurs {

/// `kurs replay FILE [--at=TIME] [--explain | --get=TARGET]`. Without `--at`, prints every change that was
/// served, one a line. Returns the exit status: 0 if everything was computed as recorded, 1 if not, 2 on
/// wrong usage.
int replay(const std::vector<std::string>& arguments);

}  // namespace kurs
