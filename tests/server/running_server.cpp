#include "running_server.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>

namespace kurs::server {
namespace {

const auto rethrow = [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
};

}  // namespace

RunningServer::RunningServer(ServerLimits limits, const std::string& address)
    : server_(loop_.get_executor(), limits) {
    const auto front = make_front(api_);
    front_ = front;
    server_.use(front);
    const auto bound = server_.listen(address, 0);
    if (!bound) throw std::runtime_error(bound.error());
    port_ = *bound;
    net::co_spawn(loop_, server_.run(), rethrow);
    net::co_spawn(loop_, front->tell_subscribers(),
                  net::bind_cancellation_slot(end_push_.slot(), [](const std::exception_ptr&) {}));
    thread_ = std::thread([this] { loop_.run(); });
}

RunningServer::~RunningServer() {
    if (!thread_.joinable()) return;
    begin_stop();
    desk_.answer(HistoryFailure::not_kept);
    finish(0s);
}

std::shared_ptr<Front> RunningServer::make_front(api::Api& api) {
    return std::make_shared<Front>(
        loop_.get_executor(), api, [this] { return clock_.now(); },
        [this](api::Lookup asked) { return desk_.ask(std::move(asked)); }, server_.limits().push);
}

template <class Job>
auto RunningServer::on_loop(Job job) {
    std::packaged_task<std::invoke_result_t<Job>()> task(std::move(job));
    auto done = task.get_future();
    net::post(loop_, [&task] { task(); });
    return done.get();
}

void RunningServer::change(DirectionId direction, const std::string& value, VenueId venue) {
    on_loop([&] { market_.board.apply(quote(venue, direction, value, clock_.now(), 1h)); });
}

std::size_t RunningServer::times_requested(VenueId venue) {
    return on_loop([&] { return static_cast<std::size_t>(std::ranges::count(market_.requested, venue)); });
}

std::uint64_t RunningServer::version() {
    return on_loop([this] { return market_.board.version(); });
}

PushCounts RunningServer::push_counts() {
    return on_loop([this] { return front_.lock()->push_counts(); });
}

void RunningServer::use_stale_front() {
    on_loop([this] {
        end_push_.emit(net::cancellation_type::terminal);
        server_.use(make_front(stale_api_));
    });
}

bool RunningServer::has_freed_first_front() {
    return on_loop([this] { return front_.expired(); });
}

void RunningServer::begin_stop() {
    on_loop([this] { server_.stop(); });
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
    end_push_.emit(net::cancellation_type::terminal);
}

}  // namespace kurs::server
