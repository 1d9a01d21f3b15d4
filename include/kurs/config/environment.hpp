#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kurs {

/// Names and values of settings, before they are understood.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Something the operator has to mend: which variable or file, what it holds, and the rule it breaks.
struct Problem {
    std::string where;
    std::string value;  ///< hidden for secrets
    std::string rule;
};

std::string to_string(const Problem& problem);

/// Reads the text of a `.env` file by the rules of Docker Compose: `#` comments, an optional `export`, single
/// quotes for literal values, double quotes with escapes, $NAME and ${NAME} outside of single quotes. The
/// process's environment and earlier lines give those variables their values. Adds to `problems` each line
/// that Compose refuses, or that it could read as something else than what was meant.
Environment parse_env_file(std::string_view text, const Environment& process, std::vector<Problem>& problems);

/// The values from all sources, and remarks for the operator that prevent nothing.
struct EnvironmentRead {
    Environment values;
    std::vector<std::string> remarks;
};

/// Reads the process's environment, which wins, and the file `.env`, if it exists.
EnvironmentRead read_environment(char** process_environment, const std::string& env_file,
                                 std::vector<Problem>& problems);

}  // namespace kurs
