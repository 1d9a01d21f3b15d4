#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/venue/setting.hpp"

namespace kurs {

/// Names and values of settings, before parsing.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Reads the text of a `.env` file by the rules of Docker Compose: `#` comments, an optional `export`, single
/// quotes for literal values, double quotes with escapes, $NAME and ${NAME} outside of single quotes.
/// Variables are expanded from the process's environment and from earlier lines. Adds a problem for each line
/// that Compose rejects or could misread.
Environment parse_env_file(std::string_view text, const Environment& process, std::vector<Problem>& problems);

/// The names of all settings.
using SettingNames = std::vector<std::string>;

/// The values from all sources, and warnings for the operator.
struct EnvironmentRead {
    Environment values;
    std::vector<std::string> remarks;
};

/// Reads the process's environment and the file `.env`, if it exists. The environment takes precedence.
EnvironmentRead read_environment(char** process_environment, const std::string& env_file,
                                 const SettingNames& settings, std::vector<Problem>& problems);

}  // namespace kurs
