"""A restarted service restores its last values with their original times, and serves nothing older than its
limit."""

import signal
import unittest
from decimal import Decimal

from history_stack import SECOND, HistoryTest, moment, now, wait_until
from stack import DIRECTIONS, DOLLAR, rounded

LIMITS = {"binance": 5 * SECOND, "coingecko": 50 * SECOND}
FIAT_LIMIT = 60 * SECOND
AHEAD = 5  # milliseconds; the service's clock never goes back, so it is ahead of one that was set back a little
# The shortest allowed limits.
SETTINGS = {"COINGECKO_PLAN": "basic", "COINGECKO_API_KEY": "pro-key", "COINGECKO_MAX_AGE": "50s", "FIAT_MAX_AGE": "1m"}
ONCE = {"BTCUSDT": {"bid": "60000.00", "ask": "60000.01"}, "ETHUSDT": {"bid": "2500.00", "ask": "2500.01"},
        "USDCUSDT": {"bid": "1.0000", "ask": "1.0001"}, **DOLLAR, "tether/usd": "0.999", "USD/RUB": "77.5"}
# Close enough to be accepted at once.
LATER = {"BTCUSDT": {"bid": "61000.00", "ask": "61000.01"}, "ETHUSDT": {"bid": "2550.00", "ask": "2550.01"},
         "USDCUSDT": {"bid": "0.9990", "ask": "0.9991"}, "tether/usd": "1.001", "USD/RUB": "78.5",
         "coinbase:USDT-USD": {"bid": "1.00090", "ask": "1.00110"}, "USDT/USD": {"bid": "1.00090", "ask": "1.00110"}, "USDC/USD": {"bid": "1.0000", "ask": "1.0001"}}
VENUES = ("binance_stream", "binance_rest", "coingecko_rest", "cbr", "kraken_stream", "kraken_rest", "okx_stream", "okx_rest",
          "bybit_stream", "bybit_rest", "coinbase_stream", "coinbase_rest")


class WarmStartTest(HistoryTest):
    simulator_options = ("--coingecko-cache", "0s")

    def setUp(self):
        super().setUp()
        self.simulator.clear()
        self.simulator.pin(ONCE)

    def run_once(self, postgres, stop):
        """Runs a service until it has all courses of both exchangers, and stops it; returns what it showed of
        each."""
        service = self.start(postgres.url, **SETTINGS)
        witnesses = {venue: self.watch(service, venue) for venue in LIMITS}
        for venue in LIMITS:
            service.wait_for_courses(8, "?exchanger=" + venue, venue)
        for venue in LIMITS:
            wait_until(lambda venue=venue: len(self.series(postgres, venue)) == 8, f"all of {venue} is written")
        self.wait_until_written(postgres, now())
        stop(service)
        for witness in witnesses.values():
            witness.stop()
        return witnesses

    @staticmethod
    def series(postgres, venue):
        if not postgres.has_table("quotes"):
            return []
        return postgres.query(f"select direction from series where venue = '{venue}' and exists "
                              "(select from quotes where series_id = series.id and value is not null)")

    def silence_venues(self):
        self.simulator.pin(LATER)
        for endpoint in VENUES:
            self.simulator.fault(endpoint, "refuse")

    def test_what_was_known_is_served_at_once_and_no_longer_than_its_age_allows(self):
        for name, stop in (("stopped in order", self.stop_in_order), ("killed", self.kill)):
            with self.subTest(name):
                self.simulator.clear()
                self.simulator.pin(ONCE)
                postgres = self.make_postgres()
                earlier = self.run_once(postgres, stop)
                self.silence_venues()
                service = self.start(postgres.url, **SETTINGS)
                self.watch_it_age(name, service, earlier)
                postgres.close()

    @staticmethod
    def stop_in_order(service):
        service.stop()

    @staticmethod
    def kill(service):
        service.stop(signal.SIGKILL)

    def watch_it_age(self, name, service, earlier):
        witnesses = {venue: self.watch(service, venue) for venue in LIMITS}
        courses = service.wait_for_courses(8, "?exchanger=coingecko", limit=30)["courses"]
        restored_at = now()
        self.assertEqual([course["direction"] for course in courses], DIRECTIONS)
        last = earlier["coingecko"].courses[-1]
        self.check_present(service, last)
        ends = max(quote.observed_at for _, quote in last.values()) + LIMITS["coingecko"]
        wait_until(lambda: now() > ends + SECOND, "the last limit passes")
        for venue in LIMITS:
            self.assertIsNone(service.courses("?exchanger=" + venue), "all that was known is too old")
        for witness in witnesses.values():
            witness.stop()
            self.assertEqual(witness.failures, [])
        counts = {venue: self.check_ages(witnesses[venue], earlier[venue], restored_at) for venue in LIMITS}
        self.assertEqual(service.stop(), 0)
        print(f"{name}: " + "; ".join(
            f"{venue}: {fresh} courses in {answers} answers, {first / SECOND:.3f} to {oldest / SECOND:.3f} s old"
            for venue, (answers, fresh, first, oldest) in counts.items()))

    def check_present(self, service, last):
        """Version 2 shows the same quotes as the earlier run."""
        shown = self.answer(service, "/api/v2/courses?exchanger=coingecko")
        as_of = now()
        for course in shown["courses"]:
            quote = last[course["direction"]][1]
            self.assertEqual(course["observed_at"], moment(quote.observed_at))
            self.assertEqual(course["value"] and course["value"], str(quote.value))
            self.assertLessEqual(course["age_ms"], as_of - quote.observed_at + AHEAD)
            self.assertGreater(course["age_ms"], as_of - quote.observed_at - 5 * SECOND)

    def check_ages(self, witness, earlier, restored_at):
        """Every answer: what is shown is the earlier run's, and young enough.

        Returns how many answers, how many fresh courses in them, and how old the youngest and the oldest were.
        """
        known, newest = {}, 0
        for courses in earlier.courses:
            for direction, (_, quote) in courses.items():
                if quote and quote.value:
                    known.setdefault(direction, set()).add(quote.value)
                    newest = max(newest, quote.observed_at)
        # The last frames of the earlier run may have arrived shortly after its witness's last request.
        ages, held_back = [], 0
        for time_ms, courses in zip(witness.times, witness.courses):
            for direction, (state, quote) in courses.items():
                if state != "fresh":
                    held_back += bool(quote and restored_at < time_ms < quote.fresh_until)
                    continue
                for leg in quote.legs:
                    limit = LIMITS[leg.venue] if leg.venue == witness.exchanger else FIAT_LIMIT
                    self.assertLess(time_ms - leg.observed_at, limit, (direction, quote))
                self.assertLess(time_ms, quote.fresh_until)
                self.assertEqual(quote.observed_at, min(leg.observed_at for leg in quote.legs))
                self.assertLess(quote.observed_at, newest + SECOND, "nothing new has come")
                self.assertIn(quote.value, known[direction], f"{direction}: never served before")
                ages.append(time_ms - max(leg.observed_at for leg in quote.legs if leg.venue == witness.exchanger))
        self.assertEqual(held_back, 0, "young enough, and yet not served")
        return len(witness.times), len(ages), min(ages, default=0), max(ages, default=0)

    def test_what_is_known_from_earlier_never_replaces_what_is_newer(self):
        postgres = self.make_postgres()
        earlier = self.run_once(postgres, self.stop_in_order)
        self.simulator.pin(LATER)
        postgres.freeze()  # so that the restored values arrive after newer ones
        service = self.start(postgres.url, **SETTINGS)
        witnesses = [self.watch(service, venue) for venue in LIMITS]
        for venue in LIMITS:
            service.wait_for_courses(8, "?exchanger=" + venue, venue)
        values = wait_until(lambda: self.new_values(service, earlier), "only new values")
        postgres.thaw()
        wait_until(lambda: self.has_failovers_of_two_runs(service), "what was known is read")
        self.wait_until_written(postgres, now() + 3 * SECOND)
        self.assertEqual(self.new_values(service, earlier), values)
        self.assertEqual(service.stop(), 0)
        print("read late: " + self.check_order(witnesses))

    def test_what_is_known_from_earlier_gives_way_to_what_is_newer(self):
        postgres = self.make_postgres()
        earlier = self.run_once(postgres, self.stop_in_order)
        self.simulator.pin(LATER)
        service = self.start(postgres.url, **SETTINGS)
        witnesses = [self.watch(service, venue) for venue in LIMITS]
        wait_until(lambda: self.has_failovers_of_two_runs(service), "what was known is read")
        # A rouble course may be made from a new price and the restored rouble rate, until that is new as well.
        wait_until(lambda: self.new_values(service, earlier), "only new values")
        self.wait_until_written(postgres, now() + 3 * SECOND)
        self.assertTrue(self.new_values(service, earlier))
        self.assertEqual(service.stop(), 0)
        print("read at once: " + self.check_order(witnesses))

    @staticmethod
    def new_values(service, earlier):
        """What both exchangers serve; None while any of it is missing or from the earlier run."""
        values = {}
        for venue, witness in earlier.items():
            before = {direction: quote.value for direction, (_, quote) in witness.courses[-1].items()}
            for course in (service.courses("?exchanger=" + venue) or {"courses": []})["courses"]:
                if Decimal(str(course["value"])) != rounded(before[course["direction"]]):
                    values[venue, course["direction"]] = course["value"]
        return values if len(values) == len(LIMITS) * len(DIRECTIONS) else None

    def has_failovers_of_two_runs(self, service):
        failovers = self.answer(service, "/api/v2/exchangers")["journal"]
        return len(failovers) > 1 and failovers[0]["to"] is not None

    def check_order(self, witnesses):
        """No leg of any course ever goes back in time."""
        steps = 0
        for witness in witnesses:
            witness.stop()
            newest = {}
            for courses in witness.courses:
                for direction, (_, quote) in courses.items():
                    for leg in quote.legs if quote else ():
                        key = (direction, leg.venue, leg.symbol)
                        self.assertGreaterEqual(leg.observed_at, newest.get(key, 0), key)
                        steps += leg.observed_at > newest.get(key, 0)
                        newest[key] = leg.observed_at
        return f"{steps} steps of {sum(len(each.times) for each in witnesses)} answers, none back in time"


if __name__ == "__main__":
    unittest.main()
