"""Venues fail and return while a client checks the age of every value."""

import re
import time
import unittest

from dated_prices import DatedPrices, binance_pin
from stack import DOLLAR, Poller, StackTest, call, measure_undisturbed, parse_exact

MAX_AGE = 5.0
# From the simulator to the service's read, on a busy machine.
TOLERANCE = 0.4


class FailoverTest(StackTest):
    settings = {"FAILBACK_AFTER": "3s"}

    def setUp(self):
        self.service.wait_for_courses(8, exchanger="binance")
        self.prices = DatedPrices(binance_pin(self.simulator))
        self.prices.start()
        self.addCleanup(self.simulator.pin, dict.fromkeys(("BTCUSDT", *DOLLAR)))
        self.addCleanup(self.prices.stop)
        self.oldest = 0.0
        self.active_seen = []
        first = self.service.wait_for_courses(8, exchanger="binance")
        self.assertTrue(first)
        self.wait_until(lambda: self.age_of_binance() is not None)

    def age_of_binance(self):
        status, _, body = call("GET", self.service.courses_url + "?exchanger=binance&direction=BTC-USD")
        return self.prices.age(parse_exact(body)["courses"][0]["value"], time.time()) if status == 200 else None

    def wait_until(self, condition, limit=40):
        until = time.monotonic() + limit
        while time.monotonic() < until:
            if condition():
                return
            time.sleep(0.02)
        self.fail("not within the limit; the log ends:\n" + "\n".join(self.service.lines[-30:]))

    def check(self, asked_at, status, headers, body):
        """A value's age when it was requested, so that network time does not count."""
        if status == 503:
            assert headers["Retry-After"] and headers["Content-Type"] == "application/problem+json", body
            return
        assert status == 200, (status, body)
        answer = parse_exact(body)
        if answer["exchanger"] != "binance":
            return
        for course in answer["courses"]:
            if course["direction"] == "BTC-USD":
                age = self.prices.age(course["value"], asked_at)
                assert age is not None, f"a price that was never sent: {course['value']}"
                self.oldest = max(self.oldest, age)
                assert age < MAX_AGE + TOLERANCE, f"{age:.2f} s old"

    def check_default(self, asked_at, status, headers, body):
        self.check(asked_at, status, headers, body)
        exchanger = parse_exact(body).get("exchanger", "none")
        if self.active_seen[-1:] != [exchanger]:
            self.active_seen.append(exchanger)

    def start_pollers(self):
        self.active_seen = []
        pollers = [Poller(self.service.courses_url, self.check_default),
                   Poller(self.service.courses_url + "?exchanger=binance", self.check)]
        for poller in pollers:
            poller.start()
        self.addCleanup(lambda: [poller.stop() for poller in pollers])
        return pollers

    def finish(self, pollers):
        for poller in pollers:
            poller.stop()
        self.assertEqual([poller.failures[:3] for poller in pollers], [[], []])
        asked = sum(sum(poller.statuses.values()) for poller in pollers)
        print(f"{self.id().split('.')[-1]}: {asked} answers {[p.statuses for p in pollers]}, "
              f"oldest value {self.oldest:.2f} s, active {' > '.join(self.active_seen)}")

    def line_events(self):
        found = (re.search("feed binance/1 (live|lost|replacing connection)", line) for line in self.service.lines)
        return [match.group(1) for match in found if match]

    def count_ends(self):
        return sum(1 for event in self.line_events() if event != "live")

    def is_live(self):
        return self.line_events()[-1:] == ["live"]

    def active(self):
        answer = self.service.courses()
        return answer["exchanger"] if answer else None

    def directions_of(self, exchanger):
        answer = self.service.courses(f"?exchanger={exchanger}")
        return [course["direction"] for course in answer["courses"]] if answer else []

    def test_one_symbol_then_all_of_binance_go_silent_and_come_back(self):
        pollers = self.start_pollers()
        self.simulator.fault("binance_stream", "mute", symbol="BTCUSDT")
        self.wait_until(lambda: self.active() == "coingecko")
        # Binance was left just before its rate went stale.
        self.wait_until(lambda: "BTC-USD" not in self.directions_of("binance"))
        self.assertIn("USDTTRC-USD", self.directions_of("binance"))
        self.simulator.fault("binance_stream", "mute")
        self.wait_until(lambda: self.service.courses("?exchanger=binance") is None)
        self.assertEqual(self.active(), "coingecko")
        self.simulator.clear()
        restored_at = time.monotonic()
        self.wait_until(lambda: self.active() == "binance")
        self.assertGreater(time.monotonic() - restored_at, 2.9)
        self.finish(pollers)
        self.assertEqual(pollers[0].statuses.keys(), {200}, "the default answer never failed")
        self.assertTrue(self.service.has_line("active exchanger is now coingecko, was binance: 8 fresh against"))
        self.assertTrue(self.service.has_line("active exchanger is now binance, was coingecko: preferred and healthy"))

    def test_a_dead_book_stream_beside_a_living_mini_ticker_is_noticed(self):
        pollers = self.start_pollers()
        self.simulator.fault("binance_stream", "mute", symbol="BTCUSDT", stream="bookTicker")
        self.wait_until(lambda: self.active() == "coingecko")
        self.simulator.clear()
        self.wait_until(lambda: self.active() == "binance")
        self.finish(pollers)

    def test_a_black_hole_a_reset_and_a_shutdown_are_survived(self):
        for fault, details in (("blackhole", {"for": "8s"}), ("cut", {"value": "rst"}), ("cut", {"value": 1001}),
                               ("server_shutdown", {"count": 1})):
            with self.subTest(fault, **details):
                self.wait_until(self.is_live)
                pollers = self.start_pollers()
                before = self.count_ends()
                self.simulator.fault("binance_stream", fault, **details)
                self.wait_until(lambda: self.count_ends() > before)
                self.simulator.clear()
                self.wait_until(lambda: self.is_live() and self.active() == "binance")
                self.finish(pollers)


class ShortLivesTest(StackTest):
    """The venue closes every connection after two seconds, as it does after 24 hours."""

    simulator_options = ("--lifetime", "2s")

    def measure(self):
        """A client's poller, answers that lack a rate, and the most connections that were open at a time."""
        lacking, most_open = [], 0

        def check(_asked_at, status, _headers, body):
            assert status == 200, body
            if len(parse_exact(body)["courses"]) < 8:
                lacking.append(body)

        poller = Poller(self.service.courses_url, check)
        poller.start()
        until = time.monotonic() + 15
        while time.monotonic() < until:
            most_open = max(most_open, self.simulator.state()["connections"]["binance_stream"]["open"])
            time.sleep(0.1)
        poller.stop()
        return poller, lacking, most_open

    def test_no_answer_fails(self):
        self.service.wait_for_courses(8, exchanger="binance")
        poller, lacking, most_open = measure_undisturbed(self.measure)
        self.assertEqual((poller.failures, lacking), ([], []))
        self.assertLessEqual(most_open, 4)
        lives = sum("feed binance/1 live" in line for line in self.service.lines)
        self.assertGreater(lives, 2)
        print(f"{poller.statuses} while the connection was cut again and again ({lives} lives)")


if __name__ == "__main__":
    unittest.main()
