#include "kurs/config/exports_document.hpp"

#include "config/export_reader.hpp"

namespace kurs {
namespace {

using Kind = Json::value_t;

/// Problems of the document as a whole.
struct DocumentProblems {
    std::vector<Problem>& problems;

    void problem(const std::string& where, std::string value, std::string rule) {
        problems.push_back({"exports, " + where, std::move(value), std::move(rule)});
    }
};

exports::Exports read(const Json& document, const MarketMap& map, DocumentProblems& sink) {
    exports::Exports made;
    check_keys(document, {"proxies", "exports"}, "top", sink);
    for (const auto& each : member(document, "proxies", Kind::array, sink)) {
        const auto text = text_of(each, "proxies", sink);
        const auto range = exports::parse_address_range(text);
        if (range) {
            made.proxies.push_back(*range);
        } else {
            sink.problem("proxies", text, "must be an address, or a network such as 172.16.0.0/12");
        }
    }
    for (const auto& [name, entry] : member(document, "exports", Kind::object, sink).items()) {
        if (!is_plain_name(name)) {
            sink.problem("name", name, "must be 1 to 32 lower-case letters, digits, - and _");
        } else if (!entry.is_object()) {
            sink.problem(name, shown(entry), "must be an object");
        } else {
            made.all.push_back(ExportReader(name, map, made.reserve_sources, sink.problems).read(entry));
        }
    }
    return made;
}

}  // namespace

std::optional<exports::Exports> parse_exports_document(std::string_view document, const MarketMap& map,
                                                       std::vector<Problem>& problems) {
    const auto problems_before = problems.size();
    DocumentProblems sink{problems};
    exports::Exports made;
    read_object(document, sink, [&](const Json& object) { made = read(object, map, sink); });
    if (problems.size() != problems_before) return std::nullopt;
    return made;
}

}  // namespace kurs
