#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "kurs/venue/frame.hpp"

// Real captures. KURS_FIXTURES names their folder. They are not part of the project; without them their tests
// are skipped.
namespace kurs::testing {

struct CaptureTest : ::testing::Test {
    void SetUp() override {
        if (std::getenv("KURS_FIXTURES") == nullptr)
            GTEST_SKIP() << "KURS_FIXTURES is not set: the real captures are not tested";
    }

    /// `name` is a path below the folder of the fixtures.
    static std::vector<std::string> lines_of(const std::string& name) {
        std::ifstream file(std::string(std::getenv("KURS_FIXTURES")) + "/" + name);
        EXPECT_TRUE(file) << name;
        std::vector<std::string> lines;
        for (std::string line; std::getline(file, line);) lines.push_back(line);
        return lines;
    }

    /// A member that is a JSON string with another document in it, or empty.
    static std::string unescaped_member(const std::string& line, const std::string& key) {
        const auto begin = line.find('"' + key + "\":\"");
        if (begin == std::string::npos) return {};
        std::string text;
        for (auto at = begin + key.size() + 4; at < line.size() && line[at] != '"'; ++at) {
            if (line[at] == '\\') ++at;
            text += line[at];
        }
        return text;
    }

    void count(const Outcome& outcome) {
        const bool is_quiet = outcome.refusals.empty() && outcome.ticks.empty() && outcome.listings.empty();
        const auto* const other = outcome.farewell          ? "farewell"
                                  : outcome.replies.empty() ? "without news"
                                                            : "reply";
        if (is_quiet) ++frames[other];
        for (const auto& refusal : outcome.refusals)
            ++frames[std::string(to_string(refusal.reason)) + " " + refusal.what];
        if (!outcome.ticks.empty()) ++frames["tick"];
        if (!outcome.listings.empty()) ++frames["listing"];
    }

    void report(const std::string& name) const {
        for (const auto& [what, count] : frames) std::cout << name << ": " << what << " " << count << "\n";
    }

    std::map<std::string, int> frames;  ///< what became of them
};

}  // namespace kurs::testing
