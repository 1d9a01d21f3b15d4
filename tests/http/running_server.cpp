#include "running_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>

namespace kurs::http {
namespace {

const auto rethrow = [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
};

}  // namespace

RunningServer::RunningServer(ServerLimits limits, const std::string& address)
    : server_(
          loop_.get_executor(), service_, clock_, [this](HistoryQuestion asked) { return desk_.ask(asked); },
          limits) {
    const auto bound = server_.listen(address, 0);
    if (!bound) throw std::runtime_error(bound.error());
    port_ = *bound;
    net::co_spawn(loop_, server_.run(), rethrow);
    thread_ = std::thread([this] { loop_.run(); });
}

RunningServer::~RunningServer() {
    if (!thread_.joinable()) return;
    begin_stop();
    desk_.answer(HistoryFailure::not_kept);
    finish(0s);
}

void RunningServer::begin_stop() {
    std::promise<void> stopped;
    net::post(loop_, [&] {
        server_.stop();
        stopped.set_value();
    });
    stopped.get_future().wait();
}

std::size_t RunningServer::finish(Duration limit) {
    net::post(loop_, [this, limit] {
        net::co_spawn(loop_, drain(limit), rethrow);
        work_.reset();
    });
    thread_.join();
    return cut_;
}

net::awaitable<void> RunningServer::drain(Duration limit) {
    cut_ = co_await server_.drain(limit);
}

}  // namespace kurs::http
