#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kurs {

enum class Command {
    serve,
    check,
    print_settings,
    print_settings_json,
    migrate,
    migrate_status,
    health,
    test_alert,
    help,
    version
};

/// Parses the arguments after the program name. Empty if they match no usage.
std::optional<Command> parse_command_line(const std::vector<std::string>& arguments);

/// Runs the command in the process environment. Returns the exit status: 0 success, 1 failure, 2 wrong usage
/// or settings.
int run_command(const std::vector<std::string>& arguments, char** environment);

}  // namespace kurs
