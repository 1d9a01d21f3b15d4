"""Decimals, durations, faults, liveness, corruption, captures and the control port."""

import contextlib
import io
import json
import tempfile
import unittest

from bench import Bench

from simulator import websocket
from simulator.corruption import corrupt_frame, corrupt_payload
from simulator.faults import Fault, FaultTable
from simulator.keepalive import PongWatch, RollingLimit
from simulator.market import BookLog
from simulator.messages import Reply, Request, head_of
from simulator.options import parse_options
from simulator.replay import Replay, parse_capture
from simulator.text import Rejected, amount, amount_text, parse_amount, parse_duration
from simulator.venues import VENUES
from simulator.venues.binance import BinanceShape, read_captured_frame
from simulator.venues.coingecko import CoinGeckoShape


class TextTest(unittest.TestCase):
    def test_amounts_have_eight_decimals(self):
        for text, written in (("64117.99", "64117.99000000"), ("0.00001", "0.00001000")):
            self.assertEqual(amount_text(amount(text)), written)
        self.assertEqual(amount_text(amount("1") - amount("2.5")), "-1.50000000")

    def test_only_plain_decimals_are_amounts(self):
        for text in ("", ".", "1.", ".5", "-1", "1e5", "1.123456789", "1,5", " 1", "99999999999", 1, None):
            self.assertIsNone(parse_amount(text), text)

    def test_durations_have_a_unit(self):
        self.assertEqual(parse_duration("200ms"), 200)
        self.assertEqual(parse_duration("24h"), 86_400_000)
        for text in ("", "5", "s", "-1s", "1d", "1.5s", "99999999h"):
            with self.assertRaises(Rejected, msg=text):
                parse_duration(text)


class OptionsTest(unittest.TestCase):
    def test_defaults(self):
        options = parse_options([], VENUES)
        self.assertEqual((options.control_port, options.cbr_port, options.ping_every), (9100, 9106, 20_000))
        self.assertEqual(options.coingecko_key, ["demo-key", "pro-key"])

    def test_with_or_without_equals(self):
        options = parse_options(["--cbr-port", "0", "--seed=7", "--tls", "--pong-limit=600ms", "--coingecko-key", "k"], VENUES)
        self.assertEqual((options.cbr_port, options.seed, options.tls, options.pong_limit), (0, 7, True, 600))
        self.assertEqual(options.coingecko_key, ["k"])
        self.assertEqual(parse_options(["--any-ports", "--cbr-port=7"], VENUES).cbr_port, 7)
        self.assertEqual(parse_options(["--any-ports"], VENUES).control_port, 0)

    def test_wrong_ones_are_explained(self):
        for options, words in ((["--bogus"], "--bogus"), (["--seed"], "argument --seed"), (["--seed", "x"], "number from"),
                               (["--cbr-port", "70000"], "from 0 to 65535"), (["--ping-every", "5"], "duration"),
                               (["--tls=yes"], "--tls"), (["--speed", "0"], "0.001 to 1000"), (["--ca-out", "x"], "--tls"),
                               (["--log-level", "loud"], "none of trace"), (["stray"], "stray")):
            said = io.StringIO()
            with self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(said):
                parse_options(options, VENUES)
            self.assertEqual(ended.exception.code, 2)
            self.assertIn(words, said.getvalue())


class HttpTest(unittest.TestCase):
    def test_a_target_is_taken_apart_and_decoded(self):
        request = Request.to("/a%20b?x=%5B%22A%22%5D&flag&y=1%&x=2")
        self.assertEqual(request.path, "/a b")
        self.assertEqual(request.query, {"x": "2", "flag": "", "y": "1%"})
        self.assertEqual(request.repeated, "x")

    def test_the_length_may_be_wrong(self):
        self.assertIn(b"Content-Length: 102\r\n", head_of(Reply(200, "{}", delivery="wrong_length")))


class FaultsTest(Bench):
    def rule_broken_by(self, body):
        reply = self.control("POST", "/faults", body)
        self.assertEqual(reply.status, 400)
        return json.loads(reply.body)["error"]

    def test_a_fault_covers_only_its_place(self):
        fault = Fault("binance_stream", "mute", symbol="BTCUSDT", stream="bookTicker", line=1)
        self.assertTrue(fault.covers(1, "BTCUSDT", "bookTicker"))
        self.assertTrue(fault.covers(1, "", ""))
        for place in ((2, "BTCUSDT", "bookTicker"), (1, "ETHUSDT", "bookTicker"), (1, "BTCUSDT", "miniTicker")):
            self.assertFalse(fault.covers(*place))
        table = FaultTable()
        table.add(fault)
        self.assertIsNone(table.find("coingecko_stream", "mute", 0, 1))

    def test_time_and_count_run_out(self):
        table = FaultTable()
        table.add(Fault("cbr", "never", until=5000))
        self.assertTrue(table.find("cbr", "never", 4999))
        self.assertIsNone(table.find("cbr", "never", 5000))
        self.assertEqual(table.active(5000), {})
        table.add(Fault("cbr", "never", left=2))
        self.assertTrue(table.take("cbr", "never", 0) and table.find("cbr", "never", 0) and table.take("cbr", "never", 0))
        self.assertIsNone(table.take("cbr", "never", 0))

    def test_what_does_not_fit_is_refused(self):
        for body, words in (
                ({"endpoint": "moon", "fault": "mute"}, "unknown endpoint 'moon'; known: binance_stream, binance_rest, "),
                ({"endpoint": "cbr", "fault": "mute"}, "fault 'mute' does not apply to cbr; known there: no_accept"),
                ({"endpoint": "cbr", "fault": "mutee"}, "unknown fault 'mutee' for cbr"),
                ({"endpoint": "cbr", "fault": "never", "symbol": "USD"}, "no field 'symbol'"),
                ({"endpoint": "coingecko_stream", "fault": "mute", "stream": "x"}, "no field 'stream'"),
                ({"endpoint": "coingecko_stream", "fault": "corrupt", "value": "crossed"}, "one of: garbage"),
                ({"endpoint": "binance_stream", "fault": "slow", "value": "fast"}, "milliseconds"),
                ({"endpoint": "cbr", "fault": "never", "count": 0}, "count"),
                ({"endpoint": "cbr", "fault": "never", "value": 1}, "no field 'value'"),
                ({"endpoint": "cbr", "fault": "wrong_date", "value": "soon"}, "a date"),
                ({"endpoint": "binance_stream", "fault": "mute", "line": 3}, '"line" is 1 or 2'),
                ({"endpoint": "coingecko_rest", "fault": "status", "shape": "round"}, "unknown shape"),
                ({"endpoint": "binance_stream", "fault": "tls"}, "--tls"),
                ({"endpoint": "cbr", "fault": "never", "for": "5"}, "duration"),
                ([], "expected an object"), ("nope", "not JSON")):
            self.assertIn(words, self.rule_broken_by(body))

    def test_numbers_and_defaults_are_values_too(self):
        self.fault("binance_rest", "status", value=451)
        self.fault("binance_stream", "slow", **{"for": "2s", "count": 3})
        shown = json.loads(self.control("GET", "/faults").body)
        self.assertEqual(shown, [
            {"id": 1, "endpoint": "binance_rest", "fault": "status", "value": "451"},
            {"id": 2, "endpoint": "binance_stream", "fault": "slow", "value": "500", "ms_left": 2000, "count_left": 3}])

    def test_every_fault_of_the_catalogue_is_accepted_with_each_of_its_values(self):
        for name, endpoint in self.simulator.endpoints.items():
            for kind in endpoint.kinds.values():
                for value in kind.values or (None,):
                    if kind.name != "tls":
                        self.fault(name, kind.name, **({"value": value} if value else {}))


class ControlTest(Bench):
    def test_faults_come_and_go(self):
        self.fault("cbr", "never")
        self.assertEqual(self.control("GET", "/faults").body, '[{"id":1,"endpoint":"cbr","fault":"never"}]')
        self.assertEqual(self.control("DELETE", "/faults/1").status, 204)
        self.assertEqual(self.control("DELETE", "/faults/1").status, 404)
        self.fault("binance_stream", "cut")  # acts at once, so it does not stay
        self.assertEqual(self.control("GET", "/faults").body, "[]")

    def test_bad_input_is_explained(self):
        for target, body in (("/faults", "nope"), ("/prices", {}), ("/replay", "")):
            reply = self.control("POST", target, body)
            self.assertEqual(reply.status, 400)
            self.assertIn("error", json.loads(reply.body))
        self.assertEqual(self.control("GET", "/books?since=yesterday").status, 400)
        self.assertEqual(self.control("GET", "/nowhere").status, 404)

    def test_prices_are_pinned_and_shown_at_once(self):
        peer, _ = self.connect("binance_stream", "/ws/btcusdt@bookTicker")
        self.pin({"BTCUSDT": {"bid": "50000.00", "ask": "50000.01"}, "tether/usd": "0.93", "USD/RUB": "77.1"})
        self.assertIn('"b":"50000.00000000"', peer.last)
        state = json.loads(self.control("GET", "/state").body)
        self.assertEqual((state["books"]["BTCUSDT"]["a"], state["coingecko"]["tether/usd"], state["cbr"]["USD/RUB"]),
                         ("50000.01000000", "0.93", "77.1"))
        self.pin({"BTCUSDT": None, "tether/usd": None, "USD/RUB": None})
        self.assertEqual(json.loads(self.control("GET", "/state").body)["cbr"]["USD/RUB"], "76.4096")

    def test_a_wrong_price_changes_nothing(self):
        for wrong in ({"NOPE": None}, {"BTCUSDT": {"bid": "2", "ask": "1"}}, {"BTCUSDT": {"bid": "2"}}, {"USD/RUB": "-1"},
                      {"bitcoin/usd": "0"}, {"bitcoin/usd": 1}, {"bitcoin/usd": "007"}, {"bitcoin/usd": "1e5"}):
            self.pin({"tether/usd": "0.93", **wrong}, status=400)
            self.assertNotEqual(self.venues["coingecko"].quotes.price(("tether", "usd")), "0.93")


class KeepaliveTest(unittest.TestCase):
    def test_only_a_pong_of_equal_payload_keeps_alive(self):
        watch = PongWatch(200, 600, 0)
        self.assertIsNone(watch.ping_due(199))
        self.assertEqual(watch.ping_due(200), "200")
        self.assertIsNone(watch.ping_due(201))
        self.assertFalse(watch.pong("other", 300))
        self.assertTrue(watch.is_overdue(600))
        self.assertTrue(watch.pong("200", 400))
        self.assertFalse(watch.is_overdue(999))
        self.assertTrue(watch.is_overdue(1000))
        self.assertFalse(watch.pong("200", 1000), "answered already")

    def test_every_window_of_a_second_is_limited(self):
        limit = RollingLimit(5)
        self.assertTrue(all(limit.arrive(ms) for ms in (0, 900, 910, 920, 930)))
        self.assertFalse(limit.arrive(999))
        self.assertTrue(limit.arrive(1000))
        self.assertFalse(limit.arrive(1001))


BOOK = '{"u":7,"s":"BTCUSDT","b":"64117.99000000","B":"1.0","a":"64118.00000000","A":"2.0"}'
TICKER = '{"e":"24hrMiniTicker","E":1795392000000,"s":"BTCUSDT","c":"0.99990000"}'
DEPTH = '{"e":"depthUpdate","E":1795392000000,"s":"BTCUSDT","U":1,"u":2,"b":[["1.5","2"]],"a":[]}'
COIN = '{"c":"C1","i":"tether","vs":"usd","p":0.9999,"m":20.10,"t":1795392000}'


class CorruptionTest(unittest.TestCase):
    def corrupt(self, kind, payload, frozen=None):
        shape = CoinGeckoShape() if payload is COIN else BinanceShape()
        return corrupt_payload(kind, payload, shape, 1795392000000, 100, {} if frozen is None else frozen, "a stream")

    def member(self, kind, payload, key):
        return json.loads(self.corrupt(kind, payload))[key]

    def test_prices_of_a_book(self):
        for kind, bid in (("zero_price", "0.00000000"), ("negative_price", "-64117.99000000"), ("nan_price", "NaN"),
                          ("exponent_price", "6.411799e+04"), ("jump", "641179.90000000"), ("null_price", None),
                          ("crossed", "64759.18000000")):
            self.assertEqual(self.member(kind, BOOK, "b"), bid)
        self.assertEqual(len(self.member("long_price", BOOK, "b")), 41, "40 digits and the point")
        self.assertEqual(self.member("jump", TICKER, "c"), "9.99900000")
        self.assertEqual(self.member("zero_price", DEPTH, "b"), [["0.00000000", "2"]])

    def test_update_ids_and_times(self):
        self.assertEqual(self.member("duplicate_u", BOOK, "u"), 100)
        self.assertEqual(self.member("reordered_u", BOOK, "u"), 97)
        self.assertEqual(self.member("future_time", TICKER, "E"), 1795392005000)
        self.assertEqual(self.member("past_time", TICKER, "E"), 1795391940000)
        self.assertEqual(self.member("microseconds", TICKER, "E"), 1795392000000000)
        self.assertEqual(self.member("past_time", COIN, "t"), 1795391940)
        for kind, payload in (("duplicate_u", TICKER), ("future_time", BOOK), ("microseconds", BOOK)):
            self.assertIsNone(self.corrupt(kind, payload), "does not apply")

    def test_frozen_repeats_the_first_price_with_a_fresh_time(self):
        frozen = {}
        self.corrupt("frozen", TICKER, frozen)
        later = json.loads(self.corrupt("frozen", '{"e":"24hrMiniTicker","E":9,"s":"BTCUSDT","c":"2.0"}', frozen))
        self.assertEqual((later["c"], later["E"]), ("0.99990000", 9))

    def test_numbers_stay_numbers_digit_by_digit(self):
        self.assertIn('"p":9.9990,"m":20.10', self.corrupt("jump", COIN))
        self.assertIn('"p":0.9999000000', self.corrupt("long_price", COIN))
        self.assertIn('"p":"NaN"', self.corrupt("nan_price", COIN))

    def test_whole_frames(self):
        self.assertEqual(corrupt_frame("binary", "{}"), ("{}", {"is_binary": True}))
        self.assertEqual(corrupt_frame("fragmented", "{}"), ("{}", {"is_fragmented": True}))
        self.assertEqual(corrupt_frame("truncated", '{"a":1}')[0], '{"a')
        self.assertIsNone(corrupt_frame("jump", "{}"))
        self.assertGreater(len(self.corrupt("oversized", BOOK)), 1_000_000)


class FrameTest(unittest.TestCase):
    def test_lengths(self):
        for size, head in ((5, b"\x81\x05"), (126, b"\x81\x7e\x00\x7e"), (70_000, b"\x81\x7f" + (70_000).to_bytes(8, "big"))):
            self.assertTrue(websocket.frame(b"x" * size).startswith(head + b"x"))

    def test_fragments_have_a_ping_between(self):
        self.assertEqual(websocket.fragments(b"x" * 17), b"\x01\x10" + b"x" * 16 + b"\x89\x07between" + b"\x80\x01x")


class BookLogTest(unittest.TestCase):
    def setUp(self):
        self.log = BookLog()

    def note(self, update_id, price, now):
        self.log.note("BTCUSDT", update_id, str(price), str(price + 1), f"payload {update_id}", now)

    def since(self, since):
        return self.log.report(since, 9000)["books"]["BTCUSDT"]

    def test_prices_have_a_beginning_and_an_end(self):
        self.note(7, 100, 1000)
        self.note(8, 100, 1500)  # quantities alone
        self.note(9, 101, 2500)
        self.note(10, 100, 3000)  # a price that returns
        self.assertEqual(self.since(0)[0], {"u": 7, "b": "100", "a": "101", "from": 1000, "to": 2500})
        self.assertEqual([book["to"] for book in self.since(0)], [2500, 3000, None])
        self.assertEqual([book["u"] for book in self.since(2501)], [9, 10])

    def test_the_book_of_a_moment_is_found(self):
        self.note(7, 100, 1000)
        self.note(8, 101, 2000)
        self.assertIsNone(self.log.find("BTCUSDT", 999))
        self.assertEqual(self.log.find("BTCUSDT", 1999), "payload 7")
        self.assertEqual(self.log.find("BTCUSDT", 2000), "payload 8")
        self.assertIsNone(self.log.find("ETHUSDT", 2000))

    def test_the_oldest_are_forgotten(self):
        for number in range(5000):
            self.note(number, number, number)
        self.assertEqual((len(self.since(0)), self.since(0)[-1]["u"]), (4096, 4999))


URL = "wss://stream.binance.com:9443/stream?streams=nknusdt@bookTicker <-> 1633998511.1\n"
BOOKS = [f'{{"u":{number},"s":"NKNUSDT","b":"0.3513000{number}","B":"1.00","a":"0.35200000","A":"2.00"}}' for number in (5, 9)]


def captured(*lines):
    return URL + "".join(f'{epoch}: {{"stream":"nknusdt@bookTicker","data":{payload}}}\n' for epoch, payload in lines)


TWO_FRAMES = captured(("100.5", BOOKS[0]), ("100.75", BOOKS[1]))


class ReplayTest(Bench):
    def capture(self):
        return parse_capture(TWO_FRAMES, read_captured_frame)

    def test_payloads_are_kept_byte_for_byte_with_their_pace(self):
        frames = self.capture()
        self.assertEqual([frame.payload for frame in frames], BOOKS)
        self.assertEqual((frames[1].offset, frames[1].symbol, frames[1].kind), (250, "NKNUSDT", "bookTicker"))

    def test_the_wrong_line_is_named(self):
        for text, rule in ((captured(("1", BOOKS[0])) + "2.0: nope\n", "line 3: not JSON"),
                           ("1.0: {}\n", "line 1: expected the URL of the connection"),
                           (URL + "x: {}\n", "line 2: 'x' is not a time in seconds"),
                           (URL + "no separator\n", "line 2: expected 'epoch: json'"),
                           (captured(("1", "{}")), 'line 2: bookTicker without an integer "u"'), (URL, "no frames")):
            with self.assertRaises(Rejected) as broken:
                parse_capture(text, read_captured_frame)
            self.assertEqual(str(broken.exception), rule)

    def test_what_is_due_is_played_at_its_speed(self):
        replay = Replay([self.capture()], 10)
        self.assertEqual(list(replay.due(0)), [], "not started")
        replay.start_once(0)
        self.assertEqual([frame.payload for frame, _ in replay.due(24)], BOOKS[:1])
        self.assertEqual([frame.payload for frame, _ in replay.due(25)], BOOKS[1:])
        self.assertTrue(replay.is_done)
        self.assertEqual(replay.finished_symbols(), {"NKNUSDT"})
        replay.start(5000)
        self.assertGreater(next(replay.due(5000))[1], 0, "the second run has larger update ids")


class CaptureTest(Bench):
    """A capture in the running simulator."""

    @classmethod
    def setUpClass(cls):
        cls.file = tempfile.NamedTemporaryFile("w", suffix=".ws")
        cls.addClassCleanup(cls.file.close)
        cls.file.write(TWO_FRAMES)
        cls.file.flush()
        cls.options = ("--replay", cls.file.name)

    def test_it_starts_with_a_client_and_is_confirmed_by_its_last_bid(self):
        self.run_until(500)
        self.assertEqual(json.loads(self.control("GET", "/state").body)["replay"], {"frames": 0, "total": 2, "done": False})
        peer, _ = self.connect("binance_stream", "/ws/nknusdt@bookTicker/nknusdt@miniTicker/nknusdt@ticker")
        self.run_until(3000)
        self.assertEqual(peer.texts[:2], BOOKS)
        self.assertGreaterEqual(len(peer.texts), 4)
        self.assertTrue(all('"c":"0.35130009"' in text for text in peer.texts[2:]))
        self.assertEqual(self.control("POST", "/replay").status, 204)
        self.run_until(3005)
        self.assertIn('"u":1000000005,', peer.last)

    def test_its_symbols_are_trading_and_can_be_pinned(self):
        self.assertEqual(self.body("binance_rest", "/api/v3/exchangeInfo?symbol=NKNUSDT")["symbols"][0]["status"], "TRADING")
        peer, _ = self.connect("binance_stream", "/ws/nknusdt@bookTicker")
        self.pin({"NKNUSDT": {"bid": "0.5", "ask": "0.6"}})
        self.run_until(1000)
        self.assertTrue(all('"b":"0.50000000"' in text for text in peer.texts))


class HeldCaptureTest(CaptureTest):
    def setUp(self):
        self.options = (*type(self).options, "--replay-hold")
        super().setUp()

    def test_it_starts_with_a_client_and_is_confirmed_by_its_last_bid(self):
        peer, _ = self.connect("binance_stream", "/ws/nknusdt@bookTicker/nknusdt@miniTicker")
        self.run_until(3000)
        self.assertEqual(peer.texts, BOOKS, "silence after the last frame")


if __name__ == "__main__":
    unittest.main()
