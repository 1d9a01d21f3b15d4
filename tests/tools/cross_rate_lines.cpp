// Reads a route's legs per line, "bid ask inverted bid ask inverted ...", and writes "bid value ask rounded"
// or the failure's name, so that a test can compare the pricer with an independent computation.
#include <iostream>
#include <sstream>
#include <string>

#include "kurs/pricing/cross_rate.hpp"

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::vector<kurs::QuoteLeg> legs;
        std::string bid, ask;
        for (int inverted = 0; words >> bid >> ask >> inverted;) {
            legs.push_back(
                {{}, inverted != 0, kurs::Rate::parse(bid).value(), kurs::Rate::parse(ask).value(), {}});
        }
        const auto rate = kurs::cross_rate(legs);
        if (rate) {
            std::cout << to_string(rate->bid) << ' ' << to_string(rate->value) << ' ' << to_string(rate->ask)
                      << ' ' << kurs::to_rounded_string(rate->value) << '\n';
        } else {
            std::cout << kurs::to_string(rate.error()) << '\n';
        }
    }
}
