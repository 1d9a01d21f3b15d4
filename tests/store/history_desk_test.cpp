#include "kurs/store/history_desk.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

/// Holds every question until it is told to answer or is interrupted.
struct Gate {
    std::mutex mutex;
    std::condition_variable moved;
    int to_answer = 0;
    int asked = 0;
    int interrupts = 0;

    void answer(int count) {
        const std::lock_guard lock(mutex);
        to_answer += count;
        moved.notify_all();
    }
};

class FakeSource final : public HistorySource {
public:
    explicit FakeSource(Gate& gate) : gate_(gate) {}

    store_result<CandlePage> find_candles(const CandlesQuestion&) override {
        std::unique_lock lock(gate_.mutex);
        was_interrupted_ = false;
        ++gate_.asked;
        gate_.moved.notify_all();
        gate_.moved.wait(lock, [this] { return gate_.to_answer > 0 || was_interrupted_; });
        if (was_interrupted_) return StoreFailure{"interrupted"};
        --gate_.to_answer;
        return CandlePage{};
    }

    store_result<RecordedCourse> find_course(const CourseQuestion&) override {
        return StoreFailure{"no connection"};
    }

    void interrupt() override {
        const std::lock_guard lock(gate_.mutex);
        was_interrupted_ = true;
        ++gate_.interrupts;
        gate_.moved.notify_all();
    }

private:
    Gate& gate_;
    bool was_interrupted_ = false;
};

class HistoryDeskTest : public testing::Test {
protected:
    void open(HistoryDeskLimits limits) {
        std::vector<std::unique_ptr<HistorySource>> sources;
        for (int i = 0; i < 2; ++i) sources.push_back(std::make_unique<FakeSource>(gate));
        desk.emplace(
            loop.get_executor(), std::move(sources), [] { return noon; }, limits);
    }

    void ask(HistoryQuestion question) {
        net::co_spawn(loop, desk->ask(std::move(question)), [this](std::exception_ptr, HistoryAnswer answer) {
            const auto* failure = std::get_if<HistoryFailure>(&answer);
            if (failure) {
                failures.push_back(*failure);
            } else {
                ++answers;
            }
        });
    }

    net::io_context loop{1};
    Gate gate;
    std::optional<HistoryDesk> desk;
    int answers = 0;
    std::vector<HistoryFailure> failures;
};

TEST_F(HistoryDeskTest, AnswersMoreQuestionsThanThereAreSources) {
    open({10, 10s});
    for (int i = 0; i < 12; ++i) ask(CandlesQuestion{});
    gate.answer(12);
    loop.run();
    EXPECT_EQ(answers, 12);
    EXPECT_TRUE(failures.empty());
}

TEST_F(HistoryDeskTest, TurnsAwayWhatIsTooMuch) {
    open({3, 10s});
    for (int i = 0; i < 9; ++i) ask(CandlesQuestion{});
    loop.poll();
    EXPECT_EQ(failures, std::vector(4, HistoryFailure::busy));
    gate.answer(5);
    loop.run();
    EXPECT_EQ(answers, 5);
}

TEST_F(HistoryDeskTest, EndsWhatTakesTooLongAndServesAfterwards) {
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

TEST_F(HistoryDeskTest, SaysWhenTheDatabaseIsAway) {
    open({3, 10s});
    ask(CourseQuestion{{}, {}, noon - 1ms});
    loop.run();
    EXPECT_EQ(failures, std::vector{HistoryFailure::away});
}

TEST_F(HistoryDeskTest, DoesNotAnswerWhatIsStillBeingWritten) {
    open({3, 10s});
    ask(CourseQuestion{{}, {}, noon});
    loop.run();
    EXPECT_EQ(failures, std::vector{HistoryFailure::not_written_yet});
}

}  // namespace
}  // namespace kurs
