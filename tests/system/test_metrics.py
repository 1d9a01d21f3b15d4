"""The numbers of /metrics show what happens, and the number of series stays small."""

import random
import subprocess
import unittest

from history_stack import wait_until
from metrics_page import Page
from stack import BUILD, DIRECTIONS, Service, Simulator, StackTest, call


FEEDS = {"binance/1", "binance/2", "binance exchangeInfo", "coingecko", "cbr", "kraken/1", "kraken/2", "kraken listing",
         "kraken REST"}
MORE_FEEDS = {f"{venue}{name}" for venue in ("okx", "bybit", "coinbase") for name in ("/1", "/2", " listing", " REST")}
BRIDGES = {"kraken REST", "okx REST", "bybit REST", "coinbase REST"}  # polled where a stream does not deliver


class MetricsTest(StackTest):
    settings = {"FAILBACK_AFTER": "3s"}

    def setUp(self):
        self.service.wait_for_courses(8, exchanger="binance")
        self.before = Page(self.service)

    def wait_for_more(self, name, **labels):
        """Waits until the value is larger than when the test began."""
        wait_until(lambda: Page(self.service).sum(name, **labels) > (self.before.sum(name, **labels) or 0),
                   f"more of {name} {labels}")

    def test_prometheus_finds_nothing_wrong_with_the_page(self):
        checked = subprocess.run(["promtool", "check", "metrics"], input=self.before.text, text=True,
                                 capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        self.assertEqual(self.before.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        print(f"{len(self.before.series)} series, {len(self.before.text)} bytes")

    def test_another_format_is_refused(self):
        status, headers, _ = self.get("/metrics", headers={"Accept": "application/json"})
        self.assertEqual((status, headers["Content-Type"]), (406, "application/problem+json"))

    def test_requests_are_counted_by_route_and_status(self):
        for path, route, status in (("/nowhere", "other", "404"), ("/api/v1/courses", "/api/v1/courses", "200"),
                                    ("/api/v1/courses?x=1", "/api/v1/courses", "400"),
                                    ("/api/v2/courses/BTC-USD", "/api/v2/courses/", "200")):
            with self.subTest(path):
                labels = {"route": route, "status": status}
                before = Page(self.service)
                call("GET", self.service.url + path)
                after = Page(self.service)
                self.assertEqual(after.sum("kurs_http_requests_total", **labels),
                                 (before.sum("kurs_http_requests_total", **labels) or 0) + 1)
                self.assertEqual(after.sum("kurs_http_request_duration_seconds_count", route=route),
                                 (before.sum("kurs_http_request_duration_seconds_count", route=route) or 0) + 1)

    def test_series_stay_as_many_whatever_is_asked(self):
        chance = random.Random(1)
        for path in ("/nowhere", "/api/v1/courses?x=1", "/api/v2/courses/X", "/api/v2/history/X"):
            call("GET", self.service.url + path)
        before = Page(self.service)
        for _ in range(250):
            name = "".join(chance.choices("abcdefgh0123456789-_", k=12))
            for path in (f"/{name}", f"/api/v1/courses?{name}", f"/api/v2/courses/{name}", f"/api/v2/history/{name}"):
                self.assertIn(self.get(path)[0], (400, 404), path)
        after = Page(self.service)
        self.assertEqual(set(after.series) - set(before.series), set())
        self.assertGreaterEqual(after.sum("kurs_http_requests_total") - before.sum("kurs_http_requests_total"), 1000)

    def test_every_direction_has_its_age_and_its_freshness(self):
        page = self.before
        self.assertEqual(page.labels("kurs_direction_fresh", "direction"), set(DIRECTIONS))
        self.assertEqual(page.sum("kurs_direction_fresh"), 8)
        self.assertEqual(page.labels("kurs_direction_age_seconds", "direction"), set(DIRECTIONS))
        for direction in ("BTC-USD", "ETH-USD"):  # roubles may be older, like their leg
            self.assertLess(page.sum("kurs_quote_age_seconds", venue="binance", direction=direction), 5)

    def test_every_feed_is_in_one_state(self):
        feeds = self.before.labels("kurs_feed_state", "feed")
        self.assertEqual(feeds, FEEDS)
        for feed in feeds:
            self.assertEqual(self.before.sum("kurs_feed_state", feed=feed), 1, feed)

    def test_a_service_on_its_own_has_no_series_of_replicas(self):
        self.assertFalse({"kurs_replica_role", "kurs_board_age_seconds", "kurs_archive_writing"} & self.before.families)

    def test_a_frame_that_is_not_believed_is_counted_by_its_reason(self):
        self.simulator.fault("binance_stream", "corrupt", value="null_price", stream="bookTicker", line=1)
        self.wait_for_more("kurs_refused_values_total", venue="binance", feed="binance/1", reason="malformed")

    def test_a_price_that_is_not_believed_is_the_pricers(self):
        self.simulator.fault("binance_stream", "corrupt", value="jump", stream="bookTicker")
        self.wait_for_more("kurs_refused_values_total", venue="binance", feed="pricer", reason="jump")

    def test_a_cut_line_is_a_failure_and_a_reconnect(self):
        self.simulator.fault("binance_stream", "cut", value="rst")
        self.wait_for_more("kurs_feed_failures_total", feed="binance/1", kind="closed")
        self.wait_for_more("kurs_feed_reconnects_total", feed="binance/1")

    def test_a_refusal_by_the_venue_is_told_apart(self):
        self.simulator.fault("binance_stream", "refuse", value=451)
        self.simulator.fault("binance_stream", "cut", value="rst")
        self.wait_for_more("kurs_feed_failures_total", feed="binance/1", kind="region")

    def test_a_failover_is_counted_and_shown(self):
        self.simulator.fault("binance_stream", "mute")
        self.wait_for_more("kurs_failovers_total", **{"from": "binance", "to": "coingecko"})
        page = Page(self.service)
        self.assertEqual(page.sum("kurs_active_venue", venue="coingecko"), 1)
        self.assertEqual(page.sum("kurs_active_venue", venue="binance"), 0)
        self.assertEqual(page.sum("kurs_direction_fresh"), page.sum("kurs_quote_fresh", venue="coingecko"))
        # Binance was left just before its rates went stale.
        wait_until(lambda: Page(self.service).sum("kurs_quote_fresh", venue="binance") < 8, "a stale quote of binance")
        self.simulator.clear()
        self.wait_for_more("kurs_failovers_total", **{"from": "coingecko", "to": "binance"})


class UntrustedTest(unittest.TestCase):
    def test_a_certificate_that_is_not_believed_is_told_apart(self):
        simulator = Simulator(BUILD, "--tls")
        self.addCleanup(simulator.stop)
        service = Service(BUILD, {**simulator.settings(), "VENUES": "", "TRUSTED_CA_FILE": ""})
        self.addCleanup(service.stop)
        for feed in (FEEDS | MORE_FEEDS) - BRIDGES:
            wait_until(lambda name=feed: Page(service).sum("kurs_feed_failures_total", feed=name, kind="certificate"),
                       f"a failure of {feed}")
        self.assertEqual(Page(service).sum("kurs_feed_failures_total", kind="connect"), 0)


if __name__ == "__main__":
    unittest.main()
