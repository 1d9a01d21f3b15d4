"""Order books that move by a seeded random walk, by a test's prices or by a capture."""

from collections import deque
from dataclasses import dataclass, field
from random import Random

from .text import ONE, amount, approximate

SHARE_OF_STEPS_THAT_MOVE = 0.4
SHARE_OF_STEPS_THAT_TRADE = 0.3
MOST_ENTRIES = 4096  # of the log, per symbol


@dataclass
class Instrument:
    """A symbol and the parameters of its walk. Prices and quantities are in units of 0.00000001."""

    base: str
    quote: str
    tick: int
    start: int  # the first bid
    lot: int  # a typical quantity at the top of the book
    books_per_second: float = 5
    move_ticks: float = 0  # standard deviation of one move
    pull: float = 0.0001  # share of the distance to `start` that each move recovers
    floor: int = 0
    ceiling: int = 0
    is_trading: bool = True

    @property
    def symbol(self):
        return self.base + self.quote


def trading(base, quote, tick, start, lot, books_per_second, move_ticks):
    """A symbol whose price may halve or double."""
    first = amount(start)
    return Instrument(base, quote, amount(tick), first, amount(lot), books_per_second, move_ticks, floor=first // 2,
                      ceiling=first * 2)


def pegged(*terms):
    instrument = trading(*terms)
    instrument.pull, instrument.floor, instrument.ceiling = 0.03, amount("0.998"), amount("1.002")
    return instrument


def delisted(base, quote, last, tick):
    return Instrument(base, quote, amount(tick), amount(last), ONE, is_trading=False)


@dataclass
class Book:
    """The top of an order book."""

    update_id: int = 0
    bid: int = 0
    bid_quantity: int = 0
    ask: int = 0
    ask_quantity: int = 0

    @property
    def mid(self):
        return approximate(self.bid + self.ask) / 2


@dataclass
class Trade:
    id: int
    price: int
    quantity: int
    at: int
    buyer_is_maker: bool = False


@dataclass
class Listing:
    instrument: Instrument
    book: Book
    last: Trade
    open: int  # of the last 24 hours, as the three that follow
    high: int
    low: int
    volume: int
    is_pinned: bool = False
    is_replayed: bool = False  # its books come from a capture; it does not walk
    # Levels that have changed since the last depth update, with the update id before it.
    bids: dict = field(default_factory=dict)
    asks: dict = field(default_factory=dict)
    published_update_id: int = 0

    def __post_init__(self):
        self.symbol = self.instrument.symbol
        self.published_update_id = self.book.update_id

    def show(self, bid, bid_quantity, ask, ask_quantity, update_id):
        """Replaces the top of the book. A level that is no longer the best one is removed."""
        book = self.book
        if bid != book.bid:
            self.bids[book.bid] = 0
        if ask != book.ask:
            self.asks[book.ask] = 0
        self.bids[bid], self.asks[ask] = bid_quantity, ask_quantity
        book.update_id, book.bid, book.bid_quantity, book.ask, book.ask_quantity = (
            update_id, bid, bid_quantity, ask, ask_quantity)

    def take_changes(self):
        """First and last update id and the changed levels since the last call; None if there are none."""
        if self.book.update_id == self.published_update_id:
            return None
        changes = (self.published_update_id + 1, self.book.update_id, self.bids, self.asks)
        self.published_update_id, self.bids, self.asks = self.book.update_id, {}, {}
        return changes


class Market:
    """All books of a venue and the walk that moves them."""

    def __init__(self, instruments, seed, now):
        self.random = Random(seed)
        self.listings = {}
        for instrument in instruments:
            self.list(instrument, now)

    def list(self, instrument, now):
        start, tick = instrument.start, instrument.tick
        book = Book(400_000_000 + self.random.randrange(100_000_000), start, self.quantity(instrument), start + tick,
                    self.quantity(instrument))
        day = [start // 1000 * share for share in (997, 1006, 989)]  # open, high and low: prices, so whole ticks
        self.listings[instrument.symbol] = Listing(
            instrument, book, Trade(1_000_000, start, instrument.lot, now), *[price - price % tick for price in day],
            instrument.lot * 3000)
        self.listings = dict(sorted(self.listings.items()))
        return self.listings[instrument.symbol]

    def mid(self, symbol):
        return self.listings[symbol].book.mid

    def step(self, listing, now):
        """Sets the next book. Returns the trade that moved it, if any."""
        chance = self.random.random
        book = listing.book
        bid, bid_quantity, ask, ask_quantity = book.bid, book.bid_quantity, book.ask, book.ask_quantity
        is_buyers_side = chance() < 0.5
        if is_buyers_side:
            bid_quantity = self.quantity(listing.instrument)
        else:
            ask_quantity = self.quantity(listing.instrument)
        if not listing.is_pinned and chance() < SHARE_OF_STEPS_THAT_MOVE:
            bid, ask = self.moved(listing)
        listing.show(bid, bid_quantity, ask, ask_quantity, book.update_id + 1 + int(4 * chance()))
        if listing.is_pinned or chance() >= SHARE_OF_STEPS_THAT_TRADE:
            return None
        return self.trade(listing, bid if is_buyers_side else ask, now)

    def moved(self, listing):
        instrument = listing.instrument
        tick = instrument.tick
        away = (instrument.start - listing.book.bid) / tick
        move = round(self.random.gauss(0, instrument.move_ticks) + instrument.pull * away)
        bid = min(max(listing.book.bid + tick * move, instrument.floor), instrument.ceiling - tick)
        return bid, bid + tick  # a spread of one tick, which is typical of liquid pairs

    def trade(self, listing, price, now):
        quantity = max(self.quantity(listing.instrument) // 50, 1000)
        listing.last = Trade(listing.last.id + 1, price, quantity, now, price == listing.book.bid)
        listing.high = max(listing.high, price)
        listing.low = min(listing.low, price)
        listing.volume += quantity
        return listing.last

    def quantity(self, instrument):
        exact = instrument.lot // 10_000 * (1 + int(20_000 * self.random.random()))
        return exact - exact % 1000  # five decimals, the usual lot step

    def pin(self, symbol, bid, ask, now):
        """Fixes the prices: steps change quantities only. The last trade is at the bid."""
        listing = self.listings[symbol]
        listing.is_pinned = True
        book = listing.book
        listing.show(bid, book.bid_quantity, ask, book.ask_quantity, book.update_id + 1)
        self.trade(listing, bid, now)

    def release(self, symbol):
        self.listings[symbol].is_pinned = False

    def take_from_capture(self, instrument, first, now):
        """Lists a symbol of a capture, or replays a listed one, from its first book."""
        listing = self.list(instrument, now)
        listing.is_replayed = True
        listing.book = first
        listing.published_update_id = first.update_id
        listing.last.price = first.bid

    def replay_book(self, listing, book, now):
        listing.show(book.bid, book.bid_quantity, book.ask, book.ask_quantity, book.update_id)
        self.trade(listing, book.bid, now)


class BookLog:
    """The prices of each symbol's book at its venue, with their beginning and end, whether or not a client got them.

    Changes of quantities alone are not recorded.
    """

    def __init__(self):
        self.entries = {}  # symbol: deque of (from, update id, bid, ask, payload)

    def note(self, symbol, update_id, bid, ask, payload, now):
        entries = self.entries.setdefault(symbol, deque(maxlen=MOST_ENTRIES))
        if not entries or entries[-1][2] != bid or entries[-1][3] != ask:
            entries.append((now, update_id, bid, ask, payload))

    def find(self, symbol, at):
        """The payload of the book that was current at `at`. None if the log does not reach back that far."""
        for since, *_, payload in reversed(self.entries.get(symbol, ())):
            if since <= at:
                return payload
        return None

    def report(self, since, now):
        """Prices that were replaced at `since` or later, and the current ones."""
        books = {}
        for symbol, entries in sorted(self.entries.items()):
            ends = [entry[0] for entry in entries][1:] + [None]
            books[symbol] = [{"u": update_id, "b": bid, "a": ask, "from": begin, "to": end}
                             for (begin, update_id, bid, ask, _), end in zip(entries, ends)
                             if end is None or end >= since]
        return {"now": now, "books": books}


class RoubleRate:
    """Roubles per dollar: a slow walk, or the value pinned by a test."""

    def __init__(self, seed):
        self.random = Random(seed + 2)
        self.walked = 76.41
        self.next_move = 0
        self.pinned = None

    def advance(self, now):
        if now >= self.next_move:
            self.next_move = now + 1000
            moved = self.walked + self.random.gauss(0, 0.002) + 0.001 * (76.41 - self.walked)
            self.walked = min(max(moved, 70.0), 83.0)

    @property
    def market(self):
        return float(self.pinned) if self.pinned else self.walked

    @property
    def official(self):
        """The central bank's rate, which does not change within a day."""
        return self.pinned or "76.4096"


