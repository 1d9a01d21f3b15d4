"""CoinGecko is down, Binance works: the rouble leg comes from the Bank of Russia, and the log says so."""

import json
import time
import unittest
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from stack import BUILD, DOLLAR, Service, StackTest, call, parse_exact, rounded

MOSCOW = timezone(timedelta(hours=3))


class RoublesTest(StackTest):
    def setUp(self):
        prices = {"BTCUSDT": {"bid": "60000.00", "ask": "60000.02"}, "USDCUSDT": {"bid": "1.0001", "ask": "1.0002"},
                  **DOLLAR, "USD/RUB": "77.1234"}
        self.simulator.pin(prices)
        self.addCleanup(self.simulator.pin, dict.fromkeys(prices))

    def test_all_eight_directions_stay_served(self):
        self.simulator.fault("coingecko_rest", "status", value=503)
        service = Service(BUILD, self.simulator.settings())
        self.addCleanup(service.stop)
        service.wait_for_courses(8, exchanger="binance")
        service.wait_for_line(r"reference rate USD-RUB: source is cbr USD/RUB, preferred sources are stale")
        self.assertIsNone(service.courses("?exchanger=coingecko"))
        low, high = Decimal("0.9999"), Decimal("1.0001")  # of USDT and of USDC in dollars
        expected = {
            "USDTTRC-RUB": (low / Decimal("1.0002") + high / Decimal("1.0001")) / 2 * Decimal("77.1234"),
            "BTC-RUB": (60000 * low + Decimal("60000.02") * high) / 2 * Decimal("77.1234"),
        }
        for direction, exact in expected.items():
            until = time.monotonic() + 10
            while self.read(service, direction) != rounded(exact) and time.monotonic() < until:
                time.sleep(0.02)
            self.assertEqual(self.read(service, direction), rounded(exact), direction)

        course = json.loads(call("GET", service.url + "/api/v2/courses/BTC-RUB?exchanger=binance")[2])["course"]
        leg = course["legs"][-1]
        confirmed_at = datetime.fromisoformat(leg["confirmed_at"].replace("Z", "+00:00"))
        self.assertEqual((leg["venue"], leg["date"]), ("cbr", str(confirmed_at.astimezone(MOSCOW).date())))
        self.assertLess(abs(time.time() - confirmed_at.timestamp()), 300)
        self.assertIn(leg["market_open"], (True, False))

    def read(self, service, direction):
        answer = parse_exact(call("GET", service.courses_url + "?exchanger=binance&direction=" + direction)[2])
        return answer["courses"][0]["value"]

    def test_an_official_rate_is_as_old_as_its_date(self):
        self.simulator.fault("coingecko_rest", "status", value=503)
        service = Service(BUILD, self.simulator.settings())
        self.addCleanup(service.stop)
        service.wait_for_courses(8, exchanger="binance")
        directions = [c["direction"] for c in service.courses("?max_age=9")["courses"]]
        self.assertEqual(directions, ["BTC-USD", "ETH-USD", "USDTTRC-USD", "USDTERC-USD"])

    def test_without_any_rouble_source_no_rouble_course_is_served(self):
        self.simulator.fault("coingecko_rest", "status", value=503)
        self.simulator.fault("cbr", "wrong_date", value="01.11.2020")
        service = Service(BUILD, self.simulator.settings())
        self.addCleanup(service.stop)
        directions = [c["direction"] for c in service.wait_for_courses(4, exchanger="binance")["courses"]]
        self.assertEqual(directions, ["BTC-USD", "ETH-USD", "USDTTRC-USD", "USDTERC-USD"])


if __name__ == "__main__":
    unittest.main()
