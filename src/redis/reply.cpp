#include "redis/reply.hpp"

#include <hiredis/hiredis.h>

#include "redis/answers.hpp"

namespace kurs::redis {
namespace {

using Kind = Reply::Kind;

/// For the whole reply: a hundred entries have about a thousand.
constexpr std::size_t most_elements = 10'000;

/// Puts a reply into the array that it belongs to. The outermost one is released to the reader.
Reply* place(const redisReadTask* task, Reply reply) {
    if (!task->parent) return std::make_unique<Reply>(std::move(reply)).release();
    auto& element = static_cast<Reply*>(task->parent->obj)->array.at(static_cast<std::size_t>(task->idx));
    element = std::move(reply);
    return &element;
}

void* create_text(const redisReadTask* task, char* text, std::size_t size) {
    return place(task, {task->type == REDIS_REPLY_ERROR ? Kind::error : Kind::text, 0, {text, size}, {}});
}

/// Null, which the reader reports as lack of memory, for too many elements.
void* create_array(const redisReadTask* task, int elements) {
    auto& left = *static_cast<std::size_t*>(task->privdata);
    const auto count = static_cast<std::size_t>(elements);
    if (count > left) return nullptr;
    left -= count;
    return place(task, {Kind::array, 0, {}, std::vector<Reply>(count)});
}

void* create_integer(const redisReadTask* task, long long value) {
    return place(task, {Kind::integer, value, {}, {}});
}

void* create_nil(const redisReadTask* task) {
    return place(task, {});
}

void destroy(void* reply) {
    const std::unique_ptr<Reply> owned(static_cast<Reply*>(reply));
}

redisReplyObjectFunctions functions{create_text, create_array, create_integer, create_nil, destroy};

}  // namespace

bool Reply::is_error(std::string_view code) const {
    return kind == Kind::error && text.starts_with(code) &&
           (text.size() == code.size() || text[code.size()] == ' ');
}

ReplyReader::ReplyReader(std::size_t most_bytes)
    : most_bytes_(most_bytes),
      elements_left_(most_elements),
      reader_(::redisReaderCreateWithFunctions(&functions), ::redisReaderFree) {
    if (!reader_) throw std::bad_alloc();
    reader_->privdata = &elements_left_;
}

void ReplyReader::feed(std::string_view bytes) {
    bytes_ += bytes.size();
    ::redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

log_result<std::optional<Reply>> ReplyReader::next() {
    void* created = nullptr;
    const bool is_broken = ::redisReaderGetReply(reader_.get(), &created) != REDIS_OK;
    const std::unique_ptr<Reply> reply(static_cast<Reply*>(created));
    if (bytes_ > most_bytes_ || reader_->err == REDIS_ERR_OOM) return failed("an answer is too large");
    if (is_broken) return failed(reader_->errstr);
    if (!reply) return std::optional<Reply>();
    bytes_ = 0;
    elements_left_ = most_elements;
    return std::optional(std::move(*reply));
}

bool ReplyReader::is_empty() const {
    return reader_->pos == reader_->len;
}

}  // namespace kurs::redis
