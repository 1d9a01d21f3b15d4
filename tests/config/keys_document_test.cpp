#include "kurs/config/keys_document.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using access::Scope;

struct Parsed {
    std::optional<access::Rules> rules;
    std::string problems;
};

Parsed parse(std::string_view text) {
    std::vector<Problem> problems;
    Parsed parsed{parse_keys_document(text, problems), {}};
    for (const auto& problem : problems) parsed.problems += to_string(problem) + "\n";
    EXPECT_EQ(parsed.rules.has_value(), problems.empty());
    return parsed;
}

// Digests of "abc" and of "abd".
constexpr std::string_view abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view abd = "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9";

std::string entry(std::string_view name, std::string_view digest,
                  std::string_view rest = R"("scopes": ["read"])") {
    return R"({"name": ")" + std::string(name) + R"(", "sha256": ")" + std::string(digest) + "\", " +
           std::string(rest) + "}";
}

std::string with(const std::string& entries, const std::string& rest = "") {
    return "{\"keys\": [" + entries + "]" + rest + "}";
}

TEST(KeysDocument, IsRead) {
    const auto rules =
        parse(with("// the shop\n" + entry("shop", abc, R"("scopes": ["read"], "per_second": 20)") + "," +
                       entry("desk", abd, R"("scopes": ["admin", "read", "quote"], "per_second": 7)"),
                   R"(, "anonymous": ["read"])"))
            .rules.value();
    ASSERT_EQ(rules.keys.size(), 2u);
    EXPECT_EQ(rules.keys[0].name, "shop");
    EXPECT_EQ(rules.keys[0].digest, access::digest_of("abc"));
    EXPECT_EQ(rules.keys[0].scopes, std::vector{Scope::read});
    EXPECT_EQ(rules.keys[0].per_second, 20u);
    EXPECT_EQ(rules.keys[1].digest, access::digest_of("abd"));
    EXPECT_EQ(rules.keys[1].scopes, (std::vector{Scope::admin, Scope::read, Scope::quote}));
    EXPECT_EQ(rules.keys[1].per_second, 7u);
    EXPECT_EQ(rules.anonymous, std::vector{Scope::read});
}

TEST(KeysDocument, EveryProblemIsNamed) {
    const std::string key = entry("shop", abc);
    const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
             {"{", "is not JSON"},
             {R"({"keys": [1e400]})", "has a number that is too large"},
             {"[]", "must be a JSON object"},
             {"{}", "must list at least one key"},
             {R"({"keys": {}})", "must be array"},
             {R"({"keys": [1]})", "must be an object"},
             {with(key, R"(, "colour": 1)"), "is unknown; known keys are anonymous, keys"},
             {with(entry("Shop", abc)), "'name' is '(hidden)': must be 1 to 32 lower-case letters"},
             {with(entry("shop", "abc")), "must be the SHA-256 of a key"},
             {with(entry("shop", std::string(64, 'g'))), "must be the SHA-256 of a key"},
             {with(entry("shop", empty)), "is the SHA-256 of nothing"},
             {with(entry("shop", abc, R"("scopes": [])")), "must name at least one of read, quote and admin"},
             {with(entry("shop", abc, R"("scopes": ["write"])")),
              "'scopes' is '(hidden)': must be read, quote or admin"},
             {with(entry("shop", abc, R"("scopes": ["read"], "per_second": 0)")), "from 1 to 1000000"},
             {with(entry("shop", abc, R"("scopes": ["read"], "per_second": 1.5)")), "from 1 to 1000000"},
             {with(key + "," + entry("shop", abd)),
              "keys, number 2, 'name' is '(hidden)': is that of another key too"},
             {with(key + "," + entry("shop2", abc)),
              "keys, number 2, 'sha256' is '(hidden)': is that of another key too"},
             {with("1," + key + ",2"), "keys, number 3 is '(hidden)': must be an object"},
             {with(entry("shop", abc, R"("scopes": ["quote"])")), "must be set for the scope quote"},
             {with(key, R"(, "anonymous": ["admin"])"), "takes a key"},
             {with(key, R"(, "anonymous": ["read", "quote"])"), "takes a key"},
         }) {
        const auto problems = parse(text).problems;
        EXPECT_NE(problems.find(expected), std::string::npos) << text << "\n" << problems;
    }
}

TEST(KeysDocument, AKeyInTheWrongPlaceIsNotShown) {
    const std::string key = "kurs_5f2b8c4e0d9a47e1b3c6f1d28e907b35a4c6d8e0";
    for (const auto& text :
         {with(entry("shop", key)), with(entry(key, abc)),
          with(entry("shop", abc, "\"scopes\": [\"" + key + "\"]")),
          with(entry("shop", abc, "\"scopes\": \"" + key + "\"")),
          with(entry("shop", abc, "\"scopes\": [\"read\"], \"" + key + "\": 1")), with("\"" + key + "\""),
          "{\"keys\": {\"shop\": \"" + key + "\"}}",
          with(entry("shop", abc), ", \"anonymous\": [\"" + key + "\"]"),
          with(entry("shop", abc, "\"scopes\": [\"read\"], \"per_second\": \"" + key + "\""))}) {
        const auto problems = parse(text).problems;
        EXPECT_NE(problems, "") << text;
        EXPECT_EQ(problems.find("5f2b"), std::string::npos) << problems;
    }
}

}  // namespace
}  // namespace kurs
