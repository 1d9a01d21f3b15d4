#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kurs/lock/store.hpp"
#include "kurs/runtime/worker_pool.hpp"

namespace kurs {

/// A UUID of 122 random bits (RFC 9562, version 4).
std::string random_uuid();

/// The subsystem of locked quotes: passes questions to the stores. Used on the loop only. No question may be
/// in progress when it is destroyed.
class Quotes {
public:
    /// Without stores every question fails with `not_kept`.
    explicit Quotes(std::vector<std::unique_ptr<lock::QuoteStore>> stores,
                    PoolLimits limits = {.waiting = 256});

    net::awaitable<lock::LockAnswer> ask(lock::LockQuestion question);

private:
    bool is_failing_ = false;  ///< the logged state
    std::optional<WorkerPool<lock::QuoteStore>> stores_;
};

}  // namespace kurs
