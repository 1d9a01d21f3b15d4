#pragma once

#include <array>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "kurs/domain/time.hpp"

// The port to the store of locked quotes. A quote is confirmed only when it is stored.
namespace kurs::lock {

/// A quote that holds until it expires. It never changes.
struct LockedQuote {
    std::string id;         ///< a UUID
    std::string body;       ///< the JSON document
    std::string signature;  ///< of the body, detached
};

/// Names a request, so that it has one answer however often it is sent (the header Idempotency-Key).
struct IdempotencyKey {
    std::string text;                         ///< chosen by the client
    std::array<unsigned char, 32> request{};  ///< SHA-256 of the request, to tell another one of the same key
};

/// A quote to be stored.
struct LockOrder {
    std::string client;                     ///< the name of its API key
    std::optional<IdempotencyKey> key;      ///< none: every request locks another quote
    std::optional<LockedQuote> quote = {};  ///< none: the request is refused, unless it was answered before
    TimePoint locked_at{};
    TimePoint expires_at{};
};

/// A quote to be read.
struct LockedQuoteQuestion {
    std::string id;
};

using LockQuestion = std::variant<LockOrder, LockedQuoteQuestion>;

/// What the store holds after an order, or at a question.
struct StoredQuote {
    LockedQuote quote;
    bool is_earlier = false;  ///< the answer to an earlier request of the same key
};

/// Why there is no quote.
enum class LockFailure : std::uint8_t {
    unknown,        ///< there is no such quote, or no earlier answer
    other_request,  ///< an earlier request of this client had the same key and differs
    busy,           ///< too many concurrent questions
    overdue,        ///< timeout
    away,           ///< the database is unreachable
    unfit,          ///< the database cannot store quotes; retrying does not help
    not_kept,       ///< no database is configured
};

using LockAnswer = boost::system::result<StoredQuote, LockFailure>;

struct StoreFailure {
    LockFailure kind{};
    std::string text;  ///< for the log; contains no secrets
};

/// Calls block, each on its own thread, and end within `limit`.
class QuoteStore {
public:
    virtual ~QuoteStore() = default;

    /// Stores a quote, unless an earlier request of the same key has been answered, or reads one. A quote
    /// that is returned survives a crash of the store. After a failure it may be stored too: the same
    /// question then finds it.
    virtual boost::system::result<StoredQuote, StoreFailure> answer(const LockQuestion& question,
                                                                    Duration limit) = 0;
};

}  // namespace kurs::lock
