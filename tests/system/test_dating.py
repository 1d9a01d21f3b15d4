"""No `observed_at` of Binance is later than the moment at which the value ceased to be true, beyond the documented error.

The simulator knows which book was current from when to when (GET /books). Every price here is shown once only, so a
served leg names its book. KURS_DATING_SECONDS sets how long the random test runs, KURS_DATING_SEED repeats a run.
"""

import json
import os
import random
import tempfile
import threading
import time
import unittest
from datetime import datetime
from decimal import Decimal

from stack import BUILD, DIRECTIONS, Service, StackTest, call, wait_for

SECONDS = float(os.environ.get("KURS_DATING_SECONDS", "45"))
SEED = int(os.environ.get("KURS_DATING_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
MAX_AGE = 5.0
# docs/architecture.md: until its first depth event a connection may lag unnoticed, by at most one second.
ERROR_LIMIT = 1.0
# Longer than a connection takes until the first depth event of every symbol.
DEPTH_STARTS = 2.5
# Times are truncated to milliseconds on both sides.
TOLERANCE = 0.005
# Milliseconds by which a replayed book is older than the newest that was served: the simulator counts from when it is told.
MARGIN = 300
RECOVERY_LIMIT = 25.0
SYMBOLS = ("BTCUSDT", "ETHUSDT", "USDCUSDT")
STREAM = "binance_stream"
DISTURBANCES = ("late", "late and cut", "late and cut", "punctual", "cut", "replay", "outage")


def seconds_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Prices(threading.Thread):
    """Moves the books at random, to prices never shown before. A symbol sometimes pauses for seconds."""

    STARTS = {"BTCUSDT": ("64000.00", "0.01"), "ETHUSDT": ("2600.00", "0.01"), "USDCUSDT": ("0.99800", "0.00001")}
    PAUSE_CHANCE = 0.02

    def __init__(self, simulator, chance):
        super().__init__(daemon=True)
        self.simulator = simulator
        self.chance = chance
        self.ended = threading.Event()
        self.counts = dict.fromkeys(SYMBOLS, 0)
        self.quiet_until = dict.fromkeys(SYMBOLS, 0.0)
        self.move(SYMBOLS)

    def move(self, symbols):
        books = {}
        for symbol in symbols:
            start, step = map(Decimal, self.STARTS[symbol])
            # Bid and ask are unique as a pair, within the service's limits.
            widening, rise = divmod(self.counts[symbol], 100)
            self.counts[symbol] += 1
            bid = start + rise * step
            books[symbol] = {"bid": str(bid), "ask": str(bid + (widening + 1) * step)}
        if books:
            self.simulator.pin(books)

    def run(self):
        while not self.ended.wait(self.chance.uniform(0.04, 0.2)):
            now = time.monotonic()
            moving = [s for s in SYMBOLS if self.quiet_until[s] < now and self.chance.random() < 0.7]
            self.move(moving)
            if self.chance.random() < self.PAUSE_CHANCE:
                self.quiet_until[self.chance.choice(SYMBOLS)] = now + self.chance.uniform(1, 4)

    def stop(self):
        self.ended.set()
        self.join(10)


class PricesWithoutTrades(Prices):
    """Only asks change. The last price of a pinned symbol is its bid, so the miniTicker shows no trade.

    No symbol pauses: a book that stands still is current for as long as it does.
    """

    PAUSE_CHANCE = 0

    def move(self, symbols):
        books = {}
        for symbol in symbols:
            start, step = map(Decimal, self.STARTS[symbol])
            self.counts[symbol] += 1
            books[symbol] = {"bid": str(start), "ask": str(start + self.counts[symbol] * step)}
        if books:
            self.simulator.pin(books)


class Witness(threading.Thread):
    """Polls several times per second, keeps the latest date of each served price, and reads the simulator's log."""

    def __init__(self, service, simulator):
        super().__init__(daemon=True)
        self.url = service.url + "/api/v2/courses?exchanger=binance"
        self.simulator = simulator
        self.ended = threading.Event()
        self.served = {}  # (symbol, bid, ask): (observed_at, as_of) with the latest observed_at
        self.true_from_to = {}
        self.read_until = 0
        self.asked = self.fresh_answers = self.observations = 0
        self.is_fresh = False
        self.oldest_leg = 0.0  # when the oldest leg of the newest answer was observed
        self.trouble = []

    def run(self):
        next_log = 0.0
        while not self.ended.wait(0.08):
            try:
                self.ask()
                if time.monotonic() >= next_log:
                    self.read_log()
                    next_log = time.monotonic() + 2
            except Exception as failure:  # noqa: BLE001 - a thread's failure must reach the test
                self.trouble.append(repr(failure))

    def ask(self):
        status, _, body = call("GET", self.url)
        document = json.loads(body)
        as_of = seconds_of(document["as_of"])
        self.asked += 1
        usd = [course for course in document["courses"] if course["direction"].endswith("-USD")]
        self.is_fresh = status == 200 and all(course["state"] == "fresh" for course in usd)
        self.fresh_answers += self.is_fresh
        legs = {}
        for course in document["courses"]:
            for leg in course["legs"]:
                if leg["venue"] == "binance":
                    legs[leg["symbol"], Decimal(leg["bid"]), Decimal(leg["ask"])] = seconds_of(leg["observed_at"])
        self.oldest_leg = min(legs.values()) if len(legs) == len(SYMBOLS) else 0.0
        for book, observed_at in legs.items():
            self.observations += 1
            if observed_at > self.served.get(book, (0.0, 0.0))[0]:
                self.served[book] = (observed_at, as_of)

    def read_log(self):
        answer = json.loads(call("GET", f"{self.simulator.control}/books?since={self.read_until}")[2])
        self.read_until = answer["now"]
        for symbol in SYMBOLS:
            for book in answer["books"][symbol]:
                to = None if book["to"] is None else book["to"] / 1000
                self.true_from_to[symbol, Decimal(book["b"]), Decimal(book["a"])] = (book["from"] / 1000, to)

    def served_since(self):
        """Per symbol, the time at which the newest served book became true."""
        self.read_log()
        since = {}
        for book in list(self.served):
            if book in self.true_from_to:
                since[book[0]] = max(since.get(book[0], 0.0), self.true_from_to[book][0])
        return since

    def stop(self):
        self.ended.set()
        self.join(20)
        self.read_log()

    def errors(self):
        """For each price: how much later than its end it was dated, and how old it was when served."""
        found = []
        for book, (observed_at, as_of) in self.served.items():
            _, to = self.true_from_to[book]
            if to is not None:
                found.append((observed_at - to, as_of - to, book))
        return sorted(found, key=lambda error: -error[0])


class DatingTest(StackTest):
    """Dating of values while connections to Binance are delayed, replaced and replayed."""

    def setUp(self):
        self.chance = random.Random(SEED)
        prices = Prices(self.simulator, random.Random(SEED + 1))
        prices.start()
        self.addCleanup(self.simulator.pin, dict.fromkeys(SYMBOLS))
        self.addCleanup(prices.stop)
        self.witness = Witness(self.service, self.simulator)
        self.witness.start()
        self.addCleanup(self.witness.ended.set)
        self.wait_until_fresh()
        time.sleep(1.5)

    def wait_until_fresh(self):
        """Waits until all symbols have values from after this call."""
        since = time.time()
        until = time.monotonic() + RECOVERY_LIMIT
        while not (self.witness.is_fresh and self.witness.oldest_leg > since):
            self.assertLess(time.monotonic(), until, "not fresh again:\n" + "\n".join(self.service.lines[-30:]))
            time.sleep(0.05)

    def lift(self, fault):
        call("DELETE", f"{self.simulator.control}/faults/{fault}")

    def set_late(self, seconds):
        """Replaces the current delay."""
        before = getattr(self, "late_fault", None)
        self.late_fault = self.simulator.fault(STREAM, "late", value=int(seconds * 1000)) if seconds else None
        if before:
            self.lift(before)

    def cut(self):
        self.simulator.fault(STREAM, "cut", value=self.chance.choice(["rst", "1006", 1001]))

    def replay(self, seconds, further=0.0):
        """For this many seconds, new connections show a book older than the newest one served."""
        now = time.time()
        for symbol, since in self.witness.served_since().items():
            self.simulator.fault(STREAM, "old_book", symbol=symbol, value=int((now - since + further) * 1000) + MARGIN,
                                 **{"for": f"{int(seconds * 1000)}ms"})

    def finish(self, fewest, limit=ERROR_LIMIT):
        self.witness.stop()
        self.assertEqual(self.witness.trouble, [])
        errors = self.witness.errors()
        wrong = [error for error in errors if error[0] > limit + TOLERANCE]
        worst = errors[0][0] if errors else 0.0
        print(f"{self.id().split('.')[-1]}: {self.witness.observations} legs in {self.witness.asked} answers "
              f"({self.witness.fresh_answers} fresh), {len(errors)} replaced prices, latest date {worst:+.3f} s after "
              f"the end of the price, {len(wrong)} wrong", flush=True)
        self.assertGreaterEqual(len(errors), fewest, "too few prices to judge")
        unknown = [book for book in self.witness.served if book not in self.witness.true_from_to]
        self.assertEqual(unknown, [], "served, but never shown by the venue")
        self.assertEqual([f"{book[0]} {book[1]}: dated {error:.3f} s after its end, served when it had ended {age:.3f} s before"
                          for error, age, book in wrong[:5]], [], f"{len(wrong)} prices, seed {SEED}")

    # Fixed cases.

    def test_a_new_connection_to_a_late_venue_serves_nothing_that_it_cannot_date(self):
        self.set_late(7)
        for _ in range(4):
            time.sleep(self.chance.uniform(3, 5))
            self.cut()
        time.sleep(3)
        self.finish(20)

    def test_a_venue_that_is_late_within_the_limit_is_served_with_its_true_age(self):
        self.set_late(3)
        time.sleep(5)
        fresh_before = self.witness.fresh_answers
        for _ in range(3):
            self.cut()
            time.sleep(4)
        self.assertGreater(self.witness.fresh_answers, fresh_before, "3 s late is fresh")
        self.finish(20)

    def test_a_replayed_book_is_not_believed_after_an_outage(self):
        for further in (0.0, 8.0):
            outage = self.simulator.fault(STREAM, "refuse")
            self.cut()
            time.sleep(MAX_AGE + 1.5)
            self.replay(6, further)
            self.lift(outage)
            time.sleep(6)
            self.wait_until_fresh()
            time.sleep(1)
        self.finish(20)

    def test_lateness_that_grows_between_two_event_times_makes_no_date_later(self):
        self.grow([(0.9,), (1.2,), (2.5,), (0.9,), (1.2,)])

    def test_lateness_that_grows_in_stairs_makes_no_date_later(self):
        self.grow([(1.2, 2.4, 3.6)] * 4)

    def test_lateness_that_grows_on_a_late_connection_makes_no_date_later(self):
        self.set_late(2.3)
        time.sleep(4)
        self.grow([(4.7,)] * 3, before=2.3)

    def grow(self, stairs, before=0.0):
        """The delay grows and returns to `before`; the cycle's length shifts it against the event times."""
        for steps in stairs:
            for late in steps:
                self.set_late(late)
                time.sleep(0.1)
            time.sleep(steps[-1] + 0.6)
            self.set_late(before)
            time.sleep(steps[-1] - before + 0.9)
        self.finish(20, limit=0)

    # Random cases.

    def test_delays_replacements_and_replays_at_random(self):
        print(f"seed {SEED}, {SECONDS:.0f} s", flush=True)
        until = time.monotonic() + SECONDS
        calm_polls = calm_fresh = rounds = 0
        while time.monotonic() < until:
            for kind in self.chance.sample(DISTURBANCES, len(DISTURBANCES)):
                if time.monotonic() > until:
                    break
                self.disturb(kind)
                time.sleep(self.chance.choice([0.1, 1, 2, 3]) * self.chance.uniform(0.5, 1.5))
            self.late_fault = None
            self.simulator.clear()
            self.cut()  # data in flight is lost
            self.wait_until_fresh()
            asked, fresh = self.witness.asked, self.witness.fresh_answers
            time.sleep(3)
            calm_polls += self.witness.asked - asked
            calm_fresh += self.witness.fresh_answers - fresh
            rounds += 1
        print(f"{rounds} rounds, fresh in {calm_fresh} of {calm_polls} undisturbed answers", flush=True)
        self.finish(int(SECONDS))
        self.assertGreater(calm_polls, 10 * rounds, "too few undisturbed answers")
        self.assertGreater(calm_fresh, 0.95 * calm_polls, "an undisturbed venue is served")

    def disturb(self, kind):
        outage = 0.0
        if kind.startswith("late"):
            self.set_late(self.chance.choice([self.chance.uniform(0.2, 1.4), self.chance.uniform(1.5, 4.5),
                                              self.chance.uniform(5, 9)]))
        if kind == "punctual":
            self.set_late(0)
        if kind == "outage":
            outage = self.chance.uniform(1, 7)
            self.simulator.fault(STREAM, "refuse", **{"for": f"{int(outage * 1000)}ms"})
        if kind == "replay" or (kind == "outage" and self.chance.random() < 0.7):
            self.replay(outage + self.chance.uniform(3, 10), self.chance.uniform(0, 8))
        if kind not in ("late", "punctual"):
            self.replace_connection()

    def replace_connection(self):
        """The active faults apply to the new connection, however long the service waits before it reconnects."""
        before = self.simulator.state()["connections"][STREAM]["total"]
        self.cut()
        until = time.monotonic() + 15
        while time.monotonic() < until:
            connections = self.simulator.state()["connections"][STREAM]
            if connections["open"] and connections["total"] > before:
                return
            time.sleep(0.1)


class DeadBookTickerTest(StackTest):
    """The bookTicker dies while prices change without a trade and the other streams live."""

    def setUp(self):
        prices = PricesWithoutTrades(self.simulator, random.Random(SEED))
        prices.start()
        self.addCleanup(self.simulator.pin, dict.fromkeys(SYMBOLS))
        self.addCleanup(prices.stop)
        self.witness = Witness(self.service, self.simulator)
        wait_for(lambda: self.fresh() == len(DIRECTIONS), [self.service], RECOVERY_LIMIT)
        time.sleep(DEPTH_STARTS)
        self.witness.start()
        self.addCleanup(self.witness.ended.set)

    def fresh(self):
        courses = json.loads(call("GET", self.witness.url)[2])["courses"]
        return sum(course["state"] == "fresh" for course in courses)

    def test_it_is_stale_within_the_age_limit(self):
        time.sleep(2)
        dead_since = time.monotonic()
        dead = self.simulator.fault(STREAM, "mute", stream="bookTicker")
        wait_for(lambda: self.fresh() == 0, [self.service], MAX_AGE + 1)
        stale_after = time.monotonic() - dead_since
        time.sleep(3)
        self.assertEqual(self.fresh(), 0, "no new connection makes it fresh")
        call("DELETE", f"{self.simulator.control}/faults/{dead}")
        wait_for(lambda: self.fresh() == len(DIRECTIONS), [self.service], RECOVERY_LIMIT)
        self.witness.stop()
        self.assertEqual(self.witness.trouble, [])
        errors = self.witness.errors()
        self.assertGreater(len(errors), 10, "too few prices to judge")
        print(f"stale after {stale_after:.1f} s, {len(errors)} replaced prices, latest date {errors[0][0]:+.3f} s after the end of "
              "the price", flush=True)
        self.assertLessEqual(errors[0][0], ERROR_LIMIT + TOLERANCE, f"{errors[0][2]}, seed {SEED}")


# Binance is the only exchanger.
BINANCE_ALONE = {
    "venues": {"binance": {}, "kraken": {}}, "exchangers": ["binance"], "same_as": {"USDTTRC": "USDT"},
    "reference_rates": {"USDC-USD": ["kraken: USDC/USD"], "USDT-USD": ["kraken: USDT/USD"]},
    "directions": [{"direction": "BTC-USD", "allowance": "none", "binance": "BTCUSDT * USDT-USD"},
                   {"direction": "ETH-USD", "allowance": "none", "binance": "ETHUSDT * USDT-USD"},
                   {"direction": "USDTTRC-USD", "allowance": "none", "binance": "1 / USDCUSDT * USDC-USD"}]}


class TakenBackTest(StackTest):
    """A book that the venue takes back is confirmed only by a good book."""

    def setUp(self):
        self.pin()
        market = tempfile.NamedTemporaryFile("w", suffix=".json")
        self.addCleanup(market.close)
        market.write(json.dumps(BINANCE_ALONE))
        market.flush()
        self.alone = Service(BUILD, {**self.simulator.settings(), "MARKETS_FILE": market.name})
        self.addCleanup(self.alone.stop)
        self.wait_until_ready(200, RECOVERY_LIMIT)

    def pin(self):
        self.simulator.pin({"BTCUSDT": {"bid": "64000.00", "ask": "64000.01"}, "USDCUSDT": {"bid": "1.0000", "ask": "1.0001"},
                            "ETHUSDT": {"bid": "2600.00", "ask": "2600.01"}})

    def ready(self):
        return call("GET", self.alone.url + "/readyz")[0]

    def wait_until_ready(self, status, limit):
        started = time.monotonic()
        while self.ready() != status:
            self.assertLess(time.monotonic() - started, limit, f"/readyz is {self.ready()}, not {status}")
            time.sleep(0.05)
        return time.monotonic() - started

    def test_it_is_stale_within_its_limit(self):
        for way, then_silent in (("zero_price", False), ("zero_price", True), ("null_price", False), ("crossed", True),
                                 ("jump", False)):
            with self.subTest(way, then_silent=then_silent):
                fault = self.simulator.fault(STREAM, "corrupt", value=way, stream="bookTicker")
                faults = [fault]
                # Every symbol has sent it: the slowest sends five books per second.
                time.sleep(1)
                if then_silent:
                    faults.append(self.simulator.fault(STREAM, "mute", stream="bookTicker"))
                try:
                    self.wait_until_ready(503, MAX_AGE + 1)
                    status, _, body = call("GET", self.alone.url + "/api/v2/courses?exchanger=binance")
                    self.assertEqual((status, {course["value"] for course in json.loads(body)["courses"]}), (503, {None}))
                finally:
                    for one in faults:
                        call("DELETE", f"{self.simulator.control}/faults/{one}")
                    self.wait_until_ready(200, RECOVERY_LIMIT)


if __name__ == "__main__":
    unittest.main()
