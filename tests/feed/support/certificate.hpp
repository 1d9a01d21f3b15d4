#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>

namespace kurs::testing {

/// A key and its self-signed certificate.
struct Certificate {
    std::string key_pem;
    std::string certificate_pem;
};

/// For the IP address 127.0.0.1 or a DNS name ("DNS:venue.example"). Expires `days` from now; negative:
/// already expired.
Certificate make_certificate(const std::string& subject = "IP:127.0.0.1", int days = 1);

boost::asio::ssl::context make_server_context(const Certificate& certificate);

/// A file in the test's temporary folder, removed at the end.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& content);
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile();

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace kurs::testing
