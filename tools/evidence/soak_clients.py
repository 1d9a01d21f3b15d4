"""The clients of a soak: each value that they get is compared with the true price, and its age with its limit."""

import asyncio
import json
import random
import threading
import time
from collections import Counter
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import aiohttp

from .watch import ALLOWED

LIMITS = {"binance": 5, "kraken": 7, "okx": 5, "bybit": 7, "coinbase": 5, "coingecko": 180, "cbr": 15 * 86400}
FIAT_LIMIT = 900  # of CoinGecko's prices of a dollar and a rouble
IN_FLIGHT = 1.5  # seconds from a price that is true to the client
MOST_FAILURES = 20


def seconds_of(text):
    return datetime.fromisoformat(text).timestamp()


class Judge:
    """Holds each document that any client gets against the truth. Calls come from several threads."""

    def __init__(self, world):
        self.world = world
        self.lock = threading.Lock()
        self.failures = []
        self.counts = Counter()
        self.oldest = Counter()  # by venue, in seconds

    def fail(self, what):
        with self.lock:
            self.counts["failures"] += 1
            if len(self.failures) < MOST_FAILURES:
                self.failures.append(what)

    def hear(self, kind, document):
        """A document of courses: an answer, a snapshot or changes."""
        self.counts[kind] += 1
        now, as_of = time.monotonic(), seconds_of(document["as_of"])
        for course in document.get("courses", ()):
            if course["state"] != "fresh":
                continue
            for leg in course["legs"]:
                self.check_age(kind, course, leg, as_of)
            if course["direction"] == "BTC-USD":
                self.check_value(kind, course, document["exchanger"], now)

    def check_age(self, kind, course, leg, as_of):
        venue, age = leg["venue"], as_of - seconds_of(leg["observed_at"])
        limit = FIAT_LIMIT if venue == "coingecko" and leg["symbol"].startswith("tether/") else LIMITS[venue]
        self.counts["values"] += 1
        self.oldest[venue] = max(self.oldest[venue], age)
        if age >= limit:
            self.fail(f"{kind}: {course['direction']} has a leg of {venue} that is {age:.2f} s old")

    def check_value(self, kind, course, exchanger, now):
        low, high = self.world.true_range(now - LIMITS.get(exchanger, max(LIMITS["kraken"], LIMITS["bybit"])) - IN_FLIGHT, now)
        value = float(course["value"])
        if not low * (1 - ALLOWED) <= value <= high * (1 + ALLOWED):
            self.fail(f"{kind}: {value} of {exchanger}, and the true price was between {low:.2f} and {high:.2f}")


class Reader(threading.Thread):
    """Asks a replica for all courses, by default and of each exchanger in turn."""

    def __init__(self, replica, exchangers, judge, every=0.1):
        super().__init__(daemon=True)
        self.replica, self.judge, self.every = replica, judge, every
        self.targets = ["", *(f"?exchanger={name}" for name in exchangers)]
        self.version = 0
        self.ended = threading.Event()
        self.start()

    def run(self):
        connection = HTTPConnection(urlsplit(self.replica.url).netloc, timeout=10)
        turn = 0
        while not self.ended.wait(self.every):
            turn += 1
            try:
                connection.request("GET", "/api/v2/courses" + self.targets[turn % len(self.targets)])
                answer = connection.getresponse()
                self.check(answer, answer.read())
            except (OSError, HTTPException) as failure:
                connection.close()
                if not self.ended.is_set():
                    self.judge.fail(f"no answer: {failure!r}")
        connection.close()

    def check(self, answer, body):
        self.judge.counts[answer.status] += 1
        document = json.loads(body)
        if answer.status not in (200, 503) or (answer.status == 503 and not answer.headers["Retry-After"]):
            return self.judge.fail(f"status {answer.status}: {body[:200]}")
        if "courses" not in document:
            return None
        if document["version"] < self.version:
            self.judge.fail(f"version {document['version']} after {self.version}")
        self.version = document["version"]
        return self.judge.hear("answers", document)

    def stop(self):
        self.ended.set()
        self.join(15)


class Subscribers(threading.Thread):
    """Event streams and WebSockets to replicas, which connect again when they end and every half a minute or so."""

    def __init__(self, replicas, count, judge, seed):
        super().__init__(daemon=True)
        self.replicas, self.count, self.judge = replicas, count, judge
        self.chance = random.Random(seed)
        self.loop = asyncio.new_event_loop()
        self.connected = 0
        self.start()

    def run(self):
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self.listen_all())
        except asyncio.CancelledError:
            pass

    async def listen_all(self):
        self.task = asyncio.current_task()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
                                         connector=aiohttp.TCPConnector(limit=0)) as session:
            listeners = [self.keep_listening(session, number, listen) for number in range(self.count)
                         for listen in (self.listen_to_events, self.listen_to_socket)]
            await asyncio.gather(*listeners)

    async def keep_listening(self, session, number, listen):
        while True:
            url = self.replicas[number % len(self.replicas)].url
            self.connected += 1
            try:
                await asyncio.wait_for(listen(session, url), self.chance.uniform(20, 40))
            except (asyncio.TimeoutError, aiohttp.ClientError, OSError):
                pass
            finally:
                self.connected -= 1
            await asyncio.sleep(self.chance.uniform(0.5, 1.5))

    async def listen_to_events(self, session, url):
        async with session.get(url + "/api/v2/stream") as answer:
            async for line in answer.content:
                if line.startswith(b"data:"):
                    self.judge.hear("events", json.loads(line[5:]))

    async def listen_to_socket(self, session, url):
        async with session.ws_connect(url + "/api/v2/ws") as socket:
            async for message in socket:
                if message.type == aiohttp.WSMsgType.TEXT:
                    self.judge.hear("messages", json.loads(message.data))

    def stop(self):
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.join(15)
