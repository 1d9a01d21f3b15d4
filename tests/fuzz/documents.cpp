// What operators write: market maps, exports, keys and `.env`. A refused document names its problems, each in
// one line; an accepted one works.
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>

#include "fuzz/target.hpp"
#include "fuzz/world.hpp"
#include "kurs/access/access.hpp"
#include "kurs/api/api.hpp"
#include "kurs/config/exports_document.hpp"
#include "kurs/config/keys_document.hpp"
#include "kurs/config/venue_selection.hpp"
#include "kurs/exports/render.hpp"
#include "kurs/pricing/pricer.hpp"

namespace kurs::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

void expect_named(const std::vector<Problem>& problems) {
    for (const Problem& problem : problems) {
        expect(!problem.rule.empty() && !problem.where.empty(), "a problem names its place and rule");
        expect_one_line(to_string(problem), "a problem is one line");
    }
}

/// Every symbol has the price 1 or the middle of its bounds; then every route has a quote that is in order.
void price_all(const MarketMap& map) {
    Pricer pricer(map);
    std::vector<Tick> ticks;
    for (std::size_t i = 0; i < map.symbols.size(); ++i) {
        const auto& limits = map.symbols[i].limits;
        const auto price = limits.min ? *limits.min : limits.max ? *limits.max : Rate::parse("1").value();
        ticks.push_back({static_cast<SymbolId>(i), price, price, noon});
    }
    for (const Quote& quote : pricer.apply(ticks, noon).quotes) {
        expect(quote.bid <= quote.value && quote.value <= quote.ask, "bid <= value <= ask");
        expect(quote.fresh_until > noon, "a quote is fresh when its ticks are");
    }
}

/// Sessions of every venue for the symbols of the map: what they send is well-formed, however symbols are
/// named.
void open_feeds(const MarketMap& map) {
    for (const Venue& venue : all_venues()) {
        const auto id = map.find_venue(venue.id);
        if (!id || map.symbols_of(*id).empty()) continue;
        const auto access = venue.open(the_world().values);
        const auto feeds = access.make_feeds(map, map.symbols_of(*id));
        if (feeds.stream) {
            const auto session = feeds.stream->venue->make_session();
            expect_one_line(session->request().target, "a target has no control characters");
            for (const auto& frame : session->on_open())
                expect(nlohmann::json::accept(frame), "a frame to send is JSON", frame);
        }
        for (const auto* plan : {&feeds.listing, &feeds.poll}) {
            if (!*plan || (*plan)->session->next_poll(true) == TimePoint::max()) continue;
            const auto request = (*plan)->session->make_request(noon);
            expect_one_line(request.target, "a target has no control characters");
            expect(request.target.find(' ') == request.target.npos, "a target is one word", request.target);
        }
    }
}

/// A quote of 1 for each route of the built-in map.
const Board& full_board() {
    static Board board(the_world().map, 30s);
    static const bool is_filled = [] {
        const auto one = Rate::parse("77.123456").value();
        for (const Route& route : the_world().map.routes)
            board.apply({route.venue, route.direction, one, one, one, noon, noon + 1h, {}});
        board.choose_active(noon);
        return true;
    }();
    expect(is_filled, "the board has quotes");
    return board;
}

void expect_document(const exports::Export& shown, std::string_view body) {
    const auto suffix = exports::path_suffix(shown.format);
    if (suffix == ".xml") {
        pugi::xml_document document;
        expect(bool(document.load_buffer(body.data(), body.size())), "an export in XML is well-formed", body);
    }
    if (suffix == ".json") expect(nlohmann::json::accept(body), "an export in JSON is well-formed", body);
}

}  // namespace

void markets(std::string_view input) {
    std::vector<Problem> problems;
    const auto sources = parse_declared_sources(input, all_venues(), problems);
    auto rules = venue_rules(all_venues(), the_world().values);
    for (const auto& source : sources) rules.push_back(venue_rule(source));
    const bool are_sources_valid = problems.empty();
    const auto map = parse_market_document(input, rules, problems);
    expect_named(problems);
    expect(map.has_value() == (problems.empty() || (!are_sources_valid && map)),
           "a map is refused with problems only");
    if (!map || !problems.empty()) return;
    price_all(*map);
    open_feeds(*map);
    for (const auto& source : sources) {
        const auto symbols = map->symbols_of(*map->find_venue(source.venue));
        const auto request = make_declared_poll(*map, symbols, source)->make_request(noon);
        expect_one_line(request.target, "a target has no control characters");
        expect(request.target.find(' ') == request.target.npos, "a target is one word", request.target);
    }
    const auto kept = select_venues(*map, std::set<std::string>{map->venues.front()}).map;
    price_all(kept);
}

void exports(std::string_view input) {
    std::vector<Problem> problems;
    const auto& map = the_world().map;
    const auto parsed = parse_exports_document(input, map, problems);
    expect_named(problems);
    expect(parsed.has_value() == problems.empty(), "exports are refused with problems only");
    if (!parsed) return;
    static const FailoverHistory failovers;
    api::Sources sources{full_board(), failovers, [] { return std::vector<std::string>(); },
                         [] { return std::vector<FeedReport>(); }, [](VenueId, TimePoint) {}};
    sources.exports = &*parsed;
    api::Api api(sources, "");
    for (const auto& shown : parsed->all) {
        auto path = "/api/v2/exports/" + shown.name + (shown.secret.empty() ? "" : "/" + shown.secret);
        const auto outcome = api.answer({api::Method::get, path, ""}, noon);
        const auto& response = std::get<api::ResponseView>(outcome);
        // Of addresses that the export does not allow, and where no item has an offer.
        const bool is_known = response.status == 200 || response.status == 403 || response.status == 404 ||
                              response.status == 503;
        expect(is_known, "an export is served", response.body);
        if (response.status == 200) expect_document(shown, response.body);
    }
}

void keys(std::string_view input) {
    std::vector<Problem> problems;
    const auto rules = parse_keys_document(input, problems);
    expect_named(problems);
    expect(rules.has_value() == problems.empty(), "keys are refused with problems only");
    if (!rules) return;
    std::set<access::Digest> digests;
    for (const auto& key : rules->keys) {
        expect_one_line(key.name, "the name of a key is one line");
        expect(digests.insert(key.digest).second, "the digests of keys differ");
    }
    access::Gate gate(*rules);
    const auto decision = gate.admit("Bearer nobody-has-this-key", access::Scope::admin, noon);
    expect(decision.verdict != access::Verdict::admitted, "an unknown key is not admitted");
}

/// What was read, written in quotes, reads as the same.
void env(std::string_view input) {
    const Environment process{{"HOME", "/home/kurs"}, {"EMPTY", ""}};
    std::vector<Problem> problems;
    const auto values = parse_env_file(input, process, problems);
    expect_named(problems);
    std::string written;
    for (const auto& [name, value] : values) {
        written += name + "=\"";
        for (const char c : value) {
            if (c == '"' || c == '\\' || c == '$') written += '\\';
            written += c;
        }
        written += "\"\n";
    }
    std::vector<Problem> none;
    expect(parse_env_file(written, process, none) == values && none.empty(),
           "what is written in quotes reads as it was", written);
}

}  // namespace kurs::fuzz
