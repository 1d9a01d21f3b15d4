#include "kurs/runtime/tls_trust.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>

namespace kurs {

TlsTrust::TlsTrust(std::unique_ptr<boost::asio::ssl::context> context) : context_(std::move(context)) {}
TlsTrust::TlsTrust(TlsTrust&&) noexcept = default;
TlsTrust& TlsTrust::operator=(TlsTrust&&) noexcept = default;
TlsTrust::~TlsTrust() = default;

boost::system::result<TlsTrust, TlsError> TlsTrust::load(const std::string& trusted_ca_file) {
    namespace ssl = boost::asio::ssl;
    auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_verify_mode(ssl::verify_peer);

    boost::system::error_code failure;
    if (context->set_default_verify_paths(failure); failure) {
        return TlsError{"the system's certificate authorities cannot be read: " + failure.message()};
    }
    if (trusted_ca_file.empty()) return TlsTrust(std::move(context));

    if (context->load_verify_file(trusted_ca_file, failure); failure) {
        return TlsError{"the certificate authorities in " + trusted_ca_file +
                        " cannot be read: " + failure.message()};
    }
    return TlsTrust(std::move(context));
}

}  // namespace kurs
