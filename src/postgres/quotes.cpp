#include "kurs/postgres/quotes.hpp"

#include <pqxx/binarystring>
#include <pqxx/result>

#include "kurs/domain/time_text.hpp"
#include "postgres/session.hpp"

namespace kurs::postgres {
namespace {

using lock::LockedQuote;
using lock::LockedQuoteQuestion;
using lock::LockFailure;
using lock::LockOrder;
using lock::StoredQuote;
using lock::StoreFailure;

constexpr auto statement_limit = std::chrono::seconds(2);

LockFailure kind_of(HistoryFailure failure) {
    switch (failure) {
        case HistoryFailure::overdue: return LockFailure::overdue;
        case HistoryFailure::unfit:
        case HistoryFailure::rejected: return LockFailure::unfit;
        default: return LockFailure::away;
    }
}

LockedQuote read_locked_quote(const pqxx::row& row) {
    return {row[0].c_str(), row[1].c_str(), row[2].c_str()};
}

template <class Bytes>
pqxx::binarystring as_bytea(const Bytes& bytes) {
    return {bytes.data(), bytes.size()};
}

/// Whatever the server's defaults are: what is committed is on disk, and what others have committed is seen.
void set_up_order(pqxx::transaction_base& transaction) {
    transaction.exec(
        "set transaction isolation level read committed; select set_config('synchronous_commit', 'on', true) "
        "where current_setting('synchronous_commit') in ('off', 'local')");
}

/// Waits for another transaction that writes a request of the same key.
void insert(pqxx::transaction_base& transaction, const LockOrder& order) {
    constexpr auto insert =
        "insert into locked_quotes (id, locked_at, expires_at, client, idempotency_key, request_digest, "
        "body, "
        "signature) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
    const auto& [id, body, signature] = *order.quote;
    const auto locked_at = to_rfc3339(order.locked_at), expires_at = to_rfc3339(order.expires_at);
    if (!order.key) {
        transaction.exec_params0(insert, id, locked_at, expires_at, order.client, nullptr, nullptr, body,
                                 signature);
        return;
    }
    transaction.exec_params0(insert, id, locked_at, expires_at, order.client, order.key->text,
                             as_bytea(order.key->request), body, signature);
}

lock::LockAnswer find(pqxx::transaction_base& transaction, const std::string& id) {
    const auto rows =
        transaction.exec_params("select id, body, signature from locked_quotes where id = $1", id);
    if (rows.empty()) return LockFailure::unknown;
    return StoredQuote{read_locked_quote(rows[0])};
}

/// The answer to the request of this key.
lock::LockAnswer find(pqxx::transaction_base& transaction, const LockOrder& order) {
    const auto rows = transaction.exec_params(
        "select id, body, signature, request_digest = $3 from locked_quotes where client = $1 and "
        "idempotency_key = $2",
        order.client, order.key->text, as_bytea(order.key->request));
    if (rows.empty()) return LockFailure::unknown;
    if (!rows[0][3].as<bool>()) return LockFailure::other_request;
    auto quote = read_locked_quote(rows[0]);
    const bool is_earlier = !order.quote || quote.id != order.quote->id;
    return StoredQuote{std::move(quote), is_earlier};
}

lock::LockAnswer settle(pqxx::transaction_base& transaction, const LockedQuoteQuestion& question) {
    return find(transaction, question.id);
}

lock::LockAnswer settle(pqxx::transaction_base& transaction, const LockOrder& order) {
    set_up_order(transaction);
    if (order.quote) insert(transaction, order);
    return order.key ? find(transaction, order) : find(transaction, order.quote->id);
}

class PostgresQuotes : public lock::QuoteStore {
public:
    explicit PostgresQuotes(std::string url) : session_(std::move(url), statement_limit) {}

    /// Repeatable, because a quote is stored once.
    boost::system::result<StoredQuote, StoreFailure> answer(const lock::LockQuestion& question,
                                                            Duration limit) override {
        const auto found = session_.call_repeatable(limit, [&question](Connection& connection) {
            Bounded<pqxx::work> transaction(connection);
            auto settled =
                std::visit([&](const auto& asked) { return settle(transaction, asked); }, question);
            transaction.commit();
            return settled;
        });
        if (!found) return StoreFailure{kind_of(found.error().kind), found.error().text};
        if (!*found) return StoreFailure{found->error(), ""};
        return **found;
    }

private:
    Session session_;
};

}  // namespace

std::unique_ptr<lock::QuoteStore> make_quote_store(const std::string& url) {
    return std::make_unique<PostgresQuotes>(url);
}

}  // namespace kurs::postgres
