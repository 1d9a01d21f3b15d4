"""The fault matrix: what begins each fault, and what is expected of it. The venues have the faults that the simulator has."""

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
from simulator.faults import catalogue  # noqa: E402
from simulator.venues import VENUES  # noqa: E402

from .fault_market import DECLARED  # noqa: E402
from .toxics import TOXICS  # noqa: E402

HELD, HELD_LIE, HELD_REST, HELD_STORE = 9, 20, 12, 12  # seconds
UNTIL_REST = 3  # seconds until the stream is mute too, so that REST is asked for prices
SHARDED = ("binance", "kraken", "okx", "bybit", "coinbase")  # streams with two connections
COINS = {"binance": "BTCUSDT", "coingecko": "bitcoin/usd", "kraken": "BTC/USD", "okx": "BTC-USDT", "bybit": "BTCUSDT",
         "coinbase": "BTC-USD"}

# These strike when a connection begins, so those that are open are cut.
OF_NEW_CONNECTIONS = {"refuse", "no_accept", "tls", "delay_ack", "lose_ack", "welcome_only", "unauthorized", "replace_tokens",
                      "old_acks", "confirm_code", "refuse_subscription", "no_snapshot", "login", "large_snapshot"}
# The venue shows a price that is not the market's, or an old one, as its current one. Only other venues can tell.
LIES = {"frozen", "old_book", "quiet"}
# Kurs asks again only after minutes: the return is not awaited.
PAUSES = {("refuse", "451"), ("status", "451"), ("unauthorized", "disconnect")}
VALUES = {"slow": ("500", "2000")}


@dataclass(frozen=True)
class Row:
    """One fault. `steps` begin it: tuples of a verb and its arguments, see Stack.do."""

    group: str  # streams, rest, lies, declared, tls, network, redis, postgres, pairs, triples
    name: str
    where: str
    venue: str  # the one that fails, and is preferred; empty: none
    stack: str  # the kind of stack that it needs
    steps: tuple
    held: float = HELD
    is_lie: bool = False
    is_awaited: bool = True

    @property
    def about(self):
        """A pattern of the lines of the log that concern what fails."""
        stores = {"redis": "^(redis|replica|board log):", "postgres": "^history:"}
        return stores.get(self.group, "cbr|USD-RUB" if self.where.startswith("cbr") else self.venue)

    @property
    def label(self):
        return ": ".join(filter(None, (self.where, self.name)))


def values_of(kind):
    return VALUES.get(kind.name, kind.values or ("",))


def name_of(kind, value, about=""):
    """`about`: a symbol, stream or line to which it is restricted."""
    return " ".join(filter(None, (kind, "" if kind == "redirect" else value, about)))


def fault(endpoint, kind, value="", **details):
    return ("fault", endpoint, kind, {**details, **({"value": value} if value else {})})


def group_of(kind, group, is_lie):
    return "tls" if kind == "tls" else "lies" if is_lie else group


def stream_row(venue, endpoint, kind, value, about="", **details):
    steps = [fault(endpoint, kind, value, **details)]
    if kind in OF_NEW_CONNECTIONS:
        steps.append(fault(endpoint, "cut", "1006"))
    is_lie = kind in LIES or value in LIES
    stack, held = "tls" if kind == "tls" else "venues", HELD_LIE if is_lie else HELD
    return Row(group_of(kind, "streams", is_lie), name_of(kind, value, about), endpoint, venue, stack, tuple(steps), held, is_lie,
               (kind, value) not in PAUSES)


def rest_row(venue, endpoint, kind, value):
    """A new configuration asks for the listing. Later the stream is mute, and prices are asked for. What is asked rarely is asked
    at the start."""
    steps, is_lie = [fault(endpoint, kind, value)], kind in LIES
    if venue == "cbr":
        return Row(group_of(kind, "rest", is_lie), name_of(kind, value), endpoint, "", "tls" if kind == "tls" else "cbr",
                   (*steps, ("restart",)))
    if venue == "coingecko":
        steps += [fault("coingecko_stream", "refuse", "503"), ("restart",)]
        return Row(group_of(kind, "rest", is_lie), name_of(kind, value), endpoint, venue, "tls" if kind == "tls" else "venues",
                   tuple(steps), HELD_REST, is_lie, (kind, value) not in PAUSES)
    steps.append(("reload",))
    if venue != "binance":
        steps += [("wait", UNTIL_REST), fault(f"{venue}_stream", "mute")]
    return Row(group_of(kind, "rest", is_lie), name_of(kind, value), endpoint, venue, "tls" if kind == "tls" else "venues",
               tuple(steps), HELD_LIE if is_lie else HELD_REST, is_lie, (kind, value) not in PAUSES)


def venue_rows():
    rows = []
    for venue in VENUES:
        for endpoint in venue.endpoints:
            for kind in catalogue(endpoint.is_stream, endpoint.own_faults, endpoint.own_corruptions).values():
                make = stream_row if endpoint.is_stream else rest_row
                rows += [make(venue.name, endpoint.name, kind.name, value) for value in values_of(kind)]
    for venue, symbol in COINS.items():
        rows.append(stream_row(venue, f"{venue}_stream", "mute", "", "of one symbol", symbol=symbol))
    for venue in SHARDED:
        rows += [stream_row(venue, f"{venue}_stream", kind, "", "of one connection", line=1) for kind in ("mute", "blackhole")]
    return rows + [stream_row("binance", "binance_stream", "mute", "", "of bookTicker", stream="bookTicker"),
                   stream_row("coinbase", "coinbase_stream", "mute", "", "of level2_batch", stream="level2_batch")]


def declared_rows():
    """A declared source, whose document is the answer of CoinGecko's REST API."""
    kinds = next(catalogue(False, endpoint.own_faults, ()) for venue in VENUES for endpoint in venue.endpoints
                 if endpoint.name == "coingecko_rest")
    return [Row("declared", name_of(kind.name, value), "declared", DECLARED, "declared",
                (fault("coingecko_rest", kind.name, value),), is_awaited=(kind.name, value) not in PAUSES)
            for kind in kinds.values() if kind.name not in ("tls", "missing_currency") for value in values_of(kind)]


def network_rows():
    rows = []
    for venue in COINS:
        for toxic in TOXICS:
            stream = ("poison", (f"{venue}_stream",), toxic)
            rows.append(Row("network", toxic, f"{venue}, stream", venue, "network", (stream,), HELD_REST))
            both = ("poison", (f"{venue}_stream", f"{venue}_rest"), toxic)
            rows.append(Row("network", toxic, f"{venue}, stream and REST", venue, "network", (both, ("reload",)), HELD_REST))
    return rows + [Row("network", toxic, "cbr", "", "network", (("poison", ("cbr",), toxic), ("reload",)), HELD_REST)
                   for toxic in TOXICS]


def store_rows():
    rows = []
    for store in ("redis", "postgres"):
        rows += [Row(store, name, store, "", "stores", ((name, store),), HELD_STORE) for name in ("kill", "freeze")]
        rows += [Row(store, toxic, f"{store}, all replicas", "", "stores", (("poison", (store,), toxic),), HELD_STORE)
                 for toxic in TOXICS]
    for who in ("leader", "follower"):
        rows += [Row("redis", toxic, f"redis, {'the' if who == 'leader' else 'a'} {who}", "", "stores",
                     (("poison", (f"redis of {who}",), toxic),), HELD_STORE) for toxic in TOXICS]
    return rows


def combine(group, rows):
    """At the same time. The configuration is not read again, and REST is needed from the beginning."""
    steps = tuple(step for row in rows for step in row.steps if step[0] not in ("reload", "restart", "wait"))
    return Row(group, " + ".join(row.label for row in rows), "", "", "stores", steps, HELD_STORE,
               any(row.is_lie for row in rows), all(row.is_awaited for row in rows))


def draw(chance, rows, group, size, count):
    """Combinations of faults in different places, each kind of place as likely as another."""
    groups = {}
    for row in rows:
        if row.stack in ("venues", "network", "stores"):
            groups.setdefault(row.group, []).append(row)
    drawn = []
    while len(drawn) < count:
        chosen = [chance.choice(groups[chance.choice(sorted(groups))]) for _ in range(size)]
        places = {row.venue or row.group for row in chosen}
        if len(places) == size:
            drawn.append(combine(group, chosen))
    return drawn


def matrix(chance, pairs, triples):
    rows = venue_rows() + declared_rows() + network_rows() + store_rows()
    return rows + draw(chance, rows, "pairs", 2, pairs) + draw(chance, rows, "triples", 3, triples)


def stack_of(row):
    """Rows with the same one can share a stack."""
    return row.stack, row.venue
