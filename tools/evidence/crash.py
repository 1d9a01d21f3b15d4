"""A real crash: all exchangers fall by 20 % within a minute, each with a delay of its own. None of them is wrong."""

import time

from processes import Service, Simulator

from .broken import CALM_LIMIT, WITH_KEY
from .watch import IN_FLIGHT, Watch, listed_exchangers, wait_until
from .world import World

FALL, SECONDS = 0.20, 60
AFTER = 20  # seconds, in which a dispute would last on
BASE = 64_000.0
COINGECKO_EVERY = 2  # seconds between two frames of its stream

ORDERS = {"the preferred exchanger first": ("binance", "kraken", "okx", "bybit", "coinbase", "coingecko"),
          "the preferred exchanger last": ("coinbase", "bybit", "okx", "kraken", "coingecko", "binance")}
# Of each scenario: the seconds by which each exchanger is behind the first.
SCENARIOS = {f"within {most} s, {order}": {name: most * i / (len(names) - 1) for i, name in enumerate(names)}
             for most in (1, 5) for order, names in ORDERS.items()}


class Market:
    """A price that stands, and then falls in a straight line."""

    def __init__(self):
        self.begins_at = None

    def price(self, now):
        done = min(max((now - self.begins_at) / SECONDS, 0), 1) if self.begins_at else 0
        return BASE * (1 - FALL * done)


def longest(samples, applies):
    """The longest time, in seconds, for which samples in a row applied."""
    spell, since = 0.0, None
    for each in samples:
        since = (since or each.at) if applies(each) else None
        spell = max(spell, each.at - since if since else 0.0)
    return spell


def run(build, scenario, speed):
    delays, market = SCENARIOS[scenario], Market()
    simulator = Simulator(build, "--coingecko-cache", "0s", "--coingecko-every", f"{COINGECKO_EVERY}s", "--speed", speed)
    world = service = watch = None
    try:
        world = World(simulator, market.price)
        for exchanger, delay in delays.items():
            world.set_wrong(exchanger, lambda _truth, delay=delay: market.price(time.monotonic() - delay))
        world.start()
        service = Service(build, {**simulator.settings(), **WITH_KEY})
        exchangers = listed_exchangers(service)
        behind = {name: max(delays.values()) if name == "consensus" else delays[name] for name in exchangers}
        lags = {name: delay + IN_FLIGHT + COINGECKO_EVERY for name, delay in behind.items()}
        watch = Watch(service, world, exchangers, lags=lags)
        if wait_until(lambda: all(watch.is_right(name) for name in watch.targets), CALM_LIMIT) is None:
            raise RuntimeError(f"not calm: {[watch.last(name) for name in watch.targets]}")
        time.sleep(3)
        market.begins_at = time.monotonic()
        time.sleep(SECONDS + AFTER)
        since, until = market.begins_at, time.monotonic()
        found = {name: {"withheld": longest(watch.between(name, since, until), lambda each: each.deviation is None),
                        "wrong": watch.wrong_seconds(name, since, until)} for name in watch.targets}
        log = [line for line in service.lines if "dispute" in line or "active exchanger" in line]
        return {"scenario": scenario, "found": found, "longest_pause": world.longest_pause, "log": log}
    finally:
        for each in (watch, world, service, simulator):
            if each:
                each.stop()
