"""Bybit through the whole service, with a market map of its own: quiet tops, books without a price, and one of two connections."""

import re
import time
import unittest
from decimal import Decimal

import test_two_connections as two
from stack import BUILD, DIRECTIONS, Service, call, parse_exact, rounded, wait_for
from venue_test import VenueTest

BOOKS = {"BTCUSDT": ("64000.0", "64000.2"), "ETHUSDT": ("2600.10", "2600.11"), "USDCUSDT": ("0.9998", "0.9999")}
DOLLARS = {"BTC": "BTCUSDT / USDCUSDT", "ETH": "ETHUSDT / USDCUSDT", "USDTTRC": "1 / USDCUSDT", "USDTERC": "1 / USDCUSDT"}
MAP = {
    "venues": {"bybit": {"symbols": {"USDCUSDT": {"pair": "USDC/USDT", "min": "0.9", "max": "1.1", "max_jump_percent": 5}}}, "cbr": {}},
    "exchangers": ["bybit"],
    "same_as": {"USDTTRC": "USDT", "USDTERC": "USDT", "USDC": "USD"},
    "fiat_legs": {"USD-RUB": ["cbr: USD/RUB"]},
    "directions": [{"direction": each, "allowance": "none", "bybit": DOLLARS[each.split("-")[0]] + (" * USD-RUB" if each.endswith("RUB") else "")}
                   for each in DIRECTIONS],
}
AGE_LIMIT = 7  # seconds, the default of BYBIT_MAX_AGE


def pins(books):
    return {f"bybit:{symbol}": {"bid": bid, "ask": ask} for symbol, (bid, ask) in books.items()}


def dollars(symbol):
    """The value of a symbol's USD rate."""
    (bid, ask), (usdc_bid, usdc_ask) = (map(Decimal, BOOKS[each]) for each in (symbol, "USDCUSDT"))
    return (bid / usdc_ask + ask / usdc_bid) / 2


class BybitTest(VenueTest):
    venue = "bybit"
    markets = MAP


class OneConnectionTest(BybitTest):
    # A fault that is limited by a count hits one connection.
    settings = {"BYBIT_CONNECTIONS": "1"}

    def setUp(self):
        self.simulator.pin(pins(BOOKS))
        self.wait_for(*DIRECTIONS)

    def start(self):
        """Another service at the same simulator."""
        service = Service(BUILD, {**self.simulator.settings(), **self.settings})
        self.addCleanup(service.stop)
        return service

    def requests(self):
        requests = self.simulator.state()["requests"]
        return requests["bybit_stream"], requests["bybit_rest"]

    def test_every_direction_has_its_book(self):
        wait_for(lambda: self.courses().get("BTC-USD") == rounded(dollars("BTCUSDT")), [self.service])
        answer = parse_exact(call("GET", self.service.url + "/api/v2/courses")[2])
        for course in answer["courses"]:
            for leg in course["legs"]:
                if leg["symbol"] in BOOKS:
                    written = tuple(f"{Decimal(price).normalize():f}" for price in BOOKS[leg["symbol"]])
                    self.assertEqual((leg["bid"], leg["ask"]), written)
        values = {course["direction"]: Decimal(course["value"]) for course in answer["courses"]}
        self.assertAlmostEqual(values["ETH-USD"], dollars("ETHUSDT"), 12)

    def test_quiet_tops_are_confirmed_by_their_repeats(self):
        before = self.requests()
        self.fault("quiet")
        oldest = self.oldest(12)
        print(f"oldest age with every book quiet for 12 s: {oldest} ms")
        self.assertLess(oldest, 4000)
        self.assertIn([after - each for each, after in zip(before, self.requests())], ([0, 0], [0, 1]), "REST: the listing at most")

    def test_without_repeats_the_depth_confirms_a_quiet_top(self):
        self.fault("no_repeat")
        self.fault("mute", stream="orderbook.1")
        before = self.requests()
        oldest = self.oldest(12)
        print(f"oldest age with the tops muted for 12 s: {oldest} ms")
        self.assertLess(oldest, 4000)  # USDCUSDT changes about once a second
        self.assertIn([after - each for each, after in zip(before, self.requests())], ([0, 0], [0, 1]), "REST: the listing at most")

    def test_without_repeats_and_depth_rest_confirms_a_quiet_top(self):
        self.fault("no_repeat")
        self.fault("quiet")
        self.assertLess(self.oldest(15), AGE_LIMIT * 1000)
        self.simulator.fault("bybit_rest", "refuse")
        self.wait_for(limit=AGE_LIMIT + 3)

    def test_a_muted_symbol_is_bridged_and_without_rest_goes_alone(self):
        self.fault("mute", symbol="BTCUSDT")
        self.assertLess(self.oldest(12), AGE_LIMIT * 1000)
        self.simulator.fault("bybit_rest", "refuse")
        self.wait_for(*self.without("BTC"), limit=AGE_LIMIT + 3)

    def test_a_muted_venue_is_bridged(self):
        self.fault("mute")
        self.assertLess(self.oldest(15), AGE_LIMIT * 1000)

    def test_a_book_without_price_is_withdrawn_and_nothing_confirms_it(self):
        faults = (("empty_book", "both", "not_positive"), ("empty_book", "bids", "not_positive"), ("cross_book", "", "crossed"))
        for kind, value, words in faults:
            with self.subTest(kind, value=value):
                seen = len(self.service.lines)
                # The cache of REST has the last book, with new times.
                self.simulator.fault("bybit_rest", "old_book")
                self.fault(kind, symbol="ETHUSDT", **{"value": value} if value else {})
                self.assertLess(self.wait_for(*self.without("ETH"), limit=AGE_LIMIT + 3), AGE_LIMIT + 1)
                self.wait_for_line(rf"feed bybit refused orderbook.1.ETHUSDT: {words}", seen)
                until = time.monotonic() + 5
                while time.monotonic() < until:
                    self.assertNotIn("ETH-USD", self.courses())
                self.simulator.clear()
                self.wait_for(*DIRECTIONS)

    def test_an_old_book_of_rest_is_not_served(self):
        """With a new time: neither one that the stream has seen replaced, nor one whose top is still the same."""
        for symbol in BOOKS:
            call("GET", f"{self.simulator.endpoints['bybit_rest']}/v5/market/orderbook?category=spot&symbol={symbol}&limit=1")
        self.simulator.fault("bybit_rest", "old_book")
        self.simulator.pin(pins({"ETHUSDT": ("2601.10", "2601.11")}))
        wait_for(lambda: self.courses().get("ETH-USD", 0) > dollars("ETHUSDT"), [self.service])
        time.sleep(3)  # every depth changes
        self.fault("mute")
        self.assertLess(self.wait_for(limit=AGE_LIMIT + 3), AGE_LIMIT + 1)

    def test_a_blocked_rest_api_does_not_stop_the_stream(self):
        self.simulator.fault("bybit_rest", "status", value="403")
        service = self.start()
        wait_for(lambda: set(self.courses(service)) == set(DIRECTIONS), [service])
        time.sleep(5)
        self.assertEqual(set(self.courses(service)), set(DIRECTIONS))
        said = [line for line in service.lines if re.search(r"bybit (listing|REST)", line) and "403" in line]
        self.assertEqual(len(said), 1, "\n".join(said))
        self.assertIn("feed bybit listing failing", said[0])

    def test_a_symbol_that_is_not_listed_is_not_traded(self):
        self.simulator.fault("bybit_rest", "not_trading", symbol="ETHUSDT")
        service = self.start()
        wait_for(lambda: set(self.courses(service)) == set(DIRECTIONS), [service])
        # The symbol is halted after it is missing from two listings, a minute apart. Its stream still sends frames.
        wait_for(lambda: set(self.courses(service)) == set(self.without("ETH")), [service], limit=75)
        self.assertTrue(service.has_line("venue bybit: symbol ETHUSDT not trading, status=absent"))

    def test_a_refused_or_lost_subscription_is_repeated(self):
        self.fault("refuse_subscription", symbol="BTCUSDT", count=2)
        self.fault("cut", value="1006")
        self.wait_for_line(r"feed bybit refused BTCUSDT: error:handler not found.*venue_error")
        self.wait_for(*DIRECTIONS, limit=20)
        self.fault("lose_subscriptions")
        self.assertLess(self.oldest(12), AGE_LIMIT * 1000)

    def test_a_restart_of_the_service_costs_nothing(self):
        self.fault("restart_service")
        self.fault("skip_update", count=3)
        self.assertLess(self.oldest(5), 4000)

    def test_every_corruption_is_survived(self):
        for value in ("garbage", "truncated", "binary", "fragmented", "extra_keys", "null_price", "zero_price", "negative_price",
                      "nan_price", "exponent_price", "long_price", "jump", "utf8_symbol", "unknown_event", "past_time", "future_time",
                      "frozen", "oversized"):
            with self.subTest(value):
                self.fault("corrupt", symbol="ETHUSDT", value=value, count=3)
                until = time.monotonic() + 1
                while time.monotonic() < until:
                    self.assertIn(self.courses().get("ETH-USD"), (None, rounded(dollars("ETHUSDT"))))
                self.simulator.clear()
        self.wait_for(*DIRECTIONS, limit=60)


class TwoConnectionsTest(BybitTest, two.ConnectionsTest):
    endpoint = "bybit_stream"

    def pin(self, price):
        bid, ask = price, price + Decimal("0.1")
        usdc_bid, usdc_ask = map(Decimal, BOOKS["USDCUSDT"])
        prices = pins({"BTCUSDT": (str(bid), str(ask)), "USDCUSDT": BOOKS["USDCUSDT"]})
        return (bid / usdc_ask + ask / usdc_bid) / 2, lambda: self.simulator.pin(prices)

    def test_one_connection_fails_a_client_polling_every_20_ms_notices_nothing(self):
        self.check_that_a_fault_of_one_costs_nothing({
            **two.FAULTS,
            "one symbol muted": {"fault": "mute", "symbol": "BTCUSDT"},
            "tops muted": {"fault": "mute", "stream": "orderbook.1"},
            "depth muted": {"fault": "mute", "stream": "orderbook.50"},
            "subscriptions lost": {"fault": "lose_subscriptions"},
            "every frame truncated": {"fault": "corrupt", "value": "truncated"}})


if __name__ == "__main__":
    unittest.main()
