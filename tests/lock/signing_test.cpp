#include "kurs/lock/signing.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <memory>

namespace kurs::lock {
namespace {

std::string block(const std::string& kind, const std::string& body) {
    return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
}

// The key of RFC 8037, appendix A, in PKCS #8.
const auto known = block("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g");
const auto other = block("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEII1dYyYct5do3i5Znxi2otlluSZuz2pXhBwkhBMhae1v");
const auto third = block("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIMAqL1f0PbtH0FVsXc8u3yYpkZ4zJf3bqkq1pYc1nq5t");
const auto x25519 = block("PRIVATE KEY", "MC4CAQAwBQYDK2VuBCIEIMD4KvlPlBqSfbHjBgTPtAcTknGX24Va+nnB1JQOhw1J");
const auto locked = block("ENCRYPTED PRIVATE KEY",
                          "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAheyaOIHK5ANAICCAAw\n"
                          "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECZu3m2Fw88pfTXHi2tJAgcEQOj7\n"
                          "n0c4E8vSI277U4+KidgvJ2bKwcRPhgN6nAyFokd0ZUHMRqIBZU9xFKpG7eknie9a\n"
                          "XO/KeFCP6IAdNjkgrcs=");
const auto published_half =
    block("PUBLIC KEY", "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");

constexpr std::string_view known_jwk =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
    R"("kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","use":"sig","alg":"EdDSA"})";

std::string decode(std::string text) {
    for (auto& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    const auto missing = (4 - text.size() % 4) % 4;
    text.append(missing, '=');
    std::string bytes(text.size(), '\0');
    const auto length =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    bytes.resize(static_cast<std::size_t>(length) - missing);
    return bytes;
}

bool is_signed(const std::string& public_bytes, const std::string& input, const std::string& signature) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                    reinterpret_cast<const unsigned char*>(public_bytes.data()),
                                    public_bytes.size()),
        &EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(input.data()),
                            input.size()) == 1;
}

TEST(SigningKeys, ArePublishedWithTheirThumbprints) {
    EXPECT_EQ(SigningKeys::parse(known)->published(), "{\"keys\":[" + std::string(known_jwk) + "]}");
    EXPECT_EQ(SigningKeys::parse(known + other)->signer_name(),
              "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    const auto both = SigningKeys::parse("comments are allowed\n" + other + known)->published();
    EXPECT_TRUE(both.ends_with("," + std::string(known_jwk) + "]}")) << both;
}

TEST(SigningKeys, TheFirstOneSignsBytesThatAreNotEncoded) {
    const std::string payload = R"({"id":"q1","in":"1","out":"78.9412"})";
    const auto signature = SigningKeys::parse(known + other)->sign(payload);
    const auto dots = signature.find("..");
    ASSERT_NE(dots, std::string::npos);
    const auto header = signature.substr(0, dots);
    EXPECT_EQ(decode(header), R"({"alg":"EdDSA","b64":false,"crit":["b64"],)"
                              R"("kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"})");
    const auto key = decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    const auto bytes = decode(signature.substr(dots + 2));
    EXPECT_EQ(bytes.size(), 64U);
    EXPECT_TRUE(is_signed(key, header + "." + payload, bytes));
    EXPECT_FALSE(is_signed(key, header + "." + payload + " ", bytes));
}

TEST(SigningKeys, AreOneOrTwoOfTheirKind) {
    for (const auto& text :
         {std::string(), std::string("no key"), x25519, locked, published_half, known + other + third,
          known + locked, known + published_half, known.substr(0, 60), known + x25519}) {
        const auto parsed = SigningKeys::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_TRUE(parsed.error().starts_with("must be one or two Ed25519 private keys in PEM"));
    }
    EXPECT_EQ(SigningKeys::parse(known + known).error(), "has the same key twice");
}

}  // namespace
}  // namespace kurs::lock
