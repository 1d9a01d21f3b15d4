"""One of two connections into a venue fails. A client that polls every 20 ms must not notice."""

import json
import time
from decimal import Decimal

from dated_prices import DatedPrices, binance_pin
from stack import Poller, StackTest, call, measure_undisturbed, parse_exact, wait_for

# The faults of one connection.
FAULTS = {
    "killed": {"fault": "cut", "value": "rst"},
    "muted": {"fault": "mute"},
    "black-holed": {"fault": "blackhole"},
    "3 s late": {"fault": "slow", "value": 3000},
}
BINANCE_FAULTS = {
    **FAULTS,
    "one symbol muted": {"fault": "mute", "symbol": "BTCUSDT"},
    "books muted": {"fault": "mute", "stream": "bookTicker"},
    "rotated": {"fault": "server_shutdown", "value": 1500},
    "repeating": {"fault": "corrupt", "value": "duplicate_u"},
    "reordering": {"fault": "corrupt", "value": "reordered_u"},
}
KRAKEN_FAULTS = {
    **FAULTS,
    "one symbol muted": {"fault": "mute", "symbol": "BTC/USD"},
    "subscriptions lost": {"fault": "lose_subscriptions"},
}
LASTS = 5.0
# A price is pinned every 100 ms and dated when the simulator has taken it; the rest is a busy machine.
UNDISTURBED = 1.0


class ConnectionsTest:
    """What the tests of each venue share."""

    venue = ""
    endpoint = ""

    def pin(self, price):
        """The value of BTC-USD at this price, and a function that sends the price."""
        raise NotImplementedError

    def lines(self):
        document = json.loads(call("GET", self.service.url + "/api/v2/exchangers")[2])
        exchanger = next(each for each in document["exchangers"] if each["exchanger"] == self.venue)
        return {line["name"]: line["state"] for line in exchanger["lines"] if line["name"].split("/")[0] == self.venue}

    def wait_until_live(self):
        wait_for(lambda: set(self.lines().values()) == {"live"}, [self.service])

    def url(self):
        return f"{self.service.courses_url}?exchanger={self.venue}&direction=BTC-USD"

    def measure(self, fault, line):
        """What a client sees during the fault of one connection."""
        prices = DatedPrices(self.pin)
        prices.start()
        self.addCleanup(prices.stop)

        def is_dated():
            status, _, body = call("GET", self.url())
            return status == 200 and prices.age(parse_exact(body)["courses"][0]["value"], 0) is not None

        wait_for(is_dated, [self.service])
        seen = {"oldest": 0.0, "refused": 0, "back": 0, "asked": 0, "last": 0}

        def check(asked_at, status, _, body):
            seen["asked"] += 1
            if status != 200:
                seen["refused"] += 1
                return
            value = parse_exact(body)["courses"][0]["value"]
            age = prices.age(value, asked_at)
            assert age is not None, f"a price that was never sent: {value}"
            seen["oldest"] = max(seen["oldest"], age)
            seen["back"] += value < seen["last"]
            seen["last"] = value

        poller = Poller(self.url(), check)
        poller.start()
        self.simulator.fault(self.endpoint, line=line, **fault)
        time.sleep(LASTS)
        self.simulator.clear()
        poller.stop()
        time.sleep(fault.get("value", 0) / 1000 if fault["fault"] == "slow" else 0)  # frames that are still on their way
        self.wait_until_live()
        prices.stop()
        self.assertEqual(poller.failures, [])
        return seen

    def report(self, what, seen):
        print(f"{self.venue}, {what}: oldest value {seen['oldest']:.2f} s, {seen['refused']} refused of {seen['asked']}, "
              f"{seen['back']} steps back")

    def check_that_a_fault_of_one_costs_nothing(self, faults):
        self.wait_until_live()
        self.assertEqual(set(self.lines()), {f"{self.venue}/1", f"{self.venue}/2"})
        for name, fault in faults.items():
            for line in (1, 2):
                with self.subTest(name, line=line):
                    seen = measure_undisturbed(lambda: self.measure(fault, line))
                    self.report(f"two connections, {line} {name}", seen)
                    self.assertEqual((seen["refused"], seen["back"]), (0, 0))
                    self.assertLess(seen["oldest"], UNDISTURBED)

    def check_that_one_connection_shows_the_faults(self):
        """For comparison: what the second connection is for."""
        self.wait_until_live()
        self.assertEqual(set(self.lines()), {self.venue})
        worst = 0
        for name, fault in FAULTS.items():
            seen = measure_undisturbed(lambda: self.measure(fault, self.line()))
            self.report(f"one connection, {name}", seen)
            self.assertEqual(seen["back"], 0)
            worst = max(worst, seen["oldest"], seen["refused"])
        self.assertGreater(worst, UNDISTURBED)

    def line(self):
        """The port that the only connection uses now."""
        urls = self.simulator.endpoints[self.endpoint]
        last = [line for line in self.service.lines if f"feed {self.venue} live" in line][-1]
        return next(i for i, url in enumerate(urls, 1) if url.split("/")[2] in last)


class BinanceConnections(ConnectionsTest):
    venue = "binance"
    endpoint = "binance_stream"

    def pin(self, price):
        return binance_pin(self.simulator)(price)


class KrakenConnections(ConnectionsTest):
    venue = "kraken"
    endpoint = "kraken_stream"

    def pin(self, price):
        bid, ask = price, price + Decimal("0.1")
        return (bid + ask) / 2, lambda: self.simulator.pin({"BTC/USD": {"bid": str(bid), "ask": str(ask)}})


class TwoBinanceConnectionsTest(BinanceConnections, StackTest):
    def test_a_fault_of_one_costs_nothing(self):
        self.check_that_a_fault_of_one_costs_nothing(BINANCE_FAULTS)
        left = [i for i, line in enumerate(self.service.lines) if "active exchanger is now" in line and "was binance" in line]
        self.assertEqual(left, [], "\n".join(self.service.lines[left[0] - 20:left[0] + 3] if left else []))

    def test_both_are_never_replaced_at_the_same_time(self):
        self.wait_until_live()
        before = len(self.service.lines)
        self.simulator.fault("binance_stream", "server_shutdown", value=8000)
        wait_for(lambda: sum("serverShutdown" in line for line in self.service.lines[before:]) == 2, [self.service])
        self.wait_until_live()
        events = [line for line in self.service.lines[before:]
                  if "feed binance/" in line and ("serverShutdown" in line or " live on " in line)]
        self.assertEqual(["live" if " live on " in line else "replaced" for line in events],
                         ["replaced", "live", "replaced", "live"], events)


class TwoKrakenConnectionsTest(KrakenConnections, StackTest):
    def test_a_fault_of_one_costs_nothing(self):
        self.check_that_a_fault_of_one_costs_nothing(KRAKEN_FAULTS)


class OneBinanceConnectionTest(BinanceConnections, StackTest):
    settings = {"BINANCE_CONNECTIONS": "1"}

    def test_the_same_faults(self):
        self.check_that_one_connection_shows_the_faults()


class OneKrakenConnectionTest(KrakenConnections, StackTest):
    settings = {"KRAKEN_CONNECTIONS": "1"}

    def test_the_same_faults(self):
        self.check_that_one_connection_shows_the_faults()
