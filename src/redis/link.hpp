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

/// hiredis's asynchronous context on the loop, from the first packet of a connection to its end. The context
/// frees itself in whichever call into it finds the connection lost, so it is looked at again after each.
class Link : public std::enable_shared_from_this<Link> {
public:
    /// Told, once for each command and in their order, what Redis answered; null: the connection has ended.
    /// Not to call the link.
    using ReplySink = std::function<void(const redisReply*)>;

    Link(const net::any_io_executor& loop, ReplySink heard, std::size_t reply_bytes);
    ~Link();

    /// Begins to connect. To be called once, before all else.
    void connect(const net::ip::tcp::endpoint& address);

    /// Nothing is sent before the loop runs again. False: the connection has ended.
    bool send(const std::vector<std::string>& words);

    /// Ends the connection, which the sink is told for each command without an answer.
    void drop(const std::string& reason);

    bool is_open() const { return context_ != nullptr; }

    /// Why the connection has ended.
    const std::string& reason() const { return reason_; }

private:
    /// One way of the descriptor: hiredis wants to be told when it is ready, and we wait until it is.
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
    net::posix::stream_descriptor descriptor_;  ///< hiredis owns what it stands for: never closed here
    redisAsyncContext* context_ = nullptr;
    Way reading_;
    Way writing_;
    std::string reason_;
};

}  // namespace kurs::redis
