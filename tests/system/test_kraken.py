"""Kraken through the whole service: real books in dollars, quiet books, and what becomes of each fault."""

import json
import time
import unittest
from decimal import Decimal

from stack import DIRECTIONS, Poller, call, parse_exact, rounded
from venue_test import VenueTest

BOOKS = {"BTC/USD": ("64000.0", "64000.2"), "ETH/USD": ("2600.10", "2600.11"), "USDT/USD": ("0.99966", "0.99967")}
BASES = {"BTC": "BTC/USD", "ETH": "ETH/USD", "USDTTRC": "USDT/USD", "USDTERC": "USDT/USD"}
LIMITS = {"BTC": 5, "ETH": 5, "USDTTRC": 10, "USDTERC": 10}


def middle(symbol):
    return sum(map(Decimal, BOOKS[symbol])) / 2


class KrakenTest(VenueTest):
    venue = "kraken"
    # A fault that is limited by a count hits one connection; test_two_connections has both.
    settings = {"KRAKEN_CONNECTIONS": "1"}

    def setUp(self):
        self.simulator.pin({symbol: {"bid": bid, "ask": ask} for symbol, (bid, ask) in BOOKS.items()})
        self.wait_for(*DIRECTIONS)

    def ages(self, seconds, check):
        """The oldest age of each base while a client polls for so long."""
        oldest = {}

        def note(_asked_at, status, _headers, body):
            assert status == 200, status
            for course in json.loads(body)["courses"]:
                if "age_ms" in course and course["state"] == "fresh":
                    base = course["direction"].split("-")[0]
                    oldest[base] = max(oldest.get(base, 0), course["age_ms"])
            check(json.loads(body)["courses"])
        poller = Poller(self.service.url + "/api/v2/courses?exchanger=kraken&direction=BTC-USD,ETH-USD,USDTTRC-USD,USDTERC-USD", note)
        poller.start()
        time.sleep(seconds)
        poller.stop()
        self.assertEqual(poller.failures, [])
        return oldest

    def test_every_direction_has_its_book(self):
        until = time.monotonic() + 10
        while self.courses()["BTC-USD"] != rounded(middle("BTC/USD")):
            self.assertLess(time.monotonic(), until)
        answer = parse_exact(call("GET", self.service.url + "/api/v2/courses?exchanger=kraken")[2])
        for course in answer["courses"]:
            base, quote = course["direction"].split("-")
            legs = {leg["symbol"]: leg for leg in course["legs"]}
            symbol = BASES[base]
            self.assertEqual((legs[symbol]["bid"], legs[symbol]["ask"]),
                             tuple(f"{Decimal(price).normalize():f}" for price in BOOKS[symbol]))
            if quote == "USD":
                self.assertEqual(list(legs), [symbol])
                self.assertEqual(Decimal(course["value"]), middle(symbol))
            else:
                self.assertGreater(len(legs), 1)
                self.assertAlmostEqual(float(course["value"]), float(middle(symbol)) * 76.4, delta=float(middle(symbol)) * 8)

    def test_quiet_books_stay_fresh(self):
        def all_fresh(courses):
            assert all(course["state"] == "fresh" for course in courses), courses
        for symbol in BOOKS:
            self.fault("quiet", symbol=symbol)
        requests = self.simulator.state()["requests"]["kraken_stream"]
        # Ten new subscriptions confirm a quiet book; after that the connection is replaced.
        oldest = self.ages(12, all_fresh)
        print(f"oldest ages with every book quiet for 12 s, in ms: {oldest}")
        for base, age in oldest.items():
            self.assertLess(age, LIMITS[base] * 600, base)
        self.assertEqual(self.simulator.state()["requests"]["kraken_stream"], requests, "no new connection")

    def test_a_muted_symbol_is_bridged_and_without_rest_goes_alone(self):
        self.fault("mute", symbol="BTC/USD")
        self.check_served(12)
        self.simulator.fault("kraken_rest", "refuse")
        self.wait_for(*self.without("BTC"), limit=12)
        self.simulator.clear()
        self.wait_for(*DIRECTIONS)

    def test_a_muted_venue_is_bridged(self):
        self.fault("mute")
        self.check_served(15)

    def test_without_matching_nothing_is_served_at_once(self):
        for system in ("maintenance", "cancel_only", "post_only"):
            with self.subTest(system):
                seen = len(self.service.lines)
                self.fault("system_status", value=system)
                self.assertLess(self.wait_for(), 2)
                self.wait_for_line(rf"venue kraken: symbol BTC/USD not trading, status=system {system}", seen)
                self.simulator.clear()
                self.wait_for(*DIRECTIONS)

    def test_a_delisted_symbol_goes_alone(self):
        self.fault("pair_status", symbol="USDT/USD", value="delisted")
        self.assertLess(self.wait_for(*self.without("USDTTRC", "USDTERC")), 3)
        self.wait_for_line(r"venue kraken: symbol USDT/USD not trading, status=delisted")
        self.simulator.clear()
        self.wait_for(*DIRECTIONS)

    def test_books_that_are_no_price_are_not_served(self):
        self.simulator.fault("kraken_rest", "refuse")
        for kind, words in (("cross_book", "crossed"), ("empty_book", "not_positive"), ("wrong_checksum", "malformed")):
            with self.subTest(kind):
                seen = len(self.service.lines)
                self.fault(kind, symbol="ETH/USD")
                self.wait_for(*self.without("ETH"), limit=10)
                self.wait_for_line(rf"feed kraken refused ETH/USD: {words}", seen)
                self.simulator.clear()
                self.simulator.fault("kraken_rest", "refuse")
                self.wait_for(*DIRECTIONS, limit=75)

    def test_a_refused_or_late_subscription_is_repeated(self):
        for kind in ("refuse_subscription", "no_snapshot"):
            with self.subTest(kind):
                self.fault(kind, symbol="BTC/USD", count=2)
                self.simulator.fault("kraken_stream", "cut", value="1006")
                time.sleep(0.5)
                self.wait_for(*DIRECTIONS, limit=20)
                self.wait_for_line(r"feed kraken refused BTC/USD(: Currency pair not supported BTC/USD: venue_error|: out_of_order)")

    def test_every_corruption_is_survived(self):
        for value in ("garbage", "truncated", "binary", "fragmented", "extra_keys", "null_price", "zero_price", "negative_price",
                      "nan_price", "exponent_price", "long_price", "jump", "utf8_symbol", "unknown_event"):
            with self.subTest(value):
                self.fault("corrupt", symbol="ETH/USD", value=value, count=3)
                until = time.monotonic() + 1
                while time.monotonic() < until:
                    value_now = self.courses().get("ETH-USD")
                    self.assertIn(value_now, (None, rounded(middle("ETH/USD"))))
        self.wait_for(*DIRECTIONS, limit=60)


if __name__ == "__main__":
    unittest.main()
