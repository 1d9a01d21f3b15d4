#include <algorithm>
#include <optional>

#include "kurs/config/environment.hpp"
#include "kurs/domain/trimmed.hpp"

namespace kurs {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool is_name_character(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

std::string_view leading_name(std::string_view text) {
    if (text.empty() || !is_letter(text.front())) return {};
    const auto* const end = std::ranges::find_if_not(text, is_name_character);
    return {text.begin(), end};
}

std::string_view without_export(std::string_view text) {
    constexpr std::string_view word = "export";
    const bool is_exported =
        text.starts_with(word) && text.size() > word.size() && blanks.find(text[word.size()]) != blanks.npos;
    return is_exported ? trimmed(text.substr(word.size()), blanks) : text;
}

std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// The meaning of a backslash and `c` inside such quotes. A dollar sign is doubled, so that it stays literal.
std::string unescaped(char c, char quote) {
    if (c == quote) return {c};
    constexpr std::string_view letters = "abfnrtv\\", meanings = "\a\b\f\n\r\t\v\\";
    const auto found = quote == '"' ? letters.find(c) : letters.npos;
    if (found != letters.npos) return {meanings[found]};
    return quote == '"' && c == '$' ? "$$" : std::string{'\\', c};
}

/// Takes a quoted text, which may span lines. None if the closing quote is missing.
std::optional<std::string> take_quoted(std::string_view& text) {
    const char quote = text.front();
    std::string value;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == quote) return text.remove_prefix(at + 1), value;
        if (text[at] == '\\' && at + 1 < text.size()) {
            value += unescaped(text[++at], quote);
        } else {
            value += text[at];
        }
    }
    return std::nullopt;
}

/// A value, or the rule that its text breaks. The rule never quotes the text, which may be a password.
struct Value {
    std::string text;
    std::string rule;
};

Value refused(std::string rule) {
    return {{}, std::move(rule)};
}

class EnvFile {
public:
    EnvFile(const Environment& process, std::vector<Problem>& problems)
        : process_(process), problems_(problems) {}

    Environment read(std::string_view text) {
        const auto all = text;
        while (!text.empty()) {
            const auto number = 1 + std::ranges::count(all.substr(0, all.size() - text.size()), '\n');
            read_statement(text, ".env line " + std::to_string(number));
        }
        return std::move(values_);
    }

private:
    void read_statement(std::string_view& text, const std::string& where) {
        const auto line = text.substr(0, text.find('\n'));
        const auto equals = std::min(line.find('='), line.size());
        const auto name = without_export(trimmed(line.substr(0, equals), blanks));
        const bool is_comment = name.starts_with('#') || trimmed(line, blanks).empty();
        if (is_comment || equals == line.size() || !std::ranges::all_of(name, is_name_character) ||
            name.empty() || name == "export") {
            if (!is_comment) problems_.push_back({where, "", "must be NAME=value, a comment or empty"});
            take_line(text);
            return;
        }
        text.remove_prefix(equals + 1);
        auto value = take_value(text);
        if (value.rule.empty()) {
            values_[std::string(name)] = std::move(value.text);
        } else {
            problems_.push_back({where + ", " + std::string(name), "", std::move(value.rule)});
        }
    }

    Value take_value(std::string_view& text) const {
        const auto begin = std::min(text.find_first_not_of(blanks), text.size());
        const bool is_quoted = text.substr(begin).starts_with('"') || text.substr(begin).starts_with('\'');
        if (!is_quoted) return unquoted(take_line(text));
        text.remove_prefix(begin);
        const bool is_literal = text.front() == '\'';
        const auto value = take_quoted(text);
        const auto rest = trimmed(take_line(text), blanks);
        if (!value) return refused("has no closing quote; inside quotes, write a quote as \\\" or \\'");
        if (!rest.empty() && rest.front() != '#')
            return refused("continues after the closing quote; inside quotes, write a quote as \\\" or \\'");
        return is_literal ? Value{*value, {}} : expanded(*value);
    }

    /// A space and `#` begin a comment. Compose would treat the comments refused here as part of the value.
    Value unquoted(std::string_view line) const {
        auto value = trimmed(line, blanks);
        if (value.starts_with('#') && !line.starts_with('#'))
            return refused(
                "has a comment in place of a value; put the comment on a line of its own, or the value in "
                "quotes");
        value = trimmed(value.substr(0, value.find(" #")), blanks);
        if (value.find("\t#") != value.npos)
            return refused(
                "has a tab before #; write a space to begin a comment, or put the value in quotes");
        const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; };
        if (std::ranges::any_of(value, is_control))
            return refused("has a control character; end lines with LF or CRLF");
        return expanded(value);
    }

    /// Compose expands a variable that is not set to an empty text. A password with a dollar sign would be
    /// truncated.
    Value expanded(std::string_view text) const {
        Value value;
        for (;;) {
            const auto dollar = std::min(text.find('$'), text.size());
            value.text += text.substr(0, dollar);
            if (dollar == text.size()) return value;
            text.remove_prefix(dollar + 1);
            const bool is_braced = text.starts_with('{');
            const auto name = leading_name(text.substr(is_braced ? 1 : 0));
            if (is_braced && (name.empty() || !text.substr(1 + name.size()).starts_with('}')))
                return refused("has a ${ that is not of the form ${NAME}; " + std::string(literal_dollar));
            if (name.empty()) {
                value.text += '$';
                if (text.starts_with('$')) text.remove_prefix(1);
                continue;
            }
            const auto* const known = find(name);
            if (!known)
                return refused("has a $ before the name of a variable that is not set; " +
                               std::string(literal_dollar));
            value.text += *known;
            text.remove_prefix(name.size() + (is_braced ? 2 : 0));
        }
    }

    const std::string* find(std::string_view name) const {
        for (const auto* variables : {&process_, &values_}) {
            if (const auto found = variables->find(name); found != variables->end()) return &found->second;
        }
        return nullptr;
    }

    static constexpr std::string_view literal_dollar =
        "write a dollar sign as $$, or put the value in single quotes";

    const Environment& process_;
    Environment values_;
    std::vector<Problem>& problems_;
};

}  // namespace

Environment parse_env_file(std::string_view text, const Environment& process,
                           std::vector<Problem>& problems) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (text.find('\0') != text.npos || text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        problems.push_back({".env", "", "is not UTF-8 text; save it as UTF-8"});
        return {};
    }
    return EnvFile(process, problems).read(text);
}

}  // namespace kurs
