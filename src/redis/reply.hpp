#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/boardlog/log_store.hpp"

struct redisReader;

namespace kurs::redis {

/// A reply of Redis. A status such as OK is text.
struct Reply {
    enum class Kind { nil, integer, text, array, error };

    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;  ///< for an error: its code, a space and a sentence
    std::vector<Reply> array;

    bool is_error(std::string_view code) const;
};

/// The failure with this text, cut to the length of a log line.
LogFailure failed(std::string_view text);

/// The failure for an unexpected reply.
LogFailure unexpected(const Reply& reply);

/// Whether the server refuses every command on this connection. A new connection may reach another server
/// behind the same name. NOPERM does not count, as it concerns only one command.
bool is_refused_connection(const Reply& reply);

/// 0 if the text is not an epoch.
Epoch parse_epoch(std::string_view text);

/// Whether the reply is the number 1 rather than 0.
log_result<bool> is_one(const log_result<Reply>& reply);

/// The result of XREAD for one stream; empty after a timeout.
log_result<std::vector<StoredEntry>> parse_reading(const Reply& reply);

/// hiredis's parser with a memory limit, which it lacks: ten bytes from a hostile server would make it
/// allocate an array of 2^31 elements.
class ReplyReader {
public:
    /// `most_bytes` limits the size of one reply.
    explicit ReplyReader(std::size_t most_bytes);
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);

    /// The next reply, or nothing while it is incomplete. A failure is final.
    log_result<std::optional<Reply>> next();

    /// Whether all bytes were part of a reply that `next` has returned.
    bool is_empty() const;

private:
    std::size_t most_bytes_;
    std::size_t bytes_ = 0;          ///< received since the last reply
    std::size_t elements_left_ = 0;  ///< array elements that this reply may still have
    std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
};

}  // namespace kurs::redis
