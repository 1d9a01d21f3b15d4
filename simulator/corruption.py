"""Corrupts frames: whole ones, or the members of their JSON that a venue says are prices, times and so on."""

import json
import re

from .text import dump

OVERSIZED_BYTES = 1_000_000
NUMBER = "\0"  # marks a JSON number that is kept as text, so that no digit changes
MARKED = re.compile(r'"\\u0000([^"]*)"')


class Shape:
    """Where the frames of a venue have what a corruption changes. A venue overrides what differs."""

    time_key = "E"
    symbol_key = "s"

    def body(self, frame):
        """The object with the members, if it is not the frame itself."""
        return frame

    def prices(self, body):
        """Pairs of container and key."""
        return []

    def shift_time(self, body, seconds):
        """False if it has no time."""
        if not isinstance(body.get(self.time_key), int):
            return False
        body[self.time_key] += seconds * self.units_per_second(body[self.time_key])
        return True

    def units_per_second(self, time):
        return 1

    def corrupt(self, corruption, body, last_update_id):
        """A corruption of this venue alone. None if it is not one; False if it does not apply."""
        return None


def load_exact(text):
    try:
        return json.loads(text, parse_float=lambda digits: NUMBER + digits)
    except ValueError:
        return None


def dump_exact(document):
    return MARKED.sub(r"\1", dump(document))


def distorted(corruption, price):
    if corruption == "zero_price":
        return "0.00000000"
    if corruption == "negative_price":
        return "-" + price
    if corruption == "nan_price":
        return "NaN"
    if corruption == "exponent_price":
        return f"{float(price):.6e}"
    if corruption == "long_price":
        return (price if "." in price else price + ".").ljust(40, "0") + "1"  # 40 digits and the point
    if corruption == "jump":
        whole, _, decimals = price.partition(".")
        decimals = decimals or "0"
        return ((whole + decimals[0]).lstrip("0") or "0") + "." + decimals[1:] + "0"  # as many decimals as before
    return None


def distort_prices(corruption, shape, body):
    changed = False
    for container, key in shape.prices(body):
        given = container[key]
        if given is None:
            continue
        if corruption == "null_price":
            container[key] = None
        else:
            is_number = not isinstance(given, str) or given.startswith(NUMBER)
            price = distorted(corruption, str(given).lstrip(NUMBER))
            if price is None:
                return False
            container[key] = NUMBER + price if is_number and price != "NaN" else price
        changed = True
    return changed


def freeze(shape, body, frozen, name):
    """Repeats the first prices; update id and times advance."""
    prices = shape.prices(body)
    first = frozen.setdefault(name, [container[key] for container, key in prices])
    for (container, key), price in zip(prices, first):
        container[key] = price
    return True


def change_members(corruption, shape, body, now, last_update_id, frozen, name):
    own = shape.corrupt(corruption, body, last_update_id)
    if own is not None:
        return own
    if corruption == "future_time":
        return shape.shift_time(body, 5)
    if corruption == "past_time":
        return shape.shift_time(body, -60)
    if corruption == "frozen":
        return freeze(shape, body, frozen, name)
    if corruption == "utf8_symbol":
        body[shape.symbol_key] = "\u5e01\u5b89\u4eba\u751fUSDT"
    elif corruption == "unknown_event":
        symbol = body.get(shape.symbol_key, "")
        body.clear()
        body.update({"e": "somethingNew", "E": now, "s": symbol, "x": {"y": 1}})
    elif corruption == "extra_keys":
        body.update({"zz": "unexpected", "nested": {"b": "1.0", "list": [1, 2, None]}})
    elif corruption == "oversized":
        body["pad"] = "x" * OVERSIZED_BYTES
    else:
        return distort_prices(corruption, shape, body)
    return True


def corrupt_payload(corruption, payload, shape, now, last_update_id=0, frozen=None, name=""):
    """None if this corruption does not change such a payload. `frozen` holds the repeated prices by stream name."""
    frame = load_exact(payload)
    if not isinstance(frame, dict):
        return None
    changed = change_members(corruption, shape, shape.body(frame), now, last_update_id, frozen, name)
    return dump_exact(frame) if changed else None


def corrupt_frame(corruption, text):
    """The text and the form of a whole corrupted frame. None for corruptions of its members."""
    if corruption == "garbage":
        return "<<~ not JSON ~>> \x01\x02 " + text[:7], {}
    if corruption == "truncated":
        return text[:len(text) // 2], {}
    if corruption == "binary":
        return text, {"is_binary": True}
    if corruption == "fragmented":
        return text, {"is_fragmented": True}
    return None
