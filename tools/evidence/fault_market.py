"""A market whose prices date themselves: the simulator is told a new price of each book several times a second, so that a served
price shows until when it was true."""

from decimal import Decimal

from .world import World

# The price rises and falls by 0.05 % a second, and the stablecoins by less: an old price is another price.
SWING, PERIOD = 0.03, 240
USDT_STEP, USDT_STEPS = 0.00002, 30
USDC_STEP, USDC_STEPS = 0.00005, 24
ROUBLE = "76.4096"
ROUBLE_PAIRS = {"bitcoin/rub": "bitcoin/usd", "ethereum/rub": "ethereum/usd", "tether/rub": "tether/usd"}
PREFIXED = ("bybit", "coinbase")  # in POST /prices
DECLARED = "desk"  # a venue of the market map alone, whose source is CoinGecko's REST API


def wave(now, steps):
    """Rises by one a second for so many seconds, and falls again."""
    return steps - abs(now % (2 * steps) - steps)


def bitcoin(now):
    return 64_000 * (1 + SWING * (2 * wave(now, PERIOD / 2) / (PERIOD / 2) - 1))


def peg(now):
    return {"usdt": 1 + USDT_STEP * (wave(now, USDT_STEPS) - USDT_STEPS / 2),
            "usdc": 1 + USDC_STEP * (wave(now, USDC_STEPS) - USDC_STEPS / 2)}


def name_of(venue, symbol):
    """As POST /prices of the simulator names it."""
    if venue == DECLARED:
        return "bitcoin/usd"
    return f"{venue}:{symbol}" if venue in PREFIXED else symbol


class Ledger:
    """Which price of a book was true until when. A price that is true again counts from then on."""

    def __init__(self):
        self.current = {}  # name: price
        self.ends = {}  # name: {price: when it was replaced}
        self.begins = {}  # name: [(when, price)]

    def note(self, name, price, now):
        """Before the price is sent, so that no client knows it earlier."""
        before = self.current.get(name)
        if before == price:
            return
        if before is not None:
            self.ends[name][before] = now
        self.current[name] = price
        self.ends.setdefault(name, {})[price] = None
        self.begins.setdefault(name, []).append((now, price))

    def age(self, name, price, now):
        """Seconds since the price was last true: 0 if it still is, None if it never was."""
        ends = self.ends.get(name, {})
        if price not in ends:
            return None
        return 0.0 if ends[price] is None else max(0.0, now - ends[price])

    def range(self, name, since):
        """The least and the greatest price since then."""
        begins = list(self.begins.get(name, ()))
        first = max((at for at, _ in begins if at <= since), default=since)
        prices = [price for at, price in begins if at >= first]
        return (min(prices), max(prices)) if prices else (None, None)


class Market(World):
    def __init__(self, simulator):
        self.ledger = Ledger()
        self.clock = None
        super().__init__(simulator, self.true_price, peg)

    def true_price(self, now):
        self.clock = now
        return bitcoin(now)

    def prices(self, truth, peg):
        shown = super().prices(truth, peg)
        shown |= {name: f"{float(shown[dollars]) * float(ROUBLE):.6f}" for name, dollars in ROUBLE_PAIRS.items()}
        shown["USD/RUB"] = ROUBLE
        for name, price in shown.items():
            self.ledger.note(name, Decimal(price["bid"] if isinstance(price, dict) else price), self.clock)
        return shown
