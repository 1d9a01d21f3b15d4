#pragma once

#include <optional>
#include <string>

namespace kurs::postgres {

/// What libpq would refuse in a URL before it connects, as a rule that shows no part of a password. Nothing
/// where the URL is good. Sends nothing and looks up no name.
std::optional<std::string> complaint_about_url(const std::string& url);

}  // namespace kurs::postgres
