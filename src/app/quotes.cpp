#include "kurs/app/quotes.hpp"

#include <openssl/rand.h>
#include <spdlog/spdlog.h>

#include <array>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <stdexcept>
#include <utility>

namespace kurs {

using lock::LockFailure;

std::string random_uuid() {
    boost::uuids::uuid id{};
    if (RAND_bytes(id.data, sizeof id.data) != 1) throw std::runtime_error("OpenSSL has no random bytes");
    id.data[6] = static_cast<unsigned char>(0x40 | (id.data[6] & 0x0f));  // version 4
    id.data[8] = static_cast<unsigned char>(0x80 | (id.data[8] & 0x3f));  // variant of the RFC
    return boost::uuids::to_string(id);
}

Quotes::Quotes(std::vector<std::unique_ptr<lock::QuoteStore>> stores, PoolLimits limits) {
    if (!stores.empty()) stores_.emplace(std::move(stores), limits);
}

net::awaitable<lock::LockAnswer> Quotes::ask(lock::LockQuestion question) {
    if (!stores_) co_return LockFailure::not_kept;
    auto answer = [asked = std::move(question)](lock::QuoteStore& store, Duration left) {
        return store.answer(asked, left);
    };
    auto called = co_await stores_->run(std::move(answer));
    if (called && *called) {
        if (std::exchange(is_failing_, false)) spdlog::info("quotes: the store answers again");
        co_return **std::move(called);
    }
    const bool is_full = !called && called.error() == PoolFailure::full;
    const auto failure = called    ? called->error()
                         : is_full ? lock::StoreFailure{LockFailure::busy, "too many questions"}
                                   : lock::StoreFailure{LockFailure::overdue, "timed out in the queue"};
    const bool is_answer = failure.kind == LockFailure::unknown || failure.kind == LockFailure::other_request;
    if (is_answer) is_failing_ = false;
    if (!is_answer && !std::exchange(is_failing_, true))
        spdlog::warn("quotes: the store fails, reason={}", failure.text);
    co_return failure.kind;
}

}  // namespace kurs
