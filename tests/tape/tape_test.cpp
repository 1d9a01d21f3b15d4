#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kurs/tape/reader.hpp"
#include "kurs/tape/tape_file.hpp"
#include "kurs/tape/taped_sessions.hpp"
#include "support/market.hpp"

namespace kurs::tape {
namespace {

namespace fs = std::filesystem;
using kurs::testing::noon;
using namespace std::chrono_literals;

class TapeTest : public ::testing::Test {
protected:
    void SetUp() override { fs::create_directory(folder_); }
    void TearDown() override { fs::remove_all(folder_); }

    std::string prefix() const { return (folder_ / "rates").string(); }

    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().string());
        std::ranges::sort(names);
        return names;
    }

    std::string only_file() const {
        const auto names = files();
        EXPECT_EQ(names.size(), 1u);
        return names.at(0);
    }

    static std::vector<Record> read(const std::string& file, bool expect_cut = false) {
        auto reader = Reader::open(file);
        std::vector<Record> records;
        for (;;) {
            auto record = reader->next();
            EXPECT_TRUE(record) << record.error().text;
            if (!record || !*record) break;
            records.push_back(**std::move(record));
        }
        EXPECT_EQ(reader->is_cut(), expect_cut);
        return records;
    }

private:
    fs::path folder_ = fs::temp_directory_path() / ("kurs-tape-" + std::to_string(getpid()));
};

TEST_F(TapeTest, RecordsComeBackAsTheyWereAdded) {
    const std::string bytes("{\"a\":\n1}\n\0frame 1 1 1\n", 22);
    {
        const auto tape = open_file(prefix(), noon);
        ASSERT_TRUE(tape);
        tape->add(Kind::configuration, noon, 0, "{}");
        tape->add(Kind::session, {}, 3);
        tape->add(Kind::frame, noon + 1ms, 3, bytes);
        tape->add(Kind::change, noon + 1ms, 0, fingerprint("x"));
    }
    const auto records = read(only_file());
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[0].kind, Kind::configuration);
    EXPECT_EQ(records[1].at, TimePoint{});
    EXPECT_EQ(records[2].payload, bytes);
    EXPECT_EQ(records[2].at, noon + 1ms);
    EXPECT_EQ(records[2].feed, 3u);
    EXPECT_EQ(records[3].payload, fingerprint("x"));
}

TEST_F(TapeTest, WhatAKilledProcessHadWrittenIsRead) {
    {
        const auto tape = open_file(prefix(), noon);
        for (int i = 0; i < 5; ++i) tape->add(Kind::frame, noon + i * 1s, 1, std::string(1000, 'x'));
    }
    const auto file = only_file();
    fs::resize_file(file, fs::file_size(file) - 12);
    const auto records = read(file, true);
    EXPECT_GE(records.size(), 3u);
    EXPECT_LT(records.size(), 6u);
}

TEST_F(TapeTest, ATextThatIsNoTapeIsRefused) {
    const auto file = prefix();
    std::ofstream(file) << "frame 1 x\n";
    auto reader = Reader::open(file);
    const auto record = reader->next();
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error().text, "record 1 cannot be read: \"frame 1 x\"");
    EXPECT_FALSE(Reader::open(file + ".absent"));
}

/// Text that compression does not shorten.
std::string noise(std::size_t size) {
    std::string text;
    for (std::uint32_t state = 1; text.size() < size;) {
        state = state * 1'664'525u + 1'013'904'223u;
        text.push_back(static_cast<char>(state >> 24u));
    }
    return text;
}

TEST_F(TapeTest, IsFullAtItsLimitAndEndsAtTwiceOfIt) {
    FileLimits limits;
    limits.bytes = 100'000;
    const auto tape = open_file(prefix(), noon, limits);
    EXPECT_FALSE(tape->is_full());
    const auto bytes = noise(1'000'000);
    for (std::size_t i = 0; i < 100; ++i) {
        tape->add(Kind::frame, noon + std::chrono::seconds(i), 1,
                  std::string_view(bytes).substr(i * 10'000, 10'000));
        std::this_thread::sleep_for(1ms);
    }
    while (!tape->is_full()) std::this_thread::sleep_for(1ms);
    while (fs::file_size(only_file()) <= 200'000) std::this_thread::sleep_for(1ms);
    EXPECT_LT(fs::file_size(only_file()), 1'100'000u);
}

TEST_F(TapeTest, ADiskThatDoesNotKeepUpEndsIt) {
    FileLimits limits;
    limits.unwritten = 1000;
    const auto tape = open_file(prefix(), noon, limits);
    tape->add(Kind::frame, noon, 1, std::string(2000, 'x'));
    EXPECT_TRUE(tape->is_full());
}

TEST_F(TapeTest, TheOldestFilesAreDeleted) {
    FileLimits limits;
    limits.files = 2;
    for (int i = 0; i < 4; ++i) open_file(prefix(), noon + i * 1s, limits);
    const auto names = files();
    ASSERT_EQ(names.size(), 2u);
    EXPECT_TRUE(names[1].ends_with("rates.2026-11-21T12:00:03.000Z.tape.gz")) << names[1];
}

TEST_F(TapeTest, AFileThatCannotBeCreatedIsNoTape) {
    EXPECT_FALSE(open_file("/nonexistent/rates", noon));
}

TEST_F(TapeTest, AResponseComesBackAsItWas) {
    const PollResponse response{429, {{"Retry-After", "3"}, {"Date", "Sat: 1"}}, "{\n\n}\n"};
    const auto read = parse_response(to_text(response));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->status, 429);
    EXPECT_EQ(read->headers, response.headers);
    EXPECT_EQ(read->body, response.body);
    for (const auto* const text : {"", "x\n\n", "200\n", "200\nno header\n\n"})
        EXPECT_FALSE(parse_response(text)) << text;
}

}  // namespace
}  // namespace kurs::tape
