#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kurs::server {

struct ReceivedAnswer {
    int status = 0;  ///< 0: no response
    std::string head;
    std::string body;

    bool has(std::string_view line) const {
        return head.find("\r\n" + std::string(line) + "\r\n") != head.npos;
    }
    bool is_last() const { return has("Connection: close"); }
};

enum class End { orderly, reset, none };

/// A blocking client that sends raw bytes. Every wait has a limit.
class LoopbackClient {
public:
    explicit LoopbackClient(std::uint16_t port, bool is_ipv6 = false);
    ~LoopbackClient();
    LoopbackClient(const LoopbackClient&) = delete;
    LoopbackClient& operator=(const LoopbackClient&) = delete;

    /// False once the server has closed.
    bool send(std::string_view bytes);
    void send_end();

    /// `has_body` is false for a response to HEAD.
    ReceivedAnswer receive(bool has_body = true);
    ReceivedAnswer ask(std::string_view bytes);

    /// Reads up to the end of `mark`. Throws if it does not arrive.
    std::string receive_until(std::string_view mark);

    /// How the connection ends; data before the end is discarded.
    End wait_end();

private:
    bool read_some();

    int socket_;
    std::string in_;
    End end_ = End::none;
};

std::string get(std::string_view target, std::string_view further_headers = "");

}  // namespace kurs::server
