// Reads the text of a `.env` file in hexadecimal per line and writes its values as JSON, or null if a line is
// refused. HOME is /home/kurs and EMPTY is empty in the process's environment. See
// tests/system/test_env_file.py.
#include <boost/algorithm/hex.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kurs/config/environment.hpp"

int main() {
    const kurs::Environment process{{"HOME", "/home/kurs"}, {"EMPTY", ""}};
    for (std::string line; std::getline(std::cin, line);) {
        std::vector<kurs::Problem> problems;
        const auto values = kurs::parse_env_file(boost::algorithm::unhex(line), process, problems);
        const auto document = problems.empty() ? nlohmann::json(values) : nlohmann::json();
        std::cout << document.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) << std::endl;
    }
}
