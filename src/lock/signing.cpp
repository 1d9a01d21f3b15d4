#include "kurs/lock/signing.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace kurs::lock {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t signature_bytes = 64;
constexpr std::size_t most_keys = 2;

constexpr auto rule =
    "must be one or two Ed25519 private keys in PEM, as 'openssl genpkey -algorithm ed25519' writes them";

using Key = std::shared_ptr<EVP_PKEY>;

/// "base64url" without padding (RFC 7515, 2).
std::string encode(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const auto length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    while (text.ends_with('=')) text.pop_back();
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

/// The public half, encoded. Empty for a key of another kind.
std::string public_half(const Key& key) {
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) return {};
    std::string bytes(key_bytes, '\0');
    auto length = bytes.size();
    const bool is_read =
        EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length) == 1;
    return is_read ? encode(bytes) : std::string();
}

std::string thumbprint(const std::string& x) {
    const auto members = R"({"crv":"Ed25519","kty":"OKP","x":")" + x + "\"}";
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    if (EVP_Digest(members.data(), members.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
                   EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL has no SHA-256");
    return encode(std::string_view(digest).substr(0, length));
}

/// How many PEM blocks of any kind begin in the text.
std::size_t count_blocks(std::string_view pem) {
    constexpr std::string_view beginning = "-----BEGIN ";
    std::size_t count = 0;
    for (auto at = pem.find(beginning); at != pem.npos; at = pem.find(beginning, at + 1)) ++count;
    return count;
}

/// The private keys, in order. OpenSSL passes over blocks of another kind, and stops at a malformed one.
std::vector<Key> read_keys(std::string_view pem) {
    std::vector<Key> keys;
    const std::unique_ptr<BIO, decltype(&BIO_free)> input(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    const auto no_password = [](char*, int, int, void*) { return -1; };
    while (auto* const key = PEM_read_bio_PrivateKey(input.get(), nullptr, no_password, nullptr))
        keys.emplace_back(key, &EVP_PKEY_free);
    ERR_clear_error();
    return keys;
}

}  // namespace

boost::system::result<SigningKeys, std::string> SigningKeys::parse(std::string_view pem) {
    const auto keys = read_keys(pem);
    if (keys.empty() || keys.size() > most_keys || keys.size() != count_blocks(pem)) return std::string(rule);
    SigningKeys parsed;
    std::vector<std::string> names;
    for (const auto& key : keys) {
        const auto x = public_half(key);
        if (x.empty()) return std::string(rule);
        const auto name = thumbprint(x);
        if (std::ranges::find(names, name) != names.end()) return std::string("has the same key twice");
        names.push_back(name);
        parsed.published_ += parsed.published_.empty() ? R"({"keys":[)" : ",";
        parsed.published_ += R"({"kty":"OKP","crv":"Ed25519","x":")" + x + R"(","kid":")" + name +
                             R"(","use":"sig","alg":"EdDSA"})";
    }
    parsed.published_ += "]}";
    parsed.signer_ = keys.front();
    parsed.signer_name_ = names.front();
    parsed.header_ = encode(R"({"alg":"EdDSA","b64":false,"crit":["b64"],"kid":")" + names.front() + "\"}");
    return parsed;
}

std::string SigningKeys::sign(std::string_view payload) const {
    const auto input = header_ + "." + std::string(payload);
    std::string signature(signature_bytes, '\0');
    auto length = signature.size();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const bool is_signed =
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, signer_.get()) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                       reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1;
    if (!is_signed) throw std::runtime_error("OpenSSL cannot sign with Ed25519");
    return header_ + ".." + encode(signature);
}

}  // namespace kurs::lock
