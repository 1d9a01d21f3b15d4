#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "redis/reply_budget.hpp"

struct redisAsyncContext;

namespace kurs::redis {

namespace net = boost::asio;

/// hiredis's asynchronous context on the loop, from the first packet of a connection to its end. Any call may
/// find the connection lost and free the context, so it is checked again after each call.
class Link : public std::enable_shared_from_this<Link> {
public:
    /// Called once per command, in order, with the reply; null: the connection has ended. Must not call the
    /// link.
    using ReplySink = std::function<void(const redisReply*)>;

    Link(const net::any_io_executor& loop, ReplySink heard, std::size_t reply_bytes);
    ~Link();

    /// Starts to connect. To be called once, before everything else.
    void connect(const net::ip::tcp::endpoint& address);

    /// Nothing is sent until the loop runs again. False: the connection has ended.
    bool send(const std::vector<std::string>& words);

    /// Ends the connection. The sink is called for each unanswered command.
    void drop(const std::string& reason);

    bool is_open() const { return context_ != nullptr; }

    /// Why the connection has ended.
    const std::string& reason() const { return reason_; }

private:
    /// One direction of the descriptor: hiredis asks for readiness, and this waits for it.
    struct Way {
        bool is_wanted = false;
        bool is_waiting = false;
    };

    static Link& of(void* link) { return *static_cast<Link*>(link); }
    static void on_reply(redisAsyncContext* context, void* reply, void* link);
    void hook(redisAsyncContext& context);
    void on_freed();

    void wait_to_read();
    void wait_to_write();
    void read();

    ReplySink heard_;
    ReplyBudget budget_;
    net::posix::stream_descriptor descriptor_;  ///< hiredis owns the descriptor: never closed here
    redisAsyncContext* context_ = nullptr;
    Way reading_;
    Way writing_;
    std::string reason_;
};

}  // namespace kurs::redis
