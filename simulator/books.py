"""Order books that follow the simulated Binance or a test's prices, for venues that show more than the top."""

from dataclasses import dataclass, field
from random import Random

from .pins import whole_ticks
from .text import ONE, amount_text
from .venue import Venue

LEVELS = 130  # of each side; deeper subscriptions show them all
BUSY_LEVELS = 10  # whose quantities change
FIRST_NUMBER = 9_007_199_254_740_993  # 2^53 + 1: a reader of doubles does not see every number


@dataclass
class Pair:
    symbol: str
    decimals: int  # of prices
    lot: int  # a typical quantity
    changes_per_second: float
    mid: object  # of the market: its price
    bids: dict = field(default_factory=dict)  # price to quantity
    asks: dict = field(default_factory=dict)
    pinned: tuple | None = None
    due: float = 0
    open: int = 0

    @property
    def tick(self):
        return ONE // 10 ** self.decimals

    @property
    def bid(self):
        return max(self.bids)

    @property
    def ask(self):
        return min(self.asks)

    def price(self, units):
        """With the decimals of the pair."""
        return amount_text(units)[:self.decimals - 8 or None]


@dataclass
class NumberedPair(Pair):
    """Of a venue that writes "BTC-USD" and numbers the changes of its books."""

    number: int = FIRST_NUMBER
    changed_at: int = 0

    @property
    def base(self):
        return self.symbol.split("-")[0]

    @property
    def quote(self):
        return self.symbol.split("-")[1]


def best(side, is_bid, depth):
    return sorted(side.items(), reverse=is_bid)[:depth]


def changes(old, new):
    """The levels that differ. One that is gone has the quantity 0."""
    return [(price, 0) for price in old if price not in new] + [(price, new[price]) for price in new if old.get(price) != new[price]]


def distorted(pair, crossing, emptying):
    """Both sides as these faults, or None, show them."""
    bids, asks = pair.bids, pair.asks
    if crossing:
        bids = {pair.ask + 2 * pair.tick: pair.lot, **bids}
    if emptying:
        bids = {} if emptying.value in ("both", "bids") else bids
        asks = {} if emptying.value in ("both", "asks") else asks
    return bids, asks


class Exchange:
    """The books of all pairs."""

    def __init__(self, world, seed, pairs):
        self.world = world
        self.random = Random(world.options.seed + seed)
        self.pairs = {pair.symbol: pair for pair in pairs}
        for pair in pairs:
            self.move(pair)
            pair.open = pair.bid

    def top(self, pair):
        if pair.pinned:
            return pair.pinned
        bid = int(pair.mid(self.world.market) * ONE) // pair.tick * pair.tick
        return bid, bid + pair.tick

    def move(self, pair):
        """The next book. Most changes are of quantities behind the top."""
        bid, ask = self.top(pair)
        pair.bids = self.side(pair, pair.bids, bid, -pair.tick)
        pair.asks = self.side(pair, pair.asks, ask, pair.tick)
        for side in (pair.bids, pair.asks):
            side[self.random.choice(list(side)[:BUSY_LEVELS])] = self.quantity(pair)

    def side(self, pair, old, top, step):
        return {price: old.get(price) or self.quantity(pair) for price in range(top, top + step * LEVELS, step) if price > 0}

    def quantity(self, pair):
        return max(int(pair.lot * 2 * self.random.random()), 1)

    def due(self, now, speed):
        """The pairs whose next change is due."""
        for pair in self.pairs.values():
            while pair.due <= now:
                pause = 1000 / (pair.changes_per_second * speed) * (0.4 + 1.2 * self.random.random())
                pair.due = max(pair.due, now - 1000) + pause
                yield pair


class NumberedExchange(Exchange):
    """Every change has a number. Numbers jump."""

    def move(self, pair):
        super().move(pair)
        self.count(pair)

    def count(self, pair):
        pair.number += self.random.randint(1, 300)
        pair.changed_at = self.world.clock.now()


class BookVenue(Venue):
    """A venue with a stream and a REST API that show the books of one exchange."""

    pin = ""  # before the names of its pairs in POST /prices

    def __init__(self, world, captures, exchange):
        super().__init__(world, captures)
        self.stream, self.rest = self.endpoints
        self.exchange = exchange

    def advance(self, now):
        for pair in self.exchange.due(now, self.world.options.speed):
            if not self.stream.find("quiet", now, symbol=pair.symbol):
                self.exchange.move(pair)
                self.show(pair, now)

    def show(self, pair, now):
        for session in self.stream.sessions:
            session.changed(pair, now)

    def price_change(self, name, wanted, now):
        pair = self.exchange.pairs.get(name.removeprefix(self.pin)) if name.startswith(self.pin) else None
        if not pair:
            return None
        prices = None if wanted is None else whole_ticks(name, wanted, pair)

        def change():
            pair.pinned = prices
            self.exchange.move(pair)
            self.show(pair, now)
        return change

    def state(self):
        return {self.name: {pair.symbol: {"bid": amount_text(pair.bid), "ask": amount_text(pair.ask)}
                            for pair in self.exchange.pairs.values()}}


class NumberedVenue(BookVenue):
    """The same, with numbered books. Its faults `cross_book` and `empty_book` show in the stream and in REST."""

    def __init__(self, world, captures, exchange):
        super().__init__(world, captures, exchange)
        self.distortions = {}

    def faults_of(self, pair, now):
        return [self.stream.find(kind, now, symbol=pair.symbol) for kind in ("cross_book", "empty_book")]

    def shown(self, pair, now):
        return distorted(pair, *self.faults_of(pair, now))

    def advance(self, now):
        super().advance(now)
        for pair in self.exchange.pairs.values():
            faults = [bool(fault) for fault in self.faults_of(pair, now)]
            if faults != self.distortions.get(pair.symbol, [False, False]):
                self.distortions[pair.symbol] = faults
                self.exchange.count(pair)
                self.show(pair, now)
