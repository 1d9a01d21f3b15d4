#include "redis/reply.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>

#include "kurs/domain/whole_number.hpp"

namespace kurs::redis {
namespace {

using enum Reply::Kind;

/// For the whole reply: a hundred entries have about a thousand.
constexpr std::size_t most_elements = 10'000;

/// Puts a reply into the array that it belongs to. The outermost one is released to the reader.
Reply* place(const redisReadTask* task, Reply reply) {
    if (!task->parent) return std::make_unique<Reply>(std::move(reply)).release();
    auto& element = static_cast<Reply*>(task->parent->obj)->array.at(static_cast<std::size_t>(task->idx));
    element = std::move(reply);
    return &element;
}

void* create_text(const redisReadTask* task, char* bytes, std::size_t size) {
    return place(task, {task->type == REDIS_REPLY_ERROR ? error : text, 0, {bytes, size}, {}});
}

/// Null, which the reader reports as lack of memory, for too many elements.
void* create_array(const redisReadTask* task, int elements) {
    auto& left = *static_cast<std::size_t*>(task->privdata);
    const auto count = static_cast<std::size_t>(elements);
    if (count > left) return nullptr;
    left -= count;
    return place(task, {array, 0, {}, std::vector<Reply>(count)});
}

void* create_integer(const redisReadTask* task, long long value) {
    return place(task, {integer, value, {}, {}});
}

void* create_nil(const redisReadTask* task) {
    return place(task, {});
}

void destroy(void* reply) {
    const std::unique_ptr<Reply> owned(static_cast<Reply*>(reply));
}

redisReplyObjectFunctions functions{create_text, create_array, create_integer, create_nil, destroy};

/// The value of an entry's field; empty if it has no such field.
std::string find_field(const Reply& fields, std::string_view name) {
    for (std::size_t i = 0; i + 1 < fields.array.size(); i += 2) {
        if (fields.array[i].text == name) return fields.array[i + 1].text;
    }
    return {};
}

}  // namespace

bool Reply::is_error(std::string_view code) const {
    return kind == error && text.starts_with(code) &&
           (text.size() == code.size() || text[code.size()] == ' ');
}

LogFailure failed(std::string_view text) {
    constexpr std::size_t longest = 160;
    std::string shown(text.substr(0, longest));
    std::ranges::replace_if(
        shown, [](char c) { return c < ' ' || c > '~'; }, '?');
    return {shown};
}

LogFailure unexpected(const Reply& reply) {
    if (reply.kind != error) return failed("an answer that was not expected");
    // Redis appends the script's name, which would turn one reason into many.
    return failed(std::string_view(reply.text).substr(0, reply.text.find(" script: ")));
}

bool is_refused_connection(const Reply& reply) {
    constexpr std::array codes{"READONLY", "LOADING", "MASTERDOWN", "UNBLOCKED", "NOAUTH", "WRONGPASS"};
    return std::ranges::any_of(codes, [&](const auto* code) { return reply.is_error(code); });
}

Epoch parse_epoch(std::string_view text) {
    const auto epoch = parse_whole_number<std::uint64_t>(text);
    return epoch ? Epoch{*epoch} : Epoch{};
}

log_result<bool> is_one(const log_result<Reply>& reply) {
    if (!reply) return reply.error();
    if (reply->kind != integer) return unexpected(*reply);
    return reply->integer == 1;
}

log_result<std::vector<StoredEntry>> parse_reading(const Reply& reply) {
    std::vector<StoredEntry> parsed;
    if (reply.kind == nil) return parsed;
    if (reply.array.size() != 1 || reply.array[0].array.size() != 2) return unexpected(reply);
    const auto& entries = reply.array[0].array[1];
    if (entries.kind != array) return unexpected(entries);
    for (const auto& entry : entries.array) {
        if (entry.array.size() != 2 || entry.array[0].kind != text) return unexpected(entry);
        const auto& fields = entry.array[1];
        parsed.push_back({entry.array[0].text, parse_epoch(find_field(fields, "epoch")),
                          find_field(fields, "text"), find_field(fields, "after")});
    }
    return parsed;
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
