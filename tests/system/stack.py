"""The service against its simulator, for the system tests. KURS_BUILD names the build folder."""

import json
import os
import sys
import threading
import time
import unittest
from decimal import ROUND_HALF_UP, Decimal, getcontext
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import processes  # noqa: E402
from processes import Simulator, call  # noqa: E402, F401

getcontext().prec = 120
BUILD = os.environ.get("KURS_BUILD", str(ROOT / "build" / "asan"))
DIRECTIONS = ["BTC-RUB", "BTC-USD", "ETH-RUB", "ETH-USD", "USDTTRC-RUB", "USDTTRC-USD", "USDTERC-RUB", "USDTERC-USD"]

# The stablecoins' dollar books, for tests that compute rates from them: the preferred sources of the built-in map.
DOLLAR = {"coinbase:USDT-USD": {"bid": "0.99990", "ask": "1.00010"}, "USDT/USD": {"bid": "0.99990", "ask": "1.00010"},
          "USDC/USD": {"bid": "0.9999", "ask": "1.0001"}}

# A sanitized build that listens to all venues takes most of a processor.
FEW_VENUES = "binance,coingecko,cbr,kraken"


class Service(processes.Service):
    """The service with the venues that every suite needs. Those that are about the others set VENUES to ""."""

    def __init__(self, build, settings, *arguments, **options):
        venues = {} if "MARKETS_FILE" in settings else {"VENUES": FEW_VENUES}
        super().__init__(build, {**venues, **settings}, *arguments, **options)


def rounded(exact):
    """As the contract says: once, half up, to eight decimals or eight significant digits, whichever is more."""
    places = min(max(8, 7 - exact.adjusted()), 18)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def parse_exact(body):
    return json.loads(body, parse_float=Decimal, parse_int=Decimal)


def wait_for(condition, services, limit=30):
    """Fails with the services' last log lines if the condition does not hold within the limit."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("not within the limit:\n" + "\n\n".join("\n".join(each.lines[-12:]) for each in services))


class Stalls(threading.Thread):
    """Measures how long the machine let nothing run: how late a thread wakes that sleeps for 20 ms."""

    def __init__(self):
        super().__init__(daemon=True)
        self.longest = 0.0
        self.ended = threading.Event()

    def run(self):
        slept_at = time.monotonic()
        has_ended = False
        while not has_ended:
            has_ended = self.ended.wait(0.02)
            woke_at = time.monotonic()
            self.longest = max(self.longest, woke_at - slept_at - 0.02)
            slept_at = woke_at

    def stop(self):
        self.ended.set()
        self.join(10)


def measure_undisturbed(measure, stall_limit=0.3, attempts=4):
    """What `measure` returns, from an attempt during which the machine did not stand still.

    A service that was not run for seconds truthfully refuses what it knew before; that says nothing of its feeds.
    """
    for _ in range(attempts):
        stalls = Stalls()
        stalls.start()
        try:
            measured = measure()
        finally:
            stalls.stop()
        if stalls.longest < stall_limit:
            return measured
        print(f"measuring again: the machine stood still for {stalls.longest:.2f} s")
    raise AssertionError(f"the machine stood still for {stall_limit} s in each of {attempts} attempts")


class StackTest(unittest.TestCase):
    """One simulator and one service for all the tests of a class."""

    simulator_options = ()
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(BUILD, *cls.simulator_options)
        cls.addClassCleanup(cls.simulator.stop)
        cls.service = Service(BUILD, {**cls.simulator.settings(), **cls.settings})
        cls.addClassCleanup(cls.stop_service)

    @classmethod
    def stop_service(cls):
        status = cls.service.stop()
        if status != 0:
            raise AssertionError(f"the service ended with {status}:\n" + "\n".join(cls.service.lines[-40:]))

    def tearDown(self):
        self.simulator.clear()

    def get(self, path, method="GET", headers=None, service=None):
        parts = urlsplit((service or self.service).url)
        connection = HTTPConnection(parts.hostname, parts.port, timeout=10)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


class Poller(threading.Thread):
    """A client that asks again and again over one connection and hands every answer to `check`."""

    def __init__(self, url, check, every=0.02):
        super().__init__(daemon=True)
        self.parts = urlsplit(url)
        self.target = self.parts.path + ("?" + self.parts.query if self.parts.query else "")
        self.check = check
        self.every = every
        self.headers = {}
        self.ended = threading.Event()
        self.statuses = {}
        self.failures = []

    def run(self):
        connection = HTTPConnection(self.parts.hostname, self.parts.port, timeout=10)
        while not self.ended.wait(self.every):
            try:
                asked_at = time.time()
                connection.request("GET", self.target, headers=self.headers)
                answer = connection.getresponse()
                body = answer.read()
                self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
                self.check(asked_at, answer.status, answer.headers, body)
            except AssertionError as failure:
                self.failures.append(str(failure))
            except (OSError, HTTPException) as failure:
                self.note_no_answer(failure)
                connection.close()
        connection.close()

    def note_no_answer(self, failure):
        self.failures.append(f"no answer: {failure}")

    def stop(self):
        self.ended.set()
        self.join(10)
