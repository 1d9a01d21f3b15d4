#include "kurs/board/witness_groups.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace kurs {
namespace {

using Quotes = std::vector<WitnessSymbols>;

bool has(const WitnessSymbols& quote, SymbolId symbol) {
    return std::ranges::find(quote.symbols, symbol) != quote.symbols.end();
}

/// Quotes that have no symbols left are equal.
bool are_connected(const WitnessSymbols& quote, const WitnessSymbols& other, bool is_top) {
    if (quote.symbols.empty() && other.symbols.empty()) return !is_top;
    return std::ranges::any_of(quote.symbols, [&](SymbolId symbol) { return has(other, symbol); });
}

std::vector<Quotes> connect(Quotes quotes, bool is_top) {
    std::vector<Quotes> groups;
    for (auto& quote : quotes) {
        const auto is_apart = [&](const Quotes& group) {
            return std::ranges::none_of(
                group, [&](const WitnessSymbols& other) { return are_connected(quote, other, is_top); });
        };
        const auto connected = std::ranges::stable_partition(groups, is_apart);
        Quotes merged;
        for (auto& group : connected) std::ranges::move(group, std::back_inserter(merged));
        merged.push_back(std::move(quote));
        groups.erase(connected.begin(), connected.end());
        groups.push_back(std::move(merged));
    }
    for (auto& group : groups) std::ranges::sort(group, {}, &WitnessSymbols::member);
    std::ranges::sort(groups, {}, [](const Quotes& group) { return group.front().member; });
    return groups;
}

/// Leaves out the symbols that most of the quotes have. Returns whether there were any.
bool leave_out_common(Quotes& quotes) {
    std::map<SymbolId, std::size_t> counts;
    for (const auto& quote : quotes) {
        for (const auto symbol : quote.symbols) ++counts[symbol];
    }
    std::size_t most = 0;
    for (const auto& [symbol, count] : counts) most = std::max(most, count);
    for (auto& quote : quotes) {
        std::erase_if(quote.symbols, [&](SymbolId symbol) { return counts[symbol] == most; });
    }
    return most > 0;
}

}  // namespace

std::vector<WitnessLevel> divide_witnesses(std::vector<WitnessSymbols> quotes) {
    // A leg may occur twice in a quote.
    for (auto& quote : quotes) {
        std::ranges::sort(quote.symbols);
        const auto [first, last] = std::ranges::unique(quote.symbols);
        quote.symbols.erase(first, last);
    }
    struct Part {
        Quotes quotes;
        std::size_t depth = 0;
        std::optional<std::pair<std::size_t, std::size_t>> of{};  ///< a level and its group
    };
    std::vector<WitnessLevel> levels;
    std::vector<Part> parts{{std::move(quotes)}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        auto part = std::move(parts[i]);
        auto groups = connect(std::move(part.quotes), i == 0);
        const bool is_divided = groups.size() > 1;
        if (is_divided) {
            if (part.of) levels[part.of->first].groups[part.of->second].level_below = levels.size();
            auto& level = levels.emplace_back(WitnessLevel{part.depth++, {}});
            for (const auto& group : groups) {
                auto& members = level.groups.emplace_back().members;
                for (const auto& quote : group) members.push_back(quote.member);
            }
        }
        for (std::size_t group = 0; group < groups.size(); ++group) {
            if (groups[group].size() < 2 || !leave_out_common(groups[group])) continue;
            if (is_divided) part.of = {levels.size() - 1, group};
            parts.push_back({std::move(groups[group]), part.depth, part.of});
        }
    }
    return levels;
}

}  // namespace kurs
