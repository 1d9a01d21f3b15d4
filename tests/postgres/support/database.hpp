#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kurs::postgres::testing {

using Row = std::vector<std::string>;  ///< null is "null"

/// A new, empty database on the server of DATABASE_URL, with settings that differ from ours. Dropped at the
/// end.
class Database {
public:
    Database();
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const std::string& url() const { return url_; }

    /// On a separate connection.
    std::vector<Row> query(const std::string& sql) const;

    /// The first column of the first row.
    std::string value(const std::string& sql) const;

    /// The server processes behind the module's connections.
    std::vector<int> server_processes() const;

private:
    std::string server_url_;
    std::string name_;
    std::string url_;
};

struct DatabaseTest : ::testing::Test {
    Database database;
};

}  // namespace kurs::postgres::testing
