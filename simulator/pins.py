"""Prices that a test pins: POST /prices applies completely, or not at all."""

import re

from .text import Rejected, parse_amount

LONGEST = 24


def decimal_text(name, value):
    """A plain positive decimal as text, which can be sent as a JSON number."""
    is_plain = isinstance(value, str) and len(value) <= LONGEST and re.fullmatch(
        r"(0|[1-9]\d*)(\.\d+)?", value, re.ASCII) and re.search("[1-9]", value)
    if not is_plain:
        raise Rejected(f'{name}: expected a positive decimal as text, such as "0.93", or null')
    return value


def best_prices(name, book):
    """(bid, ask) of a pinned book, as amounts."""
    prices = []
    for side in ("bid", "ask"):
        price = parse_amount(book.get(side)) if isinstance(book, dict) else None
        if not price:
            raise Rejected(f'{name}: expected {{"bid":"50000.00","ask":"50000.01"}} or null; "{side}" is wrong')
        prices.append(price)
    return tuple(prices)


def whole_ticks(name, book, pair):
    """Likewise, of a pair: in order, and of whole ticks."""
    bid, ask = best_prices(name, book)
    if bid >= ask or bid % pair.tick or ask % pair.tick:
        raise Rejected(f"{name}: the bid must be below the ask, and both have at most {pair.decimals} decimals")
    return bid, ask


def change_of(name, wanted, world, venues, now):
    if name == "USD/RUB":
        rate = None if wanted is None else decimal_text(name, wanted)

        def change():
            world.rouble.pinned = rate
            for venue in venues:
                venue.rouble_changed(now)
        return change
    for venue in venues:
        if change := venue.price_change(name, wanted, now):
            return change
    known = [venue.known_prices for venue in venues if venue.known_prices]
    raise Rejected(f"unknown price '{name}'; known: {', '.join(known)} and USD/RUB")


def apply(body, world, venues, now):
    if not isinstance(body, dict) or not body:
        raise Rejected('expected an object such as {"BTCUSDT":{"bid":"50000.00","ask":"50000.01"}}')
    for change in [change_of(name, wanted, world, venues, now) for name, wanted in body.items()]:
        change()
