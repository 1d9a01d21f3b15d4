"""Exports: valid, exact to the last digit, and without an item whose course is stale."""

import json
import math
import random
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from dated_prices import DatedPrices
from jsonschema import Draft202012Validator
from stack import BUILD, ROOT, Poller, StackTest, parse_exact

SCHEMAS = ROOT / "tests" / "exports" / "schemas"
JSON_SCHEMA = Draft202012Validator(json.loads((SCHEMAS / "json-1.3.json").read_text()))
SEED = 15
ROUNDS = 50
MAX_AGE = 5.0
SECRET = "Hc3nV8sPq5Ym2WtD"
# From the simulator to the service's read, on a busy machine.
TOLERANCE = 0.4

# Rates of all magnitudes, of one exchanger that nothing contradicts.
MARKETS = {
    "venues": {"binance": {"symbols": {name: {"max_jump_percent": 1000} for name in ("BTCUSDT", "ETHUSDT", "USDCUSDT")}}},
    "exchangers": ["binance"],
    "directions": [{"direction": direction, "allowance": "none", "binance": route} for direction, route in {
        "BTC-USDT": "BTCUSDT", "ETH-USDT": "ETHUSDT", "USDT-USDC": "1 / USDCUSDT", "BTC-USDC": "BTCUSDT / USDCUSDT",
        "ETH-BTC": "ETHUSDT / BTCUSDT"}.items()]}
CODES = {"BTC": ["BTC", "BTCLN", "BTCBEP20"], "ETH": ["ETH", "ETHBEP20", "ETHARB"], "USDT": ["USDTTRC20", "USDTERC20", "CASHUSD"],
         "USDC": ["USDCERC20", "USDCSOL", "CARDUSD"]}
ASSETS = {code: asset for asset, codes in CODES.items() for code in codes}
DIRECTIONS = [entry["direction"] for entry in MARKETS["directions"]]


def direction_of(start, end):
    """The direction of an exchange between two codes, and whether the customer sells."""
    for base, quote, is_sale in ((start, end, True), (end, start, False)):
        if (name := f"{ASSETS[base]}-{ASSETS[quote]}") in DIRECTIONS:
            return name, is_sale
    return None


def plain(number):
    return format(number.normalize(), "f")


def random_percent(chance):
    return Decimal(chance.randint(0, 50 * 10**4)).scaleb(-4)


def random_export(chance, form):
    """An export, and for each of its items what is needed to compute it."""
    places = {code: chance.randint(0, 6 if form == "json-1.3" else 10) for code in ASSETS}
    reserve = {code: Decimal(chance.randint(10**8, 10**11)).scaleb(-min(places[code], 2)) for code in ASSETS}
    items = []
    for start in ASSETS:
        for end in ASSETS:
            if not direction_of(start, end) or chance.random() < 0.3:
                continue
            item = {"from": start, "to": end, "markup": f"{plain(random_percent(chance))}%"}
            bounds = sorted(chance.sample(range(2, 1000), chance.choice((0, 0, 1, 3))))
            if bounds:
                item["steps"] = [{"below": str(bound), "markup": f"{plain(random_percent(chance))}%"} for bound in bounds]
            if chance.random() < 0.5:
                item |= {"min": "1", "max": "1000"}
            if chance.random() < 0.3 and form in ("eref-1.1", "json-1.3"):
                item |= {"fromfee": ["0.5%", "1"], "tofee": "2.15"}
            if chance.random() < 0.3:
                item |= {"labels": chance.sample(["manual", "reg", "verifying", "juridical"], 2),
                         "floating": {"minutes": 15, "percent": "0.5"}, "delay": 10}
            items.append(item)
    return {"format": form, "codes": CODES, "digits": places, "reserve": {code: plain(each) for code, each in reserve.items()},
            "items": items}


def exact_value(quote, item, markup):
    """What the customer gets for 1: bid x (1 - markup), or 1 / (ask x (1 + markup))."""
    _, is_sale = direction_of(item["from"], item["to"])
    share = Fraction(markup.rstrip("%")) / 100
    return Fraction(quote["bid"]) * (1 - share) if is_sale else 1 / (Fraction(quote["ask"]) * (1 + share))


def written_price(quote, item, markup, digits):
    """(in, out), rounded in the exchanger's favour."""
    value = exact_value(quote, item, markup)
    if value >= 1:
        scale = 10**digits[item["to"]]
        return Fraction(1), Fraction(math.floor(value * scale), scale)
    scale = 10**digits[item["from"]]
    return Fraction(math.ceil(scale / value), scale), Fraction(1)


class Shop(HTTPServer):
    """An exchanger's site that tells a reserve."""

    def __init__(self):
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(shop.status)
                self.end_headers()
                self.wfile.write(shop.body)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.body = 200, b'{"reserves": {"trc": 1234.567}}'
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.server_close()
        self.thread.join(10)


def worst(item):
    return max([item["markup"], *(step["markup"] for step in item.get("steps", []))], key=lambda text: Decimal(text.rstrip("%")))


class ExportsTest(StackTest):
    @classmethod
    def setUpClass(cls):
        chance = random.Random(SEED)
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.exports = {form.split("-")[0]: random_export(chance, form) for form in ("eref-1.1", "xml-1.0", "json-1.3", "txt", "exchanger-cms")}
        cls.exports["exchanger"]["secret"] = SECRET
        cls.exports["iex"] = {"format": "iex-json", "codes": CODES, "items": "all"}
        cls.exports["watched"] = {"format": "xml-1.0", "exchanger": "binance", "codes": {"BTC": ["BTC"], "USDT": ["CARDUSD"]},
                                  "digits": {"CARDUSD": 8}, "items": [{"from": "BTC", "to": "CARDUSD"}]}
        cls.shop = Shop()
        cls.addClassCleanup(cls.shop.stop)
        source = {"url": f"http://127.0.0.1:{cls.shop.server_port}/r.json", "pointer": "/reserves/trc", "max_age": "2s"}
        cls.exports["stocked"] = {"format": "xml-1.0", "codes": {"BTC": ["BTC"], "USDT": ["CASHUSD"]}, "digits": {"CASHUSD": 2},
                                  "reserve": {"CASHUSD": source}, "items": [{"from": "BTC", "to": "CASHUSD"}]}
        cls.exports["elsewhere"] = {"format": "txt", "allow": ["192.0.2.0/24"], "codes": CODES, "items": "all"}
        cls.file = folder / "exports.json"
        cls.file.write_text(json.dumps({"proxies": ["127.0.0.1"], "exports": cls.exports}))
        (folder / "markets.json").write_text(json.dumps(MARKETS))
        cls.settings = {"MARKETS_FILE": str(folder / "markets.json"), "EXPORTS_FILE": str(cls.file)}
        super().setUpClass()
        cls.service.wait_for_courses(len(DIRECTIONS))

    def setUp(self):
        # The test before may have broken the venue.
        self.service.wait_for_courses(len(DIRECTIONS), "?exchanger=binance")

    def export(self, name):
        is_posted = name == "exchanger"
        status, headers, body = self.get(f"/api/v2/exports/{name}", "POST" if is_posted else "GET",
                                         {"X-Authorization": SECRET} if is_posted else None)
        self.assertEqual(status, 200, body)
        return headers, body

    def quotes(self):
        status, _, body = self.get("/api/v2/courses?exchanger=binance")
        if status != 200:
            return {}
        return {each["direction"]: {side: each[side] for side in ("bid", "ask")} for each in json.loads(body)["courses"]
                if each["state"] == "fresh"}

    def check_schemas(self, xml, text):
        self.assertEqual([each.message for each in JSON_SCHEMA.iter_errors(json.loads(text))], [])
        checked = subprocess.run(["xmllint", "--noout", "--schema", SCHEMAS / "eref-1.1.xsd", "-"], input=xml, capture_output=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr.decode())

    def read(self, name, body):
        """{(from, to): (in, out, tiers)} by the rules of the format's readers."""
        if name in ("eref", "xml"):
            self.assertTrue(body.startswith(b"<?xml"))
            root = ElementTree.fromstring(body)
            return {(item.findtext("from"), item.findtext("to")): (
                item.findtext("in"), item.findtext("out"), [(step.findtext("in"), step.findtext("out")) for step in item.findall("step")])
                for item in root.findall("item")}
        if name == "json":
            document = parse_exact(body)
            codes = document["currencies"]["list"]
            read = {}
            for start, targets in document["exchange"].items():
                for end, rate in targets["to"].items():
                    rate = rate["xr"] if isinstance(rate, dict) else rate
                    read[codes[start], codes[end]] = (rate, 1, []) if rate > 0 else (1, -rate, [])
            return read
        if name == "exchanger":
            pairs = {start + end: (start, end) for start in ASSETS for end in ASSETS}
            document = parse_exact(body)
            self.assertIs(document["success"], True)
            return {pairs[pair]: (start, end, []) for pair, (start, end) in document["result"].items()}
        if name == "iex":
            return {tuple(pair.split(" - ")): (1, value, []) for pair, value in json.loads(body).items()}
        return {tuple(line.split(";")[:2]): (*line.split(";")[2:4], []) for line in body.decode().splitlines()}

    def compare(self, name, body, quotes):
        export = self.exports[name]
        read = self.read(name, body)
        self.assertEqual(set(read), {(item["from"], item["to"]) for item in export["items"]}, name)
        for item in export["items"]:
            start, end, tiers = read[item["from"], item["to"]]
            quote = quotes[direction_of(item["from"], item["to"])[0]]
            written = written_price(quote, item, worst(item), export["digits"])
            self.assertEqual((Fraction(start), Fraction(end)), written, (name, item, quote))
            expected = [written_price(quote, item, markup, export["digits"])
                        for markup in [step["markup"] for step in item.get("steps", [])] + [item["markup"]]]
            if tiers:  # a tier beyond what the reserve covers is left out
                self.assertEqual([(Fraction(a), Fraction(b)) for a, b in tiers], expected[:len(tiers)])
            self.assertLessEqual(Fraction(end) / Fraction(start), exact_value(quote, item, worst(item)))
        return len(export["items"])

    def check_limits(self, body, quotes):
        """The tiers cover all amounts up to the largest, which the reserve pays out at every tier."""
        digits = self.exports["eref"]["digits"]
        shown = {(each.findtext("from"), each.findtext("to")): each for each in ElementTree.fromstring(body).findall("item")}
        for item in self.exports["eref"]["items"]:
            element = shown[item["from"], item["to"]]
            reserve = self.exports["eref"]["reserve"][item["to"]]
            prices = [written_price(quotes[direction_of(item["from"], item["to"])[0]], item, markup, digits)
                      for markup in [item["markup"], *(step["markup"] for step in item.get("steps", []))]]
            scale = 10**digits[item["from"]]
            covered = min(Fraction(math.floor(Fraction(reserve) * start / end * scale), scale) for start, end in prices)
            largest = Fraction(item["max"]) if "max" in item else covered
            limits = [Fraction(element.findtext(name)) for name in ("frommin", "frommax", "minamount", "maxamount")]
            self.assertEqual(limits, [Fraction(item.get("min", 0)), largest] * 2, item)
            self.assertEqual(Fraction(element.findtext("amount")), Fraction(reserve))
            bounds = [limits[0], *(Fraction(step["below"]) for step in item.get("steps", [])), limits[1]]
            steps = [(Fraction(step.get("frommin")), Fraction(step.get("frommax"))) for step in element.findall("step")]
            if "steps" in item:
                self.assertEqual(steps, list(zip(bounds, bounds[1:])))

    def compare_iex(self, body, quotes):
        read = self.read("iex", body)
        self.assertEqual(len(read), sum(direction_of(a, b) is not None for a in ASSETS for b in ASSETS))
        for (start, end), (_, value, _) in read.items():
            quote = quotes[direction_of(start, end)[0]]
            given, got = written_price(quote, {"from": start, "to": end}, "0%", dict.fromkeys(ASSETS, 12))
            self.assertEqual(Fraction(value), Fraction(math.floor(got / given * 10**18), 10**18), (start, end))

    def test_every_number_is_what_the_courses_give_to_the_last_digit(self):
        chance = random.Random(SEED)
        compared = 0
        names = ("eref", "xml", "json", "txt", "exchanger")
        self.addCleanup(self.simulator.pin, dict.fromkeys(("BTCUSDT", "ETHUSDT", "USDCUSDT")))
        for _ in range(ROUNDS):
            pins = {}
            for symbol, (least, most) in {"BTCUSDT": (30_000, 90_000), "ETHUSDT": (2_000, 6_000), "USDCUSDT": (0.95, 1.05)}.items():
                bid = Decimal(str(round(chance.uniform(least, most), 5)))
                pins[symbol] = {"bid": str(bid), "ask": str((bid * Decimal("1.0003")).quantize(Decimal("0.00001")))}
            self.simulator.pin(pins)
            until = time.monotonic() + 10
            while True:
                before = self.quotes()
                bodies = {name: self.export(name)[1] for name in (*names, "iex")}
                is_pinned = before.get("BTC-USDT", {}).get("bid") == plain(Decimal(pins["BTCUSDT"]["bid"]))
                if is_pinned and len(before) == len(DIRECTIONS) and before == self.quotes():
                    break
                self.assertLess(time.monotonic(), until, "the pinned prices do not arrive")
            self.check_schemas(bodies["eref"], bodies["json"])
            self.check_limits(bodies["eref"], before)
            for name in names:
                compared += self.compare(name, bodies[name], before)
            self.compare_iex(bodies["iex"], before)
            for number in re.findall(rb">([0-9][^<>A-Z]*)<", bodies["eref"] + bodies["xml"]):
                self.assertRegex(number, rb"^[0-9]+(\.[0-9]+)?(%|, [0-9.]+%)?$")
        print(f"{compared} items of {ROUNDS} random books are exact")
        self.assertGreater(compared, 10_000)

    def test_the_explanation_tells_what_an_item_is_made_of(self):
        told = json.loads(self.get("/api/v2/exports/eref/explain")[2])
        for item, shown in zip(self.exports["eref"]["items"], told["items"], strict=True):
            self.assertTrue(shown["is_published"], shown)
            quote = {"bid": shown["rate"], "ask": shown["rate"]}
            for tier in shown["tiers"]:
                value = exact_value(quote, item, tier["markup"])
                exact = max(value, 1 / value)
                self.assertEqual(Fraction(tier["exact"]), Fraction(math.floor(exact * 10**18), 10**18))
                written = written_price(quote, item, tier["markup"], self.exports["eref"]["digits"])
                self.assertEqual((Fraction(tier["in"]), Fraction(tier["out"])), written)

    def test_exchanger_cms_posts_its_secret_in_a_header(self):
        path = "/api/v2/exports/exchanger"
        for method, secret, status in (("POST", SECRET, 200), ("POST", SECRET + "x", 404), ("POST", "", 404), ("GET", SECRET, 405), ("GET", "", 404)):
            found, headers, _ = self.get(path, method, {"X-Authorization": secret} if secret else None)
            self.assertEqual((found, headers["Allow"]), (status, "POST" if status == 405 else None), (method, secret))
        command = ["curl", "-sS", "-X", "POST", self.service.url + path, "--header", f"X-Authorization: {SECRET}", "--data", "a=b"]
        self.assertTrue(json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["success"])
        self.assertEqual(self.get("/api/v2/exports/xml", "POST")[1]["Allow"], "GET, HEAD")

    def test_only_allowed_addresses_read_an_export_also_behind_a_proxy(self):
        path = "/api/v2/exports/elsewhere"
        for address, status in (("192.0.2.7", 200), ("198.51.100.1", 404), ("192.0.2.7, 198.51.100.1", 404), ("", 404)):
            self.assertEqual(self.get(path, headers={"X-Forwarded-For": address})[0], status, address)

    def test_another_file_is_used_without_a_restart_if_it_is_valid(self):
        def reload(text):
            self.file.write_text(text)
            self.service.child.send_signal(signal.SIGHUP)

        def is_served(name):
            return self.get(f"/api/v2/exports/{name}", headers={"X-Forwarded-For": "192.0.2.7"})[0] == 200

        before = self.file.read_text()
        reload(before.replace('"format": "txt"', '"format": "text"'))
        self.service.wait_for_line(r"exports, \w+, format is 'text': must be one of")
        self.assertTrue(is_served("elsewhere"))
        for text, name, other in ((before.replace('"elsewhere"', '"anywhere"'), "anywhere", "elsewhere"),
                                  (before, "elsewhere", "anywhere")):
            reload(text)
            self.wait_for(lambda name=name: is_served(name), limit=60)
            self.assertFalse(is_served(other))

    def test_nothing_older_than_its_limit_is_exported_while_the_venue_dies(self):
        def pin(price):
            return price, lambda: self.simulator.pin({"BTCUSDT": {"bid": str(price), "ask": str(price + 1)}})

        prices = DatedPrices(pin)
        prices.start()
        self.addCleanup(self.simulator.pin, {"BTCUSDT": None})
        self.addCleanup(prices.stop)
        seen = []
        oldest = [0.0]
        tags = {}

        def check(asked_at, status, headers, body):
            assert status == 200, (status, body)
            assert tags.setdefault(headers["ETag"], body) == body, "one tag, two bodies"
            items = ElementTree.fromstring(body).findall("item")
            seen.append((asked_at, len(items)))
            for item in items:
                age = prices.age(Decimal(item.findtext("out")), asked_at)
                if age is None:
                    assert not has_begun, f"a rate that was never sent: {item.findtext('out')}"
                    continue
                has_begun.append(True)
                oldest[0] = max(oldest[0], age)
                assert age < MAX_AGE + TOLERANCE, f"{age:.2f} s old"

        has_begun = []
        poller = Poller(f"{self.service.url}/api/v2/exports/watched.xml", check)
        poller.start()
        self.addCleanup(poller.stop)
        self.wait_for(lambda: has_begun, poller)
        self.simulator.fault("binance_stream", "mute")
        self.simulator.fault("binance_rest", "refuse")
        self.wait_for(lambda: seen[-1][1] == 0, poller)
        self.assertEqual(self.export("watched")[1], b'<?xml version="1.0" encoding="UTF-8"?>\n<rates>\n</rates>\n')
        told = json.loads(self.get("/api/v2/exports/watched/explain")[2])["items"][0]
        self.assertEqual((told["is_published"], told["state"], told["rate"]), (False, "stale", None))
        self.simulator.clear()
        self.wait_for(lambda: seen[-1][1] == 1, poller)
        poller.stop()
        self.assertEqual(poller.failures[:3], [])
        print(f"{len(seen)} answers, oldest rate {oldest[0]:.2f} s")

    def test_an_item_is_absent_unless_its_reserve_is_told_within_its_limit(self):
        def amount():
            item = ElementTree.fromstring(self.export("stocked")[1]).find("item")
            return None if item is None else item.findtext("amount")

        self.wait_for(lambda: amount() == "1234.56")
        for status, body in ((500, self.shop.body), (200, b"<html>"), (200, b'{"reserves": {"trc": 0}}'), (200, b'{"reserves": {"trc": "7.5"}}')):
            self.shop.status, self.shop.body = status, body
            told_at = time.monotonic()
            self.wait_for(lambda expected="7.5" if b"7.5" in body else None: amount() == expected)
            self.assertLess(time.monotonic() - told_at, 2 + 5 * TOLERANCE)
            if status == 500 or body == b"<html>":
                reason = json.loads(self.get("/api/v2/exports/stocked/explain")[2])["items"][0]["reason"]
                self.assertEqual(reason, "The reserve of CASHUSD is unknown, older than its limit, or used up.")

    def wait_for(self, condition, poller=None, limit=30):
        until = time.monotonic() + limit
        while not condition():
            failures = poller.failures[:3] if poller else []
            if time.monotonic() > until or failures:
                self.fail("\n".join(failures + self.service.lines[-20:]))
            time.sleep(0.02)


class ExampleTest(unittest.TestCase):
    def test_the_example_of_the_documentation_is_valid(self):
        command = [str(Path(BUILD).resolve() / "src" / "kurs"), "--check"]
        checked = subprocess.run(command, env={"EXPORTS_FILE": str(ROOT / "docs" / "exports.json")}, cwd="/", capture_output=True,
                                 text=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        self.assertRegex(checked.stdout, r"exports are valid: 5 documents, \d+ items")


if __name__ == "__main__":
    unittest.main()
