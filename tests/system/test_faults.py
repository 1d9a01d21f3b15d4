"""Invalid input of every kind is counted, refused and survived."""

import re
import time
import unittest
from decimal import Decimal

from stack import BUILD, Service, Simulator, StackTest, call, parse_exact

# What the feed or the pricer logs for each corruption; None where nothing is refused.
CORRUPTIONS = {
    "garbage": "malformed", "truncated": "malformed", "binary": None, "oversized": "oversized",
    "fragmented": None, "unknown_event": "unknown_event", "extra_keys": None, "null_price": "malformed",
    "zero_price": "not_positive", "negative_price": "malformed", "nan_price": "malformed",
    "exponent_price": "malformed", "long_price": "malformed|overflow", "crossed": "crossed", "jump": "jump",
    "duplicate_u": "out_of_order", "reordered_u": "out_of_order", "utf8_symbol": "unknown_symbol",
    "microseconds": "malformed", "future_time": None, "past_time": None,
}

# A book has no time of its own.
TIMES = {"microseconds", "future_time", "past_time"}


class CorruptionTest(StackTest):
    # Of two connections, one may deliver the value before the other one's is refused.
    settings = {"LOG_LEVEL": "debug", "BINANCE_CONNECTIONS": "1"}

    def setUp(self):
        self.service.wait_for_courses(8, exchanger="binance")

    def test_every_corruption_is_refused_and_the_feed_lives(self):
        told = {}
        for corruption, reason in CORRUPTIONS.items():
            with self.subTest(corruption):
                seen = len(self.service.lines)
                self.simulator.fault("binance_stream", "corrupt", symbol="ETHUSDT", value=corruption, count=5,
                                     stream="miniTicker" if corruption in TIMES else "bookTicker")
                if reason:
                    told[corruption] = self.wait_for_refusals(rf"refused .*: ({reason})$", seen)
                self.check_values()
                # A refused book confirms nothing, so a connection without a good one is replaced after 3 s.
                self.service.wait_for_courses(1, "?exchanger=binance&direction=ETH-USD&max_age=2")
        self.service.wait_for_line(r"feed binance refused \d+ values?: ")
        print(f"five of each were sent; refused: {told}")

    def wait_for_refusals(self, pattern, seen, limit=10):
        """The number of lines since `seen` that match the pattern, once there are five."""
        until = time.monotonic() + limit
        count = 0
        while count < 5 and time.monotonic() < until:
            count = sum(1 for line in self.service.lines[seen:] if re.search(pattern, line))
            time.sleep(0.02)
        self.assertGreaterEqual(count, 5, "\n".join(self.service.lines[seen:][-30:]))
        return count

    def check_values(self):
        """Whatever comes in, the served values stay near the truth."""
        for course in parse_exact(call("GET", self.service.courses_url)[2])["courses"]:
            if course["direction"] == "ETH-USD":
                self.assertTrue(Decimal(2000) < course["value"] < Decimal(3200), course)


class RefusalsAtTheDoorTest(StackTest):
    """The log distinguishes refused upgrades and requests."""

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(BUILD)
        cls.addClassCleanup(cls.simulator.stop)

    def start(self):
        service = Service(BUILD, self.simulator.settings())
        self.addCleanup(service.stop)
        return service

    def test_upgrades(self):
        for value, words in ((451, r"region \(451\)"), (403, r"firewall \(403\)"),
                             (429, r"\(429\), retry after 7 s"), (503, r"\(503\)")):
            with self.subTest(value):
                self.simulator.clear()
                self.simulator.fault("binance_stream", "refuse", value=value)
                service = self.start()
                service.wait_for_line(words)
                service.wait_for_courses(8, exchanger="coingecko")
                service.stop()

    def test_one_host_refuses_and_the_other_serves(self):
        self.simulator.fault("binance_stream", "refuse", value=451, line=1)
        service = self.start()
        service.wait_for_line(r"region \(451\)")
        service.wait_for_courses(8, exchanger="binance")

    def test_rest_answers_of_every_bad_kind(self):
        for fault, details in (("status", {"value": 429}), ("status", {"value": 401}), ("status", {"value": 500}),
                               ("cut_body", {}), ("wrong_length", {}), ("garbage", {}), ("truncated", {}),
                               ("html", {}), ("empty", {}), ("null_price", {}), ("redirect", {}), ("stale_time", {})):
            with self.subTest(fault, **details):
                self.simulator.clear()
                self.simulator.fault("coingecko_rest", fault, **details)
                service = self.start()
                service.wait_for_courses(8, exchanger="binance")
                self.assertIsNone(service.courses("?exchanger=coingecko"))
                self.assertEqual(service.stop(), 0)

    def test_symbols_that_are_not_trading_are_refused_and_the_rest_is_served(self):
        self.simulator.fault("binance_rest", "break", symbol="ETHUSDT")
        service = self.start()
        service.wait_for_line(r"venue binance: symbol ETHUSDT not trading, status=BREAK")
        service.wait_for_courses(8, exchanger="coingecko")
        answer = service.wait_for_courses(6, "?exchanger=binance")
        self.assertNotIn("ETH-USD", [course["direction"] for course in answer["courses"]])

    def test_when_no_symbol_is_trading_nothing_of_the_stream_is_believed(self):
        for symbol in ("BTCUSDT", "ETHUSDT", "USDCUSDT"):
            self.simulator.fault("binance_rest", "break", symbol=symbol)
        service = self.start()
        service.wait_for_line(r"venue binance: symbol USDCUSDT not trading, status=BREAK")
        service.wait_for_courses(8, exchanger="coingecko")
        for _ in range(100):
            self.assertIsNone(service.courses("?exchanger=binance"))


if __name__ == "__main__":
    unittest.main()
