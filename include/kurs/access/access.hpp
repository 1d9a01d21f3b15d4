#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/time.hpp"

namespace kurs::access {

/// What a request may do.
enum class Scope : std::uint8_t {
    read,   ///< rates, conversions, history and push
    quote,  ///< locking quotes, and reading locked ones
    admin,  ///< what the operator keeps to himself, such as the markups of exports
};

/// SHA-256 of a key. Keys are random (docs/operating.md makes one of 160 bits), so a digest needs no salt.
using Digest = std::array<unsigned char, 32>;
Digest digest_of(std::string_view key);

struct Key {
    std::string name;  ///< for errors; not secret
    Digest digest{};
    std::vector<Scope> scopes;
    std::uint32_t per_second = 0;  ///< most requests within a second of the clock; 0: no limit
};

/// Whose requests are answered.
struct Rules {
    std::vector<Key> keys;         ///< of different names and digests
    std::vector<Scope> anonymous;  ///< of requests without a key
};

enum class Verdict : std::uint8_t { admitted, without_key, unknown_key, out_of_scope, too_many };

struct Decision {
    Verdict verdict{};
    const Key* key = nullptr;  ///< the key of the request, if it is known; lives as long as the gate
};

/// Decides which requests are answered, and counts those of each key. Pure: time is an argument.
class Gate {
public:
    explicit Gate(Rules rules);

    /// `authorization`: the value of the request's header Authorization (RFC 6750, 2.1); empty if it has
    /// none. Schemes other than Bearer are for proxies, and no key.
    Decision admit(std::string_view authorization, Scope scope, TimePoint now);

    /// Whether a request without a key has the scope.
    bool is_open(Scope scope) const;

private:
    struct Use {
        TimePoint second{};
        std::uint32_t count = 0;
    };

    const Key* find(std::string_view presented) const;
    bool has_room(const Key& key, TimePoint now);

    Rules rules_;
    std::vector<Use> uses_;  ///< of each key
};

}  // namespace kurs::access
