#include "kurs/app/configuration.hpp"

#include <fstream>
#include <sstream>

#include "kurs/app/venues.hpp"
#include "kurs/config/duration_text.hpp"
#include "kurs/config/market_document.hpp"
#include "kurs/config/url_text.hpp"
#include "kurs/postgres/history.hpp"
#include "kurs/redis/address.hpp"

namespace kurs {
namespace {

std::string read_market_document(const std::string& file_name, std::vector<Problem>& problems) {
    if (file_name.empty()) return std::string(built_in_market_document());
    std::ifstream file(file_name);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().empty())
        problems.push_back({"MARKETS_FILE", file_name, "cannot be read, or is empty"});
    return text.str();
}

std::optional<coingecko::Plan> check_plan(const Settings& settings, std::vector<Problem>& problems) {
    const auto plan = coingecko::find_plan(settings.coingecko_plan);
    if (!plan) {
        problems.push_back(
            {"COINGECKO_PLAN", settings.coingecko_plan, "must be one of " + coingecko::plan_names()});
        return std::nullopt;
    }
    const bool needs_key = !plan->key_header.empty();
    if (needs_key && settings.coingecko_api_key.empty()) {
        problems.push_back({"COINGECKO_API_KEY", "", "must be set for the plan " + std::string(plan->name)});
    }
    if (!needs_key && !settings.coingecko_api_key.empty()) {
        problems.push_back(
            {"COINGECKO_PLAN", settings.coingecko_plan, "must name the plan of the key that is set"});
    }
    // A value that goes stale between two calls would hardly ever be served.
    const auto least = 2 * plan->cache_period + std::chrono::seconds(10);
    if (settings.coingecko_max_age != Duration{0} && settings.coingecko_max_age < least) {
        problems.push_back(
            {"COINGECKO_MAX_AGE", to_string(settings.coingecko_max_age),
             "must be at least " + to_string(least) + " for the plan " + std::string(plan->name)});
    }
    return plan;
}

void check_store_urls(const Settings& settings, std::vector<Problem>& problems) {
    if (!settings.redis_url.empty()) {
        const auto address = redis::parse_address(settings.redis_url);
        if (!address) problems.push_back({"REDIS_URL", "(hidden)", address.error().text});
    }
    if (!settings.database_url.empty()) {
        const auto checked = postgres::check_url(settings.database_url);
        if (!checked) problems.push_back({"DATABASE_URL", "(hidden)", checked.error().text});
    }
}

}  // namespace

std::optional<Configuration> load_configuration(const Environment& environment,
                                                std::vector<Problem>& problems) {
    auto settings = load_settings(environment, problems);
    const auto plan = check_plan(settings, problems);
    if (plan && !settings.coingecko_rest)
        settings.coingecko_rest = parse_endpoint(plan->rest_url, "http", "https");
    check_store_urls(settings, problems);
    auto trust = TlsTrust::load(settings.trusted_ca_file);
    if (!trust) problems.push_back({"TRUSTED_CA_FILE", settings.trusted_ca_file, trust.error().message});
    const auto document = read_market_document(settings.markets_file, problems);
    if (document.empty()) return std::nullopt;
    auto market = parse_market_document(document, venue_rules(settings), problems);
    if (!problems.empty() || !market) return std::nullopt;
    return Configuration{std::move(settings), std::move(*market), *plan, std::move(*trust)};
}

}  // namespace kurs
