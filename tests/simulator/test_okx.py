"""The simulated OKX."""

import json
import unittest
from decimal import Decimal

from bench import Bench

SYMBOLS = ["BTC-USDT", "ETH-USDT", "USDC-USDT", "BTC-USDC", "ETH-USDC", "USDT-USD"]


def command(channel, symbol, operation="subscribe"):
    return json.dumps({"id": "7", "op": operation, "args": [{"channel": channel, "instId": symbol}]})


class Reader:
    """Keeps books and tops as a client does."""

    def __init__(self):
        self.books, self.numbers, self.tops = {}, {}, {}
        self.gaps = self.updates = 0

    def take(self, texts):
        for frame in map(json.loads, filter(lambda text: text.startswith('{"arg"'), texts)):
            symbol, [entry] = frame["arg"]["instId"], frame["data"]
            if frame["arg"]["channel"] == "bbo-tbt":
                self.tops[symbol] = entry["seqId"], [Decimal(entry[side][0][0]) for side in ("bids", "asks")]
                continue
            if frame["action"] == "snapshot":
                self.books[symbol] = {"bids": {}, "asks": {}}
            elif entry["prevSeqId"] != self.numbers[symbol]:
                self.gaps += 1
            self.updates += 1
            self.numbers[symbol] = entry["seqId"]
            for side, levels in self.books[symbol].items():
                levels.update({Decimal(level[0]): Decimal(level[1]) for level in entry[side]})

    def top(self, symbol):
        bids, asks = ([price for price, quantity in self.books[symbol][side].items() if quantity] for side in ("bids", "asks"))
        return [max(bids), min(asks)]


class StreamTest(Bench):
    def setUp(self):
        super().setUp()
        self.peer, self.session = self.connect("okx_stream", "/ws/v5/public")

    def say(self, text):
        before = len(self.peer.sent)
        self.session.on_text(text, self.clock.now())
        return self.peer.texts[before:]

    def events(self, text):
        return [answer for answer in map(json.loads, self.say(text)) if "event" in answer]

    def entries(self, channel, since=0):
        frames = [json.loads(text) for text in self.peer.texts[since:] if text.startswith('{"arg"')]
        return [frame["data"][0] for frame in frames if frame["arg"]["channel"] == channel]

    def test_the_chain_holds_and_the_tops_agree(self):
        for symbol in SYMBOLS:
            self.say(command("bbo-tbt", symbol))
            self.say(command("books", symbol))
        self.run_until(20_000, step=20)
        self.run_until(20_200, step=20)
        reader = Reader()
        reader.take(self.peer.texts)
        self.assertGreater(reader.updates, 300)
        self.assertEqual(reader.gaps, 0)
        for symbol, (number, top) in reader.tops.items():
            self.assertGreater(number, 2 ** 53)
            if number <= reader.numbers[symbol]:
                self.assertEqual(reader.top(symbol), top)

    def test_two_connections_number_the_same(self):
        other, session = self.connect("okx_stream", "/ws/v5/public", line=2)
        for each in (self.session, session):
            each.on_text(command("bbo-tbt", "BTC-USDT"), self.clock.now())
        self.run_until(3000)
        self.assertEqual([text for text in self.peer.texts if "data" in text], [text for text in other.texts if "data" in text])

    def test_every_arg_is_acknowledged_or_refused(self):
        [accepted] = self.events(command("books", "BTC-USDT"))
        self.assertEqual((accepted["event"], accepted["id"], accepted["arg"]["instId"]), ("subscribe", "7", "BTC-USDT"))
        [refused] = self.events(command("books", "NOPE-USDT"))
        self.assertEqual((refused["event"], refused["code"], refused["id"]), ("error", "60018", "7"))
        self.assertEqual(self.events(command("books", "BTC-USDT", "unsubscribe"))[0]["event"], "unsubscribe")
        for text, code in (("garbage", "60012"), ("[]", "60012"), ('{"op":"dance","args":[]}', "60019")):
            self.assertEqual(self.events(text)[0]["code"], code)
        self.assertEqual(self.say("ping"), ["pong"])

    def test_480_requests_an_hour(self):
        codes = [self.events(command("books", "BTC-USDT"))[0].get("code") for _ in range(481)]
        self.assertEqual((codes.count("60014"), codes[-1]), (1, "60014"))

    def test_a_quiet_book_is_repeated_after_a_minute(self):
        self.fault("okx_stream", "quiet")
        self.say(command("bbo-tbt", "BTC-USDT"))
        self.say(command("books", "BTC-USDT"))
        self.run_until(20_000, step=100)
        self.say("ping")
        self.run_until(45_000, step=100)
        self.say("ping")
        self.run_until(61_000, step=100)
        tops, updates = self.entries("bbo-tbt"), self.entries("books")
        self.assertEqual(len(tops), 2)
        self.assertEqual(tops[0], tops[1])
        self.assertEqual((updates[1]["prevSeqId"], updates[1]["asks"], updates[1]["bids"]), (updates[0]["seqId"], [], []))

    def test_a_connection_without_data_is_cut(self):
        self.run_until(29_000, step=100)
        self.assertIsNone(self.peer.ending)
        self.run_until(30_100, step=100)
        self.assertEqual(self.peer.ending[0], 4004)

    def test_faults_of_a_book(self):
        for channel in ("bbo-tbt", "books"):
            self.say(command(channel, "BTC-USDT"))
        for kind in ("cross_book", "empty_book"):
            self.fault("okx_stream", kind, symbol="BTC-USDT")
            self.run_until(self.clock.ms + 5)
            last = self.entries("bbo-tbt")[-1]
            self.assertTrue(not last["bids"] or Decimal(last["bids"][0][0]) > Decimal(last["asks"][0][0]), last)
            shown = self.body("okx_rest", "/api/v5/market/books?instId=BTC-USDT&sz=1")["data"][0]
            self.assertEqual(shown["bids"], last["bids"])
            self.assertGreaterEqual(shown["seqId"], last["seqId"])
            self.clear()
            self.run_until(self.clock.ms + 5)
        self.fault("okx_stream", "gap", symbol="BTC-USDT", count=1)
        self.run_until(self.clock.ms + 2000)
        reader = Reader()
        reader.take([text for text in self.peer.texts if '"books"' in text])
        self.assertEqual(reader.gaps, 1)
        self.fault("okx_stream", "restart_numbers", symbol="BTC-USDT")
        self.run_until(self.clock.ms + 1000)
        [restart] = [entry for entry in self.entries("books")[1:] if entry["seqId"] < entry["prevSeqId"]]
        self.assertEqual(restart["prevSeqId"], reader.numbers["BTC-USDT"])

    def test_states_are_told(self):
        self.session.on_text('{"op":"subscribe","args":[{"channel":"instruments","instType":"SPOT"}]}', self.clock.now())
        self.assertEqual(self.entries("instruments"), [], "changes alone")
        self.fault("okx_stream", "state", symbol="USDC-USDT", value="suspend")
        self.run_until(20)
        self.assertEqual([(entry["instId"], entry["state"]) for entry in self.entries("instruments")], [("USDC-USDT", "suspend")])
        self.clear()
        self.fault("okx_stream", "state", symbol="USDC-USDT", value="absent")
        listed = self.body("okx_rest", "/api/v5/public/instruments?instType=SPOT")["data"]
        self.assertEqual([entry["instId"] for entry in listed], [symbol for symbol in SYMBOLS if symbol != "USDC-USDT"])
        self.assertEqual(self.events(command("books", "USDC-USDT"))[0]["code"], "60018")

    def test_an_upgrade_is_announced(self):
        self.fault("okx_stream", "server_shutdown", value="60000")
        self.assertEqual(json.loads(self.peer.last)["code"], "64008")

    def test_a_ticker_has_the_time_of_the_last_change(self):
        self.fault("okx_stream", "quiet")
        self.run_until(5000, step=50)
        self.say(command("tickers", "USDC-USDT"))
        self.assertLess(int(self.entries("tickers")[0]["ts"]), self.clock.now() - 3000)


class RestTest(Bench):
    def ask(self, target):
        return self.body("okx_rest", "/api/v5/" + target)

    def test_answers(self):
        self.pin({"BTC-USDT": {"bid": "41006.3", "ask": "41006.8"}})
        [book] = self.ask("market/books?instId=BTC-USDT&sz=1")["data"]
        self.assertEqual((book["bids"][0][0], book["asks"][0][0], len(book["bids"])), ("41006.3", "41006.8", 1))
        self.assertEqual(len(self.ask("market/tickers?instType=SPOT")["data"]), 6)
        self.assertEqual(self.ask("public/time")["data"], [{"ts": str(self.clock.now())}])

    def test_errors_come_with_status_200(self):
        self.assertEqual(self.ask("market/books?instId=NOPE-USDT&sz=1")["code"], "51001")
        for code in ("50011", "50013", "50001", "50026", "51001"):
            self.fault("okx_rest", "error", value=code, count=1)
            reply = self.get("okx_rest", "/api/v5/public/time")
            self.assertEqual((reply.status, json.loads(reply.body)["code"]), (200, code))

    def test_twenty_calls_a_second(self):
        replies = [self.get("okx_rest", "/api/v5/public/time") for _ in range(21)]
        self.assertEqual([reply.status for reply in replies[-2:]], [200, 429])

    def test_prices_of_another_precision_cannot_be_pinned(self):
        for book in ({"bid": "50000.05", "ask": "50000.1"}, {"bid": "2", "ask": "1"}, {"bid": "1"}, 7):
            self.pin({"BTC-USDT": book}, status=400)


if __name__ == "__main__":
    unittest.main()
