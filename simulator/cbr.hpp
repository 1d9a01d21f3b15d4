#pragma once

#include "faults.hpp"
#include "http_message.hpp"
#include "rouble_rate.hpp"

namespace sim {

/// The daily rates of the Bank of Russia, as XML in windows-1251.
class BankOfRussia {
public:
    BankOfRussia(const RoubleRate& rouble, FaultTable& faults) : rouble_(rouble), faults_(faults) {}
    Reply answer(const Request& request, Instant now);

private:
    std::string document(Instant now);

    const RoubleRate& rouble_;
    FaultTable& faults_;
};

/// "23.11.2026", the day in Moscow.
std::string moscow_date(Instant now);

}  // namespace sim
