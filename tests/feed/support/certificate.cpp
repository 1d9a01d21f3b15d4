#include "support/certificate.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <cstdio>
#include <fstream>
#include <memory>

namespace kurs::testing {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(BIO* memory) const { BIO_free(memory); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string content(BIO* memory) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

void extend(X509* certificate, int kind, const char* value) {
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
    X509_add_ext(certificate, extension.get(), -1);
}

}  // namespace

Certificate make_certificate(const std::string& subject, int days) {
    constexpr long day = 24 * 60 * 60;
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const Owned<X509> certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -30 * day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * day);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    const auto* text = reinterpret_cast<const unsigned char*>("kurs test");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate.get(), NID_subject_alt_name, subject.c_str());
    X509_sign(certificate.get(), key.get(), EVP_sha256());

    const Owned<BIO> key_text(BIO_new(BIO_s_mem())), certificate_text(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    PEM_write_bio_X509(certificate_text.get(), certificate.get());
    return {content(key_text.get()), content(certificate_text.get())};
}

boost::asio::ssl::context make_server_context(const Certificate& certificate) {
    namespace ssl = boost::asio::ssl;
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain(boost::asio::buffer(certificate.certificate_pem));
    context.use_private_key(boost::asio::buffer(certificate.key_pem), ssl::context::pem);
    return context;
}

TemporaryFile::TemporaryFile(const std::string& content) : path_(::testing::TempDir() + "kurs-feed-XXXXXX") {
    const int file = mkstemp(path_.data());
    if (file >= 0) close(file);
    std::ofstream(path_) << content;
}

TemporaryFile::~TemporaryFile() {
    std::remove(path_.c_str());
}

}  // namespace kurs::testing
