#include "kurs/config/environment.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kurs {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// Quotes protect everything between them; without them a comment ends the value.
std::string_view unquoted(std::string_view value) {
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) {
        const auto closing = value.find(value.front(), 1);
        if (closing != std::string_view::npos) return value.substr(1, closing - 1);
    }
    if (const auto comment = value.find(" #"); comment != std::string_view::npos)
        value = value.substr(0, comment);
    return trimmed(value);
}

}  // namespace

std::string to_string(const Problem& problem) {
    const std::string value = problem.value.empty() ? "" : " is '" + problem.value + "'";
    return problem.where + value + ": " + problem.rule;
}

Environment parse_env_file(std::string_view text, std::vector<Problem>& problems) {
    Environment environment;
    for (int number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        auto line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#') continue;
        if (line.starts_with("export ")) line = trimmed(line.substr(7));
        const auto equals = line.find('=');
        const auto name = trimmed(line.substr(0, equals));
        if (equals == std::string_view::npos || !is_name(name)) {
            problems.push_back(
                {".env line " + std::to_string(number), "", "must be NAME=value, a comment or empty"});
            continue;
        }
        environment[std::string(name)] = unquoted(trimmed(line.substr(equals + 1)));
    }
    return environment;
}

Environment read_environment(char** process_environment, const std::string& env_file,
                             std::vector<Problem>& problems) {
    std::ostringstream text;
    if (std::filesystem::exists(env_file)) {
        const std::ifstream file(env_file);
        if (!file || std::filesystem::is_directory(env_file)) {
            problems.push_back({env_file, "", "is there, but cannot be read"});
        } else {
            text << file.rdbuf();
        }
    }
    auto environment = parse_env_file(text.str(), problems);
    for (char** entry = process_environment; *entry != nullptr; ++entry) {
        const std::string_view pair(*entry);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        environment[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
    }
    return environment;
}

}  // namespace kurs
