#include "kurs/config/keys_document.hpp"

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <cctype>
#include <set>

#include "config/json_parts.hpp"

namespace kurs {
namespace {

using access::Scope;

constexpr std::uint32_t most_per_second = 1'000'000;

/// Collects problems. No value is shown: whatever is in the wrong place may be a key.
struct KeyProblems {
    std::vector<Problem>& problems;

    void problem(const std::string& where, const std::string& value, std::string rule) {
        problems.push_back({"keys, " + where, value.empty() ? "" : "(hidden)", std::move(rule)});
    }
};

std::vector<Scope> read_scopes(const Json& entry, const std::string& key, const std::string& where,
                               KeyProblems& sink) {
    std::vector<Scope> scopes;
    for (const auto& each : member(entry, key, Json::value_t::array, sink)) {
        const auto text = text_of(each, where, sink);
        if (text == "read") {
            scopes.push_back(Scope::read);
        } else if (text == "quote") {
            scopes.push_back(Scope::quote);
        } else if (text == "admin") {
            scopes.push_back(Scope::admin);
        } else {
            sink.problem(where + ", '" + key + "'", text, "must be read, quote or admin");
        }
    }
    return scopes;
}

access::Digest read_digest(const Json& entry, const std::string& where, KeyProblems& sink) {
    access::Digest digest{};
    const auto found = entry.find("sha256");
    const auto text = found != entry.end() && found->is_string() ? found->get<std::string>() : "";
    const bool is_hex = std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (text.size() != 2 * digest.size() || !is_hex) {
        sink.problem(where + ", 'sha256'", text, "must be the SHA-256 of a key: 64 hexadecimal digits");
        return digest;
    }
    boost::algorithm::unhex(text, digest.begin());
    for (const auto* const nothing : {"", "\n"}) {
        if (digest == access::digest_of(nothing))
            sink.problem(where + ", 'sha256'", text, "is the SHA-256 of nothing");
    }
    return digest;
}

std::uint32_t read_limit(const Json& entry, const std::string& where, KeyProblems& sink) {
    const auto found = entry.find("per_second");
    if (found == entry.end()) return 0;
    const bool is_whole = found->is_number_unsigned();
    const auto limit = is_whole ? found->get<std::uint64_t>() : 0;
    if (limit >= 1 && limit <= most_per_second) return static_cast<std::uint32_t>(limit);
    sink.problem(where + ", 'per_second'", shown(*found),
                 "must be a whole number from 1 to " + std::to_string(most_per_second));
    return 0;
}

access::Key read_key(const Json& entry, const std::string& where, KeyProblems& sink) {
    access::Key key;
    check_keys(entry, {"name", "sha256", "scopes", "per_second"}, where, sink);
    const auto found = entry.find("name");
    key.name = found == entry.end() ? "" : text_of(*found, where, sink);
    if (!is_plain_name(key.name))
        sink.problem(where + ", 'name'", key.name, "must be 1 to 32 lower-case letters, digits, - and _");
    key.digest = read_digest(entry, where, sink);
    key.scopes = read_scopes(entry, "scopes", where, sink);
    if (key.scopes.empty())
        sink.problem(where + ", 'scopes'", "", "must name at least one of read, quote and admin");
    key.per_second = read_limit(entry, where, sink);
    const bool locks = std::ranges::find(key.scopes, Scope::quote) != key.scopes.end();
    if (locks && !entry.contains("per_second"))
        sink.problem(where + ", 'per_second'", "", "must be set for the scope quote: every quote is kept");
    return key;
}

access::Rules read(const Json& document, KeyProblems& sink) {
    access::Rules rules;
    check_keys(document, {"keys", "anonymous"}, "top", sink);
    std::set<std::string> names;
    std::set<access::Digest> digests;
    std::size_t number = 0;
    for (const auto& entry : member(document, "keys", Json::value_t::array, sink)) {
        const auto where = "number " + std::to_string(++number);
        const auto problems_before = sink.problems.size();
        if (!entry.is_object()) {
            sink.problem(where, shown(entry), "must be an object");
            continue;
        }
        auto key = read_key(entry, where, sink);
        if (sink.problems.size() != problems_before) continue;
        if (!names.insert(key.name).second)
            sink.problem(where + ", 'name'", key.name, "is that of another key too");
        if (!digests.insert(key.digest).second)
            sink.problem(where + ", 'sha256'", "digest", "is that of another key too");
        rules.keys.push_back(std::move(key));
    }
    if (number == 0) sink.problem("'keys'", "", "must list at least one key");
    rules.anonymous = read_scopes(document, "anonymous", "'anonymous'", sink);
    const auto takes_key = [](Scope scope) { return scope != Scope::read; };
    if (std::ranges::any_of(rules.anonymous, takes_key))
        sink.problem("'anonymous'", "scope", "must be read: every other scope takes a key");
    return rules;
}

}  // namespace

std::optional<access::Rules> parse_keys_document(std::string_view document, std::vector<Problem>& problems) {
    const auto problems_before = problems.size();
    KeyProblems sink{problems};
    access::Rules rules;
    read_object(document, sink, [&](const Json& object) { rules = read(object, sink); });
    if (problems.size() != problems_before) return std::nullopt;
    return rules;
}

}  // namespace kurs
