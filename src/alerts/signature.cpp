#include "kurs/alerts/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <boost/algorithm/string.hpp>
#include <optional>
#include <stdexcept>

namespace kurs::alerts {
namespace {

constexpr std::string_view prefix = "whsec_";
constexpr std::size_t fewest_bytes = 24, most_bytes = 64;
constexpr std::size_t most_secrets = 2;

constexpr auto rule =
    "must be whsec_ and base64 of 24 to 64 bytes, or two of them with a comma between, as in "
    "'echo whsec_$(openssl rand -base64 32)'";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<std::string> decode(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    std::string bytes(text.size(), '\0');
    const auto length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                        static_cast<int>(text.size()));
    if (length == -1) return std::nullopt;
    const auto padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    bytes.resize(static_cast<std::size_t>(length - padding));
    return bytes;
}

std::string encode(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                        static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::string hmac(const std::string& key, const std::string& input) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(input), input.size(),
              digest.data(), &length))
        throw std::runtime_error("OpenSSL has no HMAC-SHA256");
    return {reinterpret_cast<const char*>(digest.data()), length};
}

}  // namespace

boost::system::result<Secrets, std::string> Secrets::parse(std::string_view text) {
    std::vector<std::string> items;
    boost::algorithm::split(items, text, [](char c) { return c == ','; });
    Secrets secrets;
    for (const auto& item : items) {
        if (!item.starts_with(prefix)) return std::string(rule);
        auto key = decode(std::string_view(item).substr(prefix.size()));
        if (!key || key->size() < fewest_bytes || key->size() > most_bytes) return std::string(rule);
        secrets.keys_.push_back(*std::move(key));
    }
    if (secrets.keys_.size() > most_secrets) return std::string(rule);
    return secrets;
}

std::string Secrets::sign(std::string_view id, std::string_view timestamp, std::string_view body) const {
    std::string input(id);
    input.append(".").append(timestamp).append(".").append(body);
    std::string signatures;
    for (const auto& key : keys_)
        signatures.append(signatures.empty() ? "v1," : " v1,").append(encode(hmac(key, input)));
    return signatures;
}

std::string timestamp_of(TimePoint time) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

}  // namespace kurs::alerts
