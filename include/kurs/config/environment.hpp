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

/// The text of a `.env` file: NAME=value lines, `#` comments, an optional `export`, quotes around values.
/// Lines that are none of these are added to `problems`.
Environment parse_env_file(std::string_view text, std::vector<Problem>& problems);

/// The process's own environment over that of the file `.env` in the working directory, if there is one.
Environment read_environment(char** process_environment, const std::string& env_file,
                             std::vector<Problem>& problems);

}  // namespace kurs
