"""The same over TLS: certificates and host names are verified, and the log says what is wrong."""

import re
import ssl
import sys
import tempfile
import unittest
from pathlib import Path

from interceptor import Interceptor
from stack import BUILD, ROOT, Service, Simulator, wait_for

sys.path.insert(0, str(ROOT))
from simulator.certificates import Authority  # noqa: E402


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.simulator = Simulator(BUILD, "--tls", "--ca-out", str(Path(folder.name) / "ca.pem"),
                                  "--coingecko-every", "500ms")
        cls.addClassCleanup(cls.simulator.stop)
        cls.trusted = Authority()
        cls.trusted_file = str(Path(folder.name) / "trusted.pem")
        Path(cls.trusted_file).write_bytes(cls.trusted.pem)

    def tearDown(self):
        self.simulator.clear()

    def start(self, **settings):
        service = Service(BUILD, {**self.simulator.settings(), **settings})
        self.addCleanup(service.stop)
        return service

    def test_all_venues_are_heard_over_tls(self):
        self.assertTrue(self.simulator.endpoints["binance_stream"][0].startswith("wss://"))
        service = self.start()
        service.wait_for_courses(8, exchanger="binance")
        service.wait_for_courses(8, "?exchanger=coingecko")

    def test_an_unknown_authority_is_believed_at_no_venue(self):
        service = self.start(TRUSTED_CA_FILE="", VENUES="")
        self.assert_no_venue_is_believed(service)

    def assert_no_venue_is_believed(self, service):
        for venue in ("binance/1", "bybit/1", "coinbase/1", "coingecko", "cbr", "kraken/1", "okx/1"):
            service.wait_for_line(f"feed {venue}.* TLS: unknown issuer")
        self.assertIsNone(service.courses())

    def intercept(self, certificate):
        """Settings that lead to a man in the middle of each connection, and all of them."""
        middles = []

        def lead(match):
            middles.append(Interceptor(("127.0.0.1", int(match[2])), certificate))
            return f"{match[1]}{middles[-1].port}"

        settings = {name: re.sub(r"(\w+s://[\w.]+:)(\d+)", lead, value)
                    for name, value in self.simulator.settings().items()}
        return settings, middles

    def test_a_man_in_the_middle_reads_nothing(self):
        settings, middles = self.intercept(Authority().context(["localhost", "127.0.0.1"]))
        service = self.start(**settings, VENUES="")
        self.assert_no_venue_is_believed(service)
        wait_for(lambda: sum(each.connections for each in middles) > 50, [service])
        self.assertEqual({each.read for each in middles}, {b""})

    def test_a_man_in_the_middle_whose_authority_is_trusted_reads_the_key(self):
        """So the test before can fail."""
        settings, middles = self.intercept(self.trusted.context(["localhost", "127.0.0.1"]))
        service = self.start(**{**settings, "TRUSTED_CA_FILE": self.trusted_file})
        service.wait_for_courses(8, exchanger="binance")
        service.wait_for_courses(8, "?exchanger=coingecko")
        self.assertTrue(any(settings["COINGECKO_API_KEY"].encode() in each.read for each in middles))

    def test_a_version_of_tls_before_1_2_is_not_spoken(self):
        old = self.trusted.context(["localhost", "127.0.0.1"])
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        settings, middles = self.intercept(old)
        service = self.start(**{**settings, "TRUSTED_CA_FILE": self.trusted_file})
        service.wait_for_line("feed binance/1 cannot connect to .* TLS: ")
        self.assertIsNone(service.courses())
        self.assertEqual({each.read for each in middles}, {b""})

    def test_expired_and_misnamed_certificates_are_not_believed(self):
        for value, words in (("expired", "expired"), ("wrong_name", "host ?name|mismatch")):
            with self.subTest(value):
                self.simulator.clear()
                self.simulator.fault("binance_stream", "tls", value=value)
                service = self.start()
                service.wait_for_line(f"feed binance/1 .*({words})")
                self.assertIsNone(service.courses("?exchanger=binance"))
                service.stop()

    def test_the_paid_stream_of_coingecko_is_used_where_the_plan_has_it(self):
        self.simulator.fault("coingecko_rest", "status", value=503)
        service = self.start(COINGECKO_PLAN="analyst", COINGECKO_API_KEY="pro-key")
        service.wait_for_line("feed coingecko stream live")
        service.wait_for_courses(8, "?exchanger=coingecko")

    def test_rest_bridges_a_refused_stream(self):
        service = self.start(COINGECKO_PLAN="analyst", COINGECKO_API_KEY="wrong-key",
                             BINANCE_STREAM_URLS="ws://127.0.0.1:9")
        service.wait_for_line("feed coingecko stream .*401")


if __name__ == "__main__":
    unittest.main()
