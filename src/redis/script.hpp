#pragma once

#include <string>
#include <string_view>

#include "redis/line.hpp"

namespace kurs::redis {

/// A Lua script that Redis runs atomically. Sent in full only if Redis does not have it cached.
class Script {
public:
    explicit Script(std::string_view text);

    /// Runs the script with KEYS and ARGV. Lua's false is returned as nil.
    net::awaitable<log_result<Reply>> run(Line& line, Connection::Words keys,
                                          Connection::Words arguments) const;

private:
    std::string text_;
    std::string digest_;
};

}  // namespace kurs::redis
