#pragma once

#include <string>
#include <vector>

namespace sim {

/// A certificate chain and its key, as PEM.
struct Identity {
    std::string chain;
    std::string key;
};

/// Certificates made for one run.
struct Certificates {
    std::string authority;  ///< PEM, for clients to trust
    Identity good;
    Identity expired;
    Identity wrong_name;
};

/// `names` are host names or addresses of the good certificate, in addition to localhost and 127.0.0.1.
Certificates make_certificates(const std::vector<std::string>& names);

}  // namespace sim
