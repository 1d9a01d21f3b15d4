#include "http/push/client_socket.hpp"

#include <netinet/tcp.h>

namespace kurs::http {

void bound_kernel(ClientSocket& socket, const PushLimits& limits) {
    boost::system::error_code ignored;
    socket.set_option(net::socket_base::send_buffer_size(64 * 1024), ignored);
    const auto vanished_after = static_cast<unsigned>((limits.heartbeat_after + limits.write_limit).count());
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &vanished_after,
                 sizeof vanished_after);
}

}  // namespace kurs::http
