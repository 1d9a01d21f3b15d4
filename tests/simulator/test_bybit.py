"""The simulated Bybit."""

import json
import unittest
from decimal import Decimal

from bench import START, Bench

SYMBOLS = ["BTCUSDT", "ETHUSDT", "USDCUSDT"]


def subscribe(*topics, number="n"):
    return json.dumps({"req_id": number, "op": "subscribe", "args": list(topics)})


class Reader:
    """Keeps books of 50 levels as a client does."""

    def __init__(self):
        self.books = {}
        self.gaps = 0

    def take(self, frames):
        for frame in frames:
            data = frame["data"]
            book = self.books.get(data["s"])
            if frame["type"] == "snapshot":
                book = self.books[data["s"]] = {"b": {}, "a": {}}
            else:
                self.gaps += data["u"] != book["u"] + 1
            book["u"] = data["u"]
            for side in ("b", "a"):
                for price, quantity in data[side]:
                    if Decimal(quantity):
                        book[side][price] = quantity
                    else:
                        book[side].pop(price)

    def top(self, symbol):
        return [max(map(Decimal, self.books[symbol]["b"])), min(map(Decimal, self.books[symbol]["a"]))]


class StreamTest(Bench):
    def setUp(self):
        super().setUp()
        self.peer, self.session = self.connect("bybit_stream", "/v5/public/spot")

    def say(self, text):
        """The answer to a command, without the data that follows."""
        before = len(self.peer.sent)
        self.session.on_text(text, self.clock.now())
        [answer] = [each for each in map(json.loads, self.peer.texts[before:]) if "topic" not in each]
        return answer

    def frames(self, depth, symbol="", since=0, peer=None):
        frames = [json.loads(text) for text in (peer or self.peer).texts[since:]]
        return [frame for frame in frames if frame.get("topic", "").startswith(f"orderbook.{depth}.{symbol}")]

    def test_answers_repeat_the_number_as_text(self):
        answer = self.say('{"req_id":1,"op":"subscribe","args":["orderbook.1.BTCUSDT"]}')
        self.assertEqual((answer["success"], answer["ret_msg"], answer["req_id"], answer["op"]), (True, "subscribe", "1", "subscribe"))
        answer = self.say('{"req_id":"100001","op":"ping"}')
        self.assertEqual((answer["ret_msg"], answer["op"]), ("pong", "ping"))

    def test_a_request_is_refused_as_a_whole(self):
        answer = self.say(subscribe("orderbook.1.BTCUSDT", "orderbook.500.BTCUSDT", number="2"))
        self.assertEqual((answer["success"], answer["ret_msg"]), (False, "error:handler not found,topic:orderbook.500.BTCUSDT"))
        self.assertEqual(self.say(subscribe(*["orderbook.1.BTCUSDT"] * 11))["ret_msg"], "args size >10")
        for text in ("garbage", "[]", '{"op":"dance"}', '{"op":"subscribe"}', '{"op":"subscribe","args":[7]}'):
            self.assertFalse(self.say(text)["success"], text)
        self.run_until(1000)
        self.assertEqual(self.frames(1), [])

    def test_frames_have_the_form_of_the_real_ones(self):
        self.say(subscribe("orderbook.1.BTCUSDT"))
        self.assertEqual(list(json.loads(self.peer.last)), ["topic", "ts", "type", "data", "cts"])
        [data] = [frame["data"] for frame in self.frames(1)]
        self.assertEqual(list(data), ["s", "b", "a", "u", "seq"])
        self.assertEqual([len(data["b"]), len(data["a"])], [1, 1])

    def test_the_books_of_both_depths_agree(self):
        self.say(subscribe(*(f"orderbook.{depth}.{symbol}" for symbol in SYMBOLS for depth in (1, 50))))
        self.run_until(20_000, step=20)
        reader = Reader()
        reader.take(self.frames(50))
        self.assertEqual(reader.gaps, 0)
        for symbol, book in json.loads(self.control("GET", "/state").body)["bybit"].items():
            self.assertEqual(reader.top(symbol), [Decimal(book["bid"]), Decimal(book["ask"])])
            newest = self.frames(1, symbol)[-1]["data"]
            self.assertEqual([Decimal(newest["b"][0][0]), Decimal(newest["a"][0][0])], reader.top(symbol))
            sequences = [frame["data"]["seq"] for frame in self.frames(1, symbol)]
            self.assertEqual(sequences, sorted(sequences))

    def test_both_connections_have_the_same_numbers(self):
        peer, session = self.connect("bybit_stream", "/v5/public/spot", line=2)
        for each in (self.session, session):
            each.on_text(subscribe("orderbook.1.BTCUSDT", "orderbook.50.BTCUSDT"), self.clock.now())
        self.run_until(5000)
        self.assertGreater(len(self.frames(1)), 10)
        for depth in (1, 50):
            self.assertEqual(self.frames(depth), self.frames(depth, peer=peer))

    def test_an_unchanged_top_is_repeated_after_3_s(self):
        self.fault("bybit_stream", "quiet")
        self.say(subscribe("orderbook.1.BTCUSDT", "orderbook.50.BTCUSDT"))
        self.run_until(6500)
        frames = self.frames(1)
        self.assertEqual([frame["ts"] - START for frame in frames], [0, 3000, 6000])
        self.assertEqual(len({(frame["cts"], frame["data"]["u"], frame["data"]["seq"]) for frame in frames}), 1)
        self.assertEqual(len(self.frames(50)), 1)
        self.fault("bybit_stream", "no_repeat")
        self.run_until(20_000)
        self.assertEqual(len(self.frames(1)), 3)

    def test_a_restart_begins_at_1(self):
        self.say(subscribe("orderbook.1.BTCUSDT"))
        before = self.frames(1)[-1]["data"]["seq"]
        self.fault("bybit_stream", "restart_service")
        data = self.frames(1)[-1]["data"]
        self.assertEqual(data["u"], 1)
        self.assertGreater(data["seq"], before)

    def test_faults_of_a_book(self):
        self.fault("bybit_stream", "quiet")
        self.say(subscribe("orderbook.1.BTCUSDT", "orderbook.50.BTCUSDT"))
        for kind, value, sides in (("empty_book", "both", (0, 0)), ("empty_book", "bids", (0, 1)), ("empty_book", "asks", (1, 0)),
                                   ("cross_book", "", (1, 1))):
            self.fault("bybit_stream", kind, **{"value": value} if value else {})
            self.run_until(self.clock.ms + 100)
            data = self.frames(1)[-1]["data"]
            self.assertEqual((len(data["b"]), len(data["a"])), sides)
            if kind == "cross_book":
                self.assertGreater(Decimal(data["b"][0][0]), Decimal(data["a"][0][0]))
            self.clear()
            self.fault("bybit_stream", "quiet")
            self.run_until(self.clock.ms + 100)
        reader = Reader()
        reader.take(self.frames(50))
        self.assertEqual(reader.top("BTCUSDT"), [Decimal(self.frames(1)[-1]["data"][side][0][0]) for side in ("b", "a")])

    def test_a_skipped_update_leaves_a_gap(self):
        self.say(subscribe("orderbook.50.BTCUSDT"))
        self.fault("bybit_stream", "skip_update", count=1)
        self.run_until(2000)
        reader = Reader()
        reader.take(self.frames(50))
        self.assertEqual(reader.gaps, 1)

    def test_a_client_that_says_nothing_is_cut_after_10_minutes(self):
        self.say('{"op":"ping"}')
        self.run_until(599_000, step=1000)
        self.assertFalse(self.peer.has_ended)
        self.run_until(601_000, step=1000)
        self.assertEqual(self.peer.ending, "drop")

    def test_prices_are_pinned_under_a_name_of_their_own(self):
        self.pin({"bybit:USDCUSDT": {"bid": "0.9998", "ask": "0.9999"}})
        self.say(subscribe("orderbook.1.USDCUSDT"))
        self.assertEqual(self.frames(1)[-1]["data"]["b"][0][0], "0.9998")
        for book in ({"bid": "0.99985", "ask": "1"}, {"bid": "2", "ask": "1"}, {"bid": "1"}, 7):
            self.pin({"bybit:USDCUSDT": book}, status=400)

    def test_a_bid_near_zero_has_few_levels_below_it(self):
        self.pin({"bybit:BTCUSDT": {"bid": "0.2", "ask": "999999"}})
        self.say(subscribe("orderbook.50.BTCUSDT"))
        self.run_until(5000)
        self.assertEqual([price for price, _ in self.frames(50)[0]["data"]["b"]], ["0.2", "0.1"])


class RestTest(Bench):
    def ask(self, target):
        return self.body("bybit_rest", "/v5/market/" + target)

    def test_books_and_tickers(self):
        self.pin({"bybit:BTCUSDT": {"bid": "50000.0", "ask": "50000.1"}})
        book = self.ask("orderbook?category=spot&symbol=BTCUSDT&limit=1")["result"]
        self.assertEqual((book["b"][0][0], book["a"][0][0], book["ts"]), ("50000.0", "50000.1", self.clock.now()))
        [ticker] = self.ask("tickers?category=spot&symbol=BTCUSDT")["result"]["list"]
        self.assertEqual((ticker["bid1Price"], ticker["ask1Price"]), ("50000.0", "50000.1"))
        self.assertEqual(len(self.ask("tickers?category=spot")["result"]["list"]), 3)
        self.assertIn("timeSecond", self.ask("time")["result"])

    def test_an_old_book_has_an_old_number_and_a_new_time(self):
        first = self.ask("orderbook?category=spot&symbol=BTCUSDT")["result"]
        self.fault("bybit_rest", "old_book")
        self.run_until(3000)
        old = self.ask("orderbook?category=spot&symbol=BTCUSDT")["result"]
        self.assertEqual((old["seq"], old["ts"]), (first["seq"], self.clock.now()))
        self.clear()
        self.assertGreater(self.ask("orderbook?category=spot&symbol=BTCUSDT")["result"]["seq"], first["seq"])

    def test_only_what_is_traded_is_listed(self):
        self.fault("bybit_rest", "not_trading", symbol="USDCUSDT")
        listed = self.ask("instruments-info?category=spot")["result"]["list"]
        self.assertEqual([each["symbol"] for each in listed], ["BTCUSDT", "ETHUSDT"])
        self.assertEqual({each["status"] for each in listed}, {"Trading"})
        self.assertEqual(self.ask("orderbook?category=spot&symbol=USDCUSDT")["retMsg"], "Not supported symbols")

    def test_errors_come_with_status_200(self):
        self.assertEqual(self.ask("orderbook?category=spot&symbol=NOPE")["retCode"], 10001)
        self.assertEqual(self.ask("tickers")["retCode"], 10001)
        self.fault("bybit_rest", "code", count=1)
        self.assertEqual(self.ask("time")["retMsg"], "Too many visits!")

    def test_a_blocked_region_and_a_client_that_asks_too_often(self):
        blocked = self.simulator.endpoints["bybit_rest"].status_reply(403, "", self.clock.now())
        self.assertEqual((blocked.status, blocked.type), (403, "text/html"))
        replies = [self.get("bybit_rest", "/v5/market/time") for _ in range(130)]
        self.assertEqual((replies[-1].status, replies[-1].body), (403, "403, access too frequent"))


if __name__ == "__main__":
    unittest.main()
