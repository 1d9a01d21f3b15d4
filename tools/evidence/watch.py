"""A client that records what the service serves of BTC-USD, by default and by name, and how far it is from the truth."""

import json
import threading
import time
from collections import namedtuple
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from processes import call

ALLOWED = 0.006  # the allowance of 0.5 %, and what ticks and the price of USDT add
IN_FLIGHT = 1.0  # seconds for which a price that was true may be served
POLLED = 75.0  # likewise, of CoinGecko without a key
LONGEST_STEP = 0.5  # seconds that one answer stands for

# `exchanger` is who served the value. `deviation` is None if no value was served.
Sample = namedtuple("Sample", "at state value exchanger reason deviation")


class Watch(threading.Thread):
    """Asks for BTC-USD by default and of each exchanger, in turn, with `every` seconds between two rounds."""

    def __init__(self, service, world, exchangers, every=0.03, lags=None):
        super().__init__(daemon=True)
        self.world = world
        self.address = urlsplit(service.url).netloc
        self.targets = {"default": "", **{name: f"&exchanger={name}" for name in exchangers}}
        self.samples = {name: [] for name in self.targets}
        self.every = every
        self.lags = lags or {}
        self.ended = threading.Event()
        self.start()

    def run(self):
        connection = HTTPConnection(self.address, timeout=10)
        while not self.ended.wait(self.every):
            for name, query in self.targets.items():
                try:
                    self.ask(connection, name, query)
                except (OSError, HTTPException):
                    connection.close()
        connection.close()

    def ask(self, connection, name, query):
        asked_at = time.monotonic()
        connection.request("GET", "/api/v2/courses?direction=BTC-USD" + query)
        answer = json.loads(connection.getresponse().read())
        if "courses" not in answer:
            return  # it is stopping
        course = answer["courses"][0]
        value = course["value"] and float(course["value"])
        deviation = None
        if value:
            low, high = self.world.true_range(asked_at - self.lags.get(answer["exchanger"], IN_FLIGHT), time.monotonic())
            deviation = value / low - 1 if value < low else value / high - 1 if value > high else 0.0
        self.samples[name].append(Sample(asked_at, course["state"], value, answer["exchanger"], course["reason"], deviation))

    def last(self, name):
        return self.samples[name][-1] if self.samples[name] else None

    def is_right(self, name):
        sample = self.last(name)
        return bool(sample) and sample.deviation is not None and abs(sample.deviation) < ALLOWED

    def between(self, name, since, until):
        return [sample for sample in list(self.samples[name]) if since <= sample.at < until]

    def seconds(self, name, since, until, applies):
        """For how long the samples of the span to which `applies` were true."""
        samples = self.between(name, since, until)
        ends = [sample.at for sample in samples[1:]] + [until]
        return sum(min(end - sample.at, LONGEST_STEP) for sample, end in zip(samples, ends) if applies(sample))

    def wrong_seconds(self, name, since, until):
        return self.seconds(name, since, until, lambda each: each.deviation is not None and abs(each.deviation) > ALLOWED)

    def unserved_seconds(self, name, since, until):
        return self.seconds(name, since, until, lambda each: each.deviation is None)

    def worst(self, name, since, until):
        """The greatest deviation, with its sign; None if nothing was served."""
        found = [each.deviation for each in self.between(name, since, until) if each.deviation is not None]
        return max(found, key=abs, default=None)

    def stop(self):
        self.ended.set()
        self.join(15)


def listed_exchangers(service):
    return [each["exchanger"] for each in json.loads(call("GET", service.url + "/api/v2/exchangers")[2])["exchangers"]]


def wait_until(condition, limit):
    """The seconds it took; None if the condition did not hold within the limit."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > limit:
            return None
        time.sleep(0.02)
    return time.monotonic() - begun
