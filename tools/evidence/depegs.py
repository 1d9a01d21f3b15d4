"""Stablecoins that left the dollar, replayed: what is served with the built-in market map, and with the first version's."""

import json
import re
import tempfile
import time
from pathlib import Path

from processes import Service, Simulator

from .watch import Watch, listed_exchangers, wait_until
from .world import Wander, World

# Hours since the beginning, and the price in dollars. What was not reported is interpolated. "apart": the books differ.
MARCH_USDC = ((0, 1), (4, .999), (6.2, .955), (10.5, .9231), (11.25, .874), (13, .92), (20, .95), (40, .965), (52, .985),
              (64, .997))
MARCH_USDT = ((0, 1), (4, 1.003), (6.2, 1.06), (8, 1.015), (11.25, 1.005), (20, 1.0187), (40, 1.0054), (52, 1.008), (64, 1.004))
MAY_USDT = ((0, .998), (4, .99), (6, .97), (7.5, .948), (9, .96), (10, .985), (12, .99), (18, .996), (24, .998))
OCTOBER_USDT = ((0, .985), (5, .975), (6.5, .925), (7.5, .85), (8.5, .92), (12, .95), (18, .965), (24, .97))
SCENARIOS = {
    "march-2023": {
        "title": "March 2023", "minutes_a_second": 20, "usd": 20_400,
        "tracks": {"usdc": MARCH_USDC, "usdt": MARCH_USDT}},
    "march-2023-apart": {
        "title": "March 2023, books apart", "minutes_a_second": 20, "usd": 20_400,
        "note": "only Kraken's USDT rises to 1.06, and the USDC/USDT books lag behind Kraken's USDC by up to 5.8 %",
        "tracks": {"usdc": MARCH_USDC, "usdt": tuple(each for each in MARCH_USDT if each[0] != 6.2), "usdt.kraken": MARCH_USDT,
                   "usdc.market": ((0, 1), (6.2, .985), (10.5, .9767), (11.25, .925), (13, .93), (20, .95), (40, .965),
                                   (52, .985), (64, .997))}},
    "may-2022": {
        "title": "May 2022", "minutes_a_second": 10, "usd": 29_000,
        "tracks": {"usdc": ((0, 1), (24, 1)),
                   "usdt": MAY_USDT}},
    "may-2022-apart": {
        "title": "May 2022, books apart", "minutes_a_second": 10, "usd": 29_000,
        "note": "Coinbase's USDT falls to 0.948, Kraken's to 0.99, and the books in USDT follow Coinbase's",
        "tracks": {"usdc": ((0, 1), (24, 1)),
                   "usdt": MAY_USDT,
                   "usdt.kraken": ((0, .998), (4, .995), (7.5, .99), (12, .993), (24, .998))}},
    "october-2018": {
        "title": "October 2018", "minutes_a_second": 10, "usd": 6_617,
        "tracks": {"usdc": ((0, 1), (24, 1)),
                   "usdt": OCTOBER_USDT}},
    "october-2018-apart": {
        "title": "October 2018, books apart", "minutes_a_second": 10, "usd": 6_617, "without": ("coinbase_stream", "USDT-USD"),
        "note": "only Kraken's USDT falls to 0.85, the others' to 0.925; Coinbase has no USDT",
        "tracks": {"usdc": ((0, 1), (24, 1)),
                   "usdt": ((0, .985), (5, .975), (7, .925), (8.5, .925), (12, .95), (18, .965), (24, .97)),
                   "usdt.kraken": OCTOBER_USDT}}}

BOUNDS = {"pair": "USDC/USDT", "min": "0.9", "max": "1.1", "max_jump_percent": 5}


def first_map():
    """As the first version priced Binance and CoinGecko: USDC is a dollar, and nothing is compared. OKX and Bybit likewise."""
    def coin(code, word):
        return {"direction": f"{code}-USD", "allowance": "none", "binance": f"{code}USDT / USDCUSDT", "coingecko": f"{word}/usd",
                "kraken": f"{code}/USD", "okx": f"{code}-USDT / USDC-USDT", "bybit": f"{code}USDT / USDCUSDT",
                "coinbase": f"{code}-USD"}
    venues = {name: {} for name in ("binance", "coingecko", "cbr", "kraken", "okx", "bybit", "coinbase")}
    venues["binance"] = venues["bybit"] = {"symbols": {"USDCUSDT": BOUNDS}}
    venues["okx"] = {"symbols": {"USDC-USDT": BOUNDS}}
    return {"venues": venues, "exchangers": ["binance", "coingecko", "kraken", "okx", "bybit", "coinbase"],
            "same_as": {"USDC": "USD"}, "directions": [coin("BTC", "bitcoin"), coin("ETH", "ethereum")]}


def interpolate(track, hour):
    for (begin, low), (end, high) in zip(track, track[1:]):
        if hour <= end:
            return low + (high - low) * max(hour - begin, 0) / (end - begin)
    return track[-1][1]


class Replay:
    """The pegs of a scenario. They stand at their first values until `begin`."""

    def __init__(self, scenario):
        self.tracks = scenario["tracks"]
        self.pace = scenario["minutes_a_second"] / 60  # hours a second
        self.length = max(track[-1][0] for track in self.tracks.values()) / self.pace  # seconds
        self.begun_at = None

    def hour(self, now):
        return (now - self.begun_at) * self.pace if self.begun_at else 0

    def peg(self, now):
        return {name: interpolate(track, self.hour(now)) for name, track in self.tracks.items()}


def describe(watch, replay, since, until):
    exchangers = {}
    for name in watch.targets:
        exchangers[name] = {
            "worst": watch.worst(name, since, until), "wrong": watch.wrong_seconds(name, since, until),
            "unserved": watch.unserved_seconds(name, since, until)}
    line = [(round(replay.hour(each.at), 4), each.deviation) for each in watch.between("binance", since, until)]
    return {"exchangers": exchangers, "binance": line}


def run(build, name, speed):
    """Both services read the same simulator at the same time."""
    scenario = SCENARIOS[name]
    simulator = Simulator(build, "--coingecko-cache", "0s", "--coingecko-every", "1s", "--speed", speed)
    replay = Replay(scenario)
    bitcoin = Wander(scenario["usd"])
    world = World(simulator, bitcoin.price, replay.peg)
    started, watches = [], {}
    try:
        if "without" in scenario:
            simulator.fault(scenario["without"][0], "empty_book", symbol=scenario["without"][1])
        world.start()
        with tempfile.TemporaryDirectory() as folder:
            markets = Path(folder, "markets.json")
            markets.write_text(json.dumps(first_map()), encoding="utf-8")
            plan = {"COINGECKO_PLAN": "analyst", "COINGECKO_API_KEY": "pro-key"}  # polls would lag by hours
            for which, own in (("before", {"MARKETS_FILE": str(markets)}), ("after", {})):
                started.append(Service(build, {**simulator.settings(), **plan, **own}))
                watches[which] = Watch(started[-1], world, listed_exchangers(started[-1]), every=0.04)
            for which, watch in watches.items():
                for target in watch.targets:
                    if wait_until(lambda watch=watch, target=target: watch.is_right(target), 60) is None:
                        raise RuntimeError(f"{name}, {which}: {target} is not right at first: {watch.last(target)}")
            replay.begun_at = time.monotonic()
            time.sleep(replay.length)
            until = time.monotonic()
        for watch in watches.values():
            watch.stop()
        found = {which: describe(watch, replay, replay.begun_at, until) for which, watch in watches.items()}
        log = [line for line in started[-1].lines if re.search("dispute|active exchanger|reference rate", line)]
        return {"scenario": name, **found, "longest_pause": world.longest_pause, "log": log}
    finally:
        for watch in watches.values():
            watch.stop()
        world.stop()
        for each in [*started, simulator]:
            each.stop()
