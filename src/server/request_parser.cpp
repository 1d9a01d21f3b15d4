// The only file that uses Beast's parser.
#include "server/request_parser.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/url/authority_view.hpp>

#include "kurs/api/text.hpp"
#include "kurs/domain/whole_number.hpp"

namespace kurs::server {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::string_view;

api::Method to_method(beast::http::verb verb) {
    switch (verb) {
        case beast::http::verb::get: return api::Method::get;
        case beast::http::verb::head: return api::Method::head;
        case beast::http::verb::post: return api::Method::post;
        case beast::http::verb::options: return api::Method::options;
        default: return api::Method::other;
    }
}

void append_item(std::string& list, string_view item) {
    api::append_item(list, {item.data(), item.size()});
}

/// As browsers send it when they resume an event stream (the HTML standard, 9.2.4).
constexpr std::string_view last_event_id_field = "Last-Event-ID";

/// The addresses that proxies report, the client's first.
constexpr std::string_view forwarded_for_field = "X-Forwarded-For";

/// The secret that Exchanger CMS sends.
constexpr std::string_view x_authorization_field = "X-Authorization";

/// A name of the request (draft-ietf-httpapi-idempotency-key-header).
constexpr std::string_view idempotency_key_field = "Idempotency-Key";

constexpr std::string_view malformed =
    "The request is not well-formed HTTP/1.1 or HTTP/1.0. Encode a space in a URL as %20.";
constexpr std::string_view malformed_host =
    "The request needs exactly one Host header that contains only a host and an optional port, such as "
    "\"Host: example.com:8080\". The same applies to an absolute URL as the target.";
constexpr std::string_view malformed_encoding =
    "The header Transfer-Encoding is malformed or does not end with chunked. Send Content-Length instead.";
constexpr std::string_view malformed_target =
    "The target of the request must begin with a slash, or with http:// or https:// and a host.";
constexpr std::string_view unknown_encoding =
    "This service knows no transfer coding but chunked. Send the body without another one.";
constexpr std::string_view unknown_version =
    "This service speaks HTTP/1.1 and HTTP/1.0. Send the request in one of these versions.";
constexpr std::string_view wasteful_chunks =
    "The chunks of the body are mostly framing. Send larger chunks without extensions.";
constexpr std::string_view malformed_upgrade =
    "The header Upgrade is not a list of protocols separated by commas. Send \"Upgrade: websocket\", or "
    "omit it.";

/// A chunk of one byte takes six. More than this many bytes a byte of content only keep the service busy.
constexpr std::size_t most_framing = 8;

/// Whether the request line ends with a well-formed version that is not served, such as HTTP/2.0.
bool names_other_version(std::string_view request) {
    const auto line = request.substr(0, request.find("\r\n"));
    const auto version = line.substr(line.find_last_of(' ') + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool is_version = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                            is_digit(version[5]) && is_digit(version[7]);
    return is_version && version != "HTTP/1.1" && version != "HTTP/1.0";
}

/// Boost.URL 1.81 accepts 99999 as a port and wraps it. An empty port means the scheme's default.
bool is_port(std::string_view text) {
    const auto port = parse_whole_number<std::uint16_t>(text);
    return text.empty() || (port && *port >= 1);
}

std::ptrdiff_t count_chunked(string_view codings) {
    const beast::http::token_list list(codings);
    return std::count_if(list.begin(), list.end(),
                         [](const auto& coding) { return beast::iequals(coding, "chunked"); });
}

/// Sixteen bytes in base64 (RFC 6455, 4.2.1).
bool is_web_socket_key(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '/';
    };
    return text.size() == 24 && text.ends_with("==") && std::ranges::all_of(text.substr(0, 22), is_letter);
}

}  // namespace

bool is_host(std::string_view text) {
    const auto parsed = boost::urls::parse_authority({text.data(), text.size()});
    if (!parsed || parsed->has_userinfo()) return false;
    const auto port = parsed->port();
    return (!parsed->encoded_host().empty() || !parsed->has_port()) && is_port({port.data(), port.size()});
}

/// The stored parts of a request. Its strings are reused, so a request allocates nothing.
struct RequestParser::Head {
    static constexpr std::size_t most_kept =
        1024;  ///< bytes of a body's memory that an idle connection keeps

    api::Method method = api::Method::get;
    std::string method_text;
    std::string target;
    std::string if_none_match;
    std::string accept;
    std::string accept_encoding;
    std::string forwarded_for;
    std::string authorization;
    std::string x_authorization;
    std::string content_type;
    std::string idempotency_key;
    bool has_idempotency_key = false;
    std::string body;  ///< of a POST
    std::string last_event_id;
    std::string upgrade;
    std::string connection;
    std::string web_socket_key;
    std::string web_socket_version;
    std::string origin;
    std::string host;
    std::string known_host;       ///< the last one that was well-formed, of any request
    std::size_t bytes = 0;        ///< of the header read so far
    std::size_t total_bytes = 0;  ///< of the request read so far
    unsigned hosts = 0;
    std::ptrdiff_t times_chunked = 0;
    bool is_http_1_0 = false;
    bool is_encoded = false;
    bool has_unknown_encoding = false;
    bool names_web_socket = false;
    std::string_view fault;  ///< why the request is refused, if a specific sentence applies
    unsigned fault_status = 400;
    bool expects_continue = false;
    bool keeps_alive = true;

    bool asks_for_web_socket() const {
        return names_web_socket && !is_http_1_0 && has_option("upgrade") && web_socket_version == "13" &&
               is_web_socket_key(web_socket_key);
    }

    bool has_option(std::string_view name) const {
        return beast::http::token_list(connection).exists({name.data(), name.size()});
    }

    /// False if it is malformed.
    bool read_encoding(std::string_view codings) {
        is_encoded = true;
        return api::read_list(codings, [this](std::string_view& rest) {
            const auto coding = api::take_token(rest);
            if (!beast::iequals(coding, "chunked")) has_unknown_encoding = true;
            return !coding.empty();
        });
    }

    /// False if it is malformed.
    bool read_upgrade() {
        return api::read_list(upgrade, [this](std::string_view& rest) {
            const auto protocol = api::take_token(rest);
            const bool has_version = api::take(rest, '/');
            if (!has_version && beast::iequals(protocol, "websocket")) names_web_socket = true;
            return !protocol.empty() && (!has_version || !api::take_token(rest).empty());
        });
    }

    api::Upgrade upgrade_asked() const {
        return {last_event_id, asks_for_web_socket(), web_socket_key, origin, host};
    }

    void clear() {
        method_text.clear();
        target.clear();
        if_none_match.clear();
        accept.clear();
        accept_encoding.clear();
        for (auto* const text :
             {&forwarded_for, &authorization, &x_authorization, &content_type, &idempotency_key, &body,
              &last_event_id, &upgrade, &connection, &web_socket_key, &web_socket_version, &origin, &host})
            text->clear();
        bytes = total_bytes = 0;
        hosts = 0;
        times_chunked = 0;
        is_encoded = has_unknown_encoding = names_web_socket = expects_continue = has_idempotency_key = false;
        fault = {};
        fault_status = 400;
    }
};

/// Beast's parser without a header container: it stores what is needed and discards the rest.
class RequestParser::Reader final : public beast::http::basic_parser<true> {
public:
    Reader(Head& head, const ServerLimits& limits) : head_(head), header_bytes_(limits.header_bytes) {
        eager(true);
        header_limit(static_cast<std::uint32_t>(
            2 * limits.header_bytes));  // limit per chunk; the sum is checked below
        body_limit(limits.body_bytes);
    }

    bool has_line() const { return has_line_; }

private:
    void on_request_impl(beast::http::verb verb, string_view method, string_view target, int version,
                         error_code&) override {
        has_line_ = true;
        head_.method = to_method(verb);
        head_.method_text.assign(method);
        head_.target.assign(target);
        head_.bytes += method.size() + target.size() + sizeof("  HTTP/1.1\r");
        head_.is_http_1_0 = version == 10;
    }

    void on_field_impl(beast::http::field name, string_view text, string_view value,
                       error_code& error) override {
        using beast::http::field;
        head_.bytes += text.size() + value.size() + sizeof(": \r");
        if (head_.bytes > header_bytes_) error = beast::http::error::header_limit;
        if (is_header_done()) return;  // a trailer
        note_upgrade(name, value);
        if (name == field::host) ++head_.hosts;
        if (name == field::host && !is_known_host(value)) refuse(malformed_host, error);
        // Beast stops at the first non-token and treats the text before it as the complete list.
        if (name == field::transfer_encoding && !head_.read_encoding({value.data(), value.size()}))
            refuse(malformed_encoding, error);
        if (name == field::expect) head_.expects_continue = beast::iequals(value, "100-continue");
        if (name == field::if_none_match) append_item(head_.if_none_match, value);
        if (name == field::accept) append_item(head_.accept, value);
        if (name == field::accept_encoding) append_item(head_.accept_encoding, value);
        if (name == field::authorization) append_item(head_.authorization, value);
        if (name == field::content_type) append_item(head_.content_type, value);
        if (name == field::unknown && beast::iequals(text, idempotency_key_field)) {
            append_item(head_.idempotency_key, value);
            head_.has_idempotency_key = true;
        }
        if (name == field::transfer_encoding) head_.times_chunked += count_chunked(value);
        if (name == field::unknown && beast::iequals(text, forwarded_for_field))
            append_item(head_.forwarded_for, value);
        if (name == field::unknown && beast::iequals(text, x_authorization_field))
            append_item(head_.x_authorization, value);
        if (name == field::unknown && beast::iequals(text, last_event_id_field))
            head_.last_event_id.assign(value);
    }

    /// A client names the same host again and again.
    bool is_known_host(std::string_view host) {
        if (host == head_.known_host) return true;
        if (!is_host(host)) return false;
        head_.known_host.assign(host);
        return true;
    }

    void note_upgrade(beast::http::field name, string_view value) {
        using beast::http::field;
        switch (name) {
            case field::host: return void(head_.host.assign(value));
            case field::origin: return void(head_.origin.assign(value));
            case field::upgrade: return append_item(head_.upgrade, value);
            case field::connection: return append_item(head_.connection, value);
            case field::sec_websocket_key: return append_item(head_.web_socket_key, value);
            case field::sec_websocket_version: return append_item(head_.web_socket_version, value);
            default: return;
        }
    }

    void on_header_impl(error_code& error) override {
        // Each of these makes the request's end or its host ambiguous (RFC 9112, 3.2 and 6.1).
        const auto [authority, path, query] = api::split_target(head_.target);
        const bool is_host_bad = head_.hosts > 1 || (head_.hosts == 0 && !head_.is_http_1_0) ||
                                 (authority && (authority->empty() || !is_host(*authority)));
        if (is_host_bad) refuse(malformed_host, error);
        const bool is_free_form = head_.method == api::Method::options || head_.method == api::Method::other;
        if (!path.starts_with('/') && !is_free_form) refuse(malformed_target, error);
        if (head_.is_encoded && (head_.is_http_1_0 || !chunked())) {
            refuse(malformed_encoding, error);
        } else if (head_.has_unknown_encoding) {
            refuse(unknown_encoding, error, 501);
        }
        if (!head_.read_upgrade() && !head_.is_http_1_0) refuse(malformed_upgrade, error);
        // Beast decodes once, where another server may decode twice (RFC 9112, 7.1).
        if (head_.times_chunked > 1) refuse(malformed_encoding, error);
        // Beast also heeds Proxy-Connection and trailers, and in HTTP/1.0 lets keep-alive override close.
        head_.keeps_alive =
            !head_.has_option("close") && (!head_.is_http_1_0 || head_.has_option("keep-alive"));
    }

    void refuse(std::string_view fault, error_code& error, unsigned status = 400) {
        head_.fault = fault;
        head_.fault_status = status;
        error = beast::http::error::bad_value;
    }

    std::size_t on_body_impl(string_view body, error_code&) override {
        if (head_.method == api::Method::post) head_.body.append(body);
        return body.size();
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) override {
        return on_body_impl(body, error);
    }
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    void on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& error) override {
        // Others may see the line end in the middle of a quoted string.
        const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; };
        if (std::ranges::any_of(extensions, is_control)) refuse(malformed, error);
    }
    void on_finish_impl(error_code&) override {}

    Head& head_;
    std::size_t header_bytes_;
    bool has_line_ = false;
};

struct RequestParser::Parsing {
    enum class Stage : std::uint8_t {
        expecting,  ///< nothing was fed since `next`; `head` is still that of `latest`
        reading,
        repeated,  ///< complete: the bytes are those of `latest`, so `head` is right
    };
    static constexpr std::size_t most_remembered = 1024;

    Head head;
    std::optional<Reader> reader;
    std::optional<api::Problem> refusal;
    Stage stage = Stage::expecting;
    std::string latest;  ///< the bytes of the request before, if it was short and arrived at once

    void begin(const ServerLimits& limits) {
        if (stage != Stage::expecting) return;
        head.clear();
        reader.emplace(head, limits);
        latest.clear();
        stage = Stage::reading;
    }
};

RequestParser::RequestParser(const ServerLimits& limits)
    : limits_(limits), parsing_(std::make_unique<Parsing>()) {}

RequestParser::~RequestParser() = default;

/// Clients repeat themselves. What bytes mean depends on nothing but them, so the same need no second parse.
bool RequestParser::repeats(std::string_view bytes) const {
    const auto& [head, reader, refusal, stage, latest] = *parsing_;
    return stage == Parsing::Stage::expecting && !latest.empty() && bytes.starts_with(latest);
}

std::size_t RequestParser::feed(std::string_view bytes) {
    if (repeats(bytes)) {
        parsing_->stage = Parsing::Stage::repeated;
        return parsing_->latest.size();
    }
    parsing_->begin(limits_);
    auto& head = parsing_->head;
    auto& reader = parsing_->reader;
    const bool is_first = !reader->got_some();
    // Empty lines before a request must be ignored (RFC 9112, 2.2).
    std::size_t used = 0;
    while (!reader->got_some() && bytes.substr(used).starts_with("\r\n")) used += 2;
    const auto rest = bytes.substr(used);
    if (rest.empty() || (!reader->got_some() && rest == "\r")) return used;

    error_code error;
    const auto parsed = reader->put(boost::asio::buffer(rest), error);
    head.total_bytes += parsed;
    const auto unused = rest.substr(parsed);
    const bool is_header_long =
        error == beast::http::error::header_limit ||
        (!reader->is_header_done() && head.bytes + unused.size() > limits_.header_bytes);
    if (is_target_long(unused)) {
        refuse(414, "The target is longer than " + std::to_string(limits_.target_bytes) +
                        " bytes. Request fewer directions, each once.");
    } else if (is_header_long) {
        refuse(431, "The header is larger than " + std::to_string(limits_.header_bytes) +
                        " bytes. Send fewer or shorter header fields.");
    } else if (error == beast::http::error::body_limit) {
        refuse(413, "The body is larger than " + std::to_string(limits_.body_bytes) +
                        " bytes. Send a shorter one, or none.");
    } else if (error == beast::http::error::bad_version && names_other_version(unused)) {
        refuse(505, std::string(unknown_version));
    } else if (error && error != beast::http::error::need_more) {
        refuse(head.fault_status, std::string(head.fault.empty() ? malformed : head.fault));
    } else if (head.total_bytes > limits_.header_bytes + most_framing * limits_.body_bytes) {
        refuse(400, std::string(wasteful_chunks));
    } else if (is_first && reader->is_done() && head.body.empty() && parsed <= Parsing::most_remembered) {
        parsing_->latest.assign(rest, 0, parsed);
    }
    return used + parsed;
}

bool RequestParser::is_target_long(std::string_view unused) const {
    constexpr std::size_t method_and_space = 16;
    const auto longest = limits_.target_bytes + method_and_space;
    const bool is_line_long = !parsing_->reader->has_line() && unused.size() > longest &&
                              unused.substr(0, longest).find('\n') == std::string_view::npos;
    return is_line_long || parsing_->head.target.size() > limits_.target_bytes;
}

void RequestParser::refuse(unsigned status, std::string detail) {
    parsing_->refusal = api::Problem{status, std::move(detail)};
}

bool RequestParser::has_started() const {
    return parsing_->stage != Parsing::Stage::expecting && (is_repeated() || parsing_->reader->got_some());
}
bool RequestParser::is_complete() const {
    const bool is_read = parsing_->stage == Parsing::Stage::reading && parsing_->reader->is_done();
    return (is_read || is_repeated()) && !parsing_->refusal;
}
bool RequestParser::is_repeated() const {
    return parsing_->stage == Parsing::Stage::repeated;
}
const std::optional<api::Problem>& RequestParser::refusal() const {
    return parsing_->refusal;
}

bool RequestParser::take_expectation() {
    auto& head = parsing_->head;
    if (!head.expects_continue || head.is_http_1_0 || !parsing_->reader->is_header_done()) return false;
    head.expects_continue = false;
    return true;
}

api::Request RequestParser::request() const {
    const auto& head = parsing_->head;
    api::Request request{head.method, head.target, head.if_none_match, head.accept, head.upgrade_asked()};
    request.forwarded_for = head.forwarded_for;
    request.authorization = head.authorization;
    request.x_authorization = head.x_authorization;
    request.content_type = head.content_type;
    if (head.has_idempotency_key) request.idempotency_key = head.idempotency_key;
    request.body = head.body;
    request.accept_encoding = head.accept_encoding;
    return request;
}

std::string_view RequestParser::method_text() const {
    return parsing_->head.method_text;
}
bool RequestParser::keep_alive() const {
    return parsing_->head.keeps_alive;
}
bool RequestParser::names_web_socket() const {
    return parsing_->head.names_web_socket;
}
bool RequestParser::is_http_1_0() const {
    return parsing_->head.is_http_1_0;
}

void RequestParser::next() {
    parsing_->stage = Parsing::Stage::expecting;
    parsing_->refusal.reset();
    auto& body = parsing_->head.body;
    if (body.capacity() > Head::most_kept) std::string().swap(body);
}

void RequestParser::close() {
    parsing_.reset();
}

}  // namespace kurs::server
