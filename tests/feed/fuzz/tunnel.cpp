// What the proxy of a venue answers, and the interim responses before an upgrade.
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include "feed/interim_answers.hpp"
#include "feed/tunnel.hpp"
#include "fuzz/target.hpp"
#include "kurs/feed/connection_end.hpp"

namespace kurs::fuzz {
namespace {

/// How much the other end of a connection may leave unread.
std::size_t unread(int descriptor) {
    std::string rest(64 * 1024, '\0');
    const auto count = ::recv(descriptor, rest.data(), rest.size(), MSG_DONTWAIT);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void open(const Proxy& proxy, std::string_view answer) {
    int ends[2];
    expect(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a pair of sockets is opened");
    net::io_context loop;
    net::ip::tcp::socket socket(loop);
    socket.assign(net::ip::tcp::v4(), ends[0]);
    socket.non_blocking(true);
    const auto sent = ::send(ends[1], answer.data(), answer.size(), MSG_NOSIGNAL);
    expect(sent == static_cast<ssize_t>(answer.size()), "the answer fits into the buffer");
    ::shutdown(ends[1], SHUT_WR);
    const Endpoint endpoint{true, "venue.example", 443, ""};
    Tunnel tunnel(socket, proxy, endpoint);
    std::optional<boost::system::error_code> failure;
    auto opening = tunnel.open();
    net::co_spawn(loop, std::move(opening), [&](std::exception_ptr bug, boost::system::error_code result) {
        expect(!bug, "a proxy's answer throws nothing");
        failure = result;
    });
    loop.run();
    expect(failure.has_value(), "a tunnel opens or fails");
    const bool is_refused = *failure == net::error::access_denied;
    expect(is_refused == !tunnel.refusal().empty(), "a refusal has a reason");
    expect_one_line(tunnel.refusal(), "a refusal is one line");
    expect(tunnel.refusal().size() <= 80, "a refusal is short", tunnel.refusal());
    if (!*failure && proxy.kind == Proxy::Kind::http)
        expect(answer.starts_with("HTTP/1.") && answer.ends_with("\r\n\r\n"), "only a success opens a tunnel",
               answer);
    if (!*failure && proxy.kind == Proxy::Kind::socks5) {
        expect(answer.front() == '\x05', "only SOCKS5 opens a tunnel");
        // What follows the proxy's answer belongs to the venue and stays in the socket.
        expect(unread(ends[0]) < answer.size(), "the proxy's answer is taken");
    }
    ::close(ends[1]);
}

/// However the bytes are divided, the same remains.
void skip(std::string_view bytes) {
    std::string whole(bytes), grown;
    const bool needs_more = skip_interim_answers(whole);
    bool is_waiting = true;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        grown += bytes[at];
        if (is_waiting) is_waiting = skip_interim_answers(grown);
    }
    const bool is_same = needs_more == is_waiting && grown == whole;
    expect(is_same || bytes.size() > 16 * 1024, "how bytes are divided changes nothing", bytes);
}

}  // namespace

/// The first character chooses the kind of proxy.
void proxy(std::string_view input) {
    if (input.empty() || input.size() > 60'000) return;
    const char kind = input.front();
    input.remove_prefix(1);
    switch (kind) {
        case 'h': return open({Proxy::Kind::http, "p", 3128, "", ""}, input);
        case 'H': return open({Proxy::Kind::http, "p", 3128, "user", "secret"}, input);
        case 's': return open({Proxy::Kind::socks5, "p", 1080, "", ""}, input);
        case 'S': return open({Proxy::Kind::socks5, "p", 1080, "user", "secret"}, input);
        case 'i': return skip(input);
        default: return;
    }
}

}  // namespace kurs::fuzz
