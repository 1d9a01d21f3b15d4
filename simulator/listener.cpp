#include "listener.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sim {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using boost::system::error_code;

constexpr std::uint64_t most_connections = 2000;
constexpr std::chrono::minutes longest_counted_hold{1};

void use(net::ssl::context& context, const Identity& identity) {
    context.use_certificate_chain(net::buffer(identity.chain));
    context.use_private_key(net::buffer(identity.key), net::ssl::context::pem);
}

void close_with_reset(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(net::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

/// Logs why a connection failed, unless it ended normally.
void report(const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        spdlog::debug("connection ended: {}", error.what());
    }
}

}  // namespace

TlsContexts::TlsContexts(const Certificates& certificates)
    : good(net::ssl::context::tls_server),
      expired(net::ssl::context::tls_server),
      wrong_name(net::ssl::context::tls_server) {
    use(good, certificates.good);
    use(expired, certificates.expired);
    use(wrong_name, certificates.wrong_name);
}

Listener::Listener(net::io_context& io, Port port, TlsContexts* tls, FaultTable& faults,
                   const WallClock& clock, Traffic& traffic)
    : io_(io),
      settings_(std::move(port)),
      tls_(tls),
      faults_(faults),
      clock_(clock),
      traffic_(traffic),
      acceptor_(io, tcp::endpoint(net::ip::make_address(settings_.address), settings_.number)) {}

void Listener::start(ServeClient serve) {
    const auto ended = [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    };
    net::co_spawn(io_, accept_forever(std::move(serve)), ended);
}

net::awaitable<void> Listener::accept_forever(ServeClient serve) {
    for (;;) {
        error_code failure;
        auto socket = co_await acceptor_.async_accept(net::redirect_error(net::use_awaitable, failure));
        if (failure == net::error::operation_aborted) co_return;
        if (failure || traffic_.open >= most_connections) {
            // Out of descriptors, or the client has disconnected: waits to avoid a busy loop.
            net::steady_timer pause(io_, std::chrono::milliseconds(20));
            co_await pause.async_wait(net::use_awaitable);
            continue;
        }
        net::co_spawn(io_, attend(std::move(socket), serve), &report);
    }
}

net::awaitable<void> Listener::attend(tcp::socket socket, ServeClient serve) {
    struct Counted {
        Traffic& traffic;
        explicit Counted(Traffic& counted) : traffic(counted) { ++traffic.open, ++traffic.total; }
        ~Counted() { --traffic.open; }
    } const counted(traffic_);
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto admission = admit();
    if (admission.action == Admission::Action::reset) {
        close_with_reset(socket);
        co_return;
    }
    if (admission.action == Admission::Action::hold)
        co_await hold(std::move(socket), admission.is_counted);
    else
        co_await serve(std::move(socket), admission.tls);
}

Listener::Admission Listener::admit() {
    auto* const usual = tls_ ? &tls_->good : nullptr;
    if (!settings_.has_faults) return {Admission::Action::serve, usual};
    const auto now = clock_.now();
    const Place here{settings_.endpoint, settings_.line, {}, {}};
    const bool is_rest =
        settings_.endpoint != Endpoint::binance_stream && settings_.endpoint != Endpoint::coingecko_stream;
    if (is_rest && faults_.take(FaultKind::refuse, here, now)) return {Admission::Action::reset};
    if (const auto deaf = faults_.take(FaultKind::no_accept, here, now))
        return {Admission::Action::hold, nullptr, deaf->left.has_value()};
    if (const auto broken = tls_ ? faults_.take(FaultKind::tls, here, now) : std::nullopt) {
        if (broken->value == "hang") return {Admission::Action::hold, nullptr, broken->left.has_value()};
        return {Admission::Action::serve, broken->value == "expired" ? &tls_->expired : &tls_->wrong_name};
    }
    return {Admission::Action::serve, usual};
}

/// Reads nothing. The connection ends when no fault of this kind is active, so that tests do not wait for it,
/// or after a minute if the fault has a count.
net::awaitable<void> Listener::hold(tcp::socket socket, bool is_counted) {
    const Place here{settings_.endpoint, settings_.line, {}, {}};
    const auto held_since = clock_.now();
    net::steady_timer pause(io_);
    for (bool is_held = true; is_held;) {
        pause.expires_after(std::chrono::milliseconds(100));
        co_await pause.async_wait(net::use_awaitable);
        const auto now = clock_.now();
        const auto* broken = faults_.find(FaultKind::tls, here, now);
        const bool hangs = broken && broken->value == "hang";
        const bool is_faulty = hangs || faults_.has(FaultKind::no_accept, here, now);
        is_held = is_counted ? now - held_since < longest_counted_hold : is_faulty;
    }
    socket.close();
}

}  // namespace sim
