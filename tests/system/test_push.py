"""Push from a client's view: a snapshot, then changes, nothing stale, and an orderly end."""

import json
import signal
import tempfile
import time
import unittest
from collections import Counter
from pathlib import Path

from push_client import STREAM, WEB_SOCKET, Ended, EventStream, Subscriber, View, WebSocket, read_course, seconds_of
from stack import BUILD, DIRECTIONS, Service, StackTest, call

TOLERANCE = 2.0  # seconds, on a busy machine
TRANSPORTS = (EventStream, WebSocket)


class Listener:
    """A subscriber and its merged board."""

    def __init__(self, transport, url, query="", max_age=None, **options):
        self.stream = transport(url, query, **options)
        self.view = View(max_age)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def next(self, limit=20):
        message = self.stream.next(limit)
        if message:
            self.view.apply(message)
        return message

    def listen_until(self, condition, limit=30):
        """Merges messages until the condition holds."""
        until = time.monotonic() + limit
        while not condition(self.view):
            if time.monotonic() > until:
                raise TimeoutError(f"not within {limit} s: {self.view.exchanger} {self.view.courses}")
            self.next(0.2)


class PushTest(StackTest):
    settings = {"FAILBACK_AFTER": "1s"}

    def setUp(self):
        self.service.wait_for_courses(8, exchanger="binance")

    def courses(self, query=""):
        return json.loads(self.get("/api/v2/courses" + query)[2])

    def listen(self, transport, query="", **options):
        listener = Listener(transport, self.service.url, query, **options)
        self.addCleanup(listener.stream.close)
        return listener

    def test_a_head_that_no_proxy_keeps_or_delays(self):
        with EventStream(self.service.url) as stream:
            self.assertEqual(stream.status, 200)
            self.assertEqual(stream.headers["content-type"].split(";")[0], "text/event-stream")
            self.assertIn("no-store", stream.headers["cache-control"])
            self.assertEqual(stream.headers["x-accel-buffering"], "no")
            self.assertNotIn("content-length", stream.headers)
            self.assertTrue(stream.is_chunked or stream.headers["connection"] == "close", "what else ends its body?")
            stream.next()
            self.assertIn(stream.retry, range(1000, 3000))

    def test_the_snapshot_comes_first_and_is_what_is_served(self):
        for transport in TRANSPORTS:
            with self.subTest(transport.__name__), self.listen(transport) as listener:
                first = listener.next()
                self.assertEqual(first.kind, "snapshot")
                self.assertEqual([course["direction"] for course in first.data["courses"]], DIRECTIONS)
                self.assertEqual(first.data["courses"][0].keys(), self.courses()["courses"][0].keys())
                self.assertLess(abs(seconds_of(first.data["as_of"]) - time.time()), TOLERANCE)

    def test_at_an_equal_version_the_merged_view_is_what_is_served(self):
        for transport in TRANSPORTS:
            with self.subTest(transport.__name__), self.listen(transport) as listener:
                kinds, equal = Counter(), 0
                until = time.monotonic() + 20
                while equal < 20 and time.monotonic() < until:
                    kinds[listener.next().kind] += 1
                    served = self.courses()
                    while served["version"] > listener.view.version:
                        self.assertIsNotNone(listener.next())
                    if served["version"] < listener.view.version:
                        continue
                    if served["version"] == listener.view.version:
                        equal += 1
                        shown = {course["direction"]: read_course(course) for course in served["courses"]}
                        self.assertEqual(listener.view.courses, shown)
                print(f"{transport.__name__}: {dict(kinds)}, {equal} times the same version and body")
                self.assertGreaterEqual(equal, 5)

    def test_only_what_changed_is_told(self):
        """Only one symbol changes, which two of eight directions use."""
        for symbol in ("USDCUSDT", "ETHUSDT"):
            self.simulator.fault("binance_stream", "mute", symbol=symbol)
        with self.listen(EventStream, "?exchanger=binance") as listener:
            listener.next()
            told = set()
            until = time.monotonic() + 2
            while time.monotonic() < until:
                message = listener.next(0.2)
                told |= {course["direction"] for course in message.data.get("courses", [])} if message else set()
        self.assertLessEqual(told, {"BTC-USD", "BTC-RUB", *DIRECTIONS})
        self.assertIn("BTC-USD", told)

    def test_a_filter_of_directions_tells_of_them_alone_and_in_the_order_asked(self):
        for transport in TRANSPORTS:
            with self.subTest(transport.__name__), self.listen(transport, "?direction=eth-usd,BTC-USD") as listener:
                first = listener.next()
                asked = [course["direction"] for course in self.courses("?direction=eth-usd,BTC-USD")["courses"]]
                self.assertEqual([course["direction"] for course in first.data["courses"]], asked)
                for _ in range(5):
                    self.assertLessEqual({c["direction"] for c in listener.next().data.get("courses", [])}, set(asked))

    def test_an_exchanger_that_is_named_stays(self):
        with self.listen(EventStream, "?exchanger=coingecko") as named, self.listen(EventStream) as active:
            self.assertEqual((named.next().data["exchanger"], active.next().data["exchanger"]), ("coingecko", "binance"))
            self.simulator.fault("binance_stream", "mute")
            active.listen_until(lambda view: view.exchanger == "coingecko")
            self.simulator.clear()
            active.listen_until(lambda view: view.exchanger == "binance")
            until = time.monotonic() + 1
            while time.monotonic() < until:
                named.next(0.2)
            self.assertEqual(named.view.exchanger, "coingecko")

    def test_a_failover_is_a_snapshot_of_the_other_exchanger(self):
        for transport in TRANSPORTS:
            with self.subTest(transport.__name__), self.listen(transport) as listener:
                listener.next()
                self.simulator.fault("binance_stream", "mute")
                while listener.view.exchanger == "binance":
                    message = listener.next()
                    self.assertIsNotNone(message)
                self.assertEqual((message.kind, listener.view.exchanger), ("snapshot", "coingecko"))
                self.assertEqual(len(message.data["courses"]), 8)
                self.simulator.clear()
                listener.listen_until(lambda view: view.exchanger == "binance")

    def test_max_age_tightens_the_limit_by_time_alone(self):
        with self.listen(EventStream, "?exchanger=binance&max_age=2", max_age=2.0) as listener:
            listener.next()
            listener.listen_until(lambda view: view.courses["BTC-USD"].state == "fresh")
            self.simulator.fault("binance_stream", "mute")
            late = 0.0
            while listener.view.courses["BTC-USD"].state == "fresh":
                listener.next(0.05)
                late = max(late, listener.view.overdue())
            self.assertLess(late, TOLERANCE)
            seen = listener.view.courses["BTC-USD"]
            self.assertGreater(seconds_of(seen.fresh_until), time.time(), "by the exchanger's limit it is still fresh")

    def test_silence_is_told_by_heartbeats(self):
        """All symbols are silent and stale: nothing changes."""
        for transport in TRANSPORTS:
            with self.subTest(transport.__name__):
                self.simulator.fault("binance_stream", "mute")
                with self.listen(transport, "?exchanger=binance&direction=BTC-USD") as listener:
                    listener.next()
                    listener.listen_until(lambda view: view.courses["BTC-USD"].state == "stale")
                    begun_at = time.monotonic()
                    while listener.next(15).kind != "heartbeat":
                        begun_at = time.monotonic()
                    first = time.monotonic() - begun_at
                    self.assertEqual(listener.next(15).kind, "heartbeat")
                    print(f"{transport.__name__}: a heartbeat after {first:.1f} s of silence")
                self.simulator.clear()
                self.service.wait_for_courses(8, exchanger="binance")


class OneExchangerTest(StackTest):
    """Without a second exchanger, because a failover would change the board."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        market = {"venues": {"binance": {}}, "exchangers": ["binance"], "same_as": {}, "fiat_legs": {},
                  "directions": [{"direction": f"{coin}-USDT", "allowance": "none", "binance": f"{coin}USDT"} for coin in ("BTC", "ETH")]}
        path = Path(folder) / "markets.json"
        path.write_text(json.dumps(market), encoding="utf-8")
        cls.settings = {"MARKETS_FILE": str(path)}
        super().setUpClass()

    def setUp(self):
        self.service.wait_for_courses(2)

    def listen(self, transport):
        listener = Listener(transport, self.service.url)
        self.addCleanup(listener.stream.close)
        return listener

    def test_what_goes_stale_by_time_alone_is_told_without_an_id_and_loses_its_price(self):
        for transport in TRANSPORTS:
            with self.subTest(transport.__name__), self.listen(transport) as listener:
                listener.listen_until(lambda view: {course.state for course in view.courses.values()} == {"fresh"})
                self.simulator.fault("binance_stream", "mute")
                ids = []
                late = 0.0
                while any(course.state == "fresh" for course in listener.view.courses.values()):
                    told = listener.view.id
                    message = listener.next(0.1)
                    late = max(late, listener.view.overdue())
                    if message and message.kind == "changes" and any(c["state"] == "stale" for c in message.data["courses"]):
                        ids.append((told, message.id))
                print(f"{transport.__name__}: told {late:.2f} s after the limit at the latest")
                self.assertLess(late, TOLERANCE)
                # The last tick may have confirmed its price, which is not told: then this message brings its version.
                version = json.loads(call("GET", self.service.url + "/api/v2/courses")[2])["version"]
                self.assertTrue(ids)
                for told, id_of_stale in ids:
                    self.assertIn(id_of_stale, {None} if told in (None, version) else {None, version})
                self.assertEqual({course.value for course in listener.view.courses.values()}, {None})
                self.simulator.clear()
                listener.listen_until(lambda view: all(course.state == "fresh" for course in view.courses.values()))


class RefusalTest(StackTest):
    """Refused subscriptions and the reasons."""

    def setUp(self):
        self.service.wait_for_courses(8, exchanger="binance")

    def ask(self, target, headers=None, **options):
        with Subscriber(self.service.url, target, headers, **options) as subscriber:
            is_stream = subscriber.headers.get("content-type", "").startswith("text/event-stream")
            is_endless = is_stream or subscriber.status == 101 or options.get("method") == "HEAD"
            return subscriber.status, subscriber.headers, b"" if is_endless else subscriber.read_body()

    def assert_refused(self, status, target, headers=None, **options):
        found, answer_headers, body = self.ask(target, headers, **options)
        self.assertEqual(found, status, (target, headers, body))
        self.assertEqual(answer_headers["content-type"], "application/problem+json")
        self.assertEqual(json.loads(body)["status"], status)
        return answer_headers

    def test_bad_parameters_are_named(self):
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                   "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        for query in ("direction=BTC-XXX", "exchanger=mtgox", "max_age=-1", "max_age=x", "colour=red", "at=2026-01-01T00:00:00Z",
                      "last_event_id=abc", "last_event_id=-1", "last_event_id=1.5", "last_event_id=99999999999999999999",
                      "last_event_id=1&last_event_id=2", "direction=BTC-USD%0d%0aX-Evil:%201", "exchanger=binance%00",
                      "max_age=1%0d%0a", "direction=%ff", "last_event_id=%0a1"):
            with self.subTest(query):
                self.assert_refused(400, f"{STREAM}?{query}")
                self.assert_refused(400, f"{WEB_SOCKET}?{query}", upgrade)

    def test_a_garbled_header_is_no_reason_to_refuse_a_browser(self):
        """A browser sends the header by itself and would never reconnect after a 400."""
        for text in ("", "abc", "-1", "1 2", "99999999999999999999999", "1790000000000000,1", "\"1\""):
            with self.subTest(text), EventStream(self.service.url, last_event_id=text) as stream:
                self.assertEqual(stream.next().kind, "snapshot")

    def test_methods(self):
        for target in (STREAM, WEB_SOCKET):
            for method in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
                with self.subTest(target, method=method):
                    status, headers, _ = self.ask(target, method=method)
                    self.assertEqual((status, headers["allow"]), (405, "GET"))

    def test_without_an_upgrade_there_is_no_web_socket(self):
        self.assertEqual(self.assert_refused(426, WEB_SOCKET)["upgrade"].lower(), "websocket")
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        usual = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        for name, value in (("Upgrade", "h2c"), ("Connection", "keep-alive"), ("Sec-WebSocket-Version", "8"),
                            ("Sec-WebSocket-Key", "short"), ("Sec-WebSocket-Key", "")):
            with self.subTest(name, value=value):
                status, _, _ = self.ask(WEB_SOCKET, {**usual, name: value})
                self.assertIn(status, (400, 426))
        for value in ("keep-alive, Upgrade", "upgrade"):
            with self.subTest(value):
                self.assertEqual(self.ask(WEB_SOCKET, {**usual, "Connection": value})[0], 101)

    def test_a_page_of_another_origin_cannot_listen_by_web_socket(self):
        for origin, status in (("https://evil.example", 403), (self.service.url, 101), ("null", 403),
                               (self.service.url + ".evil.example", 403), ("http://127.0.0.1.evil.example", 403),
                               ("http://evil.example:127.0.0.1", 403)):
            with self.subTest(origin), WebSocket(self.service.url, headers={"Origin": origin}) as stream:
                self.assertEqual(stream.status, status)

    def test_an_event_stream_for_http_1_0_ends_with_its_connection(self):
        with EventStream(self.service.url, http="1.0") as stream:
            self.assertEqual(stream.status, 200)
            self.assertNotIn("transfer-encoding", stream.headers)
            self.assertEqual([stream.next().kind for _ in range(3)], ["snapshot", "changes", "changes"])


class ResumeTest(StackTest):
    def setUp(self):
        self.service.wait_for_courses(8, exchanger="binance")

    def resume(self, known, query="", **options):
        with EventStream(self.service.url, query, last_event_id=known, **options) as stream:
            self.assertEqual(stream.status, 200)
            return stream.next()

    def newest(self):
        with EventStream(self.service.url) as stream:
            stream.next()
            return [stream.next_of("changes") for _ in range(3)][-1].data["version"]

    def test_what_is_not_known_brings_a_snapshot(self):
        with EventStream(self.service.url) as held:  # keeps the topic in the service
            newest = held.next().id
            for known in (0, 1, newest - 3_600_000_000, newest + 3_600_000_000, 2**64 - 1):
                with self.subTest(known=known):
                    found = self.resume(known)
                    self.assertEqual(found.kind, "snapshot")
                    self.assertGreaterEqual(found.id, newest)

    def test_the_header_wins_over_the_parameter(self):
        with EventStream(self.service.url) as held:
            held.next()
            known = held.next_of("changes").data["version"]
            self.assertEqual(self.resume(known, "?last_event_id=1").kind, "changes")
            self.assertEqual(self.resume(1, f"?last_event_id={known}").kind, "snapshot")

    def test_what_went_stale_while_away_is_told(self):
        """By time alone, so without a new id."""
        with EventStream(self.service.url, "?exchanger=binance") as held:
            view = View()
            view.apply(held.next())
            self.simulator.fault("binance_stream", "mute")
            until = time.monotonic() + 2
            while time.monotonic() < until:
                message = held.next(0.2)
                if message:
                    view.apply(message)
            self.assertIn("fresh", {course.state for course in view.courses.values()})
            away = View()
            away.id, away.version, away.exchanger, away.courses = view.id, view.version, view.exchanger, view.courses
            while any(course.state == "fresh" for course in view.courses.values()):
                message = held.next(1)
                if message:
                    view.apply(message)
        away.connect()
        with EventStream(self.service.url, "?exchanger=binance", last_event_id=away.id) as stream:
            while away.courses != view.courses:
                message = stream.next(12)
                self.assertIsNotNone(message)
                self.assertNotEqual(message.kind, "heartbeat", "it has not been told")
                away.apply(message)

    def test_nothing_is_told_when_nothing_changed(self):
        self.simulator.fault("binance_stream", "mute")
        with EventStream(self.service.url, "?exchanger=binance") as held:
            view = View()
            view.apply(held.next())
            while any(course.state == "fresh" for course in view.courses.values()):
                message = held.next(1)
                if message:
                    view.apply(message)
            with EventStream(self.service.url, "?exchanger=binance", last_event_id=view.id) as stream:
                kinds = Counter()
                until = time.monotonic() + 3
                while time.monotonic() < until:
                    message = stream.next(0.2)
                    if message:
                        kinds[message.kind] += 1
                        if message.kind != "heartbeat":
                            before = dict(view.courses)
                            view.version = min(view.version, message.data["version"])
                            view.apply(message)
                            self.assertEqual(view.courses, before)
                self.assertNotIn("snapshot", kinds)

    def test_a_query_of_its_own_resumes_by_itself(self):
        query = "?direction=BTC-USD"
        with EventStream(self.service.url, query) as held:
            held.next()
            known = held.next_of("changes").data["version"]
            found = self.resume(known, query)
            self.assertEqual((found.kind, [c["direction"] for c in found.data["courses"]]), ("changes", ["BTC-USD"]))


class StopTest(StackTest):
    def start(self, **settings):
        service = Service(BUILD, {**self.simulator.settings(), **settings})
        self.addCleanup(lambda: service.child.poll() is None and service.stop())
        service.wait_for_courses(8)
        return service

    def test_sigterm_ends_subscriptions_in_order_and_in_time(self):
        service = self.start()
        streams = [EventStream(service.url) for _ in range(10)]
        sockets = [WebSocket(service.url) for _ in range(10)]
        deaf = EventStream(service.url, receive_buffer=4096)
        for each in [*streams, *sockets, deaf]:
            self.addCleanup(each.close)
            each.next()
        service.child.send_signal(signal.SIGTERM)
        begun_at = time.monotonic()
        self.assertEqual({stream.wait_for_end() for stream in streams} - {"ended", "ended in order"}, set())
        self.assertEqual({stream.wait_for_close() for stream in sockets}, {1001})
        self.assertEqual(service.stop(None), 0)
        took = time.monotonic() - begun_at
        print(f"stopped {took:.1f} s after the signal, with 21 subscribers")
        self.assertLess(took, 8)

    def test_who_comes_while_it_stops_is_refused_or_ended(self):
        service = self.start()
        with EventStream(service.url) as stream, Subscriber(service.url, "/livez") as kept:
            stream.next()
            kept.read_body()
            service.child.send_signal(signal.SIGTERM)
            service.wait_for_line("stopping: signal 15")
            kept.socket.sendall(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.assertIn(kept.wait_for_end(), ("ended", "ended in order"))
        self.assertEqual(service.stop(None), 0)

    def test_more_than_the_bound_are_refused_and_requests_go_on(self):
        service = self.start(PUSH_CLIENTS="4")
        held = [EventStream(service.url), EventStream(service.url), WebSocket(service.url), WebSocket(service.url)]
        for each in held:
            self.addCleanup(each.close)
            self.assertEqual(each.next().kind, "snapshot")
        for transport in TRANSPORTS:
            with transport(service.url) as refused:
                self.assertEqual((refused.status, refused.headers["content-type"]), (503, "application/problem+json"))
                self.assertGreater(int(refused.headers["retry-after"]), 0)
        self.assertEqual(call("GET", service.courses_url)[0], 200)
        held[0].close()
        until = time.monotonic() + 10
        status = 503
        while status == 503 and time.monotonic() < until:
            with EventStream(service.url) as later:
                status = later.status
        self.assertEqual(status, 200, "a place that is left is free again")
        self.assertTrue(held[1].next(), "nobody else notices")

    def test_a_client_goes_on_with_another_replica(self):
        first, second = self.start(), self.start()
        view = View()
        view.connect()
        with EventStream(first.url) as stream:
            view.apply(stream.next())
            first.child.send_signal(signal.SIGTERM)
            try:
                while True:
                    message = stream.next(10)
                    if message:
                        view.apply(message)
            except Ended:
                pass
        view.connect()
        with EventStream(second.url, last_event_id=view.id) as stream:
            found = stream.next()
            self.assertEqual(found.kind, "snapshot", "they share nothing, so it cannot know")
        self.assertEqual(first.stop(None), 0)


if __name__ == "__main__":
    unittest.main()
