#pragma once

#include <memory>
#include <pqxx/connection_base>
#include <pqxx/connectionpolicy>
#include <pqxx/transaction>
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

/// Connects once, and remembers the handle: libpqxx does not say why a connection was lost.
class ConnectOnce : public pqxx::connectionpolicy {
public:
    using connectionpolicy::connectionpolicy;
    handle do_startconnect(handle existing) override;
    handle do_disconnect(handle existing) noexcept override;

    /// In the server's words or libpq's; empty: unknown.
    std::string why_lost() const;

private:
    handle connection_ = nullptr;  ///< libpqxx's, until it has disconnected
    std::string farewell_;         ///< the server's last message without a call in progress
};

/// Connecting takes at most 2 s per address of the URL's host, plus the name lookup. The URL may set limits
/// of its own. A lost connection stays lost. Throws exceptions that `describe_failure` understands.
class Connection : public pqxx::connection_base {
public:
    Connection(const std::string& url, Duration statement_limit);
    ~Connection();

    std::string why_lost() const { return policy_.why_lost(); }

    Duration statement_limit() const { return statement_limit_; }

private:
    ConnectOnce policy_;
    Duration statement_limit_;
};

/// Sets the required options for this transaction. Never set session options: behind a pooler the next
/// transaction uses another session, and this one serves another client.
void set_up(pqxx::transaction_base& transaction, Duration statement_limit);

/// A configured transaction of the given type. All transactions must use it.
template <class Transaction>
class Bounded : public Transaction {
public:
    explicit Bounded(Connection& connection)
        : pqxx::internal::namedclass("transaction"),  // libpqxx's virtual base
          Transaction(connection) {
        set_up(*this, connection.statement_limit());
    }
};

/// A transaction that begins when no other one that writes or migrates is open, so that a candle is computed
/// from all of its quotes.
class Turn : public Bounded<pqxx::work> {
public:
    explicit Turn(Connection& connection);
};

}  // namespace kurs::postgres
