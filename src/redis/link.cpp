#include "redis/link.hpp"

#include <hiredis/async.h>

namespace kurs::redis {

using boost::system::error_code;

Link::Link(const net::any_io_executor& loop, ReplySink heard, std::size_t reply_bytes)
    : heard_(std::move(heard)), budget_(reply_bytes), descriptor_(loop) {}

Link::~Link() {
    drop("connection closed");
}

void Link::connect(const net::ip::tcp::endpoint& address) {
    // A numeric address: hiredis would block the loop with a name lookup.
    auto* const context = ::redisAsyncConnect(address.address().to_string().c_str(), address.port());
    if (!context) {
        reason_ = "out of memory";
        return;
    }
    error_code failure;
    if (context->err == 0) descriptor_.assign(context->c.fd, failure);
    if (context->err != 0 || failure) {
        reason_ = failure ? failure.message() : context->errstr;
        ::redisAsyncFree(context);
        return;
    }
    hook(*context);
    budget_.watch(*context->c.reader);
    context_ = context;
}

void Link::hook(redisAsyncContext& context) {
    context.ev.data = this;
    context.ev.addRead = [](void* link) {
        of(link).reading_.is_wanted = true;
        of(link).wait_to_read();
    };
    context.ev.addWrite = [](void* link) {
        of(link).writing_.is_wanted = true;
        of(link).wait_to_write();
    };
    // A wait in progress continues and finds nothing wanted.
    context.ev.delRead = [](void* link) { of(link).reading_.is_wanted = false; };
    context.ev.delWrite = [](void* link) { of(link).writing_.is_wanted = false; };
    context.ev.cleanup = [](void* link) { of(link).on_freed(); };
}

void Link::on_freed() {
    context_ = nullptr;
    descriptor_.release();  // before hiredis closes the descriptor
}

bool Link::send(const std::vector<std::string>& words) {
    if (!context_) return false;
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) {
        texts.push_back(word.data());
        sizes.push_back(word.size());
    }
    return ::redisAsyncCommandArgv(context_, on_reply, this, static_cast<int>(words.size()), texts.data(),
                                   sizes.data()) == REDIS_OK;
}

void Link::drop(const std::string& reason) {
    if (!context_) return;
    reason_ = reason;
    ::redisAsyncFree(context_);
}

void Link::on_reply(redisAsyncContext* context, void* reply, void* link) {
    auto& self = of(link);
    if (!reply && self.reason_.empty())
        self.reason_ =
            self.budget_.is_spent(*context->c.reader) ? "an answer is too large" : context->c.errstr;
    self.heard_(static_cast<const redisReply*>(reply));
    if (!reply) return;
    self.budget_.renew();
    // An unexpected reply would end the process: hiredis 0.14 asserts that there is none.
    const auto& reader = *context->c.reader;
    if (!context->replies.head && reader.pos < reader.len) self.drop("more answers than commands");
}

void Link::wait_to_read() {
    if (!context_ || !reading_.is_wanted || reading_.is_waiting) return;
    reading_.is_waiting = true;
    auto ready = [self = shared_from_this()](error_code) {
        self->reading_.is_waiting = false;
        if (!self->context_) return;
        if (self->reading_.is_wanted) self->read();
        self->wait_to_read();
    };
    descriptor_.async_wait(net::posix::descriptor_base::wait_read, std::move(ready));
}

void Link::wait_to_write() {
    if (!context_ || !writing_.is_wanted || writing_.is_waiting) return;
    writing_.is_waiting = true;
    auto ready = [self = shared_from_this()](error_code) {
        self->writing_.is_waiting = false;
        if (self->context_ && self->writing_.is_wanted) ::redisAsyncHandleWrite(self->context_);
        self->wait_to_write();
    };
    descriptor_.async_wait(net::posix::descriptor_base::wait_write, std::move(ready));
}

void Link::read() {
    // Without a command in progress this is the end of the connection or an unexpected reply: see on_reply.
    if (!context_->replies.head) return drop("closed by Redis");
    ::redisAsyncHandleRead(context_);
    if (context_ && budget_.is_spent(*context_->c.reader)) drop("an answer is too large");
}

}  // namespace kurs::redis
