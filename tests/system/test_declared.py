"""Venues that are only data: a street rate as JSON and an exchanger's list as XML, whose sites go mute, lie, answer with errors
or repeat an old price."""

import json
import tempfile
import threading
import time
import unittest
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stack import Poller, StackTest, call, parse_exact, wait_for

MAX_AGE = 3.0
CHANGES_WITHIN = 4.0
DIRECTION_OF = {"street": "USDT-CASHRUB", "list": "USDT-CARDRUB", "binance": "BTC-CASHRUB"}
# The machine's, not the service's: from a price that is made to its answer.
SLACK = 0.3


class Site(ThreadingHTTPServer):
    """Makes a new price for each request, and says later when it did. `mode` is what is wrong with it."""

    daemon_threads = True

    def __init__(self):
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                if site.mode == "mute":
                    site.ended.wait(30)
                    return
                body = site.answer(self.path)
                self.send_response(500 if site.mode == "failing" else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.mode = "good"
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self.asked = []
        self.made_at = {}  # price: when it was true
        self.made = 0
        self.kept = {}
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def new_price(self):
        with self.lock:
            self.made += 1
            price = Decimal(95) + Decimal(self.made % 1000) / 1000
            self.made_at[price] = time.time()
            return price

    def answer(self, path):
        if self.mode in ("HTML", "failing"):
            return b"<!DOCTYPE html><html><body>Please wait</body></html>"
        if self.mode == "an error":
            return b'{"error": "no such pair"}'
        if self.mode == "the last price for ever":
            return self.kept[path]
        price = self.new_price()
        shown = price * {"ten times": 10, "half more": Decimal("1.5")}.get(self.mode, 1)
        if path.startswith("/list"):
            text = (f"<rates><item><from>USDTTRC20</from><to>CARDRUB</to><in>1</in><out>{shown}</out></item>"
                    f"<item><from>CARDRUB</from><to>USDTTRC20</to><in>{shown + 1}</in><out>1</out></item></rates>")
        else:
            text = json.dumps({"usdt": {"buy": str(shown), "sell": str(shown + 1)}, "at": time.time()})
        self.kept[path] = text.encode()
        return self.kept[path]

    def stop(self):
        self.ended.set()
        self.shutdown()
        self.server_close()
        self.thread.join(10)


def market_map(port):
    return {
        "venues": {
            "binance": {},
            "street": {"source": {"url": f"http://127.0.0.1:{port}/street?pair=usdt", "format": "json", "every": "1s",
                                  "max_age": f"{MAX_AGE:.0f}s", "title": "The street"},
                       "symbols": {"USDT/CASHRUB": {"bid": "/usdt/buy", "ask": "/usdt/sell", "time": "/at", "min": "50",
                                                    "max": "200"}}},
            "list": {"source": {"url": f"http://127.0.0.1:{port}/list.xml", "format": "rates-xml", "every": "1s",
                                "max_age": f"{MAX_AGE:.0f}s", "changes_within": f"{CHANGES_WITHIN:.0f}s"},
                     "symbols": {"USDT/CARDRUB": {"bid": "USDTTRC20/CARDRUB", "ask": "CARDRUB/USDTTRC20", "min": "50",
                                                  "max": "200"}}}},
        "exchangers": ["binance", "street", "list"],
        "reference_rates": {"USDT-CASHRUB": ["street: USDT/CASHRUB"]},
        # Nothing else has these directions, so the first price would wait for half a minute.
        "directions": [{"direction": "USDT-CASHRUB", "allowance": "none", "street": "USDT/CASHRUB"},
                       {"direction": "USDT-CARDRUB", "allowance": "none", "list": "USDT/CARDRUB"},
                       {"direction": "BTC-CASHRUB", "allowance": "none", "binance": "BTCUSDT * USDT-CASHRUB"}]}


class DeclaredTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.stop)
        markets = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "markets.json"
        markets.write_text(json.dumps(market_map(cls.site.server_port)))
        cls.settings = {"MARKETS_FILE": str(markets)}
        super().setUpClass()

    def setUp(self):
        self.set_mode("good")
        for exchanger in DIRECTION_OF:
            wait_for(lambda name=exchanger: self.is_fresh(name), [self.service])

    def set_mode(self, mode):
        self.site.mode = mode
        self.site.ended.set()
        self.site.ended = threading.Event()

    def url(self, exchanger):
        return f"{self.service.url}/api/v2/courses?exchanger={exchanger}&direction={DIRECTION_OF[exchanger]}"

    def course(self, exchanger):
        [course] = parse_exact(call("GET", self.url(exchanger))[2])["courses"]
        return course

    def is_fresh(self, exchanger):
        return self.course(exchanger)["state"] == "fresh"

    def test_the_price_is_served_with_its_legs(self):
        for exchanger, symbol in (("street", "USDT/CASHRUB"), ("list", "USDT/CARDRUB")):
            course = self.course(exchanger)
            bid, ask = Decimal(course["bid"]), Decimal(course["ask"])
            self.assertIn(bid, self.site.made_at)
            self.assertEqual(ask, bid + 1)
            [leg] = course["legs"]
            self.assertEqual((leg["venue"], leg["symbol"], leg["declared"]), (exchanger, symbol, True))
        [btc, usdt] = self.course("binance")["legs"]
        self.assertNotIn("declared", btc)
        self.assertEqual((usdt["venue"], usdt["declared"]), ("street", True))
        self.assertIn("/street?pair=usdt", self.site.asked)

    def test_a_faulty_source_is_never_served_beyond_its_limit(self):
        for mode in ("mute", "failing", "HTML", "an error", "ten times", "half more", "the last price for ever"):
            with self.subTest(mode):
                self.suffer(mode)

    def suffer(self, mode):
        """What clients of both sources see while they have a fault, and that they are served again after it."""
        oldest = {"street": 0.0, "list": 0.0}

        def check(exchanger):
            def note(asked_at, status, _, body):
                if status != 200:
                    return
                [course] = json.loads(body)["courses"]
                made_at = self.site.made_at.get(Decimal(course["bid"]))
                assert made_at is not None, f"a price that was never true: {course['bid']}"
                oldest[exchanger] = max(oldest[exchanger], asked_at - made_at)
            return note

        pollers = {name: Poller(self.url(name), check(name)) for name in oldest}
        for poller in pollers.values():
            poller.start()
        self.set_mode(mode)
        # A list without times is believed until its price should have changed, and then to its limit.
        lasts = MAX_AGE + (CHANGES_WITHIN if mode == "the last price for ever" else 0) + 2
        wait_for(lambda: not any(map(self.is_fresh, oldest)), [self.service], lasts)
        self.assertFalse(self.is_fresh("binance"), "a rate that rests on the street's")
        time.sleep(2)
        self.assertFalse(any(map(self.is_fresh, oldest)))
        self.set_mode("good")
        wait_for(lambda: all(map(self.is_fresh, [*oldest, "binance"])), [self.service], 70)
        for name, poller in pollers.items():
            poller.stop()
            self.assertEqual(poller.failures, [], f"{mode}, {name}")
        print(f"{mode}: oldest price served {oldest['street']:.2f} s of the street, {oldest['list']:.2f} s of the list", flush=True)
        self.assertLess(oldest["street"], MAX_AGE + SLACK)
        repeated = CHANGES_WITHIN + 1 if mode == "the last price for ever" else 0
        self.assertLess(oldest["list"], MAX_AGE + repeated + SLACK)


if __name__ == "__main__":
    unittest.main()
