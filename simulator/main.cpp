#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>

#include "rejected.hpp"
#include "simulator.hpp"

namespace {

constexpr int wrong_usage = 2;

void log_to_stderr(const std::string& level) {
    spdlog::set_default_logger(spdlog::stderr_color_mt("kurs-sim"));
    spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto options = sim::parse_options({argv + 1, argv + argc});
        if (options.wants_help) return std::fputs(sim::usage().c_str(), stdout) < 0;
        if (options.wants_version) return std::puts("kurs-sim " KURS_SIM_VERSION) < 0;
        log_to_stderr(options.log_level);
        sim::run_simulator(options);
        return 0;
    } catch (const sim::Rejected& rule) {
        std::fprintf(stderr, "kurs-sim: %s\n", rule.what());
        return wrong_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kurs-sim: %s\n", error.what());
        return 1;
    }
}
