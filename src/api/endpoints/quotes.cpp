// Quotes that hold for a while: locking and reading them, and the keys that their signatures are checked
// with.
#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>

#include "api/contract_v2.hpp"
#include "api/endpoints/endpoints.hpp"
#include "kurs/domain/trimmed.hpp"

namespace kurs::api {
namespace {

constexpr std::size_t longest_key = 64;
constexpr std::size_t uuid_length = 36;

bool is_json(std::string_view content_type) {
    const auto kind = trimmed(content_type.substr(0, content_type.find(';')), " \t");
    return boost::algorithm::iequals(kind, "application/json");
}

/// The value of Idempotency-Key: a string in quotes, as its draft has it, or bare. Empty if it is malformed.
std::string_view read_key(std::string_view field) {
    const auto text = trimmed(field, " \t");
    const bool is_quoted = text.size() > 2 && text.starts_with('"') && text.ends_with('"');
    const auto key = is_quoted ? text.substr(1, text.size() - 2) : text;
    const auto is_plain = [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; };
    return key.size() <= longest_key && std::ranges::all_of(key, is_plain) ? key : std::string_view();
}

bool is_uuid(std::string_view text) {
    const auto is_place_of_hyphen = [](std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; };
    if (text.size() != uuid_length) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (is_place_of_hyphen(i) ? c != '-' : !is_digit) return false;
    }
    return true;
}

/// `is_order`: the response to a POST.
Response write_stored(const lock::StoredQuote& stored, bool is_order, TimePoint now,
                      const ResponseWriter& writer) {
    const auto& [id, body, signature] = stored.quote;
    std::string headers(no_store);
    headers.append("Kurs-Signature: ").append(signature).append("\r\n");
    headers.append("Kurs-Time: ").append(to_rfc3339(now)).append("\r\n");
    if (is_order) headers.append("Location: ").append(v2::quote_path).append(id).append("\r\n");
    if (stored.is_earlier) headers += "Idempotent-Replayed: true\r\n";
    if (writer.has_cors())
        headers +=
            "Access-Control-Expose-Headers: Idempotent-Replayed, Kurs-Signature, Kurs-Time, Location\r\n";
    return writer.write_json(is_order ? 201 : 200, headers, body);
}

}  // namespace

Answer LockQuote::operator()(const Call& call, TimePoint now) const {
    const auto& request = call.request;
    if (!call.query.empty()) return Problem{400, "This path takes no parameters. Send them in the body."};
    if (!is_json(request.content_type))
        return Problem{415, "The body must be JSON. Send the header \"Content-Type: application/json\"."};
    const auto key = read_key(request.idempotency_key.value_or(""));
    if (key.empty() && request.idempotency_key)
        return Problem{
            400,
            "Malformed Idempotency-Key. Send 1 to 64 printable characters without blanks, quotes and "
            "backslashes, such as a UUID."};
    lock::LockOrder order{std::string(call.client), {}};
    if (!key.empty()) order.key = lock::IdempotencyKey{std::string(key), access::digest_of(request.body)};
    // Whatever is wrong now, an earlier request of this key may have been answered.
    const auto refuse = [&](Problem why) -> Answer {
        if (!order.key) return why;
        return QuoteLookup{std::move(order), std::move(why)};
    };
    const auto asked = v2::parse_quote_request(board.map(), exports, locking.longest, request.body);
    if (!asked) return refuse({400, asked.error()});
    if (asked->venue) on_requested(*asked->venue, now);
    const auto id = locking.new_id();
    auto body = v2::render_quote(board, reserves, *asked, id, now);
    if (!body) return refuse(body.error());
    auto signature = locking.keys.sign(*body);
    order.quote = lock::LockedQuote{id, *std::move(body), std::move(signature)};
    order.locked_at = now;
    order.expires_at = now + asked->ttl;
    return QuoteLookup{std::move(order)};
}

Answer GetQuote::operator()(const Call& call, TimePoint) const {
    if (!call.query.empty()) return Problem{400, "This path takes no parameters. Remove the query string."};
    const lock::LockedQuoteQuestion question{std::string(call.parameter)};
    if (!is_uuid(call.parameter)) return v2::explain(lock::LockFailure::unknown, question);
    return QuoteLookup{question};
}

Answer GetSigningKeys::operator()(const Call&, TimePoint) const {
    return writer.write(200,
                        "Content-Type: application/jwk-set+json\r\nCache-Control: public, max-age=300\r\n",
                        locking.keys.published());
}

Response write_quote(const QuoteLookup& lookup, const lock::LockAnswer& answer, TimePoint now,
                     const ResponseWriter& writer) {
    const bool is_order = std::holds_alternative<lock::LockOrder>(lookup.question);
    if (answer) return write_stored(*answer, is_order, now, writer);
    if (answer.error() == lock::LockFailure::unknown && lookup.refusal) return writer.write(*lookup.refusal);
    return writer.write(v2::explain(answer.error(), lookup.question));
}

}  // namespace kurs::api
