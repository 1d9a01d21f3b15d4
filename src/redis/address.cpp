#include "kurs/redis/address.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "kurs/domain/whole_number.hpp"

namespace kurs::redis {
namespace {

LogFailure refused(const std::string& what) {
    return {"the URL of Redis " + what};
}

}  // namespace

log_result<Address> parse_address(std::string_view url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed)
        return refused(
            "is not like redis://user:password@host:port/database (in a password, write other characters "
            "than letters and digits as %40 and so on)");
    const bool tls = parsed->scheme() == "rediss";
    if (!tls && parsed->scheme() != "redis") return refused("does not begin with redis:// or rediss://");
    if (parsed->has_query() || parsed->has_fragment()) return refused("has a query or a fragment");

    Address address;
    address.tls = tls;
    address.host = parsed->host_address();
    if (address.host.empty()) return refused("has no host");
    if (parsed->has_port()) {
        // Boost.URL 1.81 accepts 99999 as a port and wraps it.
        const auto port = parse_whole_number<unsigned>(std::string(parsed->port()));
        if (!port || *port < 1 || *port > 65'535) return refused("has a port that is not in 1 to 65535");
        address.port = static_cast<std::uint16_t>(*port);
    }
    address.user = parsed->user();
    address.password = parsed->password();
    if (!address.user.empty() && address.password.empty())
        return refused("has a user without a password (a password alone is written :password@)");

    const std::string path(parsed->encoded_path());
    if (path.size() > 1) {
        const auto database = parse_whole_number<unsigned>(std::string_view(path).substr(1));
        if (!database) return refused("has a database that is not a number");
        address.database = *database;
    }
    return address;
}

}  // namespace kurs::redis
