"""Prices that tell their own age."""

import threading
import time
from decimal import Decimal

from stack import DOLLAR, rounded


class DatedPrices(threading.Thread):
    """Pins a new price every 100 ms and records when, so that a served value tells its own age.

    `pin` takes a price and returns the value of BTC-USD at this price, and a function that sends it.
    """

    def __init__(self, pin):
        super().__init__(daemon=True)
        self.pin = pin
        self.pinned_at = {}
        self.ended = threading.Event()

    def run(self):
        price = Decimal("64000.0")
        while not self.ended.wait(0.1):
            price += Decimal("0.2")
            course, send = self.pin(price)
            self.pinned_at[rounded(course)] = time.time()
            send()
            # It was sent by now at the latest: a slow machine must not make prices look older than they are.
            self.pinned_at[rounded(course)] = time.time()

    def age(self, value, now):
        pinned_at = self.pinned_at.get(value)
        return None if pinned_at is None else now - pinned_at

    def stop(self):
        self.ended.set()
        self.join(10)


def binance_pin(simulator):
    """For DatedPrices: BTCUSDT, with the dollar price of USDT fixed."""
    usdt_bid, usdt_ask = (Decimal(DOLLAR["USDT/USD"][side]) for side in ("bid", "ask"))

    def pin(price):
        bid, ask = price, price + Decimal("0.01")
        course = (bid * usdt_bid + ask * usdt_ask) / 2
        prices = {**DOLLAR, "BTCUSDT": {"bid": str(bid), "ask": str(ask)}}
        return course, lambda: simulator.pin(prices)
    return pin
