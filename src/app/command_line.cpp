#include "kurs/app/command_line.hpp"

#include <spdlog/spdlog.h>

#include <iostream>

#include "kurs/app/application.hpp"
#include "kurs/app/health.hpp"
#include "kurs/app/logging.hpp"
#include "kurs/app/migrate.hpp"
#include "kurs/app/replay.hpp"
#include "kurs/app/version.hpp"
#include "kurs/runtime/name_lookup.hpp"
#include "kurs/venues/all.hpp"

namespace kurs {
namespace {

constexpr const char* usage =
    R"(Kurs serves live crypto rates with known age: BTC, ETH and USDT in USD and RUB.

Usage:
  kurs                   run the service until SIGTERM or SIGINT
  kurs migrate           migrate the history database to the current schema, then exit; the service does so itself
  kurs migrate --grant ROLE
                         the same, and give the role the rights to serve, without those to change the schema
  kurs migrate --status  show applied and pending migrations; exit status 3 if any are pending
  kurs replay FILE       compute what a recording (RECORD_FILE) led to, print every change, and fail if it differs
                         from what was served; with --at=TIME and --explain, or --get=TARGET: what was answered then
  kurs --health          check whether the local service is ready; exit status 0 or 1
  kurs --check           validate the settings, the market map, the exports and the keys, then exit
  kurs --test-alert      send a test alert to ALERT_URL; exit status 0 if it is accepted, otherwise 1
  kurs --print-settings  print the effective settings, with secrets hidden; with --format=json also their defaults,
                         meanings and groups
  kurs --version
  kurs --help

Settings come from the environment and from the file .env in the working directory; .env_dist lists all of them.
Signals: SIGTERM or SIGINT starts a graceful shutdown, a second one exits at once; SIGUSR1 switches the log level to
debug and back; SIGHUP reads settings, market map, exports and keys again; SIGUSR2 is ignored.
Exit status: 0 after a graceful shutdown, 1 on a failure to start or to write output, 2 on wrong usage or settings.
)";

int print_settings(Command command, const Environment& environment) {
    if (command == Command::print_settings_json) {
        std::cout << settings_json(all_venues(), environment);
        return 0;
    }
    for (const auto& setting : describe_settings(all_venues(), environment)) {
        std::cout << setting.name << "=" << setting.value << "\n";
    }
    return 0;
}

SettingNames setting_names() {
    SettingNames names;
    for (const auto& setting : all_settings(all_venues())) names.emplace_back(setting.name);
    return names;
}

void print(const std::vector<std::string>& remarks) {
    for (const auto& remark : remarks) std::cerr << "kurs: " << remark << "\n";
}

int report(const std::vector<Problem>& problems) {
    for (const auto& problem : problems) std::cerr << "kurs: " << to_string(problem) << "\n";
    std::cerr << "kurs: " << problems.size() << (problems.size() == 1 ? " problem" : " problems")
              << "; nothing was started\n";
    return 2;
}

int check(const Configuration& configuration) {
    print(configuration.remarks);
    const auto& map = configuration.market;
    std::cout << "settings and market map are valid: " << map.directions.size() << " directions, "
              << map.symbols.size() << " symbols, " << map.exchangers.size() << " exchangers\n";
    if (const auto& exports = configuration.exports.all; !exports.empty()) {
        std::size_t items = 0;
        for (const auto& each : exports) items += each.items.size();
        std::cout << "exports are valid: " << exports.size() << " documents, " << items << " items\n";
    }
    if (configuration.access)
        std::cout << "API keys are valid: " << configuration.access->keys.size() << "\n";
    if (configuration.signing_keys)
        std::cout << "quotes are signed with key " << configuration.signing_keys->signer_name() << "\n";
    return 0;
}

void log(const std::vector<std::string>& remarks) {
    for (const auto& remark : remarks) spdlog::warn("settings: {}", remark);
}

/// The configuration as it is now, for a service that runs.
std::optional<Configuration> read_again(char** process_environment) {
    std::vector<Problem> problems;
    const auto environment = read_environment(process_environment, ".env", setting_names(), problems);
    auto configuration = load_configuration(environment.values, problems);
    for (const auto& problem : problems) spdlog::error("settings: {}", to_string(problem));
    if (!configuration || !problems.empty()) return std::nullopt;
    log(environment.remarks);
    log(configuration->remarks);
    return configuration;
}

int use_database(Command command, const std::string& url, const std::string& serving_role) {
    if (url.empty()) return report({{"DATABASE_URL", "", "must be set to migrate a database"}});
    return command == Command::migrate ? migrate_database(url, serving_role) : show_migrations(url);
}

int test_alert_receiver(const Configuration& configuration) {
    if (!configuration.alert_receiver) return report({{"ALERT_URL", "", "must be set to send an alert"}});
    return test_alert(*configuration.alert_receiver, configuration.trust);
}

}  // namespace

std::optional<Command> parse_command_line(const std::vector<std::string>& arguments) {
    if (arguments.empty()) return Command::serve;
    const auto& argument = arguments.front();
    if (argument == "migrate" && arguments.size() == 2 && arguments.back() == "--status") {
        return Command::migrate_status;
    }
    if (argument == "migrate" && arguments.size() == 3 && arguments[1] == "--grant" &&
        !arguments[2].empty()) {
        return Command::migrate;
    }
    if (argument == "--print-settings" && arguments.size() == 2 && arguments.back() == "--format=json") {
        return Command::print_settings_json;
    }
    if (arguments.size() > 1) return std::nullopt;
    if (argument == "migrate") return Command::migrate;
    if (argument == "--check") return Command::check;
    if (argument == "--print-settings") return Command::print_settings;
    if (argument == "--health") return Command::health;
    if (argument == "--test-alert") return Command::test_alert;
    if (argument == "--help" || argument == "-h") return Command::help;
    if (argument == "--version") return Command::version;
    return std::nullopt;
}

int run_command(const std::vector<std::string>& arguments, char** process_environment) {
    if (!arguments.empty() && arguments.front() == "replay")
        return replay({arguments.begin() + 1, arguments.end()});
    const auto command = parse_command_line(arguments);
    if (!command) {
        std::cerr << "kurs: wrong arguments\n\n" << usage;
        return 2;
    }
    if (*command == Command::help) return std::cout << usage, 0;
    if (*command == Command::version) return std::cout << "kurs " << build_version << "\n", 0;

    std::vector<Problem> problems;
    const auto environment = read_environment(process_environment, ".env", setting_names(), problems);
    if (*command == Command::print_settings || *command == Command::print_settings_json) {
        print(environment.remarks);
        for (const auto& problem : problems) std::cerr << "kurs: " << to_string(problem) << "\n";
        return print_settings(*command, environment.values);
    }
    // A running service is not ill because a file has been changed under it.
    if (*command == Command::health) {
        const auto settings = load_settings(all_venues(), environment.values, problems);
        if (!problems.empty()) return report(problems);
        ask_next_nameserver_soon();
        return ask_health(settings);
    }
    auto configuration = load_configuration(environment.values, problems);
    const bool is_logged = *command == Command::serve && configuration;
    if (!is_logged) print(environment.remarks);
    if (!configuration || !problems.empty()) return report(problems);
    if (*command == Command::check) return check(*configuration);
    ask_next_nameserver_soon();
    if (*command == Command::test_alert) return test_alert_receiver(*configuration);
    if (*command == Command::migrate || *command == Command::migrate_status) {
        const auto serving_role = arguments.size() == 3 ? arguments[2] : std::string();
        return use_database(*command, configuration->settings.database_url, serving_role);
    }

    set_up_logging(configuration->settings.log_level, configuration->settings.log_format);
    log(environment.remarks);
    log(configuration->remarks);
    return serve(*std::move(configuration), [=] { return read_again(process_environment); });
}

}  // namespace kurs
