#include "feed/interim_answers.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>

namespace kurs::testing {
namespace {

const std::string early_hints = "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n";
const std::string upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

TEST(InterimAnswers, AreRemovedUpToTheFinalOne) {
    for (const std::string& last :
         {upgraded, std::string("HTTP/1.1 200 OK\r\n\r\n"), std::string("HTTP/1.0 403 No\r\n\r\n"),
          std::string("SSH-2.0-OpenSSH_9.2")}) {
        std::string received = early_hints + "HTTP/1.1 100 Continue\r\n\r\n" + last;
        EXPECT_FALSE(skip_interim_answers(received));
        EXPECT_EQ(received, last);
    }
}

TEST(InterimAnswers, NeedTheirEndBeforeTheNextIsRead) {
    for (std::size_t size = 0; size < early_hints.size() + upgraded.size(); ++size) {
        std::string received = (early_hints + upgraded).substr(0, size);
        const bool is_undecided = size < early_hints.size() + std::string("HTTP/1.1 101").size();
        EXPECT_EQ(skip_interim_answers(received), is_undecided) << size;
    }
}

TEST(InterimAnswers, AreBounded) {
    std::string endless = "HTTP/1.1 103 Early Hints\r\nX: " + std::string(20'000, 'x');
    EXPECT_FALSE(skip_interim_answers(endless));
}

/// Returns its chunks one by one, then the end of the stream.
class Chunks {
public:
    using executor_type = net::io_context::executor_type;

    explicit Chunks(net::io_context& loop) : loop_(&loop) {}

    executor_type get_executor() { return loop_->get_executor(); }

    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        boost::system::error_code failure;
        std::size_t size = 0;
        if (chunks.empty()) {
            failure = net::error::eof;
        } else {
            size = net::buffer_copy(buffers, net::buffer(chunks.front()));
            chunks.front().erase(0, size);
            if (chunks.front().empty()) chunks.pop_front();
        }
        net::post(*loop_, [handler = std::forward<Handler>(handler), failure, size]() mutable {
            std::move(handler)(failure, size);
        });
    }

    std::deque<std::string> chunks;

private:
    net::io_context* loop_;
};

/// The data that a reader with buffers of this size receives.
std::string read_all(std::deque<std::string> chunks, std::size_t size) {
    net::io_context loop;
    FinalAnswer<Chunks> stream{Chunks(loop)};
    stream.chunks = std::move(chunks);
    std::string all, buffer(size, '\0');
    std::function<void(boost::system::error_code, std::size_t)> take = [&](auto failure, auto read) {
        all.append(buffer, 0, read);
        if (!failure) stream.async_read_some(net::buffer(buffer), take);
    };
    stream.async_read_some(net::buffer(buffer), take);
    loop.run();
    return all;
}

TEST(FinalAnswer, ReturnsEveryByteFromTheFinalResponseOn) {
    const std::string rest = upgraded + "frames";
    for (const std::size_t size : {1u, 7u, 4096u}) {
        EXPECT_EQ(read_all({early_hints + rest}, size), rest);
        EXPECT_EQ(
            read_all({"H", "TTP/1.1 10", "3 Hints\r\n\r", "\n" + rest.substr(0, 5), rest.substr(5)}, size),
            rest);
        EXPECT_EQ(read_all({rest}, size), rest);
        EXPECT_EQ(read_all({"HTTP/1.1 1"}, size), "HTTP/1.1 1") << "cut short";
        EXPECT_EQ(read_all({}, size), "");
    }
}

}  // namespace
}  // namespace kurs::testing
