"""Real captures, replayed into a running service: its final courses are the capture's last book, digit by digit.

KURS_FIXTURES names the folder with the captures; without it these tests say that they were skipped."""

import json
import os
import re
import tempfile
import time
import unittest
from decimal import Decimal
from pathlib import Path

from stack import BUILD, Service, Simulator, call, parse_exact, rounded

CAPTURES = ["cryptofeed_BINANCE.ws.1.0", "cryptofeed_BINANCE_US.ws.1.0", "cryptofeed_BINANCE_TR.ws.1.0"]
QUOTES = ["USDT", "BUSD", "BTC", "ETH", "EUR", "BRL", "USD"]


def read_last_books(path):
    """An independent parser: symbol -> last bid and ask of the capture."""
    books = {}
    for line in path.read_text().splitlines()[1:]:
        match = re.match(r"[\d.]+: (.*)$", line)
        if not match:
            continue
        frame = json.loads(match.group(1))
        if frame.get("stream", "").endswith("@bookTicker"):
            books[frame["data"]["s"]] = (Decimal(frame["data"]["b"]), Decimal(frame["data"]["a"]))
    return books


def split(symbol):
    quote = next(quote for quote in QUOTES if symbol.endswith(quote))
    return symbol[: -len(quote)], quote


@unittest.skipUnless(os.environ.get("KURS_FIXTURES"), "KURS_FIXTURES is not set: the real captures are not tested")
class ReplayTest(unittest.TestCase):
    def test_final_courses_equal_the_last_book(self):
        for name in CAPTURES:
            with self.subTest(name):
                self.replay(Path(os.environ["KURS_FIXTURES"]) / "binance" / name)

    def replay(self, path):
        books = read_last_books(path)
        market = {
            # A capture has no second connection and no miniTicker, so its quiet symbols need a long limit.
            "venues": {"binance": {"symbols": {s: {"pair": "/".join(split(s)), "max_age": "10m"} for s in books}}},
            "exchangers": ["binance"],
            "directions": [{"direction": "-".join(split(s)), "allowance": "none", "binance": s} for s in books],
        }
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(market, file)
            file.flush()
            simulator = Simulator(BUILD, "--replay", str(path), "--speed", "20")
            self.addCleanup(simulator.stop)
            service = Service(BUILD, {**simulator.settings(), "MARKETS_FILE": file.name})
            self.addCleanup(service.stop)
            until = time.monotonic() + 60
            while not simulator.state()["replay"]["done"]:
                self.assertLess(time.monotonic(), until)
                time.sleep(0.1)
            expected = {"-".join(split(s)): rounded((bid + ask) / 2) for s, (bid, ask) in books.items()}
            served = {}
            while served != expected and time.monotonic() < until:
                served = {c["direction"]: c["value"] for c in parse_exact(call("GET", service.courses_url)[2]).get("courses", [])}
            self.assertEqual(served, expected)
            print(f"{path.name}: {len(expected)} courses equal: {({k: str(v) for k, v in served.items()})}")
            service.stop()
            simulator.stop()


if __name__ == "__main__":
    unittest.main()
