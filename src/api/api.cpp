#include "kurs/api/api.hpp"

#include <algorithm>

#include "api/contract_v1.hpp"
#include "api/contract_v2.hpp"
#include "api/endpoints/endpoints.hpp"
#include "api/openapi/render.hpp"

namespace kurs::api {
namespace {

using access::Scope;
using access::Verdict;

constexpr std::string_view get_only = "GET";
constexpr std::string_view get_and_head = "GET, HEAD";
constexpr std::string_view post_only = "POST";

/// Marks pages for people, which the OpenAPI document does not describe.
constexpr std::string_view page = "page";

/// No request header is harmful here, so pages may send any. The asterisk does not include Authorization (the
/// Fetch standard, 4.9); the other common ones are listed for browsers that do not support the asterisk.
constexpr std::string_view allowed_headers =
    "*, Accept, Authorization, Cache-Control, Content-Type, If-None-Match, Last-Event-ID, Pragma, "
    "Idempotency-Key, X-Request-Id, "
    "X-Requested-With";

std::string explain_not_found(std::string_view path) {
    const auto nothing = "Nothing is served at \"" + sanitised(path) + "\". ";
    for (const auto courses : {courses_path, short_courses_path}) {
        const auto prefix = std::string(courses) + "/";
        if (!path.starts_with(prefix)) continue;
        const auto rest = path.substr(prefix.size());
        const auto direction = sanitised(rest.substr(0, rest.find('/')));
        if (direction.empty()) continue;
        return nothing + "Version 1 takes directions as a parameter: /api/v1/courses?direction=" + direction +
               ". One course with its age and legs is at /api/v2/courses/" + direction + ".";
    }
    return nothing +
           "Courses are at /api/v1/courses, and with their ages and legs at "
           "/api/v2/courses and /api/v2/courses/{direction}; candles are at "
           "/api/v2/history/{direction}, conversions at /api/v2/convert, the exchangers at "
           "/api/v2/exchangers, "
           "changes at /api/v2/stream. The API is documented at /docs.";
}

}  // namespace

/// A path in which one parameter without a slash may stand: in the place of "{direction}", or after the slash
/// at its end.
class PathPattern {
public:
    constexpr PathPattern(const char* text) : PathPattern(std::string_view(text)) {}
    constexpr PathPattern(std::string_view text) : text_(text) {
        const auto begin = text.find('{');
        has_parameter_ = begin != std::string_view::npos || (text.ends_with('/') && text != "/");
        before_ = text.substr(0, begin);
        if (begin != std::string_view::npos) after_ = text.substr(text.find('}') + 1);
    }

    std::string_view text() const { return text_; }

    bool matches(std::string_view asked) const {
        if (!has_parameter_) return asked == text_;
        return asked.size() > before_.size() + after_.size() && asked.starts_with(before_) &&
               asked.ends_with(after_) && parameter(asked).find('/') == std::string_view::npos;
    }
    /// Of a path that matches; empty if there is none.
    std::string_view parameter(std::string_view asked) const {
        return asked.substr(before_.size(), asked.size() - before_.size() - after_.size());
    }

private:
    std::string_view text_;
    std::string_view before_;
    std::string_view after_;
    bool has_parameter_;
};

struct ServedPath {
    PathPattern path;
    std::string_view methods;    ///< as in Allow; the CORS setting adds OPTIONS
    std::string_view operation;  ///< as in openapi/operations.json, or `page`
    Endpoint endpoint;
    std::optional<Scope> scope = {};  ///< what a key must have; none: it needs no key

    bool takes(Method method) const {
        if (methods == post_only) return method == Method::post;
        return method == Method::get || (method == Method::head && methods == get_and_head);
    }
};

namespace {

std::vector<ServedPath> make_table(const Sources& from, const ResponseWriter& writer,
                                   std::function<std::string()> describe) {
    const auto& board = from.board;
    const auto& map = board.map();
    const auto& on_requested = from.on_requested;
    const auto cache = std::make_shared<CoursesCache>(board, writer, on_requested);
    static const exports::ReserveBook none_reported;
    const auto& reserves = from.reserves ? *from.reserves : none_reported;
    const auto exports_cache = std::make_shared<ExportsCache>(board, reserves, writer);
    const GetExport get_export{from.exports, exports_cache, writer, on_requested};
    const GetExchangers get_exchangers{board, from.failovers, from.feeds, writer};
    const GetExplanation get_explanation{board, from.failovers, from.pricing, writer};
    const OpenWebSocket open_web_socket{map, writer.allowed_origin(), on_requested};
    const GetAsset get_asset{std::make_shared<AssetResponses>(write_assets(from.assets, writer))};
    std::vector<ServedPath> table{
        {courses_path, get_and_head, "list_courses_v1", GetCoursesV1{cache}, Scope::read},
        {short_courses_path, get_and_head, "redirect_to_courses_v1", Redirect{courses_path, writer}},
        {v2::courses_path, get_and_head, "list_courses", GetCourses{board, writer, on_requested},
         Scope::read},
        {v2::course_path, get_and_head, "get_course", GetCourse{board, writer, on_requested}, Scope::read},
        {v2::explanation_path, get_and_head, "explain_course", get_explanation, Scope::read},
        {v2::convert_path, get_and_head, "convert_amount", GetConversion{board, writer, on_requested},
         Scope::read},
        {v2::export_path, get_and_head, "get_export", get_export},
        {v2::export_path, post_only, "post_export", get_export},
        {v2::export_explanation_path, get_and_head, "explain_export",
         GetExportExplanation{from.exports, board, reserves, writer, on_requested}, Scope::admin},
        {v2::history_path, get_and_head, "list_candles", GetCandles{map}, Scope::read},
        {v2::candles_csv_path, get_and_head, "list_candles_csv", GetCandles{map, true}, Scope::read},
        {v2::exchangers_path, get_and_head, "list_exchangers", get_exchangers, Scope::read},
        {v2::stream_path, get_only, "stream_changes", OpenEventStream{map, writer, on_requested},
         Scope::read},
        {v2::web_socket_path, get_only, "open_web_socket", open_web_socket, Scope::read},
        {"/livez", get_and_head, "get_liveness", GetLiveness{writer}},
        {"/readyz", get_and_head, "get_readiness", GetReadiness{from.not_ready, writer}},
        {"/metrics", get_and_head, "get_metrics", GetMetrics{from.metrics, writer}},
        {"/openapi.json", get_and_head, "get_openapi", GetOpenApi{std::move(describe), writer}},
        {"/docs", get_and_head, page, get_asset},
        {"/assets/", get_and_head, page, get_asset},
        {"/", get_and_head, page, get_asset},
    };
    if (!from.locking) return table;
    const LockQuote lock_quote{board, from.exports, reserves, *from.locking, on_requested};
    table.push_back({v2::quotes_path, post_only, "lock_quote", lock_quote, Scope::quote});
    table.push_back({v2::quote_path, get_and_head, "get_quote", GetQuote{}, Scope::quote});
    const GetSigningKeys get_signing_keys{*from.locking, writer};
    table.push_back({v2::signing_keys_path, get_and_head, "get_signing_keys", get_signing_keys});
    return table;
}

}  // namespace

Api::Api(Sources sources, std::string allowed_origin)
    : sources_(std::move(sources)),
      board_(sources_.board),
      gate_(sources_.access ? std::optional(access::Gate(*sources_.access)) : std::nullopt),
      writer_(std::move(allowed_origin)),
      table_(make_table(sources_, writer_, [this] { return describe(); })) {}

Api::~Api() = default;

std::string Api::describe() const {
    std::vector<openapi::DescribedPath> described;
    for (const auto& served : table_) {
        if (served.operation == page) continue;
        described.push_back(
            {served.path.text(), served.operation, key_use(served), served.methods == post_only});
    }
    return openapi::render(board_.map(), sources_.version, described);
}

openapi::KeyUse Api::key_use(const ServedPath& served) const {
    if (!gate_ || !served.scope) return openapi::KeyUse::none;
    return gate_->is_open(*served.scope) ? openapi::KeyUse::optional : openapi::KeyUse::required;
}

/// The row of the method, or else the first one of the path.
const ServedPath* Api::find(std::string_view path, Method method) const {
    const ServedPath* first = nullptr;
    for (const auto& each : table_) {
        if (!each.path.matches(path)) continue;
        if (each.takes(method)) return &each;
        if (!first) first = &each;
    }
    return first;
}

Outcome Api::answer(const Request& request, TimePoint now) {
    const auto [authority, path, query] = split_target(request.target);
    const auto bare_path = path.substr(0, path.size() - (path.ends_with('/') ? 1 : 0));
    const auto* const exact = find(path, request.method);
    const auto* const served = exact ? exact : find(bare_path, request.method);
    if (!served) {
        const bool is_off = path.starts_with(v2::quotes_path) && !sources_.locking;
        auto why =
            is_off ? std::string("This service locks no quotes: its operator has not set QUOTE_KEYS_FILE.")
                   : explain_not_found(path);
        return send(Problem{404, std::move(why)}, request.method, "");
    }
    if (!served->takes(request.method))
        return send(refuse_method(*served, request.method), request.method, "");
    if (!exact) return send(writer_.write_redirect(bare_path, query), request.method, served->path.text());
    const auto decision = judge(*served, request.authorization, now);
    if (auto refusal = refuse_access(decision))
        return send(*std::move(refusal), request.method, served->path.text());
    const auto client = decision.key ? std::string_view(decision.key->name) : std::string_view();
    const Call call{request, path, served->path.parameter(path), query, client};
    return send(served->endpoint(call, now), request.method, served->path.text());
}

ResponseView Api::answer(const Lookup& lookup, const Finding& found, TimePoint now) {
    const auto* const history = std::get_if<HistoryLookup>(&lookup.asked);
    const Present present{board_.map(), sources_.pricing};
    auto view = keep(history ? write_history(*history, std::get<HistoryAnswer>(found), present, writer_)
                             : write_quote(std::get<QuoteLookup>(lookup.asked),
                                           std::get<lock::LockAnswer>(found), now, writer_));
    if (lookup.is_head) view.body = {};
    view.route = lookup.route;
    return view;
}

ResponseView Api::refuse(const Problem& problem) {
    return keep(writer_.write(problem));
}

/// A 405, or the response to a preflight request.
Response Api::refuse_method(const ServedPath& served, Method method) const {
    std::string methods;
    for (const auto& each : table_)
        if (each.path.text() == served.path.text()) append_item(methods, each.methods);
    const auto allowed = writer_.allow(methods);
    if (method == Method::options && writer_.has_cors()) {
        return writer_.write(204,
                             "Access-Control-Allow-Methods: " + allowed +
                                 "\r\nAccess-Control-Allow-Headers: " + std::string(allowed_headers) +
                                 "\r\nAccess-Control-Max-Age: 600\r\n",
                             "");
    }
    return writer_.write(wrong_method(allowed));
}

access::Decision Api::judge(const ServedPath& served, std::string_view authorization, TimePoint now) {
    if (!gate_ || !served.scope) return {Verdict::admitted};
    return gate_->admit(authorization, *served.scope, now);
}

std::optional<Problem> Api::refuse_access(const access::Decision& decision) {
    const auto& [verdict, key] = decision;
    constexpr auto challenge = "WWW-Authenticate: Bearer realm=\"kurs\"\r\n";
    switch (verdict) {
        case Verdict::admitted: return std::nullopt;
        case Verdict::without_key:
            return Problem{
                401,
                "This request needs an API key. Send the header \"Authorization: Bearer KEY\". The "
                "operator of this service issues keys.",
                challenge};
        case Verdict::unknown_key:
            return Problem{401, "The API key is unknown. Compare it with the one that you were given.",
                           challenge};
        case Verdict::out_of_scope:
            return Problem{403, "The API key \"" + key->name +
                                    "\" is not for this path. The operator of this "
                                    "service decides what a key is for."};
        case Verdict::too_many: break;
    }
    return Problem{429,
                   "The API key \"" + key->name + "\" is limited to " + std::to_string(key->per_second) +
                       " requests per second. Retry in a second; one response contains all directions.",
                   "Retry-After: 1\r\n"};
}

/// `path`: of the route that responded.
Outcome Api::send(Answer answer, Method method, std::string_view path) {
    const auto finish = [=](const ResponseView& view) {
        const auto body = method == Method::head ? std::string_view() : view.body;
        return ResponseView{view.status, view.head, body, view.is_lasting, path};
    };
    if (const auto* const kept = std::get_if<ResponseView>(&answer)) return finish(*kept);
    if (auto* const response = std::get_if<Response>(&answer)) return finish(keep(std::move(*response)));
    if (const auto* const problem = std::get_if<Problem>(&answer)) return finish(refuse(*problem));
    const bool is_head = method == Method::head;
    if (auto* const lookup = std::get_if<HistoryLookup>(&answer))
        return Lookup{std::move(*lookup), is_head, path};
    if (auto* const lookup = std::get_if<QuoteLookup>(&answer))
        return Lookup{std::move(*lookup), is_head, path};
    auto& subscription = std::get<Subscription>(answer);
    subscription.route = path;
    return std::move(subscription);
}

ResponseView Api::keep(Response response) {
    latest_ = std::move(response);
    return latest_.view();
}

}  // namespace kurs::api
