#include "kurs/ingest/tick_text.hpp"

#include "ingest/json_values.hpp"
#include "kurs/boardlog/change_text.hpp"
#include "kurs/domain/whole_number.hpp"

namespace kurs {

using namespace json_values;

namespace {

using nlohmann::json;

json tick_text(const MarketMap& map, const Tick& tick) {
    auto text = symbol_text(map, tick.symbol);
    text["bid"] = to_string(tick.bid);
    text["ask"] = to_string(tick.ask);
    text["observed_at"] = milliseconds_of(tick.observed_at);
    text["sequence"] = tick.sequence;
    if (const auto& confirmation = tick.confirmation) {
        text["date"] = confirmation->date.time_since_epoch().count();
        text["confirmed_at"] = milliseconds_of(confirmation->at);
    }
    return text;
}

Tick read_tick(const MarketMap& map, const json& text) {
    const auto symbol = read_symbol(map, text);
    if (!symbol) throw std::out_of_range("a symbol that the market map lacks");
    Tick tick{*symbol,
              read_rate(text.at("bid")),
              read_rate(text.at("ask")),
              read_time(text.at("observed_at")),
              text.at("sequence").get<std::uint64_t>(),
              {}};
    if (text.contains("date")) {
        const auto day = std::chrono::sys_days(std::chrono::days(text.at("date").get<int>()));
        tick.confirmation = Confirmation{day, read_time(text.at("confirmed_at"))};
    }
    return tick;
}

}  // namespace

std::string to_text(const MarketMap& map, const std::vector<Tick>& ticks) {
    auto text = json::array();
    for (const auto& tick : ticks) text.push_back(tick_text(map, tick));
    return text.dump();
}

tape::Result<std::vector<Tick>> parse_ticks(const MarketMap& map, std::string_view text) {
    try {
        std::vector<Tick> ticks;
        for (const auto& tick : json::parse(text)) ticks.push_back(read_tick(map, tick));
        return ticks;
    } catch (const std::exception& failure) {
        return tape::Failure{std::string("restored ticks cannot be read: ") + failure.what()};
    }
}

std::string begin_text(const MarketMap& map, const BoardChange& published, Duration delay) {
    return std::to_string(delay.count()) + "\n" + to_text(map, published);
}

tape::Result<Beginning> parse_beginning(const MarketMap& map, std::string_view text) {
    const auto end = text.find('\n');
    const auto delay = parse_whole_number<Duration::rep>(text.substr(0, end));
    if (end == std::string_view::npos || !delay) return tape::Failure{"the beginning has no delay"};
    auto published = parse_change(map, text.substr(end + 1));
    if (!published) return tape::Failure{"the published board cannot be read"};
    return Beginning{*std::move(published), Duration{*delay}};
}

}  // namespace kurs
