"""Coinbase through the whole service, with a market map of its own: quiet books, a dead channel while heartbeats go on, books
without a price, halts, and the loss of one of two connections."""

import time
import unittest
from decimal import Decimal

from stack import BUILD, Service, call, parse_exact, rounded, wait_for
from test_two_connections import FAULTS, ConnectionsTest
from venue_test import VenueTest

BOOKS = {"BTC-USD": ("64000.10", "64000.25"), "ETH-USD": ("2600.10", "2600.11"), "USDT-USD": ("0.99966", "0.99967")}
DIRECTIONS = {"BTC-USD": "BTC-USD", "ETH-USD": "ETH-USD", "USDTTRC-USD": "USDT-USD"}
MARKETS = {
    "venues": {"coinbase": {"symbols": {"USDT-USD": {"min": "0.9", "max": "1.1", "max_jump_percent": 5}}}},
    "exchangers": ["coinbase"],
    "same_as": {"USDTTRC": "USDT"},
    "fiat_legs": {},
    "directions": [{"direction": direction, "allowance": "none", "coinbase": symbol} for direction, symbol in DIRECTIONS.items()]}
AGE_LIMIT = 5  # seconds, the default of COINBASE_MAX_AGE


def pins(books):
    return {f"coinbase:{symbol}": {"bid": bid, "ask": ask} for symbol, (bid, ask) in books.items()}


def middle(symbol, books=BOOKS):
    return rounded(sum(map(Decimal, books[symbol])) / 2)


class CoinbaseStackTest(VenueTest):
    venue = "coinbase"
    directions = tuple(DIRECTIONS)
    markets = MARKETS


class CoinbaseTest(CoinbaseStackTest):
    # A fault that is limited by a count hits one connection.
    settings = {"COINBASE_CONNECTIONS": "1"}

    def setUp(self):
        self.simulator.pin(pins(BOOKS))
        self.wait_for(*DIRECTIONS)

    def rest(self, kind, **details):
        self.simulator.fault("coinbase_rest", kind, **details)

    def upgrades(self):
        return self.simulator.state()["requests"]["coinbase_stream"]

    def wait_for_price(self, symbol, books, limit=10):
        direction = next(each for each, its in DIRECTIONS.items() if its == symbol)
        wait_for(lambda: self.courses().get(direction) == middle(symbol, books), [self.service], limit)

    def move(self, bid, ask):
        books = {**BOOKS, "BTC-USD": (bid, ask)}
        self.simulator.pin(pins(books))
        return books

    def test_every_direction_has_its_book(self):
        for symbol in BOOKS:
            self.wait_for_price(symbol, BOOKS)
        answer = parse_exact(call("GET", self.service.url + "/api/v2/courses?exchanger=coinbase")[2])
        self.assertEqual(len(answer["courses"]), len(DIRECTIONS))
        for course in answer["courses"]:
            [leg] = course["legs"]
            symbol = DIRECTIONS[course["direction"]]
            self.assertEqual((leg["symbol"], leg["bid"], leg["ask"]),
                             (symbol, *(f"{Decimal(price).normalize():f}" for price in BOOKS[symbol])))

    def test_quiet_books_are_confirmed_by_heartbeats_each_second(self):
        self.rest("refuse")
        # The stream has every book: nothing else shows these prices.
        books = {symbol: (bid, str(Decimal(ask) + (Decimal(ask) - Decimal(bid)))) for symbol, (bid, ask) in BOOKS.items()}
        self.simulator.pin(pins(books))
        for symbol in books:
            self.wait_for_price(symbol, books)
        self.fault("quiet")
        before = self.upgrades()
        oldest = self.oldest(20)
        print(f"oldest age with every book quiet for 20 s: {oldest} ms")
        self.assertLess(oldest, 3000)
        self.assertEqual(self.upgrades(), before)

    def test_a_dead_book_channel_is_not_confirmed_by_moving_heartbeats(self):
        self.wait_for_price("BTC-USD", BOOKS)
        self.fault("mute", symbol="BTC-USD", stream="level2_batch")
        self.rest("refuse")
        self.move("65000.00", "65000.01")
        self.assertLess(self.wait_for(*self.without("BTC"), limit=AGE_LIMIT + 4), AGE_LIMIT + 1)

    def test_a_dead_book_channel_is_bridged_by_rest(self):
        self.fault("mute", symbol="BTC-USD", stream="level2_batch")
        self.check_served(10)
        self.wait_for_price("BTC-USD", self.move("65000.00", "65000.01"), limit=6)

    def test_a_lost_update_of_a_book_that_stands_still_is_found(self):
        self.fault("quiet")
        time.sleep(3)
        self.rest("refuse")
        self.fault("lose_update", count=1)
        books = self.move("64010.00", "64010.01")
        self.wait_for_price("BTC-USD", books, limit=AGE_LIMIT + 3)

    def test_events_that_change_no_level_cost_no_price(self):
        self.fault("quiet")
        self.fault("bookless_events")
        self.check_served(15)

    def test_a_muted_venue_is_bridged_and_without_rest_goes(self):
        self.fault("mute")
        self.check_served(12)
        self.rest("refuse")
        self.assertLess(self.wait_for(limit=AGE_LIMIT + 4), AGE_LIMIT + 1)

    def test_rest_bridges_a_stream_that_is_refused(self):
        self.fault("refuse", value="503")
        self.fault("cut", value="1006")
        self.check_served(10)
        self.wait_for_price("BTC-USD", self.move("65000.00", "65000.01"), limit=6)
        self.simulator.clear()
        self.wait_for_line("feed coinbase live", len(self.service.lines))

    def test_a_book_that_is_no_price_is_not_served_whatever_heartbeats_come(self):
        faults = (("cross_book", {}, "crossed"), ("empty_book", {"value": "both"}, "not_positive"),
                  ("empty_book", {"value": "asks"}, "not_positive"))
        for kind, details, words in faults:
            with self.subTest(kind, **details):
                self.fault("quiet", symbol="ETH-USD")
                time.sleep(1.5)
                seen = len(self.service.lines)
                # A cache of REST has the last book, with new times.
                self.rest("old_book", symbol="ETH-USD")
                self.fault(kind, symbol="ETH-USD", **details)
                self.assertLess(self.wait_for(*self.without("ETH"), limit=AGE_LIMIT + 4), AGE_LIMIT + 1)
                self.wait_for_line(rf"feed coinbase refused ETH-USD: {words}", seen)
                until = time.monotonic() + 4
                while time.monotonic() < until:
                    self.assertNotIn("ETH-USD", self.courses())
                self.simulator.clear()
                self.wait_for(*DIRECTIONS)

    def test_a_halted_product_is_not_served(self):
        for state in ("post_only", "trading_disabled", "offline"):
            with self.subTest(state):
                seen = len(self.service.lines)
                self.fault("state", symbol="USDT-USD", value=state)
                self.assertLess(self.wait_for(*self.without("USDTTRC")), 12)
                self.wait_for_line(rf"venue coinbase: symbol USDT-USD not trading, status={state}", seen)
                self.simulator.clear()
                self.wait_for(*DIRECTIONS)

    def test_a_product_under_limit_only_is_served(self):
        self.fault("state", symbol="USDT-USD", value="limit_only")
        self.check_served(12)

    def reconnect(self):
        """Until a new connection delivers every product."""
        seen = len(self.service.lines)
        self.fault("cut", value="1006")
        self.wait_for_line("feed coinbase live", seen)

    def test_a_snapshot_of_several_megabytes_is_read(self):
        self.fault("large_snapshot", symbol="BTC-USD")
        self.reconnect()
        self.rest("refuse")
        self.wait_for_price("BTC-USD", self.move("64100.00", "64100.01"), limit=5)

    def test_a_refused_or_late_subscription_is_repeated(self):
        for kind, ask in (("refuse_subscription", "64100.01"), ("no_snapshot", "64100.02")):
            with self.subTest(kind):
                seen = len(self.service.lines)
                self.fault(kind, symbol="BTC-USD", count=1)
                self.fault("cut", value="1006")
                self.wait_for_line("feed coinbase live", seen)
                self.wait_for_price("BTC-USD", self.move("64100.00", ask))

    def test_a_lost_subscription_is_repeated(self):
        for value in ("told", "silently"):
            with self.subTest(value):
                self.reconnect()
                seen = len(self.service.lines)
                self.fault("lose_subscriptions", value=value)
                self.check_served(10)
                if value == "told":
                    self.wait_for_line("refused BTC-USD unsubscribed by the venue", seen)

    def test_no_price_before_the_state_of_its_product_is_known(self):
        self.rest("refuse")
        service = Service(BUILD, {**self.simulator.settings(), **self.settings})
        self.addCleanup(service.stop)
        wait_for(lambda: service.has_line("feed coinbase listing failing"), [service])
        time.sleep(3)
        self.assertEqual(self.courses(service), {})
        self.simulator.clear()
        wait_for(lambda: set(self.courses(service)) == set(DIRECTIONS), [service])

    def test_every_corruption_is_survived(self):
        for value in ("garbage", "truncated", "binary", "fragmented", "extra_keys", "null_price", "zero_price", "negative_price",
                      "nan_price", "exponent_price", "long_price", "jump", "future_time", "past_time", "utf8_symbol",
                      "unknown_event", "oversized"):
            with self.subTest(value):
                self.fault("corrupt", symbol="ETH-USD", value=value, count=3)
                until = time.monotonic() + 1
                while time.monotonic() < until:
                    self.assertIn(self.courses().get("ETH-USD"), (None, middle("ETH-USD")))
                self.simulator.clear()
        self.wait_for(*DIRECTIONS, limit=60)


class TwoCoinbaseConnectionsTest(CoinbaseStackTest, ConnectionsTest):
    """One connection fails, and a client that polls every 20 ms notices nothing."""

    endpoint = "coinbase_stream"

    def pin(self, price):
        bid, ask = price, price + Decimal("0.1")
        books = {**BOOKS, "BTC-USD": (str(bid), str(ask))}
        return (bid + ask) / 2, lambda: self.simulator.pin(pins(books))

    def test_a_fault_of_one_costs_nothing(self):
        self.check_that_a_fault_of_one_costs_nothing({
            **FAULTS,
            "one symbol muted": {"fault": "mute", "symbol": "BTC-USD"},
            "books muted": {"fault": "mute", "stream": "level2_batch"},
            "heartbeats muted": {"fault": "mute", "stream": "heartbeat"},
            "subscriptions lost": {"fault": "lose_subscriptions"}})

    def test_a_connection_that_is_slightly_behind_is_no_fault(self):
        self.wait_until_live()
        time.sleep(1)
        seen = len(self.service.lines)
        self.simulator.fault(self.endpoint, "slow", line=2, value=300)
        self.check_served(10)
        refused = [line for line in self.service.lines[seen:] if "refused" in line]
        self.assertEqual(refused, [])


if __name__ == "__main__":
    unittest.main()
