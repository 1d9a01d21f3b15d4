"""A simulator without ports, at a time that the test sets."""

import json
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from simulator.app import Simulator  # noqa: E402
from simulator.messages import Request  # noqa: E402
from simulator.options import parse_options  # noqa: E402
from simulator.venues import VENUES  # noqa: E402

START = 1_795_392_000_000  # 2026-11-23 00:00 UTC


class FakeClock:
    def __init__(self):
        self.ms = 0

    def now(self):
        return START + self.ms


class FakePeer:
    """Records what a session does to its connection."""

    def __init__(self):
        self.sent = []  # (text, delay)
        self.pings = []
        self.ending = None
        self.is_held = False

    @property
    def has_ended(self):
        return self.ending is not None

    @property
    def texts(self):
        return [text for text, _ in self.sent]

    @property
    def last(self):
        return self.sent[-1][0]

    def send(self, text, delay=0, **_form):
        self.sent.append((text, delay))

    def push(self, prepared, delay=0):
        """A prepared frame of less than 64 KiB."""
        self.send(prepared[2 if prepared[1] < 126 else 4:].decode(), delay)

    def ping(self, payload):
        self.pings.append(payload)

    def close(self, code, reason=""):
        self.ending = self.ending or (code, reason)

    def drop(self):
        self.ending = self.ending or "drop"

    def reset(self):
        self.ending = self.ending or "reset"

    def hold_writes(self, is_held):
        self.is_held = is_held

    def flush(self, now):
        pass


class Bench(unittest.TestCase):
    options = ()

    def setUp(self):
        self.clock = FakeClock()
        self.simulator = Simulator(parse_options(list(self.options), VENUES), self.clock)
        self.venues = {venue.name: venue for venue in self.simulator.venues}

    def control(self, method, target, body=None):
        text = body if isinstance(body, str) else json.dumps(body)
        return self.simulator.control.answer(Request.to(target, method, body=text), self.clock.now())

    def fault(self, endpoint, fault, **details):
        reply = self.control("POST", "/faults", {"endpoint": endpoint, "fault": fault, **details})
        self.assertEqual(reply.status, 201, reply.body)

    def clear(self):
        self.control("DELETE", "/faults")

    def pin(self, prices, status=204):
        self.assertEqual(self.control("POST", "/prices", prices).status, status, prices)

    def get(self, endpoint, target, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.simulator.endpoints[endpoint].answer(Request.to(target, headers=named), self.clock.now())

    def body(self, endpoint, target, **headers):
        return json.loads(self.get(endpoint, target, **headers).body)

    def connect(self, endpoint, target, line=1):
        peer = FakePeer()
        session = self.simulator.endpoints[endpoint].open(Request.to(target), peer, line, self.clock.now())
        return peer, session

    def run_until(self, ms, step=5):
        while self.clock.ms < ms:
            self.clock.ms += step
            self.simulator.advance()
