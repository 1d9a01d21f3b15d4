#include "redis/script.hpp"

#include <openssl/evp.h>

#include <array>
#include <iterator>

namespace kurs::redis {
namespace {

/// SHA-1 in hexadecimal, by which Redis identifies scripts.
std::string digest_of(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_sha1(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest.at(i) >> 4U];
        hex += "0123456789abcdef"[digest.at(i) & 15U];
    }
    return hex;
}

}  // namespace

Script::Script(std::string_view text) : text_(text), digest_(digest_of(text)) {}

net::awaitable<log_result<Reply>> Script::run(Line& line, Connection::Words keys,
                                              Connection::Words arguments) const {
    Connection::Words words{"EVALSHA", digest_, std::to_string(keys.size())};
    std::ranges::move(keys, std::back_inserter(words));
    std::ranges::move(arguments, std::back_inserter(words));
    auto reply = co_await line.command(words);
    if (!reply || !reply->is_error("NOSCRIPT")) co_return reply;
    words[0] = "EVAL";
    words[1] = text_;
    co_return co_await line.command(words);
}

}  // namespace kurs::redis
