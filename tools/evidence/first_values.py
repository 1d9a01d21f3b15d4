"""The first value of an exchanger is wrong: at the start, after a halt, and after a restart of a service with history."""

import time
from contextlib import ExitStack, contextmanager

from private_postgres import PrivatePostgres
from processes import Service, Simulator

from .broken import HALTED, WITH_KEY, empty_book
from .watch import Watch, listed_exchangers, wait_until
from .world import COIN_BOOKS, Wander, World

HALTED_COINGECKO = 120  # seconds: a minute longer than its shortest possible age limit
HELD = 8  # seconds for which a wrong first value stands
BACK_LIMIT = 60
START_LIMIT = 90
VALUES = {"×10": lambda truth: truth * 10, "÷1000": lambda truth: truth / 1000,
          "a book of 0.01 and 999,999": lambda truth: ("0.01", "999999")}


def values_of(exchanger):
    """CoinGecko has no book."""
    return [name for name in VALUES if exchanger in COIN_BOOKS or "book" not in name]


class Trials:
    def __init__(self, build, speed):
        self.build = build
        self.simulator = Simulator(build, "--coingecko-cache", "0s", "--coingecko-every", "2s", "--speed", speed)
        self.world = World(self.simulator, Wander(64_000.0).price)
        self.world.start()
        self.settings = {**self.simulator.settings(), **WITH_KEY, "COINGECKO_MAX_AGE": "50s"}
        self.results = []

    def close(self):
        self.world.stop()
        self.simulator.stop()

    @contextmanager
    def service(self, **settings):
        """A service and its watch."""
        service = Service(self.build, {**self.settings, **settings})
        watch = None
        try:
            watch = Watch(service, self.world, listed_exchangers(service))
            yield watch
        finally:
            if watch:
                watch.stop()
            service.stop()

    @contextmanager
    def wrong(self, values):
        """`values`: the name of the wrong value, by exchanger."""
        for exchanger, name in values.items():
            self.world.set_wrong(exchanger, VALUES[name])
        try:
            yield
        finally:
            for exchanger in values:
                self.world.set_wrong(exchanger, None)

    @staticmethod
    def wait_for_all(watch, but=None):
        names = [name for name in watch.targets if name != but]
        if wait_until(lambda: all(watch.is_right(name) for name in names), START_LIMIT) is None:
            raise RuntimeError(f"not all exchangers serve the truth: {[watch.last(name) for name in names]}")

    def measure(self, occasion, values, watch, since):
        """The wrong values have just been mended."""
        mended_at = time.monotonic()
        backs = dict.fromkeys(values)

        def are_back():
            for exchanger in values:
                if backs[exchanger] is None and watch.is_right(exchanger):
                    backs[exchanger] = time.monotonic() - mended_at
            return None not in backs.values()
        wait_until(are_back, BACK_LIMIT)
        time.sleep(0.5)
        until = time.monotonic()
        for exchanger, name in values.items():
            held = watch.between(exchanger, since, mended_at)
            self.results.append({
                "exchanger": exchanger, "occasion": occasion, "value": name, "back": backs[exchanger],
                "reason": next((each.reason for each in reversed(held) if each.reason), ""),
                "wrong": {target: watch.wrong_seconds(target, since, until) for target in watch.targets},
                "worst": {target: watch.worst(target, since, until) for target in watch.targets},
                "unserved": watch.unserved_seconds("default", mended_at, until)})

    def at_start(self, exchanger, name):
        since = time.monotonic()
        with ExitStack() as stack:
            with self.wrong({exchanger: name}):
                watch = stack.enter_context(self.service())
                self.wait_for_all(watch, but=exchanger)
                time.sleep(HELD)
            self.measure("start", {exchanger: name}, watch, since)

    def after_restart(self, exchanger, name):
        with PrivatePostgres() as postgres:
            with self.service(DATABASE_URL=postgres.url) as watch:
                self.wait_for_all(watch)
                time.sleep(4)  # history is written each second
            since = time.monotonic()
            with ExitStack() as stack:
                with self.wrong({exchanger: name}):
                    watch = stack.enter_context(self.service(DATABASE_URL=postgres.url))
                    time.sleep(HELD)
                self.measure("restart", {exchanger: name}, watch, since)

    def after_halt(self, values, watch):
        """Of several exchangers at once, each with a value of its own."""
        self.wait_for_all(watch)
        time.sleep(2)
        for exchanger in values:
            empty_book(self.simulator, exchanger)
        time.sleep(HALTED_COINGECKO if "coingecko" in values else HALTED)
        since = time.monotonic()
        with self.wrong(values):
            self.simulator.clear()
            time.sleep(HELD)
        self.measure("halt", values, watch, since)


def run(build, exchangers, speed, occasions):
    trials = Trials(build, speed)
    try:
        if "halt" in occasions:
            with trials.service() as watch:
                for turn in range(len(VALUES)):
                    values = {exchanger: (names := values_of(exchanger))[(turn + i) % len(names)]
                              for i, exchanger in enumerate(exchangers) if turn < len(values_of(exchanger))}
                    trials.after_halt(values, watch)
            return {"results": trials.results, "longest_pause": trials.world.longest_pause}
        for exchanger in exchangers:
            for name in values_of(exchanger):
                trials.at_start(exchanger, name)
                trials.after_restart(exchanger, name)
        return {"results": trials.results, "longest_pause": trials.world.longest_pause}
    finally:
        trials.close()
