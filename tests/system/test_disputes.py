"""A venue that is wrong is contradicted by the others: it is not served by default, says so when it is named, and returns."""

import time
import unittest
from decimal import Decimal

from metrics_page import Page
from stack import BUILD, DOLLAR, Poller, Service, StackTest, call, parse_exact, wait_for

TRUTH = Decimal(64000)
ALLOWED = Decimal("0.006")  # the allowance of 0.5 %, and what the spreads and the price of USDT add
# Each venue's own book, and its tick.
BOOKS = {"binance": ("BTCUSDT", "0.01"), "kraken": ("BTC/USD", "0.1"), "okx": ("BTC-USDT", "0.1"),
         "bybit": ("bybit:BTCUSDT", "0.1"),
         "coinbase": ("coinbase:BTC-USD", "0.01")}


def book(price, tick, width=1):
    bid = (Decimal(price) // Decimal(tick)) * Decimal(tick)
    return {"bid": str(bid), "ask": str(bid + width * Decimal(tick))}


def pin_of(venue, price):
    name, tick = BOOKS[venue]
    return {name: book(price, tick)}


class DisputesTest(StackTest):
    settings = {"VENUES": "", "FAILBACK_AFTER": "3s"}

    def setUp(self):
        self.prices = {**DOLLAR, "USDCUSDT": book("1.0000", "0.0001", 2), "tether/usd": "1.0000", "bitcoin/usd": str(TRUTH)}
        for venue in BOOKS:
            self.prices |= pin_of(venue, TRUTH)
        self.simulator.pin(self.prices)
        self.addCleanup(self.simulator.pin, dict.fromkeys(self.prices))

    def start(self):
        service = Service(BUILD, {**self.simulator.settings(), **self.settings})
        self.addCleanup(service.stop)
        return service

    @staticmethod
    def course(service, venue):
        status, _, body = call("GET", f"{service.url}/api/v2/courses/BTC-USD?exchanger={venue}")
        return status, parse_exact(body)["course"]

    def wait_for_truth(self, service, venues=BOOKS, limit=40):
        """Until each venue serves the true price."""
        for venue in venues:
            def is_true(venue=venue):
                status, course = self.course(service, venue)
                return status == 200 and abs(Decimal(course["value"]) / TRUTH - 1) < Decimal("0.001")
            wait_for(is_true, [service], limit)
        # At the start, the active exchanger is chosen a second after the first rate.
        wait_for(lambda: len((service.courses() or {"courses": []})["courses"]) == 8, [service], 5)

    def watch(self, service, query=""):
        """A client that never gets a price that is wrong, and always gets one."""
        def check(_asked_at, status, _headers, body):
            assert status == 200, (status, body)
            answer = parse_exact(body)
            assert len(answer["courses"]) == 8 or query, body
            value = next(course["value"] for course in answer["courses"] if course["direction"] == "BTC-USD")
            assert abs(value / TRUTH - 1) < ALLOWED, f"{value} from {answer['exchanger']}"

        poller = Poller(service.courses_url + query, check)
        poller.start()
        self.addCleanup(poller.stop)
        return poller

    def explain(self, service, query=""):
        status, _, body = call("GET", f"{service.url}/api/v2/courses/BTC-USD/explain{query}")
        self.assertEqual(status, 200, body)
        return parse_exact(body)

    def assert_explained(self, service, venue):
        """The disputed venue is shown with its price and its reason, and whoever is served is not it."""
        told = self.explain(service)
        disputed = next(each for each in told["exchangers"] if each["exchanger"] == venue)
        self.assertEqual((disputed["state"], disputed["is_active"]), ("disputed", told["served"]["exchanger"] == venue))
        self.assertRegex(disputed["reason"], r"^Disputed: .* above the median of \d other venues")
        self.assertGreater(Decimal(disputed["quote"]["value"]) / TRUTH, Decimal("1.005"))
        self.assertEqual([each["exchanger"] for each in told["exchangers"]][0], "binance")

    def test_the_values_that_were_refused_are_explained(self):
        service = self.service
        self.wait_for_truth(service)
        self.simulator.pin(pin_of("okx", TRUTH * 3))

        def refused():
            return [each for each in self.explain(service)["refused"] if (each["venue"], each["reason"]) == ("okx", "jump")
                    and Decimal(each["bid"]) > 2 * TRUTH]
        wait_for(refused, [service], 5)
        self.assertEqual(refused()[0]["symbol"], "BTC-USDT")
        self.simulator.pin(pin_of("okx", TRUTH))
        self.wait_for_truth(service, ["okx"])
        self.assertTrue(refused(), "kept for minutes")
        rates = {each["reference_rate"]: each["sources"] for each in self.explain(service)["reference_rates"]}
        self.assertEqual(set(rates), {"USDC-USD", "USDT-USD"})
        self.assertEqual([(rates["USDT-USD"][0]["source"], rates["USDT-USD"][0]["state"])], [("coinbase: USDT-USD", "used")])

    def test_a_venue_that_is_one_percent_off_is_not_served_and_returns(self):
        service = self.service
        self.wait_for_truth(service)
        for venue in (*BOOKS, "coingecko", "consensus"):
            service.wait_for_courses(8, f"?exchanger={venue}")
        for venue in BOOKS:
            with self.subTest(venue):
                pollers = [self.watch(service), self.watch(service, "?exchanger=consensus")]
                self.simulator.pin(pin_of(venue, TRUTH * Decimal("1.01")))
                broken_at = time.monotonic()
                wait_for(lambda venue=venue: self.course(service, venue)[1]["state"] == "disputed", [service], 3)
                self.assert_explained(service, venue)
                status, course = self.course(service, venue)
                self.assertEqual((status, course["value"], course["bid"], course["ask"]), (503, None, None, None))
                self.assertRegex(course["reason"],
                                 r"^Disputed: \d\.\d\d % above the median of \d other venues( in \d groups)?, allowed 0\.\d\d %\.$")
                self.assertEqual(call("GET", f"{service.courses_url}?exchanger={venue}&direction=BTC-USD")[0], 503)
                self.assertEqual(Page(service).sum("kurs_quote_disputed", venue=venue, direction="BTC-USD"), 1)
                service.wait_for_line(f"dispute {venue} BTC-USD: ")
                agreed = self.course(service, "consensus")[1]["consensus"]
                self.assertEqual((agreed["agreement"], agreed["counted"]), ("agreed", 5))
                self.assertLess(Decimal(agreed["dispersion_percent"]), Decimal("0.1"))
                [left_out] = [part for part in agreed["exchangers"] if not part["counts"]]
                self.assertEqual(left_out["exchanger"], venue)
                self.assertTrue(left_out["reason"].startswith("Disputed: "), left_out["reason"])
                time.sleep(max(0, broken_at + 8 - time.monotonic()))
                self.simulator.pin(pin_of(venue, TRUTH))
                right_at = time.monotonic()
                self.wait_for_truth(service, [venue])
                self.assertGreater(time.monotonic() - right_at, 9)
                service.wait_for_line(f"dispute {venue} BTC-USD: over")
                wait_for(lambda: service.courses()["exchanger"] == "binance", [service], 20)
                for poller in pollers:
                    poller.stop()
                    self.assertEqual(poller.failures[:3], [])
        self.assertTrue(service.has_line("active exchanger is now .*, was binance: 8 fresh against .*, 2 of binance disputed"))

    def test_a_first_price_that_is_wrong_is_never_served(self):
        for venue in BOOKS:
            for factor in (Decimal(10), Decimal("0.001")):
                with self.subTest(venue, factor=factor):
                    self.simulator.pin(pin_of(venue, TRUTH * factor))
                    service = self.start()
                    others = [other for other in BOOKS if other != venue]
                    self.wait_for_truth(service, others)
                    pollers = [self.watch(service), self.watch(service, "?exchanger=consensus")]
                    wait_for(lambda: self.course(service, venue)[1]["state"] == "disputed", [service], 5)
                    self.assertRegex(self.course(service, venue)[1]["reason"], r"^Disputed: first value, .*\.$")
                    self.simulator.pin(pin_of(venue, TRUTH))
                    self.wait_for_truth(service, [venue], 30)
                    for poller in pollers:
                        poller.stop()
                        self.assertEqual(poller.failures[:3], [])
                    service.stop()

    def test_when_all_venues_crash_no_direction_is_unserved(self):
        """A fall of 12 % in half a minute, at a different time at each venue. It is the last test: CoinGecko keeps the price of
        its last poll, which may be one of the fall, for minutes."""
        service = self.service
        self.wait_for_truth(service)
        seen = len(service.lines)
        unserved, disputed = [], {}

        def check(asked_at, status, _headers, body):
            if status != 200 or len(parse_exact(body)["courses"]) < 8:
                unserved.append((asked_at, body[:200]))
            for venue in BOOKS:
                if Page(service).sum("kurs_quote_disputed", venue=venue, direction="BTC-USD") == 1:
                    disputed[venue] = disputed.get(venue, 0) + 1

        poller = Poller(service.courses_url, check, every=0.1)
        poller.start()
        for step in range(1, 25):
            price = TRUTH * (1 - Decimal("0.005") * step)
            for venue in BOOKS:
                self.simulator.pin(pin_of(venue, price))
                time.sleep(0.25)
            self.simulator.pin({"bitcoin/usd": str(price)})
        poller.stop()
        self.assertEqual((poller.failures, unserved[:3]), ([], []))
        self.assertFalse([line for line in service.lines[seen:] if "dispute " in line and "BTC-USD: " in line and "over" not in line
                          and "warn" in line and "coingecko" not in line][:3])
        print(f"answers while a venue was withheld: {disputed}")


if __name__ == "__main__":
    unittest.main()
