// What clients send: bytes to requests, and requests to answers.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/market_fixture.hpp"
#include "fuzz/target.hpp"
#include "kurs/domain/whole_number.hpp"
#include "server/request_parser.hpp"

namespace kurs::fuzz {
namespace {

using api::noon;

struct Server {
    api::Market market;
    api::Api api{market.sources(), "https://shop.example"};
};

Server& the_server() {
    static Server server;
    return server;
}

/// Lines that each end with CRLF, without another control character; the server adds the blank line.
void expect_head(std::string_view head, unsigned status) {
    expect(head.starts_with("HTTP/1.1 " + std::to_string(status) + " "), "a head begins with its status",
           head);
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        expect(end != head.npos && end > 0, "each line of a head ends with CRLF");
        expect_one_line(head.substr(0, end), "a head has no control characters");
        head.remove_prefix(end + 2);
    }
}

void expect_response(const api::ResponseView& response, bool is_head) {
    const bool is_status = response.status >= 200 && response.status < 600 && response.status != 500;
    expect(is_status, "a request is answered", response.head);
    expect_head(response.head, response.status);
    const auto length_at = response.head.find("\r\nContent-Length: ");
    if (length_at != response.head.npos && !is_head && response.status != 304) {
        const auto length = response.head.substr(length_at + 18);
        const auto said = parse_whole_number<std::size_t>(length.substr(0, length.find('\r')));
        expect(said == response.body.size(), "Content-Length is the length of the body", response.head);
    }
    if (response.head.find("json\r\n") != response.head.npos && !response.body.empty())
        expect(nlohmann::json::accept(response.body), "a document is JSON", response.body);
}

void ask(api::Api& api, const api::Request& request) {
    const bool is_head = request.method == api::Method::head;
    auto outcome = api.answer(request, noon);
    if (const auto* const response = std::get_if<api::ResponseView>(&outcome))
        expect_response(*response, is_head);
    if (const auto* const lookup = std::get_if<api::Lookup>(&outcome)) {
        const bool is_history = std::holds_alternative<api::HistoryLookup>(lookup->asked);
        const api::Finding nothing = is_history ? api::Finding(HistoryAnswer(HistoryFailure::away))
                                                : api::Finding(lock::LockAnswer(lock::LockFailure::away));
        expect_response(api.answer(*lookup, nothing, noon), is_head);
        if (is_history) {
            const auto& question = std::get<api::HistoryLookup>(lookup->asked).question;
            if (const auto* const candles = std::get_if<CandlesQuestion>(&question)) {
                expect(candles->from <= candles->to && candles->limit <= 10'000,
                       "a question to history is bounded");
                expect_response(api.answer(*lookup, HistoryAnswer(CandlePage{}), noon), is_head);
            }
        }
    }
    if (const auto* const subscription = std::get_if<api::Subscription>(&outcome)) {
        const auto id = request.upgrade.last_event_id;
        const bool is_number =
            !id.empty() && std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
        const auto& known = subscription->known_version;
        if (!id.empty()) expect(!known || is_number, "only a number is a version", id);
        if (known && !id.empty())
            expect(parse_whole_number<std::uint64_t>(id) == *known, "a version is the client's", id);
        if (subscription->transport == api::Transport::event_stream) expect_head(subscription->head, 200);
    }
}

/// The requests in the bytes, each as text, and whether the rest is refused.
struct Seen {
    std::vector<std::string> requests;
    std::size_t used = 0;  ///< bytes of complete requests
    bool is_refused = false;
};

const server::ServerLimits usual_limits;

std::string written(const server::RequestParser& parser) {
    const auto request = parser.request();
    std::string text(parser.method_text());
    for (const auto part :
         {request.target, request.if_none_match, request.accept, request.accept_encoding,
          request.forwarded_for, request.authorization, request.content_type, request.upgrade.last_event_id,
          request.upgrade.host, request.upgrade.origin, request.body})
        text.append("\n").append(part);
    return text + (parser.keep_alive() ? " kept" : " closed") +
           (request.upgrade.is_web_socket ? " upgraded" : "");
}

template <class Visit>
Seen parse(std::string_view bytes, std::size_t piece, Visit visit) {
    server::RequestParser parser(usual_limits);
    Seen seen;
    std::string held;
    std::size_t consumed = 0;
    for (std::size_t at = 0; at < bytes.size() && !parser.refusal(); at += piece) {
        held += bytes.substr(at, piece);
        for (bool again = true; again && !held.empty() && !parser.refusal();) {
            const auto used = parser.feed(held);
            expect(used <= held.size(), "a parser consumes what it was given");
            held.erase(0, used);
            consumed += used;
            again = parser.is_complete();
            if (!again) break;
            seen.requests.push_back(written(parser));
            seen.used = consumed;
            visit(parser);
            parser.next();
        }
    }
    seen.is_refused = parser.refusal().has_value();
    if (seen.is_refused) expect_one_line(parser.refusal()->detail, "a refusal is one line");
    return seen;
}

}  // namespace

/// The first character chooses the pieces in which the rest arrives: how bytes are divided changes nothing.
void http(std::string_view input) {
    if (input.empty()) return;
    const auto piece = std::size_t{1} + static_cast<unsigned char>(input.front()) % 64;
    input.remove_prefix(1);
    const auto nothing = [](const server::RequestParser&) {};
    const auto answer = [](const server::RequestParser& parser) {
        auto request = parser.request();
        request.peer = "192.0.2.1";
        expect(request.target.size() <= server::ServerLimits{}.target_bytes, "a target is short");
        expect(request.body.size() <= server::ServerLimits{}.body_bytes, "a body is short");
        ask(the_server().api, request);
    };
    const auto whole = parse(input, input.size() + 1, answer);
    const auto divided = parse(input, piece, nothing);
    // Whether the beginning of another request is refused already, or only with its end, may differ.
    const bool is_same = whole.requests == divided.requests && whole.used == divided.used;
    expect(is_same, "how bytes are divided changes no request");
}

/// A line with the target, and one for each header that the API reads; the rest is the body of a POST.
void query(std::string_view input) {
    api::Request request;
    request.target = take_line(input);
    request.upgrade.last_event_id = take_line(input);
    request.accept = take_line(input);
    request.if_none_match = take_line(input);
    request.accept_encoding = take_line(input);
    request.upgrade.origin = take_line(input);
    request.upgrade.host = "kurs.example";
    request.upgrade.is_web_socket = request.target.starts_with("/api/v2/ws");
    request.content_type = "application/json";
    request.method = input.empty() ? api::Method::get : api::Method::post;
    request.body = input;
    // The parser accepts no others.
    const auto is_other = [](char c) { return c <= ' ' || c == '\x7f'; };
    if (request.target.empty() || std::ranges::any_of(request.target, is_other)) return;
    ask(the_server().api, request);
}

}  // namespace kurs::fuzz
