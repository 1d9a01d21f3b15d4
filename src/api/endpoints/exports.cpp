// What the operator publishes for monitors and exchanger sites.
#include "api/contract_v2.hpp"
#include "api/endpoints/endpoints.hpp"
#include "kurs/exports/render.hpp"

namespace kurs::api {
namespace {

/// Takes the same time wherever the texts differ.
bool is_secret(std::string_view given, std::string_view expected) {
    if (given.size() != expected.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < given.size(); ++i)
        difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(expected[i]);
    return difference == 0;
}

/// The export of "name", "name.secret", and either with the suffix of its format, if this client may read it.
/// The secret of an export that is posted is in the header.
const exports::Export* find_export(const exports::Exports* exports, const Call& call) {
    auto name = call.parameter.substr(0, call.parameter.find('.'));
    auto rest = call.parameter.substr(name.size());
    const auto* const found = exports ? exports->find(name) : nullptr;
    if (!found) return nullptr;
    const auto suffix = exports::path_suffix(found->format);
    if (rest.ends_with(suffix)) rest.remove_suffix(suffix.size());
    if (rest.starts_with('.')) rest.remove_prefix(1);
    const bool has_header = exports::is_posted(found->format) && !found->secret.empty() && rest.empty();
    if (!is_secret(has_header ? call.request.x_authorization : rest, found->secret)) return nullptr;
    if (found->allowed.empty()) return found;
    const auto& [peer, forwarded_for] = std::pair(call.request.peer, call.request.forwarded_for);
    const auto client = exports::client_address(peer, forwarded_for, exports->proxies);
    return client && exports::contains(found->allowed, *client) ? found : nullptr;
}

/// Does not tell which of the reasons it is.
Problem no_such_export() {
    return {
        404,
        "No export is served here. Check its name, its secret and the addresses that the operator allows."};
}

std::optional<Problem> refuse_query(const Call& call) {
    if (call.query.empty()) return std::nullopt;
    return Problem{400, "This path takes no parameters. Remove the query string."};
}

}  // namespace

Answer GetExport::operator()(const Call& call, TimePoint now) const {
    const auto* const asked = find_export(exports, call);
    if (!asked) return no_such_export();
    const bool is_posted = exports::is_posted(asked->format);
    if (is_posted != (call.request.method == Method::post))
        return wrong_method(writer.allow(is_posted ? "POST" : "GET, HEAD"));
    if (auto problem = refuse_query(call)) return *std::move(problem);
    if (asked->exchanger) on_requested(*asked->exchanger, now);
    return cache->find(*asked, is_posted ? "" : call.request.if_none_match, now);
}

Answer GetExportExplanation::operator()(const Call& call, TimePoint now) const {
    const auto* const asked = find_export(exports, call);
    if (!asked) return no_such_export();
    if (auto problem = refuse_query(call)) return *std::move(problem);
    if (asked->exchanger) on_requested(*asked->exchanger, now);
    return writer.write_json(200, no_store, v2::render_export_explanation(board, reserves, *asked, now));
}

}  // namespace kurs::api
