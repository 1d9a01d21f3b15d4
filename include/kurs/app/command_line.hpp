#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kurs {

enum class Command { serve, check, print_settings, migrate, migrate_status, health, help, version };

/// Reads the arguments after the program's name. Nothing where they are none of the usages.
std::optional<Command> parse_command_line(const std::vector<std::string>& arguments);

/// Does what is asked, with the process's environment. Returns the exit status: 0 well, 1 failed, 2 wrong
/// usage or settings.
int run_command(const std::vector<std::string>& arguments, char** environment);

}  // namespace kurs
