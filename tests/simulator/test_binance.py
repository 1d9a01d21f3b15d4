"""The simulated Binance: market, streams, commands, REST."""

import json
import unittest
from decimal import Decimal

from bench import START, Bench

from simulator.market import Market
from simulator.messages import Request
from simulator.text import Rejected, amount
from simulator.venues import binance
from simulator.venues.binance import INSTRUMENTS, Subscriptions, WeightBudget, answer_command, parse_stream_request

BOOK = "/stream?streams=btcusdt@bookTicker"


def data_of(text):
    return json.loads(text)["data"]


class MarketTest(unittest.TestCase):
    def walk(self, symbol, steps, seed=1):
        market = Market(INSTRUMENTS, seed, 0)
        listing = market.listings[symbol]
        for ms in range(steps):
            yield listing, market.step(listing, ms)

    def test_the_same_seed_walks_the_same_way(self):
        one, other = ([listing.book.bid for listing, _ in self.walk("BTCUSDT", 1000, 7)] for _ in range(2))
        self.assertEqual(one, other)
        self.assertGreater(len(set(one)), 100)

    def test_update_ids_grow_and_books_stay_uncrossed(self):
        last = 0
        for listing, _ in self.walk("ETHUSDT", 10_000):
            book = listing.book
            self.assertTrue(book.update_id > last and book.bid < book.ask and book.bid_quantity > 0)
            last = book.update_id

    def test_a_stable_pair_stays_within_its_band(self):
        for listing, _ in self.walk("USDCUSDT", 20_000):
            self.assertTrue(amount("0.998") <= listing.book.bid and listing.book.ask <= amount("1.002"))

    def test_the_last_price_changes_only_by_a_trade_at_the_book(self):
        before = amount("64117.99")
        for listing, trade in self.walk("BTCUSDT", 1000):
            if trade:
                self.assertIn(trade.price, (listing.book.bid, listing.book.ask))
            else:
                self.assertEqual(listing.last.price, before)
            before = listing.last.price

    def test_quotes_are_found_by_their_suffix(self):
        for symbol, parts in (("NKNUSDT", ("NKN", "USDT")), ("RUNEEUR", ("RUNE", "EUR")), ("LTCBRL", ("LTC", "BRL"))):
            self.assertEqual(binance.split_symbol(symbol), parts)
        for symbol in ("USDT", "ABCXYZ"):
            with self.assertRaises(Rejected):
                binance.split_symbol(symbol)


class PayloadTest(unittest.TestCase):
    def test_a_recorded_event_time_becomes_the_present(self):
        self.assertEqual(binance.with_event_time('{"e":"aggTrade","E":123,"s":"X","T":123}', 5),
                         '{"e":"aggTrade","E":5,"s":"X","T":123}')
        self.assertEqual(binance.with_later_update_id('{"u":5,"s":"X"}', 10), '{"u":15,"s":"X"}')

    def test_microseconds_apply_to_times_only(self):
        self.assertEqual(binance.in_microseconds('{"e":"trade","E":5,"t":7,"T":6}'), '{"e":"trade","E":5000,"t":7,"T":6000}')
        self.assertEqual(binance.in_microseconds('{"u":5,"a":"1.0"}'), '{"u":5,"a":"1.0"}')


class CommandTest(unittest.TestCase):
    def ask(self, target):
        return parse_stream_request(Request.to(target))

    def test_the_target_is_raw_or_combined(self):
        self.assertFalse(self.ask("/ws/btcusdt@trade").is_combined)
        self.assertTrue(self.ask("/stream?streams=a@trade/b@trade").is_combined)
        self.assertEqual(list(self.ask("/ws/a@trade/b@trade").names), ["a@trade", "b@trade"])
        self.assertEqual(list(self.ask("/ws").names), [])
        self.assertIsNone(self.ask("/other"))
        self.assertIsNone(self.ask("/wsx"))
        decoded = self.ask("/stream?streams=btcusdt%40bookTicker%2Fethusdt%40trade&timeUnit=MICROSECOND")
        self.assertEqual(list(decoded.names), ["btcusdt@bookTicker", "ethusdt@trade"])
        self.assertTrue(decoded.has_microseconds)

    def test_subscribe_list_and_unsubscribe(self):
        held = Subscriptions()
        for command, answer in (
                ('{"method":"SUBSCRIBE","params":["btcusdt@aggTrade","BTCUSDT@depth"],"id":1}', '{"result":null,"id":1}'),
                ('{"method":"UNSUBSCRIBE","params":["BTCUSDT@depth"],"id":"x"}', '{"result":null,"id":"x"}'),
                ('{"method":"LIST_SUBSCRIPTIONS","id":3}', '{"result":["btcusdt@aggTrade"],"id":3}'),
                ('{"method":"SET_PROPERTY","params":["combined",true],"id":5}', '{"result":null,"id":5}'),
                ('{"method":"GET_PROPERTY","params":["combined"],"id":2}', '{"result":true,"id":2}')):
            self.assertEqual(answer_command(command, held), answer)
        self.assertEqual(binance.enveloped(held.is_combined, "a@trade", "{}"), '{"stream":"a@trade","data":{}}')

    def test_errors_are_as_documented(self):
        for command, answer in (
                ("nope", '{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}'),
                ("{}", '{"code":2,"msg":"Invalid request: missing field `method` at line 1 column 2"}'),
                ('{"method":"LIST_SUBSCRIPTIONS"}',
                 '{"code":2,"msg":"Invalid request: request ID must be an unsigned integer"}'),
                ('{"method":"GET_PROPERTY","params":["x"],"id":1}', '{"code":0,"msg":"Unknown property","id":1}'),
                ('{"method":"SET_PROPERTY","params":["combined",1],"id":1}',
                 '{"code":1,"msg":"Invalid value type: expected Boolean"}'),
                ('{"method":"GET_PROPERTY","params":[1],"id":1}',
                 '{"code":2,"msg":"Invalid request: property name must be a string"}'),
                ('{"method":"GET_PROPERTY","params":["combined",1],"id":1}',
                 '{"code":2,"msg":"Invalid request: too many parameters"}'),
                ('{"method":"SUBSCRIBE","params":["btcusdt"],"id":2}',
                 '{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":2}')):
            self.assertEqual(answer_command(command, Subscriptions()), answer)
        self.assertIn("unknown variant `PING`", answer_command('{"method":"PING","id":1}', Subscriptions()))

    def test_streams_of_a_connection_are_limited(self):
        held = Subscriptions([f"{number}@trade" for number in range(1024)])
        self.assertEqual(answer_command('{"method":"SUBSCRIBE","params":["one@trade"],"id":19}', held),
                         '{"error":{"code":4,"msg":"Too many subscriptions"},"id":19}')
        self.assertEqual(len(held.names), 1024)


class FeedTest(Bench):
    def count(self, peer, name):
        return sum(json.loads(text)["stream"] == name for text in peer.texts)

    def test_bitcoin_moves_about_twenty_times_a_second_and_ticks_once(self):
        peer, _ = self.connect("binance_stream", f"{BOOK}/btcusdt@miniTicker/btcusdt@depth/btcrub@bookTicker")
        self.run_until(10_000)
        self.assertAlmostEqual(self.count(peer, "btcusdt@bookTicker"), 200, delta=30)
        self.assertAlmostEqual(self.count(peer, "btcusdt@miniTicker"), 10, delta=1)
        self.assertAlmostEqual(self.count(peer, "btcusdt@depth"), 10, delta=1)
        self.assertEqual(self.count(peer, "btcrub@bookTicker"), 0)

    def test_a_book_goes_out_before_its_trade(self):
        peer, _ = self.connect("binance_stream", f"{BOOK}/btcusdt@aggTrade")
        self.run_until(3000)
        names = [json.loads(text)["stream"] for text in peer.texts]
        for before, name in zip(names, names[1:]):
            self.assertTrue(name != "btcusdt@aggTrade" or before == "btcusdt@bookTicker")
        self.assertIn("btcusdt@aggTrade", names)

    def test_pinned_prices_hold_while_update_ids_go_on(self):
        self.pin({"BTCUSDT": {"bid": "50000", "ask": "50000.01"}})
        peer, _ = self.connect("binance_stream", BOOK)
        self.run_until(2000)
        self.assertEqual({data_of(text)["b"] for text in peer.texts}, {"50000.00000000"})
        self.assertGreater(len({data_of(text)["B"] for text in peer.texts}), 5)
        self.assertEqual(self.body("binance_rest", "/api/v3/ticker/price?symbol=BTCUSDT")["price"], "50000.00000000")


class DepthTest(Bench):
    """The diff. depth stream says the same as the books."""

    def test_levels_build_the_same_book_with_the_same_update_ids(self):
        peer, _ = self.connect("binance_stream", "/stream?streams=btcusdt@bookTicker/btcusdt@depth")
        sides, last_id, top, updates = {"b": {}, "a": {}}, None, None, 0
        for ms in range(1000, 30_000, 1000):
            if ms == 9000:
                self.pin({"BTCUSDT": {"bid": "50000", "ask": "60000"}})
            if ms == 12_000:
                self.pin({"BTCUSDT": None})
            self.run_until(ms)
            for text in peer.texts:
                frame = json.loads(text)
                data = frame["data"]
                if frame["stream"] == "btcusdt@bookTicker":
                    top = data
                    continue
                self.assertEqual(list(data), ["e", "E", "s", "U", "u", "b", "a"])
                self.assertIn(last_id, (None, data["U"] - 1))
                last_id = data["u"]
                for side, levels in sides.items():
                    for price, quantity in data[side]:
                        levels[Decimal(price)] = Decimal(quantity)
                        if not levels[Decimal(price)]:
                            del levels[Decimal(price)]
                # The newest book may be older than the update, or of the same moment.
                self.assertEqual(data["u"], top["u"])
                bid, ask = max(sides["b"].items()), min(sides["a"].items())
                self.assertEqual((bid, ask), ((Decimal(top["b"]), Decimal(top["B"])), (Decimal(top["a"]), Decimal(top["A"]))))
                updates += 1
            peer.sent.clear()
        self.assertGreaterEqual(updates, 28)

    def test_it_has_faults_of_its_own(self):
        peer, _ = self.connect("binance_stream", "/stream?streams=btcusdt@bookTicker/btcusdt@depth")
        self.fault("binance_stream", "mute", stream="bookTicker")
        self.run_until(3000)
        self.assertEqual({json.loads(text)["stream"] for text in peer.texts}, {"btcusdt@depth"})
        self.clear()
        self.fault("binance_stream", "corrupt", value="past_time", stream="depth", count=1)
        peer.sent.clear()
        self.run_until(4000)
        late = [data_of(text) for text in peer.texts if "depthUpdate" in text]
        self.assertLess(late[0]["E"], START - 50_000)


class StreamTest(Bench):
    """One client on port 1, subscribed to the book of BTCUSDT."""

    options = ("--lifetime", "100s")

    def setUp(self):
        super().setUp()
        self.stream = self.simulator.endpoints["binance_stream"]
        self.peer, self.session = self.connect("binance_stream", BOOK)

    def publish(self, number, ms=None):
        self.clock.ms = self.clock.ms if ms is None else ms
        price = f"{64000 + number}.00000000"
        payload = f'{{"u":{number},"s":"BTCUSDT","b":"{price}","B":"1.0","a":"{price}","A":"2.0"}}'
        self.stream.publish(binance.Event("BTCUSDT", "bookTicker", payload, self.clock.now(), (number, price, price)))

    def ids(self, peer=None):
        return [data_of(text)["u"] for text in (peer or self.peer).texts]

    def advance(self, ms):
        self.clock.ms = ms
        self.stream.advance(self.clock.now())

    def test_what_was_asked_for_is_sent(self):
        self.publish(7)
        self.stream.publish(binance.Event("ETHUSDT", "miniTicker", "{}", self.clock.now()))
        self.assertEqual(self.ids(), [7])
        self.assertEqual(self.stream.sent["BTCUSDT"][0], 7)

    def test_a_muted_stream_says_nothing_but_still_pings(self):
        self.fault("binance_stream", "mute")
        self.publish(7)
        self.advance(20_000)
        self.assertEqual((self.ids(), len(self.peer.pings), self.stream.sent), ([], 1, {}))

    def test_a_black_hole_holds_the_wire(self):
        self.fault("binance_stream", "blackhole", **{"for": "1s"})
        self.advance(0)
        self.publish(7)
        self.assertTrue(self.peer.is_held)
        self.assertEqual(self.ids(), [])
        self.advance(1000)
        self.assertFalse(self.peer.is_held)

    def test_a_corrupted_book_does_not_count_as_sent(self):
        self.fault("binance_stream", "corrupt", value="zero_price", count=1)
        self.publish(7)
        self.assertIn('"b":"0.00000000"', self.peer.last)
        self.assertEqual(self.stream.sent, {})
        self.publish(8)
        self.assertIn("BTCUSDT", self.stream.sent)

    def test_the_sixth_command_in_a_second_is_too_many(self):
        for _ in range(6):
            self.session.on_text('{"method":"LIST_SUBSCRIPTIONS","id":1}', self.clock.now())
        self.assertEqual(self.peer.ending, (1008, "Too many requests"))
        self.assertEqual(len(self.peer.sent), 5)

    def test_a_missing_pong_ends_it(self):
        self.advance(20_000)
        self.session.on_pong(self.peer.pings[0], self.clock.now() + 1)
        self.advance(60_000)
        self.assertIsNone(self.peer.ending)
        self.advance(80_001)
        self.assertEqual(self.peer.ending, (1008, "Pong timeout"))

    def test_a_lifetime_ends(self):
        for ms in range(20_000, 100_001, 20_000):
            self.assertIsNone(self.peer.ending)
            self.advance(ms)
            self.session.on_pong(self.peer.pings[-1], self.clock.now())
        self.assertEqual(self.peer.ending, (1001, ""))

    def test_a_shutdown_is_announced_and_then_happens(self):
        self.fault("binance_stream", "server_shutdown")
        self.assertEqual(json.loads(self.peer.last), {"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": START}})
        self.advance(1999)
        self.assertIsNone(self.peer.ending)
        self.advance(2000)
        self.assertEqual(self.peer.ending, (1001, ""))

    def test_a_cut_strikes_its_line_only(self):
        self.fault("binance_stream", "cut", line=2)
        self.assertIsNone(self.peer.ending)
        self.fault("binance_stream", "cut", line=1, value=1006)
        self.assertEqual(self.peer.ending, "drop")

    def test_lost_and_delayed_answers(self):
        self.fault("binance_stream", "lose_ack", count=1)
        self.session.on_text('{"method":"LIST_SUBSCRIPTIONS","id":1}', self.clock.now())
        self.assertEqual(self.peer.sent, [])
        self.fault("binance_stream", "delay_ack", value=700)
        self.session.on_text('{"method":"LIST_SUBSCRIPTIONS","id":1}', self.clock.now())
        self.assertEqual(self.peer.sent[0][1], 700)

    def test_a_refused_upgrade_is_an_http_answer(self):
        def refusal(line):
            return self.stream.refusal(Request.to(BOOK), line, self.clock.now())
        self.assertIsNone(refusal(1))
        self.fault("binance_stream", "refuse", value=429, line=1)
        self.assertEqual((refusal(1).status, refusal(1).headers), (429, {"Retry-After": "7"}))
        self.assertIsNone(refusal(2))
        self.assertEqual(self.stream.refusal(Request.to("/other"), 2, self.clock.now()).status, 404)

    def test_a_connection_to_a_late_venue_begins_with_what_is_on_its_way(self):
        for second in range(10):
            self.publish(second + 1, second * 1000)
        self.fault("binance_stream", "late", value=7000)
        self.clock.ms = 9500
        peer, _ = self.connect("binance_stream", BOOK)
        self.assertEqual(self.ids(peer), [4, 5, 6, 7, 8, 9, 10])
        self.assertEqual((peer.sent[0][1], peer.sent[-1][1]), (500, 6500))
        self.publish(11)
        self.assertEqual(peer.sent[-1][1], 7000)
        self.clear()
        self.assertEqual(self.connect("binance_stream", BOOK)[0].sent, [])

    def test_an_old_book_is_repeated_until_the_fault_ends(self):
        for second in range(10):
            self.publish(second + 1, second * 1000)
        self.clock.ms = 10_000
        self.fault("binance_stream", "old_book", value=5000, symbol="BTCUSDT", **{"for": "2s"})
        self.peer.sent.clear()
        self.stream.sent.clear()
        self.publish(11, 10_000)
        self.publish(12, 11_000)
        self.clock.ms = 11_500
        newcomer, _ = self.connect("binance_stream", BOOK)
        self.publish(13, 11_900)
        self.assertEqual(self.stream.sent, {})
        self.publish(14, 12_000)
        self.assertEqual((self.ids(), self.ids(newcomer)[0]), ([6, 6, 6, 14], 6))

    def test_an_old_book_that_is_not_known_is_not_sent(self):
        self.fault("binance_stream", "old_book", value=5000)
        self.publish(7)
        self.assertEqual(self.peer.sent, [])


class RestTest(Bench):
    def ask(self, target):
        return self.body("binance_rest", f"/api/v3/{target}")

    def test_one_or_several_are_answered(self):
        self.assertEqual(self.ask("ping"), {})
        self.assertEqual(self.ask("time"), {"serverTime": START})
        self.assertEqual(self.ask("ticker/price?symbol=BTCUSDT")["price"], "64117.99000000")
        self.assertEqual(len(self.ask("ticker/bookTicker?symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D")), 2)
        self.assertEqual(len(self.ask("ticker/price")), 10)
        self.assertEqual(len(self.ask("ticker/price?symbolStatus=TRADING")), 7)
        self.assertEqual(self.ask("avgPrice?symbol=BTCUSDT")["mins"], 5)

    def test_errors_have_their_codes(self):
        for target, code in (
                ("ticker/price?symbol=NOPE", -1121), ("ticker/price?symbol=btcusdt", -1100),
                ("avgPrice?symbol=BTC%2FUSDT", -1100), ("exchangeInfo?symbol=BTCUSDTBTCUSDTBTCUSDT", -1100),
                ("ticker/bookTicker?symbols=%5B%22BTCUSDT%22,%22ethusdt%22%5D", -1100),
                ("ticker/price?symbols=%5B%22BTCUSDT%22,%20%22ETHUSDT%22%5D", -1100), ("ticker/price?symbols=%5B%5D", -1100),
                ("ticker/price?symbols=BTCUSDT", -1100), ("ticker/price?symbol=", -1105),
                ("ticker/price?symbolStatus=trading", -1122),
                ("exchangeInfo?symbols=%5B%22BTCUSDT%22,%22NOPE%22%5D", -1121), ("avgPrice", -1102),
                ("ticker/price?symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D", -1128),
                ("ticker/price?symbol=BTCRUB&symbolStatus=TRADING", -1220),
                ("ticker/price?symbol=BTCUSDT&limit=5", -1104), ("ticker/price?Symbol=BTCUSDT", -1104), ("ping?x=1", -1104),
                ("time?symbol=BTCUSDT", -1104), ("avgPrice?symbol=BTCUSDT&symbolStatus=TRADING", -1104),
                ("exchangeInfo?symbol=BTCUSDT&symbol=ETHUSDT", -1101)):
            reply = self.get("binance_rest", f"/api/v3/{target}")
            self.assertEqual((reply.status, json.loads(reply.body)["code"]), (400, code), target)
        self.assertEqual(self.ask("ticker/price?symbol=BTCUSDT&limit=5")["msg"],
                         "Not all sent parameters were read; read '1' parameter(s) but was sent '2'.")
        self.assertEqual(self.get("binance_rest", "/api/v3/klines?symbol=BTCUSDT").status, 404)

    def test_a_delisted_symbol_is_broken_but_keeps_its_price(self):
        self.assertEqual(self.ask("exchangeInfo?symbol=USDTRUB")["symbols"][0]["status"], "BREAK")
        self.assertEqual(self.ask("ticker/price?symbol=USDTRUB")["price"], "88.41000000")
        self.fault("binance_rest", "break", symbol="BTCUSDT")
        self.assertEqual(self.ask("exchangeInfo?symbol=BTCUSDT")["symbols"][0]["status"], "BREAK")
        self.assertEqual(self.ask("exchangeInfo?symbol=ETHUSDT")["symbols"][0]["status"], "TRADING")

    def test_too_much_weight_is_refused_and_insisting_is_banned(self):
        budget = WeightBudget()
        self.assertEqual(budget.charge(6000, START), (0, 0))
        for _ in range(10):
            self.assertEqual(budget.charge(1, START + 1), (429, 60))
        self.assertEqual(budget.charge(1, START + 2), (418, 120))
        self.assertEqual(budget.charge(1, START + 60_000), (418, 61))
        self.assertEqual(budget.charge(1, START + 121_000), (0, 0))


if __name__ == "__main__":
    unittest.main()
