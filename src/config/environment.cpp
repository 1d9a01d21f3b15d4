#include "kurs/config/environment.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/setting_names.hpp"

namespace kurs {
namespace {

Environment to_environment(char** entries) {
    Environment environment;
    for (; *entries != nullptr; ++entries) {
        const std::string_view pair(*entries);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos)
            environment[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
    }
    return environment;
}

std::string read_file(const std::string& name, std::vector<Problem>& problems) {
    if (!std::filesystem::exists(name)) return {};
    const std::ifstream file(name);
    std::ostringstream text;
    if (!file || std::filesystem::is_directory(name)) {
        problems.push_back({name, "", "exists but cannot be read"});
    } else {
        text << file.rdbuf();
    }
    return text.str();
}

}  // namespace

EnvironmentRead read_environment(char** process_environment, const std::string& env_file,
                                 const SettingNames& settings, std::vector<Problem>& problems) {
    auto process = to_environment(process_environment);
    std::vector<std::string> remarks;
    remove_service_links(process, settings, remarks);
    auto file = parse_env_file(read_file(env_file, problems), process, problems);
    remark_unknown_names(process, file, settings, remarks);
    process.merge(std::move(file));  // keeps existing values
    return {std::move(process), std::move(remarks)};
}

}  // namespace kurs
