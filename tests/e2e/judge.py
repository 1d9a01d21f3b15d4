"""Judges what a client was served: whether each response was correct, how old its values were, and which quotes it
showed."""

import re
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from checks import CONSENSUS, Wrong, check_version_1, check_version_2, parse

VERSION_1 = "/api/v1/courses"
REMEMBERED = 30  # seconds
OLDEST = 5.0  # seconds: no served price is as old
FEW_VALUES = "USDT"  # directions of a stablecoin, whose value soon has earlier digits again
BINANCE = "binance"


@lru_cache(maxsize=10000)
def milliseconds(text):
    """Milliseconds of an RFC 3339 time."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@lru_cache(maxsize=10000)
def rounded(text):
    """Version 1's form of a version 2 value: eight decimals or eight significant digits, whichever is more."""
    value = Decimal(text)
    places = min(max(8, 7 - value.adjusted()), 18)
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


class Sight:
    """A quote shown by version 2. Its legs' times and prices distinguish it from others of its series."""

    __slots__ = ("newest_leg", "shown_at", "value", "legs")

    def __init__(self, newest_leg, shown_at, value, legs):
        self.newest_leg = newest_leg  # time of its newest price; all times in milliseconds
        self.shown_at = shown_at      # first time, by the service's clock
        self.value = value
        self.legs = legs


class Shown:
    """A version shown by version 2, and the request that it answered."""

    __slots__ = ("name", "sent_at", "received_at", "version")

    def __init__(self, name, sent_at, received_at, version):
        self.name = name
        self.sent_at = sent_at
        self.received_at = received_at
        self.version = version


class Judge:
    """The result of one drill: what was wrong, how often, and how far."""

    def __init__(self):
        self.requests = 0
        self.failures = Counter()
        self.repeated = 0
        self.marked = {}              # what was wrong with which request
        self.backwards = 0            # versions smaller than one that the client had before it sent the request
        self.shown = []
        self.oldest = 0.0             # seconds: age of Binance's prices where its courses were shown
        self.slowest = 0.0            # seconds from the time when the request was due
        self.exchangers = Counter()   # by exchanger of the response
        self.versions = 0
        self.newest = 0
        self.plain = []               # version 1 responses, whose age only version 2 tells
        # {(exchanger, direction): {legs: sight}}, and {(exchanger, direction, value): times of its oldest price}
        self.sights = defaultdict(dict)
        self.values = defaultdict(list)

    def successor(self):
        """Takes over what another judge has seen and clients may still be shown."""
        made = Judge()
        made.newest = self.newest
        long_ago = (time.time() - REMEMBERED) * 1000
        for key, times in self.values.items():
            if recent := [each for each in times if each > long_ago]:
                made.values[key] = recent
        return made

    def fail(self, request, why):
        self.failures[f"{request.path}: {why}"] += 1
        self.marked[request.name] = why

    def take(self, request, status, body, late):
        """Returns the version, or 0 if there is none."""
        received_at = time.time()
        self.requests += 1
        self.slowest = max(self.slowest, late)
        try:
            if status != 200:
                raise Wrong(f"status {status}: {parse(body).get('detail')}")
            if request.path == VERSION_1:
                answer = check_version_1(body)
                self.plain.append((request.sent_at, received_at, answer))
                self.exchangers[answer["exchanger"]] += 1
                return 0
            return self._take_version_2(request, body, received_at)
        except Wrong as wrong:
            self.fail(request, str(wrong))
        except (AttributeError, KeyError, TypeError, ValueError):
            self.fail(request, "another shape than documented")
        return 0

    def _take_version_2(self, request, body, received_at):
        answer = parse(body)
        version, as_of = answer["version"], milliseconds(answer["as_of"])
        self.exchangers[answer["exchanger"]] += 1
        self.backwards += version < request.floor
        self.shown.append(Shown(request.name, request.sent_at, received_at, version))
        if version > self.newest:
            self.newest = version
            self.versions += 1
        for course in answer["courses"]:
            if course["value"] is not None:
                self._note(answer["exchanger"], course, as_of)
        moments = (datetime.fromtimestamp(each, timezone.utc) for each in (request.sent_at, received_at))
        check_version_2(body, *moments)
        return version

    def _note(self, exchanger, course, as_of):
        series = (exchanger, course["direction"])
        if exchanger == CONSENSUS:  # it has no legs
            self.values[(*series, rounded(course["value"]))].append(milliseconds(course["observed_at"]))
            return
        legs = tuple((milliseconds(leg["observed_at"]), leg["bid"], leg["ask"]) for leg in course["legs"])
        own = min(at for (at, *_), leg in zip(legs, course["legs"]) if leg["venue"] == exchanger)
        self._note_age(exchanger, as_of, own)
        sight = self.sights[series].get(legs)
        if not sight:
            self.sights[series][legs] = Sight(max(at for at, *_ in legs), as_of, course["value"], legs)
            self.values[(*series, rounded(course["value"]))].append(own)
        elif as_of < sight.shown_at:
            sight.shown_at = as_of

    def _note_age(self, exchanger, at, observed_at):
        if exchanger == BINANCE:
            self.oldest = max(self.oldest, (at - observed_at) / 1000)

    def judge_order(self, passed_on):
        """How often one replica has shown a version after it had shown a newer one, and how many answers are of no
        replica that is known. `passed_on` is what nginx says of each request (Composed.passed_on).

        Answers to requests that were under way at the same time are in no order.
        """
        replicas = defaultdict(list)
        for shown in self.shown:
            asked = passed_on.get(shown.name, ("",))[0]
            replicas[re.split("[, ]+(?:: )?", asked)[-1]].append(shown)
        unknown = len(replicas.pop("", []))
        backwards = 0
        for replica, answers in replicas.items():
            received = sorted(answers, key=lambda each: each.received_at)
            newest, known = 0, 0
            for shown in sorted(answers, key=lambda each: each.sent_at):
                while received[known].received_at < shown.sent_at:
                    newest = max(newest, received[known].version)
                    known += 1
                if shown.version < newest:
                    backwards += 1
                    self.marked[shown.name] = f"version {shown.version} after {newest} of {replica}"
        return backwards, unknown

    def judge_version_1(self, until):
        """Of each value: the age of the youngest quote that had it, when the request was sent.

        Returns the share of values that version 2 never showed. A thousandth of them may be so: on a slow machine it
        may happen that no request of version 2 meets a view that stands for 50 ms (composed.py). Of a stablecoin, such a value may equal
        one that was shown long ago, so one of Binance that seems too old counts as never shown.
        """
        known = unknown = 0
        for times in self.values.values():
            times.sort()
        for sent_at, received_at, answer in self.plain:
            for course in answer["courses"] if received_at * 1000 <= until else []:
                times = self.values.get((answer["exchanger"], course["direction"], Decimal(course["value"])), [])
                last = bisect_right(times, received_at * 1000)
                has_few = answer["exchanger"] == BINANCE and course["direction"].startswith(FEW_VALUES)
                seems_old = last and sent_at - times[last - 1] / 1000 >= OLDEST
                if last and not (seems_old and has_few):
                    known += 1
                    self._note_age(answer["exchanger"], sent_at * 1000, times[last - 1])
                else:
                    unknown += 1
        return unknown / max(1, known + unknown)
