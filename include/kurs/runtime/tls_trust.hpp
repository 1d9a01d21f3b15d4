#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <stdexcept>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace kurs {

/// Why the trusted certificates cannot be loaded: a sentence for the operator.
struct TlsError {
    std::string message;
};

[[noreturn]] inline void throw_exception_from_error(const TlsError& error, const boost::source_location&) {
    throw std::runtime_error(error.message);
}

/// The trusted certificate authorities: the system's, and optionally those of a file. Requires TLS 1.2 or
/// newer. The peer and its host name are always verified.
class TlsTrust {
public:
    /// `trusted_ca_file`: PEM, or empty for none. Reads files, so it is called at startup. Fails if the file
    /// cannot be read or holds no certificate.
    static boost::system::result<TlsTrust, TlsError> load(const std::string& trusted_ca_file);

    TlsTrust(TlsTrust&&) noexcept;
    TlsTrust& operator=(TlsTrust&&) noexcept;
    ~TlsTrust();

    boost::asio::ssl::context& context() const { return *context_; }

private:
    explicit TlsTrust(std::unique_ptr<boost::asio::ssl::context> context);

    std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace kurs
