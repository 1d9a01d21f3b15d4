"""The simulated Coinbase."""

import json
import unittest
from decimal import Decimal

from bench import Bench

SYMBOLS = ["BTC-USD", "ETH-USD", "USDT-USD", "BTC-USDT"]


def command(kind="subscribe", products=("BTC-USD",), channels=("level2_batch", "heartbeat")):
    return json.dumps({"type": kind, "product_ids": list(products), "channels": list(channels)})


class Reader:
    """Keeps books as a client does."""

    def __init__(self, frames):
        self.books = {}
        for frame in frames:
            if frame["type"] == "snapshot":
                sides = {"buy": "bids", "sell": "asks"}
                self.books[frame["product_id"]] = {side: dict(frame[name]) for side, name in sides.items()}
            elif frame["type"] == "l2update":
                for side, price, size in frame["changes"]:
                    self.books[frame["product_id"]][side][price] = size

    def top(self, symbol):
        bids, asks = ([Decimal(price) for price, size in self.books[symbol][side].items() if Decimal(size)] for side in ("buy", "sell"))
        return max(bids), min(asks)


class StreamTest(Bench):
    def setUp(self):
        super().setUp()
        self.peer, self.session = self.connect("coinbase_stream", "/")

    def say(self, text):
        before = len(self.peer.sent)
        self.session.on_text(text, self.clock.now())
        return [json.loads(text) for text in self.peer.texts[before:]]

    def frames(self, kind, since=0):
        return [frame for frame in map(json.loads, self.peer.texts[since:]) if frame["type"] == kind]

    def test_the_books_follow_their_updates(self):
        self.say(command(products=SYMBOLS))
        self.run_until(20_000, step=20)
        reader = Reader(map(json.loads, self.peer.texts))
        self.assertGreater(len(self.frames("l2update")), 300)
        for symbol in SYMBOLS:
            pair = self.venues["coinbase"].exchange.pairs[symbol]
            pair.due = 10 ** 15
        self.run_until(20_200, step=20)
        reader = Reader(map(json.loads, self.peer.texts))
        for symbol, top in self.venues["coinbase"].state()["coinbase"].items():
            self.assertEqual(reader.top(symbol), (Decimal(top["bid"]), Decimal(top["ask"])))
        self.assertNotIn("sequence", self.frames("l2update")[0])
        self.assertRegex(self.frames("l2update")[0]["time"], r"^2026-11-2\dT..:..:..\.\d{6}Z$")

    def test_channels_are_confirmed_under_other_names_and_in_whole(self):
        self.assertEqual(self.say(command(channels=["level2_batch"]))[-1],
                         {"type": "subscriptions", "channels": [{"name": "level2_50", "product_ids": ["BTC-USD"], "account_ids": None}]})
        channels = self.say(command(products=["ETH-USD"]))[-1]["channels"]
        self.assertEqual({each["name"]: each["product_ids"] for each in channels},
                         {"level2_50": ["BTC-USD", "ETH-USD"], "heartbeat": ["ETH-USD"]})
        self.assertEqual([each["name"] for each in self.say(command("unsubscribe", ["BTC-USD", "ETH-USD"], ["level2_batch"]))[-1]["channels"]],
                         ["heartbeat"])

    def test_refusals(self):
        for said, reason in ((command(channels=[]), "No channels provided"),
                             (command(channels=["level2"]), "level2, level3, and full channels now require authentication"),
                             (command(channels=["nonsense"]), "nonsense is not a valid channel"),
                             (command(products=["BTC-USD", "NOPE-USD"]), "NOPE-USD is not a valid product")):
            [answer] = self.say(said)
            self.assertEqual((answer["type"], answer["message"]), ("error", "Failed to subscribe"))
            self.assertTrue(answer["reason"].startswith(reason), answer)
        self.assertEqual(self.say("{")[0]["type"], "error")
        self.fault("coinbase_stream", "login", count=1)
        self.assertIn("authentication", self.say(command())[0]["reason"])
        self.fault("coinbase_stream", "refuse_subscription", symbol="BTC-USD", count=1)
        self.assertEqual(self.say(command())[0]["reason"], "BTC-USD is not a valid product")
        self.assertEqual(self.say(command())[-1]["type"], "subscriptions")

    def test_a_connection_without_subscription_is_closed(self):
        other, session = self.connect("coinbase_stream", "/")
        session.on_text(command(), self.clock.now())
        self.run_until(4900)
        self.assertFalse(self.peer.has_ended)
        self.run_until(5100)
        self.assertTrue(self.peer.has_ended)
        self.assertFalse(other.has_ended)

    def test_heartbeats_tell_whether_anything_has_happened(self):
        self.fault("coinbase_stream", "quiet", symbol="BTC-USD")
        self.say(command())
        self.run_until(5000)
        beats = self.frames("heartbeat")
        self.assertIn(len(beats), (4, 5))
        self.assertEqual(len({beat["sequence"] for beat in beats}), 1)
        self.assertGreater(beats[0]["sequence"], 2 ** 53)
        self.assertEqual(self.frames("l2update"), [])
        self.fault("coinbase_stream", "bookless_events")
        self.run_until(10_000)
        self.assertGreater(len({beat["sequence"] for beat in self.frames("heartbeat")}), 4)
        self.assertEqual(self.frames("l2update"), [])

    def test_the_book_dies_while_heartbeats_go_on(self):
        self.say(command())
        self.fault("coinbase_stream", "mute", stream="level2_batch")
        before = len(self.peer.sent)
        self.run_until(3000)
        self.assertEqual({json.loads(text)["type"] for text in self.peer.texts[before:]}, {"heartbeat"})

    def test_a_distorted_book_is_distorted_everywhere(self):
        self.say(command())
        self.fault("coinbase_stream", "cross_book", symbol="BTC-USD")
        self.run_until(200)
        bid, ask = Reader(map(json.loads, self.peer.texts)).top("BTC-USD")
        self.assertGreater(bid, ask)
        self.clear()
        self.fault("coinbase_stream", "empty_book", symbol="BTC-USD", value="bids")
        self.run_until(3000)
        book = Reader(map(json.loads, self.peer.texts)).books["BTC-USD"]
        self.assertFalse(any(Decimal(size) for size in book["buy"].values()))
        self.assertEqual(self.body("coinbase_rest", "/products/BTC-USD/book?level=1")["bids"], [])

    def test_lost_subscriptions_are_told_or_not(self):
        self.say(command(products=SYMBOLS))
        self.fault("coinbase_stream", "lose_subscriptions", symbol="ETH-USD", value="told")
        self.assertNotIn("ETH-USD", self.frames("subscriptions")[-1]["channels"][0]["product_ids"])
        before = len(self.frames("subscriptions"))
        self.fault("coinbase_stream", "lose_subscriptions")
        self.assertEqual(len(self.frames("subscriptions")), before)
        before = len(self.peer.sent)
        self.run_until(2000)
        self.assertEqual(len(self.peer.sent), before)

    def test_snapshots_are_large(self):
        self.fault("coinbase_stream", "large_snapshot", symbol="BTC-USD")
        snapshot = self.say(command())[0]
        self.assertGreater(len(self.peer.texts[0]), 2 << 20)
        self.assertLess(len(self.peer.texts[0]), 8 << 20)
        top = self.venues["coinbase"].state()["coinbase"]["BTC-USD"]
        self.assertEqual((Decimal(snapshot["bids"][0][0]), Decimal(snapshot["asks"][0][0])), (Decimal(top["bid"]), Decimal(top["ask"])))

    def test_no_snapshot_and_lost_updates(self):
        self.fault("coinbase_stream", "no_snapshot", count=1)
        self.assertEqual([frame["type"] for frame in self.say(command())], ["subscriptions"])
        self.say(command("unsubscribe"))
        self.assertEqual([frame["type"] for frame in self.say(command())], ["snapshot", "subscriptions"])
        self.fault("coinbase_stream", "lose_update", count=1000)
        self.run_until(2000)
        self.assertEqual(self.frames("l2update"), [])

    def test_the_ticker_comes_with_a_new_top(self):
        self.say(command(channels=["ticker"]))
        self.pin({"coinbase:BTC-USD": {"bid": "50000.00", "ask": "50000.01"}})
        self.pin({"coinbase:BTC-USD": {"bid": "50000.00", "ask": "50000.01"}})
        self.assertEqual([(each["best_bid"], each["best_ask"]) for each in self.frames("ticker")[1:]], [("50000.00", "50000.01")])

    def test_times_are_shifted(self):
        self.say(command())
        self.fault("coinbase_stream", "corrupt", value="past_time", count=1, stream="heartbeat")
        self.run_until(1100)
        [beat] = self.frames("heartbeat")[:1]
        self.assertLess(beat["time"], "2026-11-22T23:59:02")


class RestTest(Bench):
    def test_a_product_and_its_states(self):
        product = self.body("coinbase_rest", "/products/BTC-USD")
        self.assertEqual((product["id"], product["base_currency"], product["quote_currency"], product["status"]),
                         ("BTC-USD", "BTC", "USD", "online"))
        self.assertFalse(any(product[flag] for flag in ("trading_disabled", "cancel_only", "post_only", "limit_only", "auction_mode")))
        for state, expected in (("post_only", ("online", True)), ("delisted", ("delisted", False))):
            self.fault("coinbase_stream", "state", symbol="BTC-USD", value=state)
            product = self.body("coinbase_rest", "/products/BTC-USD")
            self.assertEqual((product["status"], product["post_only"]), expected)
            self.clear()
        self.fault("coinbase_stream", "state", symbol="BTC-USD", value="absent")
        reply = self.get("coinbase_rest", "/products/BTC-USD")
        self.assertEqual((reply.status, json.loads(reply.body)), (404, {"message": "NotFound"}))
        self.assertEqual([each["id"] for each in self.body("coinbase_rest", "/products")], SYMBOLS[1:])
        for target in ("/products/NOPE-USD", "/products/ETH-USD/nonsense", "/nonsense"):
            self.assertEqual(self.get("coinbase_rest", target).status, 404, target)

    def test_a_book_is_up_to_two_seconds_old(self):
        first = self.body("coinbase_rest", "/products/BTC-USD/book?level=1")
        self.pin({"coinbase:BTC-USD": {"bid": "50000.00", "ask": "50000.01"}})
        self.run_until(1900)
        self.assertEqual(self.body("coinbase_rest", "/products/BTC-USD/book?level=1"), first)
        self.run_until(2000)
        book = self.body("coinbase_rest", "/products/BTC-USD/book?level=1")
        self.assertEqual((book["bids"][0][0], book["asks"][0][0]), ("50000.00", "50000.01"))
        self.assertGreater((book["time"], book["sequence"]), (first["time"], first["sequence"]))
        self.fault("coinbase_rest", "old_book")
        self.pin({"coinbase:BTC-USD": {"bid": "60000.00", "ask": "60000.01"}})
        self.run_until(9000)
        old = self.body("coinbase_rest", "/products/BTC-USD/book?level=1")
        self.assertEqual((old["bids"], old["sequence"]), (book["bids"], book["sequence"]))
        self.assertGreater(old["time"], book["time"])

    def test_calls_are_limited(self):
        replies = [self.get("coinbase_rest", "/time") for _ in range(20)]
        self.assertEqual([reply.status for reply in replies].count(429), 5)
        self.assertEqual(json.loads(replies[-1].body), {"message": "Public rate limit exceeded"})

    def test_only_its_own_pairs_are_pinned(self):
        self.pin({"coinbase:NOPE-USD": {"bid": "1", "ask": "2"}}, status=400)
        self.pin({"coinbase:USDT-USD": {"bid": "0.99990", "ask": "0.99991"}})
        self.assertEqual(self.body("coinbase_rest", "/products/USDT-USD/ticker")["bid"], "0.99990")
        self.assertNotEqual(self.venues["okx"].state()["okx"]["USDT-USD"]["bid"], "0.99990000")


if __name__ == "__main__":
    unittest.main()
