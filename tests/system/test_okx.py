"""OKX through the whole service, with a market map of its own: books that are quiet, broken, halted or renumbered, and the
loss of one of two connections."""

import time
import unittest
from decimal import Decimal

from stack import call, parse_exact, rounded, wait_for
from test_two_connections import FAULTS, ConnectionsTest
from venue_test import VenueTest

BOOKS = {"BTC-USDT": ("64000.0", "64000.2"), "ETH-USDT": ("2600.10", "2600.11"), "USDC-USDT": ("0.9999", "1.0001")}
DIRECTIONS = {"BTC-USD": "BTC-USDT", "ETH-USD": "ETH-USDT", "USDTTRC-USD": "USDC-USDT"}
MARKETS = {
    "venues": {"okx": {"symbols": {"USDC-USDT": {"pair": "USDC/USDT", "min": "0.9", "max": "1.1", "max_jump_percent": 5}}}},
    "exchangers": ["okx"],
    "same_as": {"USDTTRC": "USDT", "USDC": "USD"},
    "fiat_legs": {},
    "directions": [
        {"direction": "BTC-USD", "allowance": "none", "okx": "BTC-USDT / USDC-USDT"},
        {"direction": "ETH-USD", "allowance": "none", "okx": "ETH-USDT / USDC-USDT"},
        {"direction": "USDTTRC-USD", "allowance": "none", "okx": "1 / USDC-USDT"}]}


def in_dollars(bid, ask):
    """The value of a price in USDT, with the book of the USDC above."""
    return rounded((Decimal(bid) / Decimal("1.0001") + Decimal(ask) / Decimal("0.9999")) / 2)


class OkxStackTest(VenueTest):
    venue = "okx"
    directions = tuple(DIRECTIONS)
    markets = MARKETS


class OkxTest(OkxStackTest):
    # A fault that is limited by a count hits one connection.
    settings = {"OKX_CONNECTIONS": "1"}

    def setUp(self):
        self.simulator.pin({symbol: {"bid": bid, "ask": ask} for symbol, (bid, ask) in BOOKS.items()})
        self.wait_for(*DIRECTIONS)

    def connections(self):
        return self.simulator.state()["connections"]["okx_stream"]["total"]

    def test_every_direction_has_its_book(self):
        wait_for(lambda: self.courses().get("ETH-USD") == in_dollars(*BOOKS["ETH-USDT"]), [self.service])
        answer = parse_exact(call("GET", self.service.url + "/api/v2/courses?exchanger=okx")[2])
        for course in answer["courses"]:
            legs = {leg["symbol"]: leg for leg in course["legs"]}
            symbol = DIRECTIONS[course["direction"]]
            self.assertEqual((legs[symbol]["bid"], legs[symbol]["ask"]),
                             tuple(f"{Decimal(price).normalize():f}" for price in BOOKS[symbol]))

    def test_quiet_books_stay_fresh_on_the_same_connection(self):
        self.fault("quiet")
        before = self.connections()
        asked = self.simulator.state()["requests"]["okx_rest"]
        self.check_served(15)
        self.assertEqual(self.connections(), before)
        self.assertGreater(self.simulator.state()["requests"]["okx_rest"], asked + 10, "REST confirms them")
        self.fault("refuse")  # the snapshots of a new connection would confirm them, too
        self.simulator.fault("okx_rest", "refuse")
        self.assertLess(self.wait_for(limit=12), 7)

    def test_a_muted_symbol_is_bridged_and_without_rest_goes_alone(self):
        self.fault("mute", symbol="BTC-USDT")
        self.check_served(10)
        self.simulator.pin({"BTC-USDT": {"bid": "65000.0", "ask": "65000.2"}})
        wait_for(lambda: self.courses()["BTC-USD"] == in_dollars("65000.0", "65000.2"), [self.service], limit=6)
        self.fault("mute", symbol="ETH-USDT")
        self.fault("quiet", symbol="ETH-USDT")
        self.simulator.fault("okx_rest", "refuse")
        self.wait_for("USDTTRC-USD", limit=15)

    def test_tops_without_books_and_books_without_tops(self):
        for stream in ("books", "bbo-tbt"):
            with self.subTest(stream):
                self.fault("mute", stream=stream)
                self.check_served(8)
                self.simulator.clear()

    def test_a_book_that_is_no_price_is_not_served(self):
        for kind, reason in (("cross_book", "crossed"), ("empty_book", "not_positive")):
            with self.subTest(kind):
                seen = len(self.service.lines)
                self.fault(kind, symbol="ETH-USDT")
                self.assertLess(self.wait_for("BTC-USD", "USDTTRC-USD", limit=10), 6)
                self.assertTrue(any(f"feed okx refused ETH-USDT: {reason}" in line for line in self.service.lines[seen:]))
                time.sleep(2)
                self.assertNotIn("ETH-USD", self.courses())
                self.simulator.clear()
                self.wait_for(*DIRECTIONS, limit=30)

    def test_a_gap_costs_one_subscription(self):
        seen, before = len(self.service.lines), self.connections()
        self.fault("gap", symbol="BTC-USDT", count=1)
        self.check_served(6)
        refused = [line for line in self.service.lines[seen:] if "refused BTC-USDT: out_of_order" in line]
        self.assertEqual(len(refused), 1, refused)
        self.assertEqual(self.connections(), before)

    def test_a_restarted_numbering_is_followed(self):
        self.fault("restart_numbers")
        time.sleep(0.5)
        self.simulator.pin({"BTC-USDT": {"bid": "64500.0", "ask": "64500.2"}})
        wait_for(lambda: self.courses().get("BTC-USD") == in_dollars("64500.0", "64500.2"), [self.service], limit=3)
        self.check_served(6)

    def test_a_numbering_that_restarts_between_two_connections_is_followed(self):
        before = self.connections()
        self.fault("refuse", value="503")
        self.fault("cut", value="1006")
        time.sleep(0.2)
        self.fault("restart_numbers")
        self.simulator.clear()
        wait_for(lambda: self.connections() > before, [self.service])
        self.simulator.pin({"BTC-USDT": {"bid": "64500.0", "ask": "64500.2"}})
        wait_for(lambda: self.courses().get("BTC-USD") == in_dollars("64500.0", "64500.2"), [self.service], limit=6)
        self.check_served(12)

    def test_a_halt_is_served_by_nobody(self):
        for state in ("suspend", "preopen"):
            with self.subTest(state):
                self.fault("state", symbol="ETH-USDT", value=state)
                self.assertLess(self.wait_for("BTC-USD", "USDTTRC-USD"), 2)
                self.simulator.clear()
                self.wait_for(*DIRECTIONS, limit=30)

    def test_a_refused_or_late_subscription_is_repeated(self):
        for kind in ("refuse_subscription", "no_snapshot"):
            with self.subTest(kind):
                self.fault(kind, symbol="BTC-USDT", count=2)
                self.fault("cut", value="1006")
                time.sleep(0.5)
                self.wait_for(*DIRECTIONS, limit=20)

    def test_every_corruption_is_survived(self):
        for value in ("garbage", "truncated", "binary", "fragmented", "extra_keys", "null_price", "zero_price", "negative_price",
                      "nan_price", "exponent_price", "long_price", "jump", "future_time", "past_time", "utf8_symbol",
                      "unknown_event"):
            with self.subTest(value):
                self.fault("corrupt", symbol="ETH-USDT", value=value, count=3)
                until = time.monotonic() + 1
                while time.monotonic() < until:
                    self.assertIn(self.courses().get("ETH-USD"), (None, in_dollars(*BOOKS["ETH-USDT"])))
        self.wait_for(*DIRECTIONS, limit=60)


class TwoOkxConnectionsTest(OkxStackTest, ConnectionsTest):
    """One connection fails, and a client that polls every 20 ms notices nothing."""

    endpoint = "okx_stream"

    def pin(self, price):
        bid, ask = price, price + Decimal("0.1")

        def send():
            self.simulator.pin({"BTC-USDT": {"bid": str(bid), "ask": str(ask)}, "USDC-USDT": {"bid": "0.9999", "ask": "1.0001"}})
        return in_dollars(bid, ask), send

    def test_a_fault_of_one_costs_nothing(self):
        self.check_that_a_fault_of_one_costs_nothing({
            **FAULTS,
            "one symbol muted": {"fault": "mute", "symbol": "BTC-USDT"},
            "tops muted": {"fault": "mute", "stream": "bbo-tbt"},
            "rotated": {"fault": "server_shutdown", "value": 1500},
            "subscriptions lost": {"fault": "lose_subscriptions"}})

    def test_both_are_never_replaced_at_the_same_time(self):
        self.wait_until_live()
        before = len(self.service.lines)
        self.simulator.fault(self.endpoint, "server_shutdown", value=8000)
        wait_for(lambda: sum("64008" in line for line in self.service.lines[before:]) == 2, [self.service])
        self.wait_until_live()
        events = [line for line in self.service.lines[before:] if "feed okx/" in line and ("64008" in line or " live on " in line)]
        self.assertEqual(["live" if " live on " in line else "replaced" for line in events],
                         ["replaced", "live", "replaced", "live"], events)


if __name__ == "__main__":
    unittest.main()
