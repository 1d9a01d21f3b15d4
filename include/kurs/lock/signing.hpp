#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;  // EVP_PKEY of OpenSSL

// Signatures of quotes: JSON Web Signatures with Ed25519 (RFC 7515, RFC 8037).
namespace kurs::lock {

/// One or two Ed25519 keys. The first one signs. Both are published, so that one can replace the other while
/// clients know both.
class SigningKeys {
public:
    /// Reads private keys in PEM, as "openssl genpkey -algorithm ed25519" writes them. A failure is a rule
    /// that reveals nothing of a key.
    static boost::system::result<SigningKeys, std::string> parse(std::string_view pem);

    /// A detached signature of these bytes, which are not encoded (RFC 7797): "header..signature".
    std::string sign(std::string_view payload) const;

    /// The name of the key that signs, `kid`: its thumbprint (RFC 7638).
    const std::string& signer_name() const { return signer_name_; }

    /// The public keys, as a JWK Set (RFC 7517).
    const std::string& published() const { return published_; }

private:
    using PrivateKey = std::shared_ptr<evp_pkey_st>;

    SigningKeys() = default;

    PrivateKey signer_;
    std::string signer_name_;
    std::string header_;  ///< of every signature, encoded
    std::string published_;
};

}  // namespace kurs::lock
