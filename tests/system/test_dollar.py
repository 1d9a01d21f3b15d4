"""The dollar is a reference rate: stablecoins that lose their peg, sources that differ, and a source that dies."""

import time
import unittest
from decimal import Decimal

from stack import DOLLAR, Poller, StackTest, call, parse_exact, wait_for

BOOKS = {"BTCUSDT": {"bid": "64000.00", "ask": "64000.02"}, "USDCUSDT": {"bid": "0.9999", "ask": "1.0001"}}
MID = Decimal("64000.01")


def books_of_dollars(price):
    """Bitcoin at the exchangers that quote it in dollars. The simulator would derive it from USDC."""
    return {"BTC/USD": {"bid": f"{price}.0", "ask": f"{price}.1"}, "coinbase:BTC-USD": {"bid": f"{price}.00", "ask": f"{price}.02"},
            "bitcoin/usd": f"{price}.01"}


def book(mid, step="0.0001"):
    return {"bid": str(Decimal(mid) - Decimal(step)), "ask": str(Decimal(mid) + Decimal(step))}


class DollarTest(StackTest):
    simulator_options = ("--coingecko-cache", "0s")
    settings = {"VENUES": ""}

    def setUp(self):
        self.pinned = {**BOOKS, **books_of_dollars(64000), **DOLLAR, "tether/usd": "1.0000", "usd-coin/usd": "1.0000"}
        self.simulator.pin(self.pinned)
        self.addCleanup(self.simulator.pin, dict.fromkeys(self.pinned))
        self.service.wait_for_courses(8, exchanger="binance")
        self.wait_for_value(MID)

    def course(self, direction="BTC-USD"):
        return parse_exact(call("GET", f"{self.service.url}/api/v2/courses/{direction}?exchanger=binance")[2])["course"]

    def legs(self):
        return [(leg["venue"], leg["symbol"]) for leg in self.course()["legs"]]

    def value(self, direction="BTC-USD"):
        value = self.course(direction)["value"]
        return value and Decimal(value)

    def wait_for_value(self, expected, direction="BTC-USD", limit=20):
        def is_there():
            value = self.value(direction)
            return value is not None and abs(value / expected - 1) < Decimal("0.0002")
        wait_for(is_there, [self.service], limit)

    def test_usdc_loses_its_peg_and_bitcoin_does_not_move(self):
        """As in March 2023: USDC at 0.874 dollars, and dearer in USDT accordingly."""
        seen = []
        poller = Poller(self.service.url + "/api/v2/courses/BTC-USD?exchanger=binance",
                        lambda _at, _status, _headers, body: seen.append(Decimal(parse_exact(body)["course"]["value"])))
        poller.start()
        for usdc in ("0.97", "0.92", "0.874"):
            self.simulator.pin({"USDC/USD": book(usdc), "USDCUSDT": book(usdc), "usd-coin/usd": usdc})
            self.wait_for_value(1, "USDTTRC-USD")
            time.sleep(1)
        poller.stop()
        self.assertEqual(poller.failures, [])
        self.assertLess(max(abs(value / MID - 1) for value in seen), Decimal("0.0002"))

    def test_usdt_loses_its_peg_and_every_rate_follows(self):
        self.simulator.pin({**{name: book("0.95") for name in DOLLAR if "USDC" not in name}, "tether/usd": "0.95",
                            **books_of_dollars(60800), "USDCUSDT": book("1.0526")})
        self.wait_for_value(MID * Decimal("0.95"))
        self.wait_for_value(Decimal("0.95"), "USDTTRC-USD")

    def test_a_preferred_source_that_the_others_contradict_is_passed_over(self):
        for off in ("0.995", "1.02"):
            with self.subTest(off):
                self.simulator.pin({"coinbase:USDT-USD": book(off)})
                wait_for(lambda: ("kraken", "USDT/USD") in self.legs(), [self.service], 5)
                self.wait_for_value(MID)
                self.service.wait_for_line("reference rate USDT-USD: source is kraken USDT/USD, preferred sources differ from")
                self.simulator.pin({"coinbase:USDT-USD": DOLLAR["coinbase:USDT-USD"]})
                wait_for(lambda: ("coinbase", "USDT-USD") in self.legs(), [self.service], 20)

    def test_the_preferred_sources_die_and_no_answer_lacks_a_rate(self):
        lacking = []

        def check(_asked_at, status, _headers, body):
            assert status == 200, body
            courses = parse_exact(body)["courses"]
            if len(courses) < 8:
                lacking.append(body)

        poller = Poller(self.service.courses_url + "?exchanger=binance", check)
        poller.start()
        for venue, symbol in (("coinbase", "USDT-USD"), ("kraken", "USDT/USD")):
            self.assertIn((venue, symbol), self.legs())
            for endpoint in (f"{venue}_stream", f"{venue}_rest"):
                self.simulator.fault(endpoint, "refuse")
            self.simulator.fault(f"{venue}_stream", "cut", value=1006)
            wait_for(lambda leg=(venue, symbol): leg not in self.legs(), [self.service], 30)
        self.service.wait_for_line("reference rate USDT-USD: source is (binance|coingecko) .*, preferred sources are stale")
        time.sleep(5)
        self.simulator.clear()
        wait_for(lambda: ("coinbase", "USDT-USD") in self.legs(), [self.service], 40)
        poller.stop()
        self.assertEqual((poller.failures, lacking), ([], []))


if __name__ == "__main__":
    unittest.main()
