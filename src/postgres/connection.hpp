#pragma once

#include <memory>
#include <pqxx/connection_base>
#include <pqxx/connectionpolicy>
#include <pqxx/transaction_base>
#include <stdexcept>
#include <string>
#include <string_view>

#include "kurs/history/store.hpp"

namespace kurs::postgres {

/// A database that this build cannot use, however often it retries. The text is a sentence.
class Unfit : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

/// Classifies the exception being handled. To be called in a catch clause only.
history::Failure describe_failure();

/// The first line of a libpq message: the rest is hints and newlines.
std::string first_line(std::string_view text);

/// The limits that the server enforces.
struct ConnectionLimits {
    Duration statement{10'000};
    Duration lock{5'000};
};

/// Connects once, with default limits for those that the URL does not set.
class ConnectOnce : public pqxx::connectionpolicy {
public:
    using connectionpolicy::connectionpolicy;
    handle do_startconnect(handle existing) override;
    handle do_disconnect(handle existing) noexcept override;

    /// Why the server ended the connection, in its words or libpq's; empty: unknown.
    std::string why_lost() const;

private:
    static void note(void* policy, const pqxx::internal::pq::PGresult* notice);

    handle connection_ = nullptr;  ///< libpqxx's, until it has disconnected
    std::string farewell_;         ///< the server's last message without a call in progress
};

/// Connecting takes at most 3 s per address of the URL's host, plus the name lookup. A lost connection stays
/// lost. Throws exceptions that `describe_failure` understands.
class Connection : public pqxx::connection_base {
public:
    explicit Connection(const std::string& url, const ConnectionLimits& limits = {});
    ~Connection();

    /// Why the connection was lost: libpqxx does not say.
    std::string why_lost() const { return policy_.why_lost(); }

    const ConnectionLimits& limits() const { return limits_; }

private:
    ConnectOnce policy_;
    ConnectionLimits limits_;
};

/// Sets the required options for this transaction. Never set session options: behind a pooler the next
/// transaction uses another session, and this one serves another client.
void set_up(pqxx::transaction_base& transaction, const ConnectionLimits& limits);

/// A configured transaction of the given type. All transactions must use it.
template <class Transaction>
class Bounded : public Transaction {
public:
    explicit Bounded(Connection& connection)
        : pqxx::internal::namedclass("transaction"),  // libpqxx's virtual base
          Transaction(connection) {
        set_up(*this, connection.limits());
    }
};

/// Advisory locks of the whole database, held until the transaction ends.
enum class Lock {
    migrate = 1,
    write = 2,  ///< quotes and candles: a candle is correct only if no other writer is writing its quotes
};

/// Must be a separate statement: the next one sees everything that earlier holders committed.
void take_lock(pqxx::transaction_base& transaction, Lock lock);

}  // namespace kurs::postgres
