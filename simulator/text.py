"""Durations, decimals and JSON as the simulated services write them."""

import json
import re
from datetime import datetime, timezone

ONE = 100_000_000  # amounts are whole numbers of 0.00000001
MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
LARGEST_WHOLE = 10_000_000_000


class Rejected(Exception):
    """Input that breaks a rule. The text says which values are allowed."""


def parse_duration(text):
    """Milliseconds."""
    match = re.fullmatch(r"(\d{1,8})(ms|s|m|h)", text, re.ASCII)
    if not match or int(match[1]) > 10_000_000:
        raise Rejected(f"'{text}' is not a duration such as 200ms, 20s, 5m or 24h")
    return int(match[1]) * MILLISECONDS[match[2]]


def parse_period(text):
    """A duration of at least a millisecond."""
    return max(parse_duration(text), 1)


def amount_text(amount):
    """Always eight decimals: "64117.99000000"."""
    whole, rest = divmod(abs(amount), ONE)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:08d}"


def parse_amount(text):
    """A plain decimal with up to eight decimals, or None."""
    match = re.fullmatch(r"(\d+)(?:\.(\d{1,8}))?", text, re.ASCII) if isinstance(text, str) else None
    if not match or int(match[1]) > LARGEST_WHOLE:
        return None
    return int(match[1]) * ONE + int((match[2] or "").ljust(8, "0"))


def amount(text):
    parsed = parse_amount(text)
    if parsed is None:
        raise Rejected(f"'{text}' is not a decimal with up to 8 decimals")
    return parsed


def approximate(value):
    """For derived values only, never for a price that is sent."""
    return value / ONE


dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def load(text):
    """None if the text is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def time_text(now):
    """RFC 3339 in microseconds."""
    seconds, milliseconds = divmod(now, 1000)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}{now * 7 % 1000:03d}Z"
