#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clock.hpp"

namespace sim {

/// A request with its target parsed and percent-decoded.
struct Request {
    std::string method;
    std::string path;
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    std::string repeated = {};  ///< a parameter that occurs more than once; empty if none

    /// Empty if absent.
    std::string header(const std::string& name) const;
    std::optional<std::string> parameter(const std::string& name) const;
};

/// How the bytes of a reply are sent.
enum class Delivery { normal, never, slow_headers, slow_body, cut_body, wrong_length, reset };

struct Reply {
    unsigned status = 200;
    std::string type = "application/json";
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    Delivery delivery = Delivery::normal;
    Millis duration{0};  ///< of a slow delivery
};

/// Sets path and query.
void parse_target(std::string_view target, Request& request);
std::string percent_decode(std::string_view text);

/// Status line and headers, including the empty line.
std::string head_of(const Reply& reply, bool keep_alive);

/// The page that a content delivery network returns instead of the service.
Reply firewall_page(unsigned status);

}  // namespace sim
