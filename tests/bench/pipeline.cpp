// What a frame, a change and an answer take inside the process.
//
//     pipeline <recording> [options of Google Benchmark]
//     pipeline <recording> frames                         takes the frames once, and prints how many they
//     were pipeline <recording> changes <directions> <count>   makes, renders and tells that many changes
//
// The last two are for tools/count_instructions.py.
#include <benchmark/benchmark.h>
#include <spdlog/spdlog.h>

#include <iostream>

#include "bench/player.hpp"
#include "bench/wide_market.hpp"
#include "kurs/api/api.hpp"
#include "kurs/config/exports_document.hpp"

namespace kurs::bench {
namespace {

constexpr std::string_view monitor = R"json({"exports": {"monitor": {
  "format": "xml-1.0", "markup": "1%",
  "codes": {"BTC": ["BTC"], "ETH": ["ETH"], "USDTTRC": ["USDTTRC20"], "USDTERC": ["USDTERC20"], "RUB": ["SBERRUB"],
            "USD": ["CARDUSD"]},
  "reserve": {"SBERRUB": "5000000", "CARDUSD": "70000"},
  "items": [{"from": "BTC", "to": "SBERRUB", "min": "0.001"}, {"from": "BTC", "to": "CARDUSD", "min": "0.001"},
            {"from": "ETH", "to": "SBERRUB", "min": "0.01"}, {"from": "ETH", "to": "CARDUSD", "min": "0.01"},
            {"from": "USDTTRC20", "to": "SBERRUB", "min": "100"}, {"from": "USDTTRC20", "to": "CARDUSD", "min": "100"},
            {"from": "USDTERC20", "to": "SBERRUB", "min": "100"}, {"from": "USDTERC20", "to": "CARDUSD", "min": "100"}]}}})json";

constexpr std::pair<const char*, std::string_view> answers[]{
    {"v1", "/api/v1/courses"},
    {"v1, one direction", "/api/v1/courses?direction=BTC-USD"},
    {"v2", "/api/v2/courses"},
    {"v2, one direction", "/api/v2/courses/BTC-RUB"},
    {"convert", "/api/v2/convert?from=BTC&to=RUB&amount=0.05"},
    {"an export", "/api/v2/exports/monitor"},
    {"explain", "/api/v2/courses/BTC-RUB/explain"}};

/// Of the recording.
constexpr int passes = 9;

exports::Exports make_exports(const MarketMap& map) {
    std::vector<Problem> problems;
    auto exports = parse_exports_document(monitor, map, problems);
    if (!exports) throw std::runtime_error(to_string(problems.at(0)));
    return *std::move(exports);
}

/// The least that each frame took in any pass: whatever else the machine did then is in other passes.
void keep_least(std::vector<Spent>& least, const std::vector<Spent>& spent) {
    if (least.empty()) least = spent;
    for (std::size_t i = 0; i < spent.size(); ++i)
        if (spent[i].all() < least[i].all()) least[i] = spent[i];
}

/// The frames of one venue; the others' are taken too, but not measured.
void take_frames(benchmark::State& state, const Recording& recording, const std::string& venue) {
    std::vector<Spent> least;
    for ([[maybe_unused]] auto _ : state) {
        Player player(recording);
        player.play(true);
        keep_least(least, player.spent().at(venue));
    }
    const auto mean = [&least](auto part) {
        std::chrono::nanoseconds sum{};
        for (const auto& spent : least) sum += spent.*part;
        return static_cast<double>(sum.count()) / static_cast<double>(least.size());
    };
    state.counters["frames"] = static_cast<double>(least.size());
    state.counters["session"] = mean(&Spent::session);
    state.counters["ingest"] = mean(&Spent::ingest);
    state.counters["board"] = mean(&Spent::board);
}

void change(benchmark::State& state) {
    WideMarket market(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] auto _ : state) market.change();
}

void answer_change(benchmark::State& state) {
    WideMarket market(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] auto _ : state) {
        market.change();
        benchmark::DoNotOptimize(market.answer());
    }
}

void tell_change(benchmark::State& state) {
    WideMarket market(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] auto _ : state) {
        market.change();
        benchmark::DoNotOptimize(market.tell());
    }
}

/// An answer from the board at the end of the recording. Anew: each time after a change of the board.
void answer(benchmark::State& state, const Recording& recording, std::string_view target, bool is_changed) {
    Player player(recording);
    player.play(false);
    const auto exports = make_exports(player.map());
    api::Sources sources{player.board(), player.failovers(), [] { return std::vector<std::string>(); },
                         [] { return std::vector<FeedReport>(); }, [](VenueId, TimePoint) {}};
    sources.exports = &exports;
    api::Api api(std::move(sources), "");
    BoardChange change;
    change.quotes.push_back(*player.board().find(*player.board().active(), DirectionId{0}));
    std::size_t size = 0;
    for ([[maybe_unused]] auto _ : state) {
        if (is_changed) {
            change.version = player.board().version() + 1;
            player.board().apply(change);
        }
        const auto outcome = api.answer({.target = target, .if_none_match = {}}, player.now());
        const auto& response = std::get<api::ResponseView>(outcome);
        if (response.status != 200) state.SkipWithError(std::string(response.body).c_str());
        size = response.body.size();
    }
    state.counters["bytes"] = static_cast<double>(size);
}

void add_benchmarks(const Recording& recording) {
    Player player(recording);
    player.play(false);
    for (const auto& [venue, spent] : player.spent()) {
        benchmark::RegisterBenchmark(("frame/" + venue).c_str(), [&recording,
                                                                  name = venue](benchmark::State& state) {
            take_frames(state, recording, name);
        })->Iterations(passes);
    }
    using Change = void (*)(benchmark::State&);
    for (const auto& [name, function] : {std::pair<const char*, Change>{"change", change},
                                         {"change, answered", answer_change},
                                         {"change, told", tell_change}})
        benchmark::RegisterBenchmark(name, function)->Arg(8)->Arg(100)->Arg(1000);
    for (const auto& [name, target] : answers)
        for (const bool is_changed : {true, false})
            benchmark::RegisterBenchmark((std::string(is_changed ? "changed/" : "unchanged/") + name).c_str(),
                                         [&recording, path = target, is_changed](benchmark::State& state) {
                                             answer(state, recording, path, is_changed);
                                         });
}

int count_frames(const Recording& recording) {
    Player player(recording);
    player.play(false);
    std::size_t frames = 0;
    for (const auto& [venue, spent] : player.spent()) frames += spent.size();
    std::cout << frames << "\n";
    return 0;
}

int make_changes(std::size_t directions, std::size_t count) {
    WideMarket market(directions);
    for (std::size_t i = 0; i < count; ++i) {
        market.change();
        market.answer();
        market.tell();
    }
    return 0;
}

}  // namespace
}  // namespace kurs::bench

int main(int count, char** arguments) {
    using namespace kurs::bench;
    spdlog::set_level(spdlog::level::off);
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (words.empty()) return std::cerr << "usage: pipeline <recording> ...\n", 2;
    if (words.size() == 4 && words[1] == "changes")
        return make_changes(std::stoul(words[2]), std::stoul(words[3]));
    const auto recording = read_recording(words[0]);
    if (words.size() == 2 && words[1] == "frames") return count_frames(recording);
    int rest = count - 1;
    arguments[1] = arguments[0];
    benchmark::Initialize(&rest, arguments + 1);
    add_benchmarks(recording);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
