#pragma once

#include <memory>
#include <pqxx/connection_base>
#include <pqxx/connectionpolicy>
#include <pqxx/transaction_base>
#include <string>

#include "kurs/domain/time.hpp"

namespace kurs::postgres {

/// What the server ends by itself.
struct ConnectionLimits {
    Duration statement{10'000};
    Duration lock{5'000};
};

/// Connects with bounds of our own where the URL sets none, and only once.
class ConnectOnce : public pqxx::connectionpolicy {
public:
    using connectionpolicy::connectionpolicy;
    handle do_startconnect(handle existing) override;
    handle do_disconnect(handle existing) noexcept override;

    /// Why the server ended the connection, in its words or libpq's; empty: not known.
    std::string why_lost() const;

private:
    static void note(void* policy, const pqxx::internal::pq::PGresult* notice);

    handle connection_ = nullptr;  ///< libpqxx's, until it has disconnected
    std::string farewell_;         ///< what the server said while no call was under way
};

/// Connecting takes 3 s at most for each address of the URL's host, besides looking its name up. Once the
/// connection is lost it stays so. Throws what `describe_failure` understands.
class Connection : public pqxx::connection_base {
public:
    explicit Connection(const std::string& url, const ConnectionLimits& limits = {});
    ~Connection();

    /// Of a lost connection: libpqxx does not say why.
    std::string why_lost() const { return policy_.why_lost(); }

    const ConnectionLimits& limits() const { return limits_; }

private:
    ConnectOnce policy_;
    ConnectionLimits limits_;
};

/// Sets what we rely on until the transaction ends. Never set a session: behind a pooler the next transaction
/// has another one, and this one's belongs to another client.
void set_up(pqxx::transaction_base& transaction, const ConnectionLimits& limits);

/// A transaction of the given type that is set up. Every transaction is to be one.
template <class Transaction>
class Bounded : public Transaction {
public:
    explicit Bounded(Connection& connection)
        : pqxx::internal::namedclass("transaction"),  // libpqxx's virtual base
          Transaction(connection) {
        set_up(*this, connection.limits());
    }
};

}  // namespace kurs::postgres
