"""One of two connections into a venue fails. A client that polls every 20 ms must not notice."""

import json
import time

from stack import Poller, StackTest, call, parse_exact, wait_for
from test_failover import DatedPrices

# Each fault of one connection, with what the simulator needs to know.
FAULTS = {
    "killed": {"fault": "cut", "value": "rst"},
    "muted": {"fault": "mute"},
    "one symbol muted": {"fault": "mute", "symbol": "BTCUSDT"},
    "books muted": {"fault": "mute", "stream": "bookTicker"},
    "black-holed": {"fault": "blackhole"},
    "3 s late": {"fault": "slow", "value": 3000},
    "rotated": {"fault": "server_shutdown", "value": 1500},
    "repeating": {"fault": "corrupt", "value": "duplicate_u"},
    "reordering": {"fault": "corrupt", "value": "reordered_u"},
    "frozen prices": {"fault": "corrupt", "value": "frozen"},
}
LASTS = 6.0
# A price is pinned every 100 ms and dated when the simulator has taken it; the rest is a busy machine.
UNDISTURBED = 1.0


class ConnectionsTest(StackTest):
    settings = {"FAILBACK_AFTER": "3s"}

    def lines(self):
        document = json.loads(call("GET", self.service.url + "/api/v2/exchangers")[2])
        binance = next(each for each in document["exchangers"] if each["exchanger"] == "binance")
        return {line["name"]: line["state"] for line in binance["lines"] if "exchangeInfo" not in line["name"]}

    def wait_until_live(self):
        wait_for(lambda: set(self.lines().values()) == {"live"}, [self.service, self.simulator])

    def measure(self, fault, line):
        """The oldest value, the number of refusals and of steps back that a client sees during the fault."""
        prices = DatedPrices(self.simulator)
        prices.start()
        self.addCleanup(prices.stop)
        wait_for(lambda: self.age(prices) is not None, [self.service])
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

        poller = Poller(self.service.courses_url + "?exchanger=binance&direction=BTC-USD", check)
        poller.start()
        self.simulator.fault("binance_stream", line=line, **fault)
        time.sleep(LASTS)
        self.simulator.clear()
        self.wait_until_live()
        poller.stop()
        prices.stop()
        self.assertEqual(poller.failures, [])
        return seen

    def age(self, prices):
        status, _, body = call("GET", self.service.courses_url + "?exchanger=binance&direction=BTC-USD")
        return prices.age(parse_exact(body)["courses"][0]["value"], time.time()) if status == 200 else None


class TwoConnectionsTest(ConnectionsTest):
    def test_a_fault_of_one_costs_nothing(self):
        self.wait_until_live()
        self.assertEqual(set(self.lines()), {"binance/1", "binance/2"})
        for name, fault in FAULTS.items():
            for line in (1, 2):
                with self.subTest(name, line=line):
                    seen = self.measure(fault, line)
                    print(f"two connections, {line} {name}: oldest {seen['oldest']:.2f} s, "
                          f"{seen['refused']} refused of {seen['asked']}, {seen['back']} steps back")
                    self.assertEqual((seen["refused"], seen["back"]), (0, 0))
                    self.assertLess(seen["oldest"], UNDISTURBED)
        self.assertFalse([line for line in self.service.lines if "active exchanger is now coingecko" in line])

    def test_both_are_never_replaced_at_the_same_time(self):
        self.wait_until_live()
        before = len(self.service.lines)
        self.simulator.fault("binance_stream", "server_shutdown", value=8000)
        wait_for(lambda: sum("serverShutdown" in line for line in self.service.lines[before:]) == 2, [self.service])
        self.wait_until_live()
        events = [line for line in self.service.lines[before:] if "serverShutdown" in line or " live on " in line]
        self.assertEqual(["live" if " live on " in line else "replaced" for line in events],
                         ["replaced", "live", "replaced", "live"], events)


class OneConnectionTest(ConnectionsTest):
    """What the second connection is for: the same faults without it, for comparison only."""

    settings = {**ConnectionsTest.settings, "BINANCE_CONNECTIONS": "1"}

    def test_the_same_faults(self):
        self.wait_until_live()
        self.assertEqual(set(self.lines()), {"binance"})
        worst = 0
        for name in ("killed", "muted", "black-holed", "3 s late"):
            connected = self.simulator.state()["connections"]["binance_stream"]
            seen = self.measure(FAULTS[name], self.line())
            print(f"one connection, {name}: oldest {seen['oldest']:.2f} s, "
                  f"{seen['refused']} refused of {seen['asked']}, {seen['back']} steps back ({connected})")
            self.assertEqual(seen["back"], 0)
            worst = max(worst, seen["oldest"])
        self.assertGreater(worst, UNDISTURBED)

    def line(self):
        """The port that the connection uses now."""
        ports = [url.rsplit(":", 1)[1] for url in self.simulator.settings()["BINANCE_STREAM_URLS"].split(",")]
        last = [line for line in self.service.lines if "feed binance live on" in line][-1]
        return next(i for i, port in enumerate(ports, 1) if f":{port} " in last)
