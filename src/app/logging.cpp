#include "kurs/app/logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

namespace kurs {
namespace {

constexpr auto time_pattern = "%Y-%m-%dT%H:%M:%S.%eZ";

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::critical: return spdlog::level::critical;
        case LogLevel::error: return spdlog::level::err;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::debug: return spdlog::level::debug;
    }
    return spdlog::level::info;
}

/// {"time":"...","level":"warning","message":"..."} for any message.
class JsonFormatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
        spdlog::memory_buf_t time;
        time_.format(message, time);
        const nlohmann::ordered_json fields{
            {"time", std::string(time.data(), time.size())},
            {"level", spdlog::level::to_string_view(message.level).data()},
            {"message", std::string(message.payload.data(), message.payload.size())}};
        const auto text = fields.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
        line.append(text.data(), text.data() + text.size());
    }

    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }

private:
    spdlog::pattern_formatter time_{time_pattern, spdlog::pattern_time_type::utc, ""};
};

}  // namespace

void set_up_logging(LogLevel level, LogFormat format) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
    auto logger = std::make_shared<spdlog::logger>("kurs", std::move(sink));
    if (format == LogFormat::json) {
        logger->set_formatter(std::make_unique<JsonFormatter>());
    } else {
        logger->set_pattern(std::string(time_pattern) + " %l %v", spdlog::pattern_time_type::utc);
    }
    logger->set_level(to_spdlog(level));
    spdlog::set_default_logger(std::move(logger));
}

void toggle_debug(LogLevel configured) {
    const bool is_debug = spdlog::get_level() == spdlog::level::debug;
    const auto quiet = configured == LogLevel::debug ? LogLevel::info : configured;
    spdlog::set_level(is_debug ? to_spdlog(quiet) : spdlog::level::debug);
    spdlog::critical("log level is now {}", spdlog::level::to_string_view(spdlog::get_level()));
}

}  // namespace kurs
