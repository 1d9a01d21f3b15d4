"""The same over TLS: certificates and host names are verified, and the log says what is wrong."""

import tempfile
import unittest
from pathlib import Path

from stack import BUILD, Service, Simulator


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.simulator = Simulator(BUILD, "--tls", "--ca-out", str(Path(folder.name) / "ca.pem"),
                                  "--coingecko-every", "500ms")
        cls.addClassCleanup(cls.simulator.stop)

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

    def test_an_unknown_authority_is_not_believed(self):
        service = self.start(TRUSTED_CA_FILE="")
        service.wait_for_line("feed binance/1 .*(issuer|authority|self-signed|certificate)")
        self.assertIsNone(service.courses())

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
