"""The simulated Kraken."""

import json
import unittest
from decimal import Decimal
from zlib import crc32

from bench import Bench

SYMBOLS = ["BTC/USD", "ETH/USD", "USDT/USD", "USDC/USD"]


def command(method, channel, symbols=(), **more):
    return json.dumps({"method": method, "params": {"channel": channel, "symbol": list(symbols), **more}, "req_id": 8})


def digits(text):
    return text.replace(".", "").lstrip("0")


class Reader:
    """Keeps books as a client does, and checks every checksum."""

    def __init__(self):
        self.books = {}
        self.wrong = self.frames = 0

    def take(self, texts, depth):
        for text in texts:
            frame = json.loads(text, parse_float=str, parse_int=str)
            if frame.get("channel") != "book":
                continue
            self.frames += 1
            [entry] = frame["data"]
            book = self.books.setdefault(entry["symbol"], {"bids": {}, "asks": {}})
            for name in book:
                side = {} if frame["type"] == "snapshot" else book[name]
                side |= {level["price"]: level["qty"] for level in entry[name]}
                kept = sorted(((Decimal(price), price) for price in side if Decimal(side[price])), reverse=name == "bids")
                book[name] = {price: side[price] for _, price in kept[:depth]}
            checked = "".join(digits(price) + digits(quantity) for name in ("asks", "bids")
                              for price, quantity in list(book[name].items())[:10])
            self.wrong += str(crc32(checked.encode())) != entry["checksum"]

    def top(self, symbol):
        return [Decimal(next(iter(self.books[symbol][name]))) for name in ("bids", "asks")]


class StreamTest(Bench):
    def setUp(self):
        super().setUp()
        self.peer, self.session = self.connect("kraken_stream", "/v2")

    def say(self, text):
        """The answers to a command, without the data that follows."""
        before = len(self.peer.sent)
        self.session.on_text(text, self.clock.now())
        return [answer for answer in map(json.loads, self.peer.texts[before:]) if "channel" not in answer]

    def test_the_status_comes_first_and_a_heartbeat_each_second(self):
        self.assertEqual(json.loads(self.peer.texts[0])["data"][0]["system"], "online")
        self.run_until(5000)
        self.assertEqual(self.peer.texts.count('{"channel":"heartbeat"}'), 5)

    def test_books_of_every_depth_pass_their_checksums(self):
        for depth in (10, 100):
            with self.subTest(depth):
                self.setUp()
                self.say(command("subscribe", "book", SYMBOLS, depth=depth))
                self.run_until(20_000, step=20)
                reader = Reader()
                reader.take(self.peer.texts, depth)
                self.assertGreater(reader.frames, 300)
                self.assertEqual(reader.wrong, 0)
                for symbol, book in json.loads(self.control("GET", "/state").body)["kraken"].items():
                    self.assertEqual(reader.top(symbol), [Decimal(book["bid"]), Decimal(book["ask"])])

    def test_every_symbol_is_acknowledged_or_refused(self):
        answers = self.say(command("subscribe", "book", ["BTC/USD", "XBT/USD"], depth=100))
        self.assertEqual([each["success"] for each in answers], [True, False])
        self.assertEqual(answers[0]["result"]["symbol"], "BTC/USD")
        self.assertEqual((answers[1]["error"], answers[1]["req_id"]), ("Currency pair not supported XBT/USD", 8))
        self.assertEqual(self.say(command("subscribe", "book", ["BTC/USD"], depth=100))[0]["error"], "Already subscribed")
        self.assertTrue(self.say(command("unsubscribe", "book", ["BTC/USD"], depth=100))[0]["success"])
        self.assertEqual(self.say(command("subscribe", "book", ["BTC/USD"], depth=7))[0]["error"],
                         "Subscription depth not supported")

    def test_a_ticker_follows_the_top_alone(self):
        self.pin({"BTC/USD": {"bid": "50000.0", "ask": "50000.1"}})
        self.say(command("subscribe", "ticker", ["BTC/USD"], event_trigger="bbo"))
        self.run_until(3000)
        tickers = [text for text in self.peer.texts if '"channel":"ticker","type"' in text]
        self.assertEqual(len(tickers), 1)
        self.assertIn('"bid":50000.0,', tickers[0])
        self.pin({"BTC/USD": {"bid": "50001.0", "ask": "50001.1"}})
        self.assertIn('"ask":50001.1,', self.peer.last)

    def test_ping_and_nonsense(self):
        self.assertEqual(self.say('{"method":"ping","req_id":101}')[0]["method"], "pong")
        for text in ("garbage", "[]", '{"method":7}', '{"method":"dance"}', command("subscribe", "chess")):
            self.assertEqual([answer["success"] for answer in self.say(text)], [False], text)

    def test_prices_of_another_precision_cannot_be_pinned(self):
        for book in ({"bid": "50000.05", "ask": "50000.1"}, {"bid": "2", "ask": "1"}, {"bid": "1"}, 7):
            self.pin({"BTC/USD": book}, status=400)

    def test_a_quiet_book_changes_for_nobody(self):
        self.say(command("subscribe", "book", SYMBOLS, depth=100))
        self.fault("kraken_stream", "quiet", symbol="BTC/USD")
        before = len(self.peer.sent)
        self.run_until(3000)
        self.assertFalse([text for text in self.peer.texts[before:] if "BTC/USD" in text])
        self.say(command("unsubscribe", "book", ["BTC/USD"], depth=100))
        self.say(command("subscribe", "book", ["BTC/USD"], depth=100))
        self.assertIn('"snapshot","data":[{"symbol":"BTC/USD"', self.peer.last)

    def test_faults_of_a_book(self):
        self.fault("kraken_stream", "no_snapshot", symbol="ETH/USD", count=1)
        self.say(command("subscribe", "book", ["BTC/USD", "ETH/USD"], depth=100))
        reader = Reader()
        for kind in ("cross_book", "empty_book", "wrong_checksum"):
            self.fault("kraken_stream", kind, symbol="BTC/USD", count=1)
            self.run_until(self.clock.ms + 1000)
        books = [text for text in self.peer.texts if '"channel":"book"' in text]
        self.assertEqual(sum('"type":"snapshot"' in text for text in books), 1)
        reader.take([text for text in books if "BTC/USD" in text], 100)
        self.assertEqual(reader.wrong, 1)

    def test_statuses_are_told(self):
        self.say(command("subscribe", "instrument"))
        self.run_until(10)
        self.fault("kraken_stream", "system_status", value="maintenance")
        self.fault("kraken_stream", "pair_status", symbol="USDC/USD", value="delisted")
        self.run_until(20)
        told = self.peer.texts[-2:]
        self.assertIn('"system":"maintenance"', told[0])
        self.assertIn('"status":"delisted"', told[1])
        self.assertEqual(self.body("kraken_rest", "/0/public/SystemStatus")["result"]["status"], "maintenance")
        self.assertFalse(self.say(command("subscribe", "book", ["USDC/USD"], depth=100))[0]["success"])


class RestTest(Bench):
    def ask(self, target):
        return self.body("kraken_rest", "/0/public/" + target)

    def test_answers_under_its_own_names(self):
        self.pin({"USDT/USD": {"bid": "0.99966", "ask": "0.99967"}})
        ticker = self.ask("Ticker?pair=XBTUSD,USDTUSD")["result"]
        self.assertEqual(list(ticker), ["XXBTZUSD", "USDTZUSD"])
        self.assertEqual((ticker["USDTZUSD"]["a"][0], ticker["USDTZUSD"]["b"][0]), ("0.99967000", "0.99966000"))
        self.assertEqual(len(self.ask("Depth?pair=XBTUSD&count=1")["result"]["XXBTZUSD"]["asks"]), 1)
        self.assertEqual(self.ask("AssetPairs?pair=XBTUSD")["result"]["XXBTZUSD"]["wsname"], "XBT/USD")
        self.assertEqual(len(self.ask("AssetPairs")["result"]), 4)

    def test_errors_come_with_status_200(self):
        self.assertEqual(self.ask("Ticker?pair=XBTUSD,NOPE"), {"error": ["EQuery:Unknown asset pair"]})
        self.assertEqual(self.ask("Dance"), {"error": ["EGeneral:Unknown method"]})
        self.fault("kraken_stream", "pair_status", symbol="USDC/USD", value="delisted")
        self.assertEqual(self.ask("AssetPairs?pair=USDCUSD"), {"error": ["EQuery:Unknown asset pair"]})
        self.fault("kraken_rest", "error", value="EService:Unavailable", count=1)
        self.assertEqual(self.ask("Time"), {"error": ["EService:Unavailable"]})

    def test_about_one_call_a_second(self):
        answers = [self.ask("Time") for _ in range(16)]
        self.assertEqual(answers[-1], {"error": ["EAPI:Rate limit exceeded"]})
        self.clock.ms += 1000
        self.assertEqual(self.ask("Time")["error"], [])


if __name__ == "__main__":
    unittest.main()
