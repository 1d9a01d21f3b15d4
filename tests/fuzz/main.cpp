// libFuzzer's entry. `kurs_fuzz --target=okx [libFuzzer's options] corpus` runs one target: libFuzzer ignores
// options that begin with two hyphens, and passes them on to the processes that it starts.
#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "fuzz/target.hpp"

namespace kurs::fuzz {
namespace {

struct Named {
    std::string_view name;
    Target run;
};

constexpr Named targets[]{
    {"binance", binance},   {"bybit", bybit},         {"cbr", cbr},           {"change", change},
    {"coinbase", coinbase}, {"coingecko", coingecko}, {"declared", declared}, {"env", env},
    {"exports", exports},   {"http", http},           {"keys", keys},         {"kraken", kraken},
    {"markets", markets},   {"note", note},           {"okx", okx},           {"prices", prices},
    {"proxy", proxy},       {"query", query},         {"rate", rate},         {"text", text},
};

Target chosen = nullptr;

/// What may stay allocated: values that are made once, and libFuzzer's own.
constexpr std::size_t kept_most = 64u << 20;

}  // namespace
}  // namespace kurs::fuzz

extern "C" int LLVMFuzzerInitialize(const int* count, char*** arguments) {
    using namespace kurs::fuzz;
    constexpr std::string_view option = "--target=";
    for (int i = 1; i < *count; ++i) {
        const std::string_view argument((*arguments)[i]);
        if (argument == "--list") {
            for (const auto& target : targets) std::puts(target.name.data());
            std::exit(0);
        }
        if (!argument.starts_with(option)) continue;
        const auto* const found = std::ranges::find(targets, argument.substr(option.size()), &Named::name);
        if (found != std::end(targets)) chosen = found->run;
    }
    if (chosen == nullptr) fail("--target= must name one of --list");
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    kurs::fuzz::chosen({reinterpret_cast<const char*>(bytes), size});
    kurs::fuzz::expect(__sanitizer_get_current_allocated_bytes() < kurs::fuzz::kept_most,
                       "memory is given back");
    return 0;
}
