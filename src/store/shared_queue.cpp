#include "kurs/store/shared_queue.hpp"

#include <charconv>
#include <utility>

namespace kurs {
namespace {

std::pair<std::uint64_t, std::uint64_t> numbers_of(std::string_view id) {
    std::pair<std::uint64_t, std::uint64_t> numbers{};
    const char* const end = id.data() + id.size();
    const auto first = std::from_chars(id.data(), end, numbers.first);
    if (first.ptr != end) std::from_chars(first.ptr + 1, end, numbers.second);
    return numbers;
}

}  // namespace

bool is_earlier_id(std::string_view id, std::string_view other) {
    return numbers_of(id) < numbers_of(other);
}

}  // namespace kurs
