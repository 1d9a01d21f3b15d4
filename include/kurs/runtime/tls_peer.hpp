#pragma once

#include <openssl/types.h>

#include <string>

namespace kurs {

/// Makes OpenSSL verify the certificate against the bare host, and sends the host name in the ClientHello
/// (SNI) unless it is an address. False if it cannot be verified.
bool expect_host(SSL* tls, const std::string& host);

/// Why the peer's certificate was not accepted, for the log. Empty if it was, or has not been received.
std::string why_untrusted(const SSL* tls);

}  // namespace kurs
