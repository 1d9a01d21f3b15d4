#include "kurs/access/access.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <stdexcept>
#include <utility>

namespace kurs::access {
namespace {

constexpr std::string_view scheme = "Bearer ";

bool has(const std::vector<Scope>& scopes, Scope scope) {
    return std::ranges::find(scopes, scope) != scopes.end();
}

}  // namespace

Digest digest_of(std::string_view key) {
    Digest digest;
    unsigned length = 0;
    if (EVP_Digest(key.data(), key.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL has no SHA-256");
    return digest;
}

Gate::Gate(Rules rules) : rules_(std::move(rules)), uses_(rules_.keys.size()) {}

Decision Gate::admit(std::string_view authorization, Scope scope, TimePoint now) {
    if (!boost::algorithm::istarts_with(authorization, scheme))
        return {is_open(scope) ? Verdict::admitted : Verdict::without_key};
    const auto start = std::min(authorization.find_first_not_of(' ', scheme.size()), authorization.size());
    const auto* const key = find(authorization.substr(start));
    if (!key) return {Verdict::unknown_key};
    if (!has(key->scopes, scope)) return {Verdict::out_of_scope, key};
    return {has_room(*key, now) ? Verdict::admitted : Verdict::too_many, key};
}

bool Gate::is_open(Scope scope) const {
    return has(rules_.anonymous, scope);
}

/// Compares with every key, each in constant time, so that the time tells nothing about any of them.
const Key* Gate::find(std::string_view presented) const {
    const auto digest = digest_of(presented);
    const Key* found = nullptr;
    for (const auto& key : rules_.keys)
        if (CRYPTO_memcmp(key.digest.data(), digest.data(), digest.size()) == 0) found = &key;
    return found;
}

bool Gate::has_room(const Key& key, TimePoint now) {
    if (key.per_second == 0) return true;
    auto& use = uses_[static_cast<std::size_t>(&key - rules_.keys.data())];
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (use.second != second) use = {second, 0};
    if (use.count >= key.per_second) return false;
    ++use.count;
    return true;
}

}  // namespace kurs::access
