#include "kurs/exports/exports.hpp"

#include <algorithm>

namespace kurs::exports {

const Export* Exports::find(std::string_view name) const {
    const auto found = std::ranges::find(all, name, &Export::name);
    return found == all.end() ? nullptr : &*found;
}

}  // namespace kurs::exports
