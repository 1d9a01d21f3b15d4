#include "kurs/app/recording.hpp"

#include <boost/asio/ip/host_name.hpp>
#include <nlohmann/json.hpp>
#include <regex>

#include "kurs/app/version.hpp"
#include "kurs/tape/tape_file.hpp"
#include "kurs/venues/all.hpp"

namespace kurs {
namespace {

/// A key that a venue's settings require. It is in no request, because a replay sends none.
constexpr auto hidden = "hidden";

/// What rates depend on, besides the settings of the venues.
constexpr std::string_view general_names[] = {"VENUES", "FAILBACK_AFTER", "BOARD_SLOT", "BOARD_DELAY"};

/// A URL may hold a key or a password, and a replay opens none.
std::string without_urls(const std::string& document) {
    static const std::regex url(R"(://[^\s"]+)");
    return std::regex_replace(document, url, "://hidden:1");
}

nlohmann::json recorded_settings(const SettingValues& values) {
    nlohmann::json recorded;
    for (const auto name : general_names) recorded[std::string(name)] = values.text(name);
    for (const auto& venue : all_venues()) {
        for (const auto& setting : venue.settings) {
            const auto& value = values.text(setting.name);
            const bool can_hide = setting.is_secret && !value.empty() && !setting.check(hidden);
            if (!setting.is_secret) recorded[std::string(setting.name)] = value;
            if (can_hide) recorded[std::string(setting.name)] = hidden;
        }
    }
    return recorded;
}

}  // namespace

std::unique_ptr<tape::Tape> start_tape(const Configuration& configuration, TimePoint now) {
    const auto& settings = configuration.settings;
    if (settings.record_file.empty()) return nullptr;
    tape::FileLimits limits;
    limits.bytes = settings.record_keep / limits.files;
    // Replicas may share the folder.
    auto file = tape::open_file(settings.record_file + "." + boost::asio::ip::host_name(), now, limits);
    if (!file) return nullptr;
    const nlohmann::json record{{"kurs", build_version},
                                {"settings", recorded_settings(settings.values)},
                                {"market", without_urls(configuration.market_document)}};
    file->add(tape::Kind::configuration, now, 0, record.dump());
    return file;
}

std::optional<RecordedConfiguration> read_recorded(const tape::Record& record,
                                                   std::vector<Problem>& problems) {
    const auto text = nlohmann::json::parse(record.payload, nullptr, false);
    const bool is_whole = text.is_object() && text.contains("settings") && text.contains("market") &&
                          text["settings"].is_object() && text["market"].is_string();
    if (record.kind != tape::Kind::configuration || !is_whole) {
        problems.push_back({"the recording", "", "must begin with a configuration"});
        return std::nullopt;
    }
    // Recordings of releases before these settings do not have them.
    Environment environment{{"BOARD_SLOT", "50ms"}, {"BOARD_DELAY", "100ms"}};
    for (const auto& [name, value] : text["settings"].items())
        if (value.is_string()) environment.insert_or_assign(name, value.get<std::string>());
    auto settings = load_settings(all_venues(), environment, problems);
    auto market = read_market(settings, text["market"].get<std::string>(), problems);
    if (!market || !problems.empty()) return std::nullopt;
    return RecordedConfiguration{std::move(settings), *std::move(market)};
}

}  // namespace kurs
