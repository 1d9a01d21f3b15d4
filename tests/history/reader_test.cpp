#include "kurs/history/reader.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>

namespace kurs::history {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

/// Holds every question until told to answer or until its time limit.
struct Gate {
    std::mutex mutex;
    std::condition_variable moved;
    int to_answer = 0;

    void answer(int count) {
        const std::lock_guard lock(mutex);
        to_answer += count;
        moved.notify_all();
    }
};

class FakeSource final : public Source {
public:
    explicit FakeSource(Gate& gate) : gate_(gate) {}

    result<HistoryFinding> find(const HistoryQuestion& question, Duration limit) override {
        if (std::holds_alternative<CourseQuestion>(question))
            return Failure{HistoryFailure::away, "no connection"};
        std::unique_lock lock(gate_.mutex);
        if (!gate_.moved.wait_for(lock, limit, [this] { return gate_.to_answer > 0; }))
            return Failure{HistoryFailure::overdue, "no answer in time"};
        --gate_.to_answer;
        return HistoryFinding(CandlePage{});
    }

private:
    Gate& gate_;
};

class ReaderTest : public testing::Test {
protected:
    void open(PoolLimits limits) {
        std::vector<std::unique_ptr<Source>> sources;
        for (int i = 0; i < 2; ++i) sources.push_back(std::make_unique<FakeSource>(gate));
        reader.emplace(
            std::move(sources), [] { return noon; }, limits);
    }

    void ask(HistoryQuestion question) {
        net::co_spawn(loop, reader->ask(std::move(question)),
                      [this](std::exception_ptr, HistoryAnswer answer) {
                          if (answer) {
                              ++answers;
                          } else {
                              failures.push_back(answer.error());
                          }
                      });
    }

    net::io_context loop{1};
    Gate gate;
    std::optional<Reader> reader;
    int answers = 0;
    std::vector<HistoryFailure> failures;
};

TEST_F(ReaderTest, AnswersMoreQuestionsThanThereAreSources) {
    open({10, 10s});
    for (int i = 0; i < 12; ++i) ask(CandlesQuestion{});
    gate.answer(12);
    loop.run();
    EXPECT_EQ(answers, 12);
    EXPECT_TRUE(failures.empty());
}

TEST_F(ReaderTest, RefusesQuestionsBeyondTheLimit) {
    open({3, 10s});
    for (int i = 0; i < 9; ++i) ask(CandlesQuestion{});
    loop.poll();
    EXPECT_EQ(failures, std::vector(4, HistoryFailure::busy));
    gate.answer(5);
    loop.run();
    EXPECT_EQ(answers, 5);
}

TEST_F(ReaderTest, EndsOverdueQuestionsAndServesLaterOnes) {
    open({3, 50ms});
    for (int i = 0; i < 4; ++i) ask(CandlesQuestion{});
    loop.run();
    EXPECT_EQ(failures, std::vector(4, HistoryFailure::overdue));
    gate.answer(1);
    ask(CandlesQuestion{});
    loop.restart();
    loop.run();
    EXPECT_EQ(answers, 1);
}

TEST_F(ReaderTest, ReportsAnUnavailableDatabase) {
    open({3, 10s});
    ask(CourseQuestion{{}, {}, noon - 1ms});
    loop.run();
    EXPECT_EQ(failures, std::vector{HistoryFailure::away});
}

TEST_F(ReaderTest, RefusesTimesThatAreNotWrittenYet) {
    open({3, 10s});
    ask(CourseQuestion{{}, {}, noon});
    ask(ExplanationQuestion{{}, noon});
    loop.run();
    EXPECT_EQ(failures, std::vector(2, HistoryFailure::not_written_yet));
}

}  // namespace
}  // namespace kurs::history
