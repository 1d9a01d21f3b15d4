#include "support/database.hpp"

#include <unistd.h>

#include <cstdlib>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <stdexcept>

namespace kurs::postgres::testing {
namespace {

std::string server_url() {
    const char* const url = std::getenv("DATABASE_URL");
    if (!url)
        throw std::runtime_error("no DATABASE_URL: run tools/private_postgres.py -- kurs_postgres_tests");
    return url;
}

std::string new_name() {
    static int count = 0;
    return "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

std::string with_options(const std::string& url, const std::string& schema) {
    return url + (url.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3D" + schema +
           "%20-ctimezone%3DAsia/Kathmandu%20-cdatestyle%3DGerman";
}

std::vector<Row> run(const std::string& url, const std::string& sql) {
    pqxx::connection connection(url);
    pqxx::nontransaction session(connection);
    std::vector<Row> rows;
    for (const auto& row : session.exec(sql)) {
        auto& cells = rows.emplace_back();
        for (const auto& field : row) cells.emplace_back(field.is_null() ? "null" : field.c_str());
    }
    return rows;
}

}  // namespace

Database::Database() : server_url_(server_url()), name_(new_name()), url_(with_options(server_url_, name_)) {
    run(server_url_, "create schema " + name_);
}

Database::~Database() {
    run(server_url_, "set client_min_messages = warning; drop schema " + name_ + " cascade");
}

std::vector<Row> Database::query(const std::string& sql) const {
    return run(url_, sql);
}

std::string Database::value(const std::string& sql) const {
    return query(sql).at(0).at(0);
}

std::vector<int> Database::server_processes() const {
    std::vector<int> found;
    const auto rows = query(
        "select pid from pg_stat_activity where application_name = 'kurs'"
        " and datname = current_database()");
    for (const auto& row : rows) found.push_back(std::stoi(row[0]));
    return found;
}

}  // namespace kurs::postgres::testing
