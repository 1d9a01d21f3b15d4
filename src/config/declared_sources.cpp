#include <algorithm>
#include <array>

#include "config/json_parts.hpp"
#include "kurs/config/market_document.hpp"
#include "kurs/domain/duration_text.hpp"
#include "kurs/venue/url_text.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;
using Kind = Json::value_t;

/// What parse_market_document reports of the same document.
struct Unreported {
    void problem(const std::string&, const std::string&, const std::string&) {}
};

/// Keys that stand beside venues in a direction, and the exchanger without a venue.
constexpr std::array<std::string_view, 3> reserved{"allowance", "consensus", "direction"};

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return text.size() >= 2 && text.size() <= 32 && is_letter(text.front()) &&
           std::ranges::find(reserved, text) == reserved.end() && std::ranges::all_of(text, [&](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
           });
}

/// Reads one source. Problems are collected; a part with a problem is left out.
class SourceReader {
public:
    SourceReader(const std::string& venue, std::vector<Problem>& problems)
        : venue_(venue), problems_(problems) {
        made_.venue = venue;
        made_.title = {venue, venue};
    }

    DeclaredSource read(const Json& venue) {
        const auto& entry = member(venue, "source", Kind::object, *this);
        check_keys(entry, {"url", "format", "every", "max_age", "changes_within", "title", "proxy"}, "source",
                   *this);
        read_url(entry);
        read_format(entry);
        read_times(entry);
        if (entry.contains("title")) {
            const auto title = text_of(entry.at("title"), "title", *this);
            made_.title = {title, title};
        }
        for (const auto& [name, symbol] : member(venue, "symbols", Kind::object, *this).items())
            if (symbol.is_object()) read_price(name, symbol);
        if (made_.prices.empty()) problem("symbols", "", "needs at least one");
        return std::move(made_);
    }

    void problem(const std::string& where, std::string value, std::string rule) {
        problems_.push_back(
            {"market map, venue '" + venue_ + "' " + where, std::move(value), std::move(rule)});
    }

private:
    std::string text(const Json& entry, const std::string& key) {
        return entry.contains(key) ? text_of(entry.at(key), key, *this) : "";
    }

    void read_url(const Json& entry) {
        const auto url = text(entry, "url");
        const auto query = std::min(url.find('?'), url.size());
        const auto endpoint = parse_endpoint(url.substr(0, query), "http", "https");
        if (!endpoint) problem("url", url.substr(0, query), "must be an http:// or https:// URL");
        made_.endpoint = endpoint.value_or(Endpoint());
        made_.query = url.substr(query);
        const auto proxy = text(entry, "proxy");
        if (proxy.empty()) return;
        made_.proxy = parse_proxy(proxy);
        if (!made_.proxy) problem("proxy", "(hidden)", "must be an http:// or socks5h:// URL with a port");
    }

    void read_format(const Json& entry) {
        const auto format = text(entry, "format");
        if (format != "json" && format != "rates-xml") problem("format", format, "must be json or rates-xml");
        made_.format =
            format == "rates-xml" ? DeclaredSource::Format::rates_xml : DeclaredSource::Format::json;
    }

    std::optional<Duration> time(const Json& entry, const std::string& key, Duration least, Duration most,
                                 const std::string& rule) {
        const auto read = parse_duration(text(entry, key));
        if (read && *read >= least && *read <= most) return read;
        problem(key, text(entry, key), rule);
        return std::nullopt;
    }

    void read_times(const Json& entry) {
        made_.every = time(entry, "every", 1s, 1h, "must be a time from 1s to 1h").value_or(1s);
        made_.max_age = time(entry, "max_age", made_.every * 2, 24h * 7, "must be from twice \"every\" to 7d")
                            .value_or(made_.every * 2);
        if (entry.contains("changes_within"))
            made_.changes_within =
                time(entry, "changes_within", made_.max_age, 24h * 31, "must be from \"max_age\" to 31d");
    }

    void read_price(const std::string& name, const Json& symbol) {
        const auto where = "symbol '" + name + "'";
        if (!two_codes('/', "").is_symbol(name))
            return problem(where, "", "must be named like USDT/CASHRUB, two asset codes");
        DeclaredPrice price{name, text(symbol, "bid"), text(symbol, "ask"), text(symbol, "time")};
        const auto last = text(symbol, "last");
        const bool is_one_price = !last.empty() && price.bid.empty() && price.ask.empty();
        const bool is_two_prices = last.empty() && !price.bid.empty() && !price.ask.empty();
        if (!is_one_price && !is_two_prices) return problem(where, "", "needs either bid and ask, or last");
        if (is_one_price) price.bid = price.ask = last;
        check_place(where, price.bid);
        check_place(where, price.ask);
        const bool is_json = made_.format == DeclaredSource::Format::json;
        if (!price.time.empty() && is_json) check_place(where, price.time);
        if (!price.time.empty() && !is_json) problem(where + " time", price.time, "is for json only");
        if (price.time.empty() && !made_.changes_within)
            problem(where, "",
                    "needs a time, or \"changes_within\" of its source: else a source that repeats "
                    "its last value for ever is believed");
        if (!symbol.contains("min") || !symbol.contains("max"))
            problem(where, "", "needs min and max: nobody else witnesses its price");
        made_.prices.push_back(std::move(price));
    }

    void check_place(const std::string& where, const std::string& place) {
        const bool is_json = made_.format == DeclaredSource::Format::json;
        if (is_json && !place.starts_with('/'))
            problem(where, place, "must be a JSON pointer such as \"/usdt/bid\"");
        const auto slash = place.find('/');
        if (!is_json && (slash == std::string::npos || slash == 0 || slash + 1 == place.size()))
            problem(where, place, "must be the two codes of an item, such as \"USDTTRC20/CASHRUB\"");
    }

    const std::string& venue_;
    std::vector<Problem>& problems_;
    DeclaredSource made_;
};

}  // namespace

std::vector<DeclaredSource> parse_declared_sources(std::string_view document,
                                                   const std::vector<Venue>& venues,
                                                   std::vector<Problem>& problems) {
    Unreported unreported;
    std::vector<DeclaredSource> sources;
    try {
        const Json parsed = parse_without_repeats(document, unreported);
        if (!parsed.is_object()) return {};
        for (const auto& [name, venue] : member(parsed, "venues", Kind::object, unreported).items()) {
            if (!venue.is_object() || !venue.contains("source")) continue;
            SourceReader reader(name, problems);
            const bool is_known = std::ranges::any_of(venues, [&](const Venue& known) {
                return known.id == name || std::ranges::count(known.aliases, name) > 0;
            });
            if (is_known || !is_name(name)) {
                reader.problem("name", name,
                               is_known ? "is a venue that Kurs has, and cannot be declared"
                                        : "must be small letters, digits, _ and -, from 2 to 32, and not a "
                                          "key of directions");
                continue;
            }
            sources.push_back(reader.read(venue));
        }
    } catch (const Json::exception&) {
        return {};  // reported by parse_market_document
    }
    return sources;
}

VenueRule venue_rule(const DeclaredSource& source) {
    VenueRule rule;
    rule.name = source.venue;
    rule.max_age = source.max_age;
    rule.spelling = make_venue(source).spelling;
    rule.title = source.title;
    rule.is_declared = true;
    return rule;
}

}  // namespace kurs
