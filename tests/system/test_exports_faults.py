"""Exports polled at 50 requests a second while venues die, lie and return and the service is restarted: no item is older than its
limit, none shows a disputed rate, and every document is valid."""

import json
import signal
import tempfile
import threading
import time
import unittest
from collections import Counter
from decimal import Decimal
from email.utils import parsedate_to_datetime
from fractions import Fraction
from http.client import IncompleteRead
from pathlib import Path

from export_ledger import Item, Ledger, invalid_documents, read
from history_stack import HistoryTest, now, wait_until
from private_server import free_port
from stack import BUILD, Poller, Service, call
from test_declared import Site

LIMITS = {"binance": 5, "okx": 15, "bybit": 15, "street": 3}
# From the simulator to the service's read, on a busy machine.
TOLERANCE = 0.4
PLACES = 6
BTC, ETH, USDT, CASH = "BTC", "ETH", "USDTTRC20", "CASHRUB"
CODES = {"BTC": [BTC], "ETH": [ETH], "USDT": [USDT], "CASHRUB": [CASH]}
SOLD = {(BTC, USDT): ("BTC",), (ETH, USDT): ("ETH",), (BTC, CASH): ("BTC", "USDT"), (USDT, CASH): ("USDT",)}
MARKUPS = ("1.2345%", "0.75%")  # of what the customer sells, and of what he buys
ITEMS = {codes[::step]: Item(assets, step == 1, Fraction(markup.rstrip("%")) / 100, PLACES)
         for codes, assets in SOLD.items() for step, markup in zip((1, -1), MARKUPS)}
FORMATS = {"shop": "eref-1.1", "pairs": "json-1.3", "list": "txt", "binance": "eref-1.1", "street": "eref-1.1"}
# No two books of an asset have a price in common, so a price names its venue and its moment. A lie is between two steps.
VENUES = {"binance": ("BTCUSDT", "ETHUSDT"), "okx": ("BTC-USDT", "ETH-USDT"), "bybit": ("bybit:BTCUSDT", "bybit:ETHUSDT")}
STEPS = {"BTC": (Decimal(64000), Decimal("0.2"), Decimal("0.1")), "ETH": (Decimal(2500), Decimal("0.02"), Decimal("0.01"))}
LIE = Decimal("1600.1")  # beyond the allowance, which the spread of the street widens
SILENT = [f"{venue}_{kind}" for venue in VENUES for kind in ("stream", "rest")]


def market_map(port):
    street = {"source": {"url": f"http://127.0.0.1:{port}/street", "format": "json", "every": "1s", "max_age": f"{LIMITS['street']}s"},
              "symbols": {"USDT/CASHRUB": {"bid": "/usdt/buy", "ask": "/usdt/sell", "time": "/at", "min": "50", "max": "200"}}}
    routes = {"binance": "BTCUSDT", "okx": "BTC-USDT", "bybit": "BTCUSDT"}
    return {"venues": {**{venue: {} for venue in VENUES}, "street": street},
            "exchangers": [*VENUES, "street"],
            "reference_rates": {"USDT-CASHRUB": ["street: USDT/CASHRUB"]},
            "directions": [{"direction": "BTC-USDT", **routes},
                           {"direction": "ETH-USDT", **{venue: route.replace("BTC", "ETH") for venue, route in routes.items()}},
                           {"direction": "BTC-CASHRUB", **{venue: f"{route} * USDT-CASHRUB" for venue, route in routes.items()}},
                           {"direction": "USDT-CASHRUB", "allowance": "none", "street": "USDT/CASHRUB"}]}


def exports():
    items = [{"from": start, "to": end, "markup": MARKUPS[0 if item.is_sale else 1]} for (start, end), item in ITEMS.items()]
    of_street = [item for item in items if {item["from"], item["to"]} == {USDT, CASH}]
    common = {"codes": CODES, "digits": dict.fromkeys((BTC, ETH, USDT, CASH), PLACES),
              "reserve": dict.fromkeys((BTC, ETH, USDT, CASH), "5000000")}
    others = [item for item in items if item not in of_street]
    return {name: {**common, "format": form, "items": of_street if name == "street" else others,
                   **({"exchanger": name} if name in LIMITS else {})} for name, form in FORMATS.items()}


class Street(Site):
    """Writes each price that it makes into the ledger."""

    def __init__(self, ledger):
        self.ledger = ledger
        super().__init__()

    def new_price(self):
        price = super().new_price()
        # The document states when the price was true, so it is not true any longer than that.
        self.ledger.write("street", "USDT", price, price + 1).replaced_at = time.time()
        return price


class Prices(threading.Thread):
    """Gives each venue a new book of each asset every 200 ms. Binance's price of bitcoin may be a lie."""

    def __init__(self, simulator, ledger):
        super().__init__(daemon=True)
        self.simulator, self.ledger = simulator, ledger
        self.is_lying = False
        self.ended = threading.Event()

    def run(self):
        number = 0
        while not self.ended.wait(0.2):
            pins = {}
            for venue, symbols in VENUES.items():
                for symbol, (asset, (start, step, spread)) in zip(symbols, STEPS.items()):
                    is_lie = self.is_lying and (venue, asset) == ("binance", "BTC")
                    bid = start + number * step + (LIE if is_lie else 0)
                    self.ledger.write(venue, asset, bid, bid + spread, is_lie)
                    pins[symbol] = {"bid": str(bid), "ask": str(bid + spread)}
                    number += 1 if asset == "ETH" else 0
            self.simulator.pin(pins)
            self.ledger.settle()

    def stop(self):
        self.ended.set()
        self.join(10)


class Monitor(Poller):
    """Reads an export over and over, in turns with no condition, with the ETag and with the time that it has."""

    def __init__(self, test, name):
        super().__init__(f"{test.url}/api/v2/exports/{name}", self.check, every=0.08)
        self.test, self.name = test, name
        self.items = None  # of the newest answer
        self.facts = {}  # body: the books of each item
        self.tags = {}
        self.last = None  # ETag, Last-Modified, body and when it was asked for
        self.turn = 0
        self.unanswered = 0
        self.counts = Counter()
        self.oldest = Counter()

    def note_no_answer(self, failure):
        if not self.test.is_down or not isinstance(failure, ConnectionError) or isinstance(failure, IncompleteRead):
            super().note_no_answer(failure)
        self.unanswered += 1

    def check(self, asked_at, status, headers, body):
        if status == 304:
            assert self.headers == {"If-None-Match": headers["ETag"]}, (self.headers, headers.items())
            body = self.last[2]
        else:
            assert status == 200, (status, body)
            assert int(headers["Content-Length"]) == len(body), headers.items()
        self.check_validators(asked_at, headers, body)
        if body not in self.facts:
            self.facts[body] = self.find_books(body)
        for pair, books in self.facts[body].items():
            self.check_item(asked_at, pair, books)
        self.items = self.facts[body]
        self.turn += 1
        self.headers = ({}, {"If-None-Match": self.last[0]}, {"If-Modified-Since": self.last[1]})[self.turn % 3]

    def check_validators(self, asked_at, headers, body):
        etag, modified = headers["ETag"], headers["Last-Modified"]
        assert self.tags.setdefault(etag, body) == body, f"{etag} of two bodies"
        assert self.tags.setdefault(body, etag) == etag, f"a body with {etag} and {self.tags[body]}"
        changed_at = parsedate_to_datetime(modified).timestamp()
        assert changed_at < asked_at + 1 + TOLERANCE, f"{modified} is in the future"
        if self.last:
            last_tag, last_modified, _, last_asked_at, last_life = self.last
            if etag == last_tag:
                assert modified == last_modified or self.test.lives > last_life, f"{modified} of a body of {last_modified}"
            else:
                assert changed_at >= int(last_asked_at), f"{modified} of a body that is newer than {last_asked_at}"
        self.last = (etag, modified, body, asked_at, self.test.lives)

    def find_books(self, body):
        """The books of each item, which are those of one moment and, without a named exchanger, of one venue."""
        facts = {}
        for pair, price in read(FORMATS[self.name], body).items():
            facts[pair] = self.test.ledger.find(pair, price)
            assert facts[pair], f"{pair} {tuple(map(float, price))} was never sent"
            opposite = facts.get(pair[::-1], facts[pair])
            assert opposite == facts[pair], f"{pair}: bid and ask of different books"
        assert len({books[0].venue for books in facts.values()}) <= 1, body
        return facts

    def check_item(self, asked_at, pair, books):
        for book in books:
            assert not book.is_lie, f"{pair} {float(book.bid)} of {book.venue} is a lie"
            age = book.age(asked_at)
            assert age < LIMITS[book.venue] + TOLERANCE, f"{pair} of {book.venue} is {age:.2f} s old"
            assert not self.test.is_withheld(book, asked_at), f"{pair} of {book.venue}, which is disputed"
            self.oldest[book.venue] = max(self.oldest[book.venue], age)
        assert self.name not in LIMITS or books[0].venue == self.name
        self.counts[books[0].venue] += 1


class ExportsFaultsTest(HistoryTest):
    def setUp(self):
        super().setUp()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.ledger = Ledger(ITEMS)
        self.street = Street(self.ledger)
        self.addCleanup(self.street.stop)
        (folder / "markets.json").write_text(json.dumps(market_map(self.street.server_port)))
        (folder / "exports.json").write_text(json.dumps({"exports": exports()}))
        self.postgres = self.make_postgres()
        self.settings = {**self.simulator.settings(), "DATABASE_URL": self.postgres.url, "HTTP_PORT": str(free_port()),
                         "MARKETS_FILE": str(folder / "markets.json"), "EXPORTS_FILE": str(folder / "exports.json"),
                         **{f"{venue.upper()}_MAX_AGE": f"{LIMITS[venue]}s" for venue in VENUES},
                         **{f"{venue.upper()}_CONNECTIONS": "1" for venue in VENUES}, "FAILBACK_AFTER": "3s"}
        self.prices = Prices(self.simulator, self.ledger)
        self.prices.start()
        self.addCleanup(self.prices.stop)
        self.withheld_since, self.is_down, self.lives = None, False, 0
        self.start_service()

    def start_service(self):
        self.lives += 1
        self.service = Service(BUILD, self.settings)
        self.addCleanup(self.end, self.service)
        self.url = self.service.url

    def is_withheld(self, book, asked_at):
        return (book.venue, book.asset) == ("binance", "BTC") and self.withheld_since is not None and asked_at > self.withheld_since

    def monitor(self):
        self.monitors = {name: Monitor(self, name) for name in FORMATS}
        for monitor in self.monitors.values():
            monitor.start()
            self.addCleanup(monitor.stop)

    def wait(self, condition, what, limit=40):
        def is_so():
            failures = [f"{name}: {failure}" for name, monitor in self.monitors.items() for failure in monitor.failures[:2]]
            if failures:
                self.fail("\n".join(failures + self.service.lines[-10:]))
            return condition()
        try:
            wait_until(is_so, what, limit, 0.02)
        except AssertionError:
            print("\n".join(self.service.lines[-20:]))
            raise

    def set_street(self, mode):
        self.street.mode = mode
        self.street.ended.set()
        self.street.ended = threading.Event()

    def shown(self, name):
        return self.monitors[name].items or {}

    def is_whole(self, venue="binance"):
        """All items are shown, those of the active exchanger from this venue."""
        return all(self.shown(name) and books[0].venue == (name if name in LIMITS else venue) for name in FORMATS
                   for books in self.shown(name).values()) and [len(self.shown(name)) for name in FORMATS] == [6, 6, 6, 6, 2]

    def test_no_wrong_or_old_item_is_published(self):
        self.monitor()
        self.wait(self.is_whole, "all items")
        begun_at = time.monotonic()
        asked = self.asked()
        for fault in (self.venue_dies, self.venue_multiplies_by_ten, self.venue_is_disputed, self.street_is_faulty):
            fault()
            self.wait(self.is_whole, f"all items after {fault.__name__}", 60)
        rate = (self.asked() - asked) / (time.monotonic() - begun_at)
        restored = [self.restart(number) for number in (signal.SIGTERM, signal.SIGKILL)]
        for monitor in self.monitors.values():
            monitor.stop()
            self.assertEqual(monitor.failures[:3], [], monitor.name)
        documents = [body for name in FORMATS if FORMATS[name] == "eref-1.1" for body in self.monitors[name].facts]
        self.assertEqual(invalid_documents(documents)[:3], [])
        self.report(rate, restored, len(documents))

    def asked(self):
        return sum(sum(monitor.statuses.values()) for monitor in self.monitors.values())

    def items_seen(self):
        return sum(sum(monitor.counts.values()) for monitor in self.monitors.values())

    def report(self, rate, restored, documents):
        every = self.monitors.values()
        oldest = {venue: round(max(monitor.oldest[venue] for monitor in every), 2) for venue in LIMITS}
        counts = sum((monitor.counts for monitor in every), Counter())
        statuses = sum((Counter(monitor.statuses) for monitor in every), Counter())
        print(f"{self.asked()} answers {dict(statuses)} at {rate:.0f}/s, {sum(len(monitor.facts) for monitor in every)} bodies, of "
              f"which {documents} in EREF; items {dict(counts)}, seconds since they were true {oldest}, {restored} items after a "
              f"restart were older; {sum(monitor.unanswered for monitor in every)} requests without an answer while it was down")

    def venue_dies(self):
        self.simulator.fault("binance_stream", "mute")
        self.simulator.fault("binance_rest", "refuse")
        self.wait(lambda: not self.shown("binance") and self.is_elsewhere("shop"), "another exchanger's items")
        self.simulator.clear()

    def venue_multiplies_by_ten(self):
        self.simulator.fault("binance_stream", "corrupt", value="jump")
        self.simulator.fault("binance_rest", "refuse")
        self.wait(lambda: not self.shown("binance"), "no items of binance")
        self.simulator.clear()

    def venue_is_disputed(self):
        self.prices.is_lying = True
        self.wait(lambda: (BTC, USDT) not in self.shown("binance"), "no item of a disputed rate")
        self.wait(self.is_disputed, "a dispute")
        self.withheld_since = time.time()
        self.wait(lambda: self.is_elsewhere("shop"), "another exchanger's items")
        self.wait(lambda: set(self.shown("binance")) == {(ETH, USDT), (USDT, ETH)}, "the venue's other items")
        self.withheld_since = None
        self.prices.is_lying = False

    def is_disputed(self):
        status, _, body = call("GET", f"{self.url}/api/v2/courses/BTC-USDT?exchanger=binance")
        return status == 503 and "above the median" in (json.loads(body)["course"]["reason"] or "")

    def is_elsewhere(self, name):
        return len(self.shown(name)) == 6 and self.shown(name)[BTC, USDT][0].venue != "binance"

    def street_is_faulty(self):
        for mode in ("ten times", "the last price for ever", "HTML", "mute"):
            self.set_street(mode)
            self.wait(lambda: not self.shown("street") and (BTC, CASH) not in self.shown("shop"), f"no item of a source with {mode}")
            self.assertIn((BTC, USDT), self.shown("shop"))
            self.set_street("good")
            self.wait(self.is_whole, f"all items after {mode}", 60)

    def restart(self, number):
        """Returns how many answers had an item from before, which Postgres has kept. The venues are silent meanwhile."""
        for venue in ("okx", "bybit"):
            self.wait_until_written(self.postgres, now(), venue)
        for endpoint in SILENT:
            self.simulator.fault(endpoint, "refuse")
        self.set_street("mute")
        self.is_down = True
        self.service.stop(number)
        before = self.items_seen()
        self.start_service()
        self.wait(lambda: self.items_seen() > before, "an item that Postgres has kept")
        self.is_down = False
        self.wait(lambda: not any(self.shown(name) for name in FORMATS), "no item of a silent venue", 60)
        restored = self.items_seen() - before
        self.set_street("good")
        self.simulator.clear()
        self.wait(self.is_whole, "all items after a restart", 60)
        return restored


if __name__ == "__main__":
    unittest.main()
