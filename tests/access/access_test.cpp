#include "kurs/access/access.hpp"

#include <gtest/gtest.h>

namespace kurs::access {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'800'000'000s};

Gate gate_of(std::vector<Scope> anonymous = {}) {
    return Gate({{{"shop", digest_of("key of the shop"), {Scope::read}, 3},
                  {"desk", digest_of("key of the desk"), {Scope::read, Scope::admin}, 0}},
                 std::move(anonymous)});
}

Verdict verdict(Gate& gate, std::string_view authorization, Scope scope = Scope::read) {
    return gate.admit(authorization, scope, noon).verdict;
}

TEST(Access, ADigestIsTheSha256) {
    // FIPS 180-4's example "abc", the first and last bytes.
    const auto digest = digest_of("abc");
    EXPECT_EQ(digest.front(), 0xba);
    EXPECT_EQ(digest.back(), 0xad);
}

TEST(Access, AKeyIsAdmittedToItsScopes) {
    auto gate = gate_of();
    EXPECT_EQ(verdict(gate, "Bearer key of the shop"), Verdict::admitted);
    EXPECT_EQ(verdict(gate, "bearer   key of the desk", Scope::admin), Verdict::admitted);
    const auto [refused, key] = gate.admit("Bearer key of the shop", Scope::admin, noon);
    EXPECT_EQ(refused, Verdict::out_of_scope);
    EXPECT_EQ(key->name, "shop");
}

TEST(Access, AnyOtherKeyIsUnknown) {
    auto gate = gate_of({Scope::read});
    for (const auto* text : {"Bearer key of the sho", "Bearer key of the shop2", "Bearer Key of the shop",
                             "Bearer ", "Bearer key of the shop, Bearer key of the shop"})
        EXPECT_EQ(verdict(gate, text), Verdict::unknown_key) << text;
}

TEST(Access, WithoutAKeyOnlyWhatIsOpenIsAdmitted) {
    auto closed = gate_of();
    auto open = gate_of({Scope::read});
    // Basic is what a proxy in front asks for.
    for (const auto* text : {"", "Basic c2hvcDprZXk=", "Bearer"}) {
        EXPECT_EQ(verdict(closed, text), Verdict::without_key);
        EXPECT_EQ(verdict(open, text), Verdict::admitted);
        EXPECT_EQ(verdict(open, text, Scope::admin), Verdict::without_key);
    }
    EXPECT_TRUE(open.is_open(Scope::read));
    EXPECT_FALSE(closed.is_open(Scope::read));
}

TEST(Access, AKeyHasItsRequestsOfEachSecond) {
    auto gate = gate_of();
    const auto admitted = [&](TimePoint now) {
        int count = 0;
        for (int i = 0; i < 5; ++i)
            count += gate.admit("Bearer key of the shop", Scope::read, now).verdict == Verdict::admitted;
        return count;
    };
    EXPECT_EQ(admitted(noon + 100ms), 3);
    EXPECT_EQ(admitted(noon + 999ms), 0);
    EXPECT_EQ(gate.admit("Bearer key of the shop", Scope::read, noon + 999ms).verdict, Verdict::too_many);
    EXPECT_EQ(verdict(gate, "Bearer key of the desk"), Verdict::admitted) << "the limit is the shop's";
    EXPECT_EQ(admitted(noon + 1s), 3);
    EXPECT_EQ(admitted(noon - 1h), 3) << "a clock that was set back does not lock a key out";
}

}  // namespace
}  // namespace kurs::access
