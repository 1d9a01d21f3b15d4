#include "certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace sim {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;

constexpr long day = 24L * 3600;

void require(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string{"openssl: cannot "} + what);
}

Key make_key() {
    Key key{EVP_EC_gen("P-256")};
    require(key != nullptr, "make a key");
    return key;
}

template <class Write>
std::string to_pem(Write write) {
    const Bio bio{BIO_new(BIO_s_mem())};
    require(bio && write(bio.get()) == 1, "write PEM");
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509* certificate) {
    return to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string key_pem(EVP_PKEY* key) {
    return to_pem(
        [&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension{
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

/// Seconds from now.
struct Validity {
    long from;
    long until;
};

Certificate make_unsigned(const std::string& name, EVP_PKEY* key, Validity validity) {
    Certificate certificate{X509_new()};
    require(certificate != nullptr, "make a certificate");
    X509_set_version(certificate.get(), 2);  // that is, 3
    unsigned char serial[8];
    require(RAND_bytes(serial, sizeof serial) == 1, "get random bytes");
    serial[0] &= 0x7f;
    const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number{BN_bin2bn(serial, sizeof serial, nullptr),
                                                            BN_free};
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), validity.from);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity.until);
    X509_set_pubkey(certificate.get(), key);
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, text, -1, -1, 0);
    return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "sign");
}

struct Authority {
    Key key;
    Certificate certificate;
};

Authority make_authority() {
    Authority authority{make_key(), nullptr};
    authority.certificate = make_unsigned("kurs-sim CA", authority.key.get(), {-day, 3650 * day});
    auto* certificate = authority.certificate.get();
    extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    extend(certificate, certificate, NID_subject_key_identifier, "hash");
    sign(certificate, certificate, authority.key.get());
    return authority;
}

Identity make_leaf(const Authority& authority, const std::string& alternative_names, Validity validity) {
    const auto key = make_key();
    const auto leaf = make_unsigned("kurs-sim", key.get(), validity);
    extend(leaf.get(), authority.certificate.get(), NID_subject_alt_name, alternative_names);
    extend(leaf.get(), authority.certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    extend(leaf.get(), authority.certificate.get(), NID_ext_key_usage, "serverAuth");
    extend(leaf.get(), authority.certificate.get(), NID_authority_key_identifier, "keyid");
    sign(leaf.get(), authority.certificate.get(), authority.key.get());
    return {certificate_pem(leaf.get()), key_pem(key.get())};
}

bool is_address(const std::string& name) {
    return name.find_first_not_of("0123456789.") == std::string::npos || name.find(':') != std::string::npos;
}

}  // namespace

Certificates make_certificates(const std::vector<std::string>& names) {
    std::string alternative = "DNS:localhost,IP:127.0.0.1";
    for (const auto& name : names) alternative += (is_address(name) ? ",IP:" : ",DNS:") + name;
    const auto authority = make_authority();
    return {.authority = certificate_pem(authority.certificate.get()),
            .good = make_leaf(authority, alternative, {-day, 365 * day}),
            .expired = make_leaf(authority, alternative, {-30 * day, -day}),
            .wrong_name = make_leaf(authority, "DNS:other.example", {-day, 365 * day})};
}

}  // namespace sim
