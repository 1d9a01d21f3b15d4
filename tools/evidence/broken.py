"""One exchanger at a time is wrong, in seven ways: for how long a wrong value is served, and when the exchanger is back."""

import re
import time
from dataclasses import asdict, dataclass

from processes import Service, Simulator

from .watch import ALLOWED, POLLED, Watch, listed_exchangers, wait_until
from .world import Wander, World

BACK_LIMIT = 60  # seconds
CALM_LIMIT = 120
HELD = 10  # seconds for which a price that is far off stands; longer than the age limit of most
DRIFTED, DRIFTED_OF_TWO = 20, 40  # seconds; two exchangers may differ by three times as much
HALTED = 70  # seconds: longer than the minute for which a value is trusted
CALM = 1.5  # seconds of right values before each fault
PACE = 0.001  # of a drift and of the market while a book is frozen, per second

# Without a key CoinGecko is polled once a minute; a stream shows a fault within two seconds.
WITH_KEY = {"COINGECKO_PLAN": "analyst", "COINGECKO_API_KEY": "pro-key"}

EMPTY = {
    "binance": (("binance_stream", "corrupt", "BTCUSDT", "zero_price"),),
    "kraken": (("kraken_stream", "empty_book", "BTC/USD", "both"), ("kraken_rest", "status", "", "503")),
    "okx": (("okx_stream", "empty_book", "BTC-USDT", "both"),), "bybit": (("bybit_stream", "empty_book", "BTCUSDT", "both"),),
    "coinbase": (("coinbase_stream", "empty_book", "BTC-USD", "both"),),
    "coingecko": (("coingecko_stream", "null_price", "bitcoin/usd", ""), ("coingecko_rest", "null_price", "bitcoin/usd", ""))}


def empty_book(simulator, exchanger):
    for endpoint, fault, symbol, value in EMPTY[exchanger]:
        simulator.fault(endpoint, fault, **({"symbol": symbol} if symbol else {}), **({"value": value} if value else {}))


@dataclass
class Result:
    """Times in seconds, deviations as a share. None: it did not happen."""

    exchanger: str
    fault: str
    wrong: dict  # by target: "default" or an exchanger
    worst: dict  # likewise
    unserved: float  # by default
    withheld: float | None  # until the exchanger served no value that is wrong, since its first one
    disputed: float | None  # since the fault
    back: float | None  # since the repair
    reason: str


class Trial:
    """A service whose exchangers are all right, and one of which can be made wrong."""

    def __init__(self, build, exchanger, settings, speed):
        self.exchanger = exchanger
        self.market = Wander(64_000.0)
        self.simulator = Simulator(build, "--coingecko-cache", "0s", "--coingecko-every", "2s", "--speed", speed)
        self.service = self.world = self.watch = None
        try:
            self.world = World(self.simulator, self.market.price)
            self.world.start()
            self.service = Service(build, {**self.simulator.settings(), **settings})
            lags = {} if "COINGECKO_PLAN" in settings else {"coingecko": POLLED}
            exchangers = listed_exchangers(self.service)
            self.drifted = DRIFTED_OF_TWO if set(exchangers) <= {"binance", "coingecko", "consensus"} else DRIFTED
            self.watch = Watch(self.service, self.world, exchangers, lags=lags)
        except BaseException:
            self.close()
            raise

    def close(self):
        for each in (self.watch, self.world, self.service, self.simulator):
            if each:
                each.stop()

    def is_calm(self):
        """All exchangers have served the truth for a while, and the preferred one is active."""
        now = time.monotonic()
        preferred = next(name for name in self.watch.targets if name != "default")
        active = self.watch.last("default")
        return bool(active) and active.exchanger == preferred and all(
            len(found := self.watch.between(name, now - CALM, now)) > 5 and all(each.state == "fresh" for each in found)
            and self.watch.wrong_seconds(name, now - CALM, now) == 0 for name in self.watch.targets)

    def wait_for_calm(self, fault):
        if wait_until(self.is_calm, CALM_LIMIT) is None:
            seen = [self.watch.last(name) for name in self.watch.targets]
            raise RuntimeError(f"{self.exchanger}: not calm before {fault}: {seen}")

    def repair(self):
        """Returns when it was repaired, after the exchanger is right again."""
        self.simulator.clear()
        self.market.pace = 0
        self.world.set_wrong(self.exchanger, None)
        repaired_at = time.monotonic()
        time.sleep(self.watch.lags.get(self.exchanger, 0.5))  # what was true of a polled price is not wrong for a while
        wait_until(lambda: self.watch.is_right(self.exchanger), BACK_LIMIT)
        time.sleep(0.5)
        return repaired_at

    def measure(self, fault, steps):
        """`steps` break the exchanger and take their time."""
        self.wait_for_calm(fault)
        broken_at = time.monotonic()
        steps()
        repaired_at = self.repair()
        return self.describe(fault, broken_at, repaired_at, time.monotonic())

    def measure_halt(self):
        """Two results: of the time without a book, and of the wrong price after it."""
        self.wait_for_calm("its book is emptied")
        emptied_at = time.monotonic()
        empty_book(self.simulator, self.exchanger)
        time.sleep(HALTED)
        resumed_at = time.monotonic()
        self.world.set_wrong(self.exchanger, lambda truth: truth / 100)
        self.simulator.clear()
        time.sleep(HELD)
        repaired_at = self.repair()
        return [self.describe(f"book empty for {HALTED} s", emptied_at, resumed_at, resumed_at),
                self.describe("… and then at a hundredth", resumed_at, repaired_at, time.monotonic())]

    def describe(self, fault, broken_at, repaired_at, until):
        watch, own = self.watch, self.exchanger
        samples = watch.between(own, broken_at, until)
        broken = [each for each in samples if each.at < repaired_at]
        withheld = next((each for each in broken if each.deviation is None), None)
        disputed = next((each for each in broken if each.state == "disputed"), None)
        away = next((each for each in samples if each.at >= repaired_at and each.deviation is None), None)
        right = (each for each in samples if away and each.at > away.at and each.deviation is not None and not is_wrong(each))
        back = next(right, None)
        return Result(own, fault, {name: watch.wrong_seconds(name, broken_at, until) for name in watch.targets},
                      {name: watch.worst(name, broken_at, until) for name in watch.targets},
                      watch.unserved_seconds("default", broken_at, until), withheld and withheld.at - broken_at,
                      disputed and disputed.at - broken_at,
                      back.at - repaired_at if back else None if away or is_wrong(samples[-1]) else 0.0,
                      (disputed or withheld).reason if disputed or withheld else "")

    # The faults.

    def hold(self, price, seconds):
        def steps():
            self.world.set_wrong(self.exchanger, price)
            time.sleep(seconds)
        return steps

    def drift(self):
        begun_at = time.monotonic()
        self.hold(lambda truth: truth * (1 + PACE * (time.monotonic() - begun_at)), self.drifted)()

    def freeze(self):
        frozen = self.world.truths[-1]
        self.market.pace = PACE
        self.hold(lambda truth: frozen, self.drifted)()

    def run(self):
        """Results until one fault could not be measured, and why."""
        held = HELD + self.watch.lags.get(self.exchanger, 0)  # a poll has to see it
        results = []
        try:
            for fault, steps in (("×10", self.hold(lambda truth: truth * 10, held)),
                                 ("÷1000", self.hold(lambda truth: truth / 1000, held)),
                                 ("+1 % for a minute", self.hold(lambda truth: truth * 1.01, 60)),
                                 ("drifts away by 0.1 % a second", self.drift),
                                 ("frozen while the market moves by 0.1 % a second", self.freeze)):
                results.append(self.measure(fault, steps))
            results += self.measure_halt()
        except RuntimeError as failure:
            return results, str(failure)
        return results, ""


def is_wrong(sample):
    return sample.deviation is not None and abs(sample.deviation) > ALLOWED


def run(build, exchanger, settings, speed):
    trial = Trial(build, exchanger, settings, speed)
    try:
        results, failure = trial.run()
        log = [line for line in trial.service.lines if re.search("dispute|active exchanger|reference rate", line)]
        return {"exchanger": exchanger, "settings": settings, "results": [asdict(each) for each in results],
                "failure": failure, "longest_pause": trial.world.longest_pause, "log": log}
    finally:
        trial.close()
