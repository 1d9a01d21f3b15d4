#pragma once

#include <pqxx/transaction_base>

namespace kurs::postgres {

/// Of the whole database, until the transaction ends.
enum class Lock {
    migrate = 1,
    write = 2,  ///< quotes and candles: a candle is right only if nobody else is writing its quotes
};

/// A statement of its own: the next one sees all that earlier holders have committed.
inline void take_lock(pqxx::transaction_base& transaction, Lock lock) {
    constexpr int kurs = 0x6b757273;  // so that we meet no other service's locks
    transaction.exec_params("select pg_advisory_xact_lock($1, $2)", kurs, static_cast<int>(lock));
}

}  // namespace kurs::postgres
