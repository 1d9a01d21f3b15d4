#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/proxy.hpp"
#include "kurs/domain/time.hpp"

namespace kurs {

/// A configuration error: the variable or file, its value and the rule that it breaks.
struct Problem {
    std::string where;
    std::string value;  ///< hidden for secrets
    std::string rule;
};

std::string to_string(const Problem& problem);

/// The rule that a value breaks, or none.
using SettingCheck = std::function<std::optional<std::string>(const std::string& value)>;

/// A setting. The list of these rows is the source of every list of settings: the environment that is read,
/// the command line's output, `.env_dist` and the tables of both READMEs.
struct Setting {
    std::string_view name;
    std::string_view default_value;
    SettingCheck check;
    std::string_view help;     ///< in English; backticks enclose literals
    std::string_view help_ru;  ///< in Russian
    bool is_secret = false;

    /// The value with a simulator, in place of any other. The host of the simulator replaces "simulator".
    std::optional<std::string_view> simulated = std::nullopt;
};

/// The values of settings by name. Each has passed the check of its row.
class SettingValues {
public:
    void set(std::string_view name, std::string value) {
        values_.insert_or_assign(std::string(name), std::move(value));
    }

    /// Records that the operator's value was refused. The default takes its place, so that later checks
    /// report only problems of their own.
    void refuse(std::string_view name, std::string default_value);
    bool is_refused(std::string_view name) const { return refused_.contains(name); }

    // Each throws std::logic_error if no row has this name, or if the row's check admits other values.
    const std::string& text(std::string_view name) const;
    Duration duration(std::string_view name) const;
    std::uint64_t number(std::string_view name) const;
    Endpoint endpoint(std::string_view name) const;
    std::vector<std::string> list(
        std::string_view name) const;  ///< comma-separated; an empty text has no items
    std::vector<Endpoint> endpoints(std::string_view name) const;
    std::optional<Proxy> proxy(std::string_view name) const;  ///< none: the text is empty

private:
    std::map<std::string, std::string, std::less<>> values_;
    std::set<std::string, std::less<>> refused_;
};

/// The rows of a venue's streams: their URLs, and how many connections to them are open at the same time.
Setting stream_urls_setting(std::string_view name, std::string_view urls, std::string_view simulated);
Setting connections_setting(std::string_view name);

/// The row of a venue's proxy.
Setting proxy_setting(std::string_view name);

/// The checks that rows share.
namespace checks {

SettingCheck anything();
SettingCheck duration(Duration least, Duration most);
SettingCheck number(std::uint64_t least, std::uint64_t most);
SettingCheck one_of(std::vector<std::string> choices);
SettingCheck web_url();                     ///< http or https
SettingCheck stream_url();                  ///< ws or wss
SettingCheck stream_urls();                 ///< one or more, comma-separated
SettingCheck proxy_url();                   ///< http or socks5h
SettingCheck key();                         ///< sent in a header
SettingCheck optional(SettingCheck check);  ///< or empty

}  // namespace checks

}  // namespace kurs
