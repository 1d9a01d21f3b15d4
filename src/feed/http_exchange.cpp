#include "feed/http_exchange.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "feed/deadline.hpp"
#include "feed/transport.hpp"
#include "kurs/feed/http_post.hpp"

namespace kurs {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

using Request = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

Request make_http_request(http::verb verb, const Endpoint& endpoint, const std::string& target,
                          const Headers& headers) {
    Request request(verb, endpoint.request_target(target), 11);
    request.set(http::field::host, endpoint.host_header());
    request.set(http::field::accept, "*/*");
    request.set(http::field::accept_encoding, "identity");
    for (const auto& [name, value] : headers) request.set(name, value);
    request.set(http::field::connection, "close");
    return request;
}

ExchangeFailure explain(error_code failure) {
    if (failure == http::error::body_limit) return {"response body too large", FeedFailure::protocol, true};
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow) {
        return {"response header too large", FeedFailure::protocol, true};
    }
    if (failure == net::error::timed_out) return {"response timed out", FeedFailure::silent};
    if (failure == http::error::end_of_stream)
        return {"connection closed without a response", FeedFailure::closed};
    if (failure == http::error::partial_message || failure == net::ssl::error::stream_truncated) {
        return {"response truncated", FeedFailure::closed};
    }
    const bool is_malformed = failure.category() == http::make_error_code(http::error::bad_value).category();
    return {"cannot read the response: " + failure.message(),
            is_malformed ? FeedFailure::protocol : FeedFailure::closed};
}

ExchangeFailure explain(const ConnectFailure& failure) {
    return {failure.text, failure.is_untrusted ? FeedFailure::certificate : FeedFailure::connect};
}

Answer to_answer(Parser& parser) {
    auto message = parser.release();
    const auto encoding = message[http::field::content_encoding];
    if (!message.body().empty() && !encoding.empty() && !boost::beast::iequals(encoding, "identity")) {
        return ExchangeFailure{"response has an unexpected content encoding", FeedFailure::protocol};
    }
    PollResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(message.body());
    return response;
}

bool is_interim(const Parser& parser) {
    const unsigned status = parser.get().result_int();  // Beast 1.81 has no name for 103
    return status / 100 == 1 && status != 101;
}

/// The response's body is read unless the request is a POST.
net::awaitable<error_code> transfer(Transport& transport, Request& request, const PollLimits& limits,
                                    std::optional<Parser>& parser) {
    error_code failure;
    co_await http::async_write(transport, request, net::redirect_error(net::use_awaitable, failure));
    boost::beast::flat_buffer buffer;
    while (!failure && (!parser || is_interim(*parser))) {
        parser.emplace();
        parser->header_limit(limits.header_max);
        parser->body_limit(limits.body_max);
        parser->skip(request.method() == http::verb::post);
        co_await http::async_read(transport, buffer, *parser,
                                  net::redirect_error(net::use_awaitable, failure));
    }
    co_return failure;
}

net::awaitable<Answer> exchange(Way way, PollLimits limits, Request request) {
    auto transport = co_await dial(way, limits.connect);
    if (!transport) co_return explain(transport.error());
    std::optional<Parser> parser;
    const error_code failure = co_await within(limits.answer, transfer(*transport, request, limits, parser),
                                               transport->lowest_layer());
    if (failure) co_return explain(failure);
    co_return to_answer(*parser);
}

}  // namespace

net::awaitable<Answer> ask(const PollFeed& feed, PollRequest asked) {
    Way way{feed.endpoint, feed.proxy, feed.trust};
    auto request = make_http_request(http::verb::get, feed.endpoint, asked.target, asked.headers);
    request.set(http::field::user_agent, feed.user_agent);
    auto answer = co_await exchange(std::move(way), feed.limits, std::move(request));
    co_return answer;
}

net::awaitable<boost::system::result<PollResponse, std::string>> post(HttpPost asked) {
    auto request = make_http_request(http::verb::post, asked.endpoint, "", asked.headers);
    request.body() = std::move(asked.body);
    request.prepare_payload();
    Way way{asked.endpoint, std::nullopt, asked.trust};
    PollLimits limits;
    limits.answer = asked.answer;
    auto answer = co_await exchange(std::move(way), limits, std::move(request));
    if (!answer) co_return answer.error().text;
    co_return *std::move(answer);
}

}  // namespace kurs
