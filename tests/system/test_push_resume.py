"""A thousand random disconnections: whoever resumes has neither a hole nor a repeat, on one service and among replicas.

The market has a direction for each symbol, and symbols fall silent in turn, for up to the age limit and beyond: so most
directions are at rest while a client is away, and a change that is not told again after the resumption stays missing.
"""

import json
import os
import random
import signal
import tempfile
import threading
import time
import unittest
from collections import Counter
from pathlib import Path

from push_client import Ended, EventStream, View, read_course, seconds_of
from stack import BUILD, Service, Simulator, call

from private_redis import PrivateRedis

CLIENTS = 20
DISCONNECTIONS = int(os.environ.get("KURS_DISCONNECTIONS", "1000"))
SYMBOLS = {"BTCUSDT": "bitcoin", "ETHUSDT": "ethereum", "SOLUSDT": "solana", "BNBUSDT": None, "XRPUSDT": None}
TOLERANCE = 2.5  # seconds; the service is a sanitized build, and clients and servers share the processors


def write_market(folder):
    """Moves single symbols, so that each direction changes by itself."""
    directions = []
    for symbol, coin in SYMBOLS.items():
        routes = {"direction": f"{symbol[:3]}-USDT", "allowance": "none", "binance": symbol}
        if coin:
            routes["coingecko"] = f"{coin}/usd / tether/usd"
        directions.append(routes)
    pairs = {f"{coin}/usd": {"pair": f"{symbol[:3]}/USD"} for symbol, coin in SYMBOLS.items() if coin}
    pairs["tether/usd"] = {"pair": "USDT/USD"}
    market = {"venues": {"binance": {"symbols": {}}, "coingecko": {"symbols": pairs}}, "exchangers": ["binance", "coingecko"],
              "same_as": {}, "fiat_legs": {}, "directions": directions}
    path = Path(folder) / "markets.json"
    path.write_text(json.dumps(market), encoding="utf-8")
    return str(path)


class Weather(threading.Thread):
    """Silences symbols at random, and sometimes the whole first exchanger, for longer than their age limit."""

    def __init__(self, simulator, seed):
        super().__init__(daemon=True)
        self.simulator = simulator
        self.random = random.Random(seed)
        self.ended = threading.Event()

    def run(self):
        next_failover = time.monotonic() + 4
        while not self.ended.wait(0.5):
            if time.monotonic() > next_failover:
                next_failover = time.monotonic() + 20
                self.simulator.fault("binance_stream", "mute", **{"for": "7s"})
            symbol = self.random.choice(list(SYMBOLS))
            length = self.random.choice((400, 400, 800, 800, 1500, 3000, 6500))
            self.simulator.fault("binance_stream", "mute", symbol=symbol, **{"for": f"{length}ms"})

    def stop(self):
        self.ended.set()
        self.join(10)
        self.simulator.clear()


class Follower(threading.Thread):
    """A client that merges, and remembers what it showed after each event. It never disconnects, unless a subclass does."""

    def __init__(self, urls):
        super().__init__(daemon=True)
        self.urls = urls
        self.view = View()
        self.shown = []     # (id or None, as_of, courses) after each event
        self.kinds = Counter()
        self.failures = []
        self.overdue = 0.0
        self.ended = threading.Event()

    def run(self):
        try:
            self.view.connect()
            with EventStream(self.urls[0]) as stream:
                while not self.ended.is_set():
                    self.take(stream.next(0.1))
        except (AssertionError, Ended, OSError, TimeoutError) as failure:
            self.failures.append(repr(failure))

    def take(self, message, is_first=False):
        """A returning client can receive nothing before the first message."""
        if not is_first:
            self.overdue = max(self.overdue, self.view.overdue())
        if not message:
            return
        self.view.apply(message)
        self.overdue = max(self.overdue, self.view.overdue())
        self.kinds[message.kind + ("" if message.id else " without id")] += 1
        if message.kind != "heartbeat":
            self.shown.append((message.id, self.view.as_of, self.view.courses))

    def stop(self):
        self.ended.set()
        self.join(30)


class Wanderer(Follower):
    """Disconnects repeatedly, also in the middle of events, and resumes."""

    def __init__(self, urls, disconnections, seed):
        super().__init__(urls)
        self.random = random.Random(seed)
        self.disconnections = disconnections
        self.resumptions = Counter()
        self.done = 0
        self.is_done = threading.Event()

    def run(self):
        try:
            while self.done < self.disconnections and not self.ended.is_set():
                self.connect_once(self.random.choice((0, 0.05, 0.3, 1.5)))
                self.done += 1
                pause = self.random.choice((0, 0, 0.02, 0.2, 0.5, 1, 2))
                self.ended.wait(pause * self.random.random())
            self.is_done.set()
            while not self.ended.is_set():
                self.connect_once(1e9)
        except (AssertionError, OSError, TimeoutError) as failure:
            self.failures.append(f"after {self.done} disconnections: {failure!r}")
            self.is_done.set()

    def connect_once(self, length):
        """Resumes, reads for that time, and leaves, sometimes in the middle of an event."""
        until = time.monotonic() + length * self.random.random()
        self.view.connect()
        known = self.view.id
        stream = self.open()
        try:
            first = stream.next(self.random.choice((0.1, 3)))
            self.take(first, is_first=True)
            if first and known:
                self.resumptions[first.kind] += 1
            while not self.ended.is_set() and time.monotonic() < until:
                self.take(stream.next(min(0.1, max(0.0, until - time.monotonic()))))
            if self.random.random() < 0.5:
                stream.receive(time.monotonic() + 0.2, self.random.randrange(1, 400))  # read but not parsed
        except Ended as end:
            self.failures.append(f"the service ended the connection: {end}")
        finally:
            self.random.choice((stream.close, stream.reset))()

    def open(self):
        """By the header, as a browser does, by the parameter, or by both, in which case the header is newer."""
        known, way = self.view.id, self.random.randrange(3)
        url = self.random.choice(self.urls)
        if known is None:
            return EventStream(url)
        if way == 0:
            return EventStream(url, last_event_id=known)
        if way == 1:
            return EventStream(url, f"?last_event_id={known}")
        return EventStream(url, f"?last_event_id={known - 10_000_000}", last_event_id=known)


def wait_until(condition, limit=30):
    until = time.monotonic() + limit
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {limit} s")
        time.sleep(0.02)


def without_state(course):
    return course._replace(state=None, bid=None, value=None, ask=None)


def differing(mine, mine_at, other, other_at):
    """The directions that differ between two boards of one version, except for effects of time alone."""
    found = []
    for direction, course in mine.items():
        if course == other[direction]:
            continue
        fresh_until = seconds_of(course.fresh_until) if course.fresh_until else 0
        is_by_time = abs(fresh_until - mine_at) < TOLERANCE or abs(fresh_until - other_at) < TOLERANCE
        if without_state(course) != without_state(other[direction]) or not is_by_time:
            found.append((direction, course, other[direction]))
    return found


class ResumptionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.simulator = Simulator(BUILD, "--coingecko-keyless-limit", "0", "--coingecko-cache", "0s")
        self.addCleanup(self.simulator.stop)
        self.settings = {**self.simulator.settings(), "MARKETS_FILE": write_market(folder.name), "FAILBACK_AFTER": "2s"}
        self.seed = int(os.environ.get("KURS_SEED", random.randrange(1_000_000)))
        print(f"{self.id().split('.')[-1]}: KURS_SEED={self.seed}")

    def start(self, **settings):
        service = Service(BUILD, {**self.settings, **settings})
        self.addCleanup(service.stop)
        service.wait_for_courses(5, exchanger="binance")
        return service

    def test_a_thousand_disconnections_of_one_service(self):
        self.disconnect_at_random([self.start()])

    def test_a_thousand_disconnections_among_replicas(self):
        redis = PrivateRedis()
        self.addCleanup(redis.close)
        self.disconnect_at_random([self.start(REDIS_URL=redis.url) for _ in range(2)])

    def test_a_replica_that_is_behind_tells_nothing_that_the_client_knows(self):
        """It was frozen for a moment and receives the client's request before the entries that it missed."""
        redis = PrivateRedis()
        self.addCleanup(redis.close)
        replicas = [self.start(REDIS_URL=redis.url) for _ in range(2)]
        wait_until(lambda: {replica.role() for replica in replicas} == {"leader", "follower"})
        leader, follower = sorted(replicas, key=lambda replica: replica.role() == "follower")
        kinds = Counter()
        with EventStream(leader.url) as ahead:
            ahead.next()
            for _ in range(10):
                view = View()
                follower.child.send_signal(signal.SIGSTOP)
                with EventStream(leader.url) as stream:
                    view.connect()
                    for _ in range(6):
                        view.apply(stream.next())
                # The frozen replica's kernel accepts the connection and the request.
                threading.Timer(0.05, follower.child.send_signal, [signal.SIGCONT]).start()
                view.connect()
                with EventStream(follower.url, last_event_id=view.id) as stream:
                    first = stream.next()
                    kinds[first.kind] += 1
                    view.apply(first)
        print(f"first after a resumption at a replica that was behind: {dict(kinds)}")

    def test_replicas_are_replaced_one_after_the_other_under_a_client(self):
        redis = PrivateRedis()
        self.addCleanup(redis.close)
        replicas = [self.start(REDIS_URL=redis.url) for _ in range(2)]
        wait_until(lambda: {replica.role() for replica in replicas} == {"leader", "follower"})
        view, received = View(), 0
        for _ in range(4):
            stopping, staying = replicas
            view.connect()
            with EventStream(stopping.url, last_event_id=view.id) as stream:
                view.apply(stream.next())
                stopping.child.send_signal(signal.SIGTERM)
                received += self.listen_to_end(view, stream)
            self.assertEqual(stopping.stop(None), 0)
            view.connect()
            with EventStream(staying.url, last_event_id=view.id) as stream:
                for _ in range(5):
                    message = stream.next()
                    self.assertIsNotNone(message, "not even a heartbeat")
                    view.apply(message)
            replicas = [staying, self.start(REDIS_URL=redis.url)]
        print(f"four replicas stopped under a client: {received} messages up to their ends")

    def listen_to_end(self, view, stream):
        count = 0
        try:
            while True:
                message = stream.next()
                self.assertIsNotNone(message, "neither a message nor the end")
                view.apply(message)
                count += 1
        except Ended:
            return count

    def disconnect_at_random(self, services):
        urls = [service.url for service in services]
        weather = Weather(self.simulator, self.seed)
        references = [Follower([url]) for url in urls]
        wanderers = [Wanderer(urls, DISCONNECTIONS // CLIENTS, self.seed + i) for i in range(CLIENTS)]
        everyone = [*references, *wanderers]
        self.addCleanup(lambda: [each.stop() for each in [weather, *everyone]])
        for each in [*references, weather, *wanderers]:
            each.start()
        until = time.monotonic() + 300
        for wanderer in wanderers:
            self.assertTrue(wanderer.is_done.wait(max(0, until - time.monotonic())), "not done in time")
        weather.stop()
        self.wait_until_equal(services, everyone)
        for each in everyone:
            each.stop()
        self.report(references, wanderers)
        self.assertEqual([failure for each in everyone for failure in each.failures][:3], [])
        self.assertGreaterEqual(references[0].kinds["snapshot"], 2, "there was a failover")
        self.compare(references, wanderers)
        for each in everyone:
            self.assertLess(each.overdue, TOLERANCE, "shown as fresh for longer than that")

    def wait_until_equal(self, services, everyone):
        """In the end every client has the served board."""
        self.simulator.fault("binance_stream", "mute")  # everything goes stale and stays so
        until = time.monotonic() + 30
        while time.monotonic() < until:
            body = json.loads(call("GET", services[0].url + "/api/v2/courses")[2])
            views = [each.view for each in everyone]
            served = {course["direction"]: read_course(course) for course in body["courses"]}
            if views[0].courses == served and len({(view.exchanger, tuple(sorted(view.courses.items()))) for view in views}) == 1:
                return
            if any(each.failures for each in everyone):
                return
            time.sleep(0.05)
        views = Counter(each.view.exchanger for each in everyone)
        self.fail(f"they never agreed: {views}")

    def compare(self, references, wanderers):
        """At each id that a reference has had too, all courses are the same, and between two of its ids lies none of its."""
        held = {}
        for reference in references:
            for known, as_of, courses in reference.shown:
                if known is None:
                    continue
                other_at, other = held.setdefault(known, (as_of, courses))
                self.assertEqual(differing(courses, as_of, other, other_at), [], "of two that never left")
        compared = missing = 0
        for wanderer in wanderers:
            for known, as_of, courses in wanderer.shown:
                if known is None:
                    continue
                if known not in held:
                    missing += 1
                    continue
                other_at, other = held[known]
                compared += 1
                self.assertEqual(differing(courses, as_of, other, other_at), [], f"at {known}")
        print(f"  {compared} views compared with those of who never left, {missing} ids only of one that resumed")
        self.assertGreater(compared, missing)

    def report(self, references, wanderers):
        kinds, resumptions = sum((w.kinds for w in wanderers), Counter()), sum((w.resumptions for w in wanderers), Counter())
        print(f"  {sum(w.done for w in wanderers)} disconnections of {len(wanderers)} clients; references "
              f"{[dict(r.kinds) for r in references]}; clients {dict(kinds)}; first after a resumption {dict(resumptions)}; "
              f"longest shown as fresh beyond its time {max(e.overdue for e in [*references, *wanderers]):.2f} s")


if __name__ == "__main__":
    unittest.main()
