#include "kurs/runtime/tls_peer.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ip/address.hpp>

namespace kurs {

bool expect_host(SSL* tls, const std::string& host) {
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1;
    return SSL_set1_host(tls, host.c_str()) == 1 && SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
}

std::string why_untrusted(const SSL* tls) {
    const long verdict = SSL_get_verify_result(tls);
    switch (verdict) {
        case X509_V_OK: return "";
        case X509_V_ERR_CERT_HAS_EXPIRED: return "certificate expired";
        case X509_V_ERR_CERT_NOT_YET_VALID: return "certificate not yet valid";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH: return "host name mismatch";
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "unknown issuer";
        default: return X509_verify_cert_error_string(verdict);
    }
}

}  // namespace kurs
