#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/time.hpp"

// Signatures of messages (Standard Webhooks 1.0.0).
namespace kurs::alerts {

/// One or two secrets that the receiver knows. Two while one replaces the other.
class Secrets {
public:
    /// Reads "whsec_" and base64 of 24 to 64 bytes, once or twice with a comma between. The failure is a rule
    /// that reveals nothing of a secret.
    static boost::system::result<Secrets, std::string> parse(std::string_view text);

    /// The value of the header webhook-signature: an HMAC-SHA256 of "id.timestamp.body" for each secret.
    std::string sign(std::string_view id, std::string_view timestamp, std::string_view body) const;

private:
    std::vector<std::string> keys_;
};

/// Whole seconds since 1970, for the header webhook-timestamp.
std::string timestamp_of(TimePoint time);

}  // namespace kurs::alerts
