#include <fstream>

#include "support/certificate.hpp"
#include "support/stream_fixture.hpp"

namespace kurs::testing {
namespace {

class TlsTest : public StreamFeedTest {
protected:
    /// A venue with this certificate, trusted or untrusted.
    void serve_with(const Certificate& certificate, bool is_trusted = true) {
        context.emplace(make_server_context(certificate));
        serve([](Peer& peer, int) { return deliver_all(peer); }, &*context);
        const TemporaryFile authorities(certificate.certificate_pem);
        if (is_trusted) trust = TlsTrust::load(authorities.path()).value();
    }
};

TEST_F(TlsTest, TrustsAnAuthorityInTheFile) {
    serve_with(make_certificate());
    start();
    until([&] { return seen.has(FeedState::live); });
    EXPECT_FALSE(seen.has(FeedState::backing_off));
}

TEST_F(TlsTest, VerifiesANameAgainstTheBareHost) {
    serve_with(make_certificate("DNS:localhost"));
    endpoints.front().host = "localhost";
    start();
    until([&] { return seen.has(FeedState::live); });
}

TEST_F(TlsTest, RefusesAnotherHostsCertificate) {
    serve_with(make_certificate("DNS:venue.example"));
    endpoints.front().host = "localhost";
    start();
    until([&] { return seen.has(FeedState::backing_off, "TLS: host name mismatch"); });
    EXPECT_FALSE(seen.has(FeedState::live));
}

TEST_F(TlsTest, RefusesTheCertificateOfAnotherAddress) {
    serve_with(make_certificate("IP:127.0.0.2"));
    start();
    until([&] { return seen.has(FeedState::backing_off, "TLS: host name mismatch"); });
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
    serve_with(make_certificate("IP:127.0.0.1", -1));
    start();
    until([&] { return seen.has(FeedState::backing_off, "TLS: certificate expired"); });
    EXPECT_EQ(seen.failures.front(), FeedFailure::certificate);
}

TEST_F(TlsTest, RefusesAnUnknownIssuer) {
    serve_with(make_certificate(), false);
    start();
    until([&] { return seen.has(FeedState::backing_off, "TLS: unknown issuer"); });
    EXPECT_EQ(seen.failures.front(), FeedFailure::certificate);
}

TEST_F(TlsTest, TimesOutOnAHandshake) {
    limits.connect.tls = 20ms;
    serve([](Peer& peer, int) { return peer.hold(); });
    endpoints.front().tls = true;
    start();
    until([&] { return seen.has(FeedState::backing_off, "TLS: timed out"); });
    EXPECT_EQ(seen.failures.front(), FeedFailure::connect);
}

TEST_F(TlsTest, RefusesAServerWithoutTls) {
    serve([](Peer& peer, int) -> net::awaitable<void> { co_await peer.send("HTTP/1.1 400 Bad\r\n\r\n"); });
    endpoints.front().tls = true;
    start();
    until([&] { return seen.has(FeedState::backing_off, "TLS: "); });
}

TEST_F(TlsTest, RefusesTls11) {
    serve_with(make_certificate());
    SSL_CTX_set_max_proto_version(context->native_handle(), TLS1_1_VERSION);
    start();
    until([&] { return seen.has(FeedState::backing_off, "TLS: "); });
}

TEST(TlsTrust, NamesTheUnreadableFile) {
    const auto missing = TlsTrust::load("/nowhere/ca.pem");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("/nowhere/ca.pem cannot be read"), std::string::npos);

    const TemporaryFile rubbish("no certificate");
    EXPECT_FALSE(TlsTrust::load(rubbish.path()));
    EXPECT_THROW(TlsTrust::load(rubbish.path()).value(), std::runtime_error);
}

}  // namespace
}  // namespace kurs::testing
