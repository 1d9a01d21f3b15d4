#pragma once

#include <memory>
#include <pqxx/basic_connection>
#include <pqxx/connectionpolicy>
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
};

using Connection = pqxx::basic_connection_base<ConnectOnce>;

/// Takes 3 s at most for each address of the URL's host, besides looking its name up. Once the connection is
/// lost it stays so. Throws what `describe_failure` understands.
std::unique_ptr<Connection> connect(const std::string& url);

/// What every connection is set to before it is used.
void set_up(Connection& connection, const ConnectionLimits& limits);

}  // namespace kurs::postgres
