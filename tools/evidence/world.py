"""A simulated market of bitcoin whose true price in dollars is known at every moment."""

import math
import threading
import time
from bisect import bisect_right
from decimal import ROUND_HALF_EVEN, Decimal

BEAT = 0.125  # seconds between two pins

# Of each exchanger: coin, name in POST /prices, tick, and whether the book is in USDT.
COIN_BOOKS = {
    "binance": (("bitcoin", "BTCUSDT", "0.01", True), ("ethereum", "ETHUSDT", "0.01", True)),
    "kraken": (("bitcoin", "BTC/USD", "0.1", False), ("ethereum", "ETH/USD", "0.01", False)),
    "okx": (("bitcoin", "BTC-USDT", "0.1", True), ("ethereum", "ETH-USDT", "0.01", True)),
    "bybit": (("bitcoin", "bybit:BTCUSDT", "0.1", True), ("ethereum", "bybit:ETHUSDT", "0.01", True)),
    "coinbase": (("bitcoin", "coinbase:BTC-USD", "0.01", False), ("ethereum", "coinbase:ETH-USD", "0.01", False))}
USDT_IN_DOLLARS = {"kraken": ("USDT/USD", "0.00001"), "coinbase": ("coinbase:USDT-USD", "0.00001")}
USDC_IN_DOLLARS = {"kraken": ("USDC/USD", "0.0001")}
USDC_IN_USDT = {"binance": ("USDCUSDT", "0.0001"), "okx": ("USDC-USDT", "0.0001"), "bybit": ("bybit:USDCUSDT", "0.0001")}
COINS_PER_BITCOIN = {"bitcoin": 1, "ethereum": 25}


def book(price, tick):
    """The narrowest one around the price."""
    tick = Decimal(tick)
    bid = max(((Decimal(price) / tick - Decimal("0.5")).quantize(Decimal(1), ROUND_HALF_EVEN)) * tick, tick)
    return {"bid": f"{bid:f}", "ask": f"{bid + tick:f}"}


class Wander:
    """A price that moves by a seventh of a percent around a base, which moves at a pace per second while it is asked to."""

    def __init__(self, base):
        self.base = base
        self.pace = 0.0
        self.moved_at = None

    def price(self, now):
        self.base *= (1 + self.pace) ** (now - (self.moved_at or now))
        self.moved_at = now
        return self.base * (1 + 0.0014 * math.sin(now / 6))


class World(threading.Thread):
    """Pins all books of a simulator, eight times a second.

    `bitcoin(now)` is the true price in dollars. `wrong[exchanger]`, if set, makes the price that its bitcoin book shows
    from the true one, or a (bid, ask). `peg(now)` gives the price in dollars of "usdt" and "usdc"; "usdt.kraken" is that of
    one exchanger's book alone, and "usdt.market" what the books in USDT imply.
    """

    def __init__(self, simulator, bitcoin, peg=lambda now: {"usdt": 1.0, "usdc": 1.0}):
        super().__init__(daemon=True)
        self.simulator = simulator
        self.bitcoin = bitcoin
        self.peg = peg
        self.wrong = {}
        self.moments, self.truths = [], []
        self.pinned = {}
        self.longest_pause = 0.0  # between two pins: how long the machine stood still
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.failure = None
        self.pin()

    def run(self):
        try:
            while not self.ended.wait(BEAT):
                self.pin()
        except Exception as failure:  # pylint: disable=broad-except; raised where the world is stopped
            self.failure = failure

    def pin(self):
        with self.lock:
            now = time.monotonic()
            self.longest_pause = max(self.longest_pause, now - self.moments[-1] if self.moments else 0)
            truth = self.bitcoin(now)
            self.moments.append(now)
            self.truths.append(truth)
            prices = self.prices(truth, self.peg(now))
            self.simulator.pin({name: price for name, price in prices.items() if self.pinned.get(name) != price} or prices)
            self.pinned = prices

    def prices(self, truth, peg):
        def of(coin, where):
            return peg.get(f"{coin}.{where}", peg[coin])
        prices = {}
        for exchanger, books in COIN_BOOKS.items():
            for coin, name, tick, in_usdt in books:
                shown = self.shown(exchanger, truth) if coin == "bitcoin" else truth
                unit = (of("usdt", "market") if in_usdt else 1) * COINS_PER_BITCOIN[coin]
                prices[name] = self.wide(shown, tick) if isinstance(shown, tuple) else book(shown / unit, tick)
        prices |= {name: book(of("usdt", where), tick) for where, (name, tick) in USDT_IN_DOLLARS.items()}
        prices |= {name: book(of("usdc", where), tick) for where, (name, tick) in USDC_IN_DOLLARS.items()}
        prices |= {name: book(of("usdc", "market") / of("usdt", "market"), tick) for name, tick in USDC_IN_USDT.values()}
        return prices | {"bitcoin/usd": f"{self.shown('coingecko', truth):.4f}", "ethereum/usd": f"{truth / 25:.4f}",
                         "tether/usd": f"{of('usdt', 'coingecko'):.6f}", "usd-coin/usd": f"{of('usdc', 'coingecko'):.6f}"}

    def shown(self, exchanger, truth):
        return self.wrong[exchanger](truth) if exchanger in self.wrong else truth

    @staticmethod
    def wide(sides, tick):
        bid, ask = sides
        return {"bid": str(max(Decimal(bid), Decimal(tick))), "ask": str(ask)}

    def set_wrong(self, exchanger, price):
        """`price` makes the wrong price from the true one; None repairs the exchanger. It is pinned when this returns."""
        if price:
            self.wrong[exchanger] = price
        else:
            self.wrong.pop(exchanger, None)
        self.pin()

    def true_range(self, since, until):
        """The least and the greatest true price between both moments."""
        with self.lock:
            first = max(bisect_right(self.moments, since) - 1, 0)
            truths = self.truths[first:bisect_right(self.moments, until)] or self.truths[first:first + 1]
        return min(truths), max(truths)

    def stop(self):
        self.ended.set()
        self.join(10)
        if self.failure:
            raise self.failure
