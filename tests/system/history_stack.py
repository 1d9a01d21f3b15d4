"""The service with its own Postgres, and a witness of everything that it serves, for the system tests of
history."""

import json
import time
import unittest
from bisect import bisect_left, bisect_right
from collections import namedtuple
from datetime import datetime, timezone
from decimal import Decimal
from itertools import dropwhile
from urllib.parse import quote as escaped

from stack import BUILD, Poller, Service, Simulator, StackTest, call
from private_postgres import PrivatePostgres

SECOND = 1000  # all times here are whole milliseconds since 1970
HISTORY = "/api/v2/history/BTC-USD?interval=1s&limit=5"
AWAY = r"history: cannot write, waiting_rows=(\d+)"
OVERFLOWS = r"history: queue is full, dropping the oldest rows, waiting_rows=(\d+)"
BACK = r"history: writing again, waiting_rows=(\d+), lost_rows=(\d+)"
STATE = f"{AWAY}|{OVERFLOWS}|{BACK}"

Quote = namedtuple("Quote", "observed_at fresh_until legs bid value ask")
Leg = namedtuple("Leg", "venue symbol inverted bid ask observed_at")
Row = namedtuple("Row", "venue direction second recorded_at quote")
Candle = namedtuple("Candle", "open high low close count")


def now():
    return time.time_ns() // 1_000_000


def milliseconds(text):
    """Milliseconds of an RFC 3339 time."""
    moment = datetime.fromisoformat(text)
    return int(moment.replace(microsecond=0).timestamp()) * SECOND + moment.microsecond // 1000


def moment(time_ms):
    """The RFC 3339 time, as the service writes it."""
    whole = datetime.fromtimestamp(time_ms // SECOND, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{time_ms % SECOND:03}Z"


def second_of(time_ms):
    return time_ms - time_ms % SECOND


def read_leg(leg):
    return Leg(leg["venue"], leg["symbol"], leg["inverted"], Decimal(leg["bid"]), Decimal(leg["ask"]),
               milliseconds(leg["observed_at"]))


def read_course(course):
    """The quote behind a course of version 2, whose prices are shown only while it is fresh."""
    if course["observed_at"] is None:
        return None
    prices = [None if course[side] is None else Decimal(course[side]) for side in ("bid", "value", "ask")]
    return Quote(milliseconds(course["observed_at"]), milliseconds(course["fresh_until"]),
                 tuple(map(read_leg, course["legs"])), *prices)


def origin(quote):
    """The identity of a quote, whether its prices are shown or not."""
    return quote and quote[:3]


def is_of_run(quote, since):
    """Whether the quote, or its loss, came in the run of the service that began then."""
    return quote is None or max((leg.observed_at for leg in quote.legs), default=quote.observed_at) >= since


def is_before(shown, recorded):
    """Whether a course may show the quote that was served before the recorded one, or before its loss."""
    if origin(shown) == origin(recorded):
        return False
    return not (shown and recorded) or shown.fresh_until <= recorded.fresh_until


def is_same(shown, recorded):
    """Whether a course shows this quote."""
    if origin(shown) != origin(recorded):
        return False
    return not shown or shown.value is None or shown == recorded


class Witness(Poller):
    """A client that records every course of an exchanger, with the service's own time of each state."""

    def __init__(self, service, exchanger, every=0.03):
        super().__init__(f"{service.url}/api/v2/courses?exchanger={exchanger}", self.note, every)
        self.exchanger = exchanger
        self.since = now()
        self.until = None
        self.times = []    # of the responses
        self.courses = []  # per response: {direction: (state, quote)}
        self.start()

    def note(self, _asked_at, status, _headers, body):
        assert status in (200, 503), (status, body)
        answer = json.loads(body)
        if "courses" not in answer:
            return  # it has stopped
        courses = {each["direction"]: (each["state"], read_course(each)) for each in answer["courses"]}
        for direction, (state, quote) in courses.items():
            assert (state == "fresh") == bool(quote and quote.value), (direction, state, quote)
        self.courses.append(courses)
        self.times.append(milliseconds(answer["as_of"]))

    def stop(self):
        super().stop()
        self.until = now()

    def directions(self):
        return list(self.courses[0]) if self.courses else []

    def between(self, direction, after, before):
        """(time, state, quote) of the responses in between, both ends excluded."""
        first, last = bisect_right(self.times, after), bisect_left(self.times, before)
        return [(self.times[i], *self.courses[i][direction]) for i in range(first, last)]

    def changed_seconds(self, lag=0):
        """The (direction, second) in which a quote came, as two answers within that second differ.

        What the service knew from its last run was written then, and need not be again. A replica that did not write
        a row may begin to serve its quote up to `lag` milliseconds later.
        """
        changed = set()
        for i in range(1, len(self.times)):
            second = second_of(self.times[i])
            if second_of(self.times[i - 1] - lag) != second:
                continue
            for direction, (_, quote) in self.courses[i].items():
                before = self.courses[i - 1][direction][1]
                if origin(before) != origin(quote) and is_of_run(quote, self.since):
                    changed.add((direction, second))
        return changed

    def compare(self, rows, lag=0):
        """How many rows agree with what was served in the rest of their second, and which do not.

        A replica that did not write a row may serve the quote before it for up to `lag` milliseconds more.
        """
        agreed, differing = 0, []
        for row in rows:
            whole = self.since <= row.second and (self.until is None or row.second + SECOND <= self.until)
            if row.venue != self.exchanger or not whole:
                continue
            served = self.between(row.direction, row.recorded_at, row.second + SECOND)
            served = [each for each in served if is_of_run(each[2], self.since)]
            served = list(dropwhile(
                lambda each: each[0] < row.recorded_at + lag and is_before(each[2], row.quote), served))
            wrong = [each for each in served if not is_same(each[2], row.quote)]
            if wrong:
                differing.append((row, wrong[0]))
            elif served:
                agreed += 1
        return agreed, differing


class Database(PrivatePostgres):
    """A test's own database, read without the service."""

    def name_url(self, name):
        return self.url.replace("/kurs?", f"/{name}?")

    def has_table(self, name):
        return self.query(f"select to_regclass('{name}')")[0][0] is not None

    def count_quotes(self):
        return int(self.query("select count(*) from quotes")[0][0]) if self.has_table("quotes") else 0

    def newest_second(self, venue="binance"):
        """The newest second of the series that is furthest behind; None if nothing has been written."""
        if not self.has_table("quotes"):
            return None
        found = self.query(
            "select (extract(epoch from min(newest)) * 1000)::bigint from (select max(second) as newest from quotes as q "
            f"join series as s on q.series_id = s.id where s.venue = '{venue}' group by s.id) as each")
        return None if found[0][0] is None else int(found[0][0])

    def rows(self, venue=None):
        """All rows of quotes, ordered by second."""
        time_of = "(extract(epoch from {}) * 1000)::bigint".format
        found = self.query(
            f"select s.venue, s.direction, {time_of('q.second')}, {time_of('recorded_at')}, "
            f"{time_of('observed_at')}, {time_of('fresh_until')}, bid, value, ask, r.legs, "
            f"to_json(leg_prices::text[]), "
            f"(select coalesce(json_agg({time_of('t')} order by n), '[]') from unnest(leg_observed_at) with ordinality as u (t, n)) "
            "from quotes as q join series as s on s.id = q.series_id left join routes as r on r.id = q.route_id "
            + (f"where s.venue = '{venue}' " if venue else "") + "order by q.second, s.id")
        return [Row(row[0], row[1], int(row[2]), int(row[3]), self._read_quote(row[4:])) for row in found]

    @staticmethod
    def _read_quote(cells):
        observed_at, fresh_until, bid, value, ask, route, prices, times = cells
        if value is None:
            return None
        route, prices, times = json.loads(route), list(map(Decimal, json.loads(prices))), json.loads(times)
        legs = tuple(Leg(leg["venue"], leg["symbol"], leg["inverted"], prices[2 * i], prices[2 * i + 1], times[i])
                     for i, leg in enumerate(route))
        return Quote(int(observed_at), int(fresh_until), legs, Decimal(bid), Decimal(value), Decimal(ask))

    def candles(self, table):
        """{(venue, direction, start): candle} of minute_candles or hour_candles."""
        found = self.query(
            "select s.venue, s.direction, (extract(epoch from c.start) * 1000)::bigint, c.open, c.high, c.low, "
            f"c.close, c.count from {table} as c join series as s on s.id = c.series_id")
        return {(row[0], row[1], int(row[2])): Candle(*map(Decimal, row[3:7]), int(row[7])) for row in found}

    def primary_key(self, table):
        found = self.query(
            "select a.attname from pg_index as i cross join unnest(i.indkey) with ordinality as k (number, place) "
            "join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number "
            f"where i.indisprimary and i.indrelid = '{table}'::regclass order by k.place")
        return [row[0] for row in found]

    def twice_written(self):
        return self.query("select series_id, second, count(*) from quotes group by 1, 2 having count(*) > 1")


def make_candles(rows, length):
    """Candles computed from single rows by comparisons only: {(venue, direction, start): candle}."""
    candles = {}
    for row in sorted(rows, key=lambda each: each.second):
        if row.quote is None:
            continue
        key, value = (row.venue, row.direction, row.second - row.second % length), row.quote.value
        held = candles.get(key, Candle(value, value, value, value, 0))
        candles[key] = Candle(held.open, max(held.high, value), min(held.low, value), value, held.count + 1)
    return candles


def wait_until(condition, what, limit=60, every=0.05):
    """The condition's first true value."""
    until = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {limit} s: {what}"
        time.sleep(every)
    return found


def wait_for_history(service):
    """Waits until history queries are answered, with data or without."""
    wait_until(lambda: call("GET", service.url + HISTORY)[0] == 200, "an answer of history")


class AnsweringTest(StackTest):
    """One service for all tests of a class, which answers every query."""

    @classmethod
    def setUpClass(cls):
        cls.postgres = Database()
        cls.addClassCleanup(cls.postgres.close)
        cls.settings = {**cls.settings, "DATABASE_URL": cls.postgres.url}
        super().setUpClass()
        cls.service.wait_for_courses(8, exchanger="binance")
        wait_for_history(cls.service)


class HistoryTest(unittest.TestCase):
    """One simulator for all tests of a class; each test has its own Postgres and services."""

    simulator_options = ()

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(BUILD, *cls.simulator_options)
        cls.addClassCleanup(cls.simulator.stop)

    def setUp(self):
        self.addCleanup(self.simulator.clear)

    def make_postgres(self):
        postgres = Database()
        self.addCleanup(postgres.close)
        return postgres

    def start(self, database_url=None, **settings):
        if database_url:
            settings["DATABASE_URL"] = database_url
        service = Service(BUILD, {**self.simulator.settings(), **settings})
        self.addCleanup(self.end, service)
        return service

    @staticmethod
    def end(service):
        """Stops the service unless the test has stopped it."""
        if not service.child.stdout.closed:
            service.stop()

    def watch(self, service, exchanger="binance", every=0.03):
        witness = Witness(service, exchanger, every)
        self.addCleanup(witness.stop)
        return witness

    def wait_until_written(self, postgres, time_ms, venue="binance"):
        """Waits until each of the venue's series has a row of that second or a later one; returns the second."""
        def is_written():
            newest = postgres.newest_second(venue)
            return newest is not None and newest >= second_of(time_ms)
        wait_until(is_written, f"{venue} is written up to {moment(time_ms)}", every=0.1)
        return second_of(time_ms)

    def problem(self, service, path, status=503):
        """The detail of a problem, as the contract has it."""
        code, headers, body = call("GET", service.url + path)
        self.assertEqual(code, status, (path, body))
        self.assertEqual(headers["Content-Type"], "application/problem+json")
        self.assertEqual(headers["Cache-Control"], "no-store")
        return json.loads(body)["detail"]

    def answer(self, service, path):
        status, _, body = call("GET", service.url + path)
        self.assertEqual(status, 200, (path, body, service.lines[-5:]))
        return json.loads(body)

    def assert_candles_are_right(self, postgres):
        """Compares minute and hour candles with those recomputed from single rows; returns their number."""
        rows = postgres.rows()
        counts = []
        for table, length in (("minute_candles", 60 * SECOND), ("hour_candles", 3600 * SECOND)):
            expected, stored = make_candles(rows, length), postgres.candles(table)
            wrong = {key: (expected.get(key), stored.get(key)) for key in expected.keys() | stored.keys()
                     if expected.get(key) != stored.get(key)}
            self.assertEqual(wrong, {}, f"{table}: remade, stored")
            counts.append(len(stored))
        return counts


def course_at(direction, time_ms, exchanger=None):
    path = f"/api/v2/courses/{direction}?at={escaped(moment(time_ms))}"
    return path + (f"&exchanger={exchanger}" if exchanger else "")
