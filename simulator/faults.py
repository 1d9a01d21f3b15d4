"""The faults that every venue has, their fields and values, and the table of those that are active."""

import re
from dataclasses import dataclass, field

from .text import Rejected, parse_duration

CORRUPTIONS = (
    "garbage", "truncated", "binary", "oversized", "fragmented", "unknown_event", "extra_keys", "null_price",
    "zero_price", "negative_price", "nan_price", "exponent_price", "long_price", "jump", "future_time", "past_time",
    "utf8_symbol", "frozen")

# How a value is checked, and what the error says is allowed.
VALUE_RULES = {
    "milliseconds": (re.compile(r"\d{1,8}", re.ASCII), "a whole number of milliseconds"),
    "date": (re.compile(r"..\...\....."), "a date such as 21.11.2026"),
    "text": (re.compile(r"[^\r\n]*"), "one line"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of fault at one endpoint."""

    name: str
    values: tuple = ()  # the first is the default; the only ones if there is no rule
    rule: str = ""
    symbol: bool = False
    stream: bool = False  # applies to one stream of an endpoint that has several
    shapes: tuple = ()
    at_once: bool = False  # acts once, on the connections that are open

    def value(self, given):
        value = given or (self.values[0] if self.values else "")
        if self.rule:
            pattern, allowed = VALUE_RULES[self.rule]
            is_allowed = pattern.fullmatch(value)
        else:
            allowed = f"one of: {', '.join(self.values)}" if self.values else "it takes none"
            is_allowed = value in self.values if self.values else not value
        if not is_allowed:
            raise Rejected(f"fault '{self.name}': value '{value}' is not allowed; {allowed}")
        return value


EVERYWHERE = (Kind("no_accept"), Kind("tls", ("hang", "expired", "wrong_name")))
OF_STREAMS = (
    Kind("refuse", ("503", "403", "429", "451", "never")), Kind("blackhole"),
    Kind("cut", ("rst", "1001", "1006", "1008", "1011", "1013"), at_once=True),
    Kind("mute", symbol=True, stream=True), Kind("slow", ("500",), "milliseconds", symbol=True, stream=True),
    Kind("server_shutdown", ("2000",), "milliseconds", at_once=True),
    Kind("error_frame", ("nested", "flat"), at_once=True), Kind("delay_ack", ("3000",), "milliseconds"), Kind("lose_ack"))
OF_REST = (
    Kind("refuse"), Kind("status", ("503", "401", "403", "418", "429", "451", "500", "504")), Kind("never"),
    Kind("slow_headers", ("3000",), "milliseconds"), Kind("slow_body", ("3000",), "milliseconds"), Kind("cut_body"),
    Kind("wrong_length"), Kind("redirect", ("https://example.invalid/",), "text"), Kind("garbage"), Kind("truncated"),
    Kind("oversized"), Kind("html"))


def catalogue(is_stream, own, own_corruptions):
    """The kinds of an endpoint by name: what all have, and its own."""
    kinds = EVERYWHERE + (OF_STREAMS if is_stream else OF_REST)
    if is_stream:
        kinds += (Kind("corrupt", CORRUPTIONS + tuple(own_corruptions), symbol=True, stream=True),)
    return {kind.name: kind for kind in kinds + tuple(own)}


@dataclass
class Fault:
    endpoint: str
    kind: str
    value: str = ""
    symbol: str = ""  # empty: all
    stream: str = ""  # empty: all
    line: int = 0  # which port of the endpoint; 0: all
    shape: str = ""
    since: int = 0
    until: int | None = None
    left: int | None = None  # remaining number of applications

    @property
    def milliseconds(self):
        return int(self.value)

    def covers(self, line, symbol, stream):
        """Faults of any symbol cover a place without a symbol, and the reverse."""
        return (self.line in (0, line) and (not self.symbol or not symbol or self.symbol == symbol)
                and (not self.stream or not stream or self.stream == stream))

    def describe(self, number, now):
        shown = {"id": number, "endpoint": self.endpoint, "fault": self.kind}
        for name in ("symbol", "stream", "line", "value", "shape"):
            if getattr(self, name):
                shown[name] = getattr(self, name)
        if self.until is not None:
            shown["ms_left"] = self.until - now
        if self.left is not None:
            shown["count_left"] = self.left
        return shown


def text_of(body, name):
    value = body.get(name, "")
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    raise Rejected(f'"{name}" must be a string or a whole number')


def find_kind(name, endpoint, endpoints):
    found = endpoint.kinds.get(name)
    if found:
        return found
    exists = any(name in other.kinds for other in endpoints.values())
    raise Rejected(f"{'fault' if exists else 'unknown fault'} '{name}' {'does not apply to' if exists else 'for'} "
                   f"{endpoint.name}; known there: {', '.join(endpoint.kinds)}")


def parse_fault(body, endpoints, now, speaks_tls):
    """`endpoints` by name. Throws Rejected with what is allowed."""
    if not isinstance(body, dict):
        raise Rejected('expected an object such as {"endpoint":"cbr","fault":"never"}')
    name = text_of(body, "endpoint")
    if name not in endpoints:
        raise Rejected(f"unknown endpoint '{name}'; known: {', '.join(endpoints)}")
    endpoint = endpoints[name]
    kind = find_kind(text_of(body, "fault"), endpoint, endpoints)
    allowed = ["endpoint", "fault", "for", "count"]
    allowed += ["value"] * bool(kind.values) + ["symbol"] * kind.symbol + ["shape"] * bool(kind.shapes)
    allowed += ["stream"] * (kind.stream and endpoint.has_kinds_of_stream) + ["line"] * (len(endpoint.ports) > 1)
    for given in body:
        if given not in allowed:
            raise Rejected(f"fault '{kind.name}' on {name} has no field '{given}'; allowed: {', '.join(allowed)}")
    lines = [str(number + 1) for number in range(len(endpoint.ports))]
    line = text_of(body, "line")
    if line and line not in lines:
        raise Rejected(f'"line" is {" or ".join(lines)}')
    shape = text_of(body, "shape")
    if shape and shape not in kind.shapes:
        raise Rejected(f"unknown shape '{shape}'; known: {', '.join(kind.shapes)}")
    count = body.get("count")
    if "count" in body and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
        raise Rejected('"count" must be a whole number from 1')
    if kind.name == "tls" and not speaks_tls:
        raise Rejected("fault 'tls' needs a simulator started with --tls")
    duration = text_of(body, "for")
    return Fault(name, kind.name, kind.value(text_of(body, "value")), text_of(body, "symbol"), text_of(body, "stream"),
                 int(line or 0), shape, now, now + parse_duration(duration) if duration else None, count)


@dataclass
class FaultTable:
    """The active faults, in the order of addition. Those whose time or count has run out are removed."""

    faults: dict = field(default_factory=dict)
    last_id: int = 0
    endpoints: set = field(default_factory=set)  # those that have any

    def add(self, fault):
        self.last_id += 1
        self.faults[self.last_id] = fault
        self.endpoints.add(fault.endpoint)
        return self.last_id

    def erase(self, number):
        return self.faults.pop(number, None) is not None

    def clear(self):
        self.faults.clear()

    def active(self, now):
        over = [number for number, fault in self.faults.items()
                if (fault.until is not None and fault.until <= now) or fault.left == 0]
        for number in over:
            del self.faults[number]
        self.endpoints = {fault.endpoint for fault in self.faults.values()}
        return self.faults

    def find(self, endpoint, kind, now, line=0, symbol="", stream=""):
        """The first fault of this kind that covers the place. Does not count as an application."""
        if endpoint not in self.endpoints:
            return None
        for fault in self.active(now).values():
            if fault.endpoint == endpoint and fault.kind == kind and fault.covers(line, symbol, stream):
                return fault
        return None

    def take(self, *place, **details):
        """The same, and counts one application."""
        fault = self.find(*place, **details)
        if fault and fault.left is not None:
            fault.left -= 1
        return fault
