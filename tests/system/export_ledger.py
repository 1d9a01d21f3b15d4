"""What exports may say: each rate that a venue was made to have, as an item writes it, and until when it was true."""

import json
import math
import re
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections import defaultdict, namedtuple
from fractions import Fraction
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from jsonschema import Draft202012Validator
from stack import ROOT, parse_exact

SCHEMAS = ROOT / "tests" / "exports" / "schemas"
JSON_SCHEMA = Draft202012Validator(json.loads((SCHEMAS / "json-1.3.json").read_text()))
TXT_LINE = re.compile(r"[A-Z0-9]+;[A-Z0-9]+;(?:1;[0-9]+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?;1);[0-9.]*;;")
WINDOW = 500  # the newest books of an asset among which a product of two is looked for

# The customer sells the first asset or buys it. A second asset is the coin in which the first one is priced. The markup is a share.
Item = namedtuple("Item", "assets is_sale markup places")


class Book:
    """The prices of an asset that a venue was made to have, and until when it had them."""

    def __init__(self, venue, asset, bid, ask, is_lie):
        self.venue, self.asset, self.is_lie = venue, asset, is_lie
        self.bid, self.ask = Fraction(bid), Fraction(ask)
        self.replaced_at = math.inf

    def age(self, now):
        return now - self.replaced_at


def written(bid, ask, item):
    """(in, out): a sale pays bid x (1 - markup), rounded down; a purchase costs ask x (1 + markup), rounded up."""
    scale = 10**item.places
    if item.is_sale:
        return Fraction(1), Fraction(math.floor(bid * (1 - item.markup) * scale), scale)
    return Fraction(math.ceil(ask * (1 + item.markup) * scale), scale), Fraction(1)


class Ledger:
    """All books of all venues, and which of them an item shows. `items`: {(from, to): Item}"""

    def __init__(self, items):
        self.items = items
        self.books = defaultdict(list)  # asset: books, the newest last
        self.newest = {}  # (venue, asset): book
        self.found = {}  # (from, to), (in, out): books
        self.replaced = []

    def write(self, venue, asset, bid, ask, is_lie=False):
        """The venue is about to have this book, which is returned. `settle`, once it is sent, ends what the venue had."""
        book = Book(venue, asset, bid, ask, is_lie)
        if (venue, asset) in self.newest:
            self.replaced.append(self.newest[venue, asset])
        self.newest[venue, asset] = book
        self.books[asset].append(book)
        for pair, item in self.items.items():
            if item.assets == (asset,):
                self.found[pair, written(book.bid, book.ask, item)] = (book,)
        return book

    def settle(self):
        for book in self.replaced:
            book.replaced_at = min(book.replaced_at, time.time())
        self.replaced = []

    def find(self, pair, price):
        """The books that an item is made of. Empty if there was never such a price."""
        item = self.items[pair]
        if (pair, price) not in self.found and len(item.assets) == 2:
            books, coins = (self.books[asset][:-WINDOW:-1] for asset in item.assets)
            made = ((book, coin) for coin, book in product(coins, books)
                    if written(book.bid * coin.bid, book.ask * coin.ask, item) == price)
            self.found[pair, price] = next(made, ())
        return self.found.get((pair, price), ())


def read(form, body):
    """{(from, to): (in, out)} by a strict reader of the format. Fails on anything else."""
    if form == "json-1.3":
        document = parse_exact(body)
        assert not list(JSON_SCHEMA.iter_errors(json.loads(body))), body
        codes = document["currencies"]["list"]
        rates = {(codes[start], codes[end]): rate["xr"] if isinstance(rate, dict) else rate
                 for start, targets in document["exchange"].items() for end, rate in targets["to"].items()}
        return {pair: (Fraction(1), Fraction(-rate)) if rate < 0 else (Fraction(rate), Fraction(1)) for pair, rate in rates.items()}
    if form == "txt":
        text = body.decode("ascii")
        assert text == "" or text.endswith("\n"), body
        lines = text.splitlines()
        assert all(TXT_LINE.fullmatch(line) for line in lines), body
        cells = [line.split(";") for line in lines]
        return {(start, end): (Fraction(given), Fraction(got)) for start, end, given, got, *_ in cells}
    root = ElementTree.fromstring(body)
    return {(item.findtext("from"), item.findtext("to")): (Fraction(item.findtext("in")), Fraction(item.findtext("out")))
            for item in root.iter("item")}


def invalid_documents(bodies):
    """What xmllint says of documents in EREF that are not valid."""
    with TemporaryDirectory() as folder:
        for number, body in enumerate(bodies):
            (Path(folder) / f"{number}.xml").write_bytes(body)
        command = f"find {folder} -name '*.xml' -print0 | xargs -0 xmllint --noout --schema {SCHEMAS / 'eref-1.1.xsd'}"
        checked = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    return [] if checked.returncode == 0 else [line for line in checked.stderr.splitlines() if not line.endswith(" validates")]
