#pragma once

#include <string>
#include <string_view>

#include "redis/line.hpp"

namespace kurs::redis {

/// What Redis does in one step, in Lua. Sent in full only where Redis does not know its digest yet.
class Script {
public:
    explicit Script(std::string_view text);

    /// Runs it with KEYS and ARGV. What Lua calls false comes as nil.
    net::awaitable<store_result<Reply>> run(Line& line, Connection::Words keys,
                                            Connection::Words arguments) const;

private:
    std::string text_;
    std::string digest_;
};

}  // namespace kurs::redis
