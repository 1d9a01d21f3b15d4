"""What history answers is what was served: moments, candles, pages; and no input harms it.

One service is watched for a good minute with a failover in it. Then it is stopped, and the tests ask another one, which
reaches no venue, about that time.
"""

import csv
import io
import json
import re
import threading
import time
import unittest
from bisect import bisect_left, bisect_right
from collections import Counter, namedtuple
from decimal import Decimal
from http.client import HTTPConnection
from urllib.parse import quote as escaped
from urllib.parse import urlsplit

from history_stack import (SECOND, Database, HistoryTest, Witness, course_at, is_same, make_candles, milliseconds,
                           moment, now, read_course, second_of, wait_for_history, wait_until)
from stack import BUILD, DIRECTIONS, DOLLAR, Poller, Service, call, parse_exact, rounded

GAP = 250  # milliseconds between two answers in which a client may miss a course
INTERVALS = {"1s": 1, "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "1d": 86400}

# A version 1 response: the exchanger, none for a 503, and {direction: value}.
Served = namedtuple("Served", "asked_at answered_at exchanger values")


class Prices(threading.Thread):
    """Moves one symbol every few seconds, in the middle of a second, so that most seconds are quiet."""

    def __init__(self, simulator):
        super().__init__(daemon=True)
        self.simulator = simulator
        self.ended = threading.Event()
        self.paused = threading.Event()
        self.steps = 0
        simulator.pin({"BTCUSDT": self.book("60000.00"), "ETHUSDT": self.book("2500.00"),
                       "USDCUSDT": {"bid": "0.9999", "ask": "1.0001"}, **DOLLAR, "tether/usd": "0.9991", "USD/RUB": "77.5123"})
        self.start()

    @staticmethod
    def book(bid):
        return {"bid": str(bid), "ask": str(Decimal(bid) + Decimal("0.01"))}

    def run(self):
        while not self.ended.wait(2 + (0.5 - time.time()) % 1):
            if self.paused.is_set():
                continue
            self.steps += 1
            symbol, first, step = [("BTCUSDT", "60000.00", "1.37"), ("ETHUSDT", "2500.00", "-0.29")][self.steps % 2]
            self.simulator.pin({symbol: self.book(Decimal(first) + self.steps * Decimal(step))})

    def stop(self):
        self.ended.set()
        self.join(10)


class Recorder(Poller):
    """A version 1 client that records every response."""

    def __init__(self, service):
        super().__init__(service.courses_url, self.note)
        self.served = []
        self.start()

    def note(self, asked_at, status, _headers, body):
        answer = parse_exact(body)
        values = {each["direction"]: each["value"] for each in answer.get("courses", [])}
        self.served.append(Served(int(asked_at * SECOND), now(), answer.get("exchanger"), values))
        assert status in (200, 503), (status, body)


class RecordedTest(HistoryTest):
    simulator_options = ("--coingecko-every", "2s")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = Database()
        cls.addClassCleanup(cls.postgres.close)
        settings = {**cls.simulator.settings(), "DATABASE_URL": cls.postgres.url,
                    "COINGECKO_PLAN": "analyst", "COINGECKO_API_KEY": "pro-key"}
        cls.recorded = Service(BUILD, {**settings, "FAILBACK_AFTER": "3s"})
        cls.addClassCleanup(cls.end, cls.recorded)
        prices = Prices(cls.simulator)
        cls.addClassCleanup(prices.stop)
        cls.record(prices)
        prices.stop()
        cls.failovers = json.loads(call("GET", cls.recorded.url + "/api/v2/exchangers")[2])["journal"]
        if cls.recorded.stop() != 0:
            raise AssertionError("\n".join(cls.recorded.lines[-20:]))
        nowhere = {name: re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:1", value) for name, value in settings.items()}
        cls.service = Service(BUILD, nowhere)
        cls.addClassCleanup(cls.end, cls.service)
        wait_for_history(cls.service)

    @classmethod
    def record(cls, prices):
        """A period of Binance, one of CoinGecko, and Binance again."""
        cls.recorded.wait_for_courses(8, exchanger="binance")
        cls.recorded.wait_for_courses(8, "?exchanger=coingecko")
        cls.recorder = Recorder(cls.recorded)
        cls.witnesses = {venue: Witness(cls.recorded, venue, every=0.05) for venue in ("binance", "coingecko", "kraken", "consensus")}
        begun_at = time.monotonic()
        wait_until(lambda: time.monotonic() > begun_at + 25, "25 s of Binance")
        prices.paused.set()  # makes the change of the exchanger the only one of its second
        cls.simulator.fault("binance_stream", "mute")
        cls.recorded.wait_for_courses(8, exchanger="coingecko")
        failed_at = time.monotonic()
        wait_until(lambda: time.monotonic() > failed_at + 8, "8 s of CoinGecko")
        cls.unmuted_at = now()
        cls.simulator.clear()
        cls.recorded.wait_for_courses(8, exchanger="binance")
        prices.paused.clear()
        until = max(time.monotonic() + 15, begun_at + 65)
        wait_until(lambda: time.monotonic() > until, "Binance again, a minute in all")
        cls.recorded.wait_for_courses(8, exchanger="binance")
        cls.recorder.stop()
        for witness in cls.witnesses.values():
            witness.stop()

    def ask_at(self, direction, time_ms, exchanger=None):
        answer = self.answer(self.service, course_at(direction, time_ms, exchanger))
        self.assertEqual(milliseconds(answer["at"]), time_ms)
        return answer["exchanger"], answer["course"]

    # Times in the past

    def test_a_moment_is_answered_as_version_1_answered_then(self):
        # A second keeps its last quote only. So where the course changed within the second before that moment, what
        # is answered is what stood then or at the second's beginning; elsewhere it is exactly what was served. A
        # moment counts only if the client looked often enough to have seen each course of that second.
        self.assertEqual(self.recorder.failures, [])
        begun_at = second_of(self.recorder.served[0].asked_at) + SECOND  # nothing had been recorded before that second
        served = [each for each in self.recorder.served[:-1] if each.asked_at > begun_at]
        asked_at = [each.asked_at for each in served]
        answered_at = [each.answered_at for each in served]
        quiet = busy = unseen = 0
        exchangers = Counter()
        for i in range(0, len(served), max(1, len(served) // 400)):
            time_ms = served[i].asked_at
            first = max(0, bisect_left(answered_at, second_of(time_ms)) - 1)
            last = min(len(served) - 1, bisect_right(asked_at, time_ms))
            around = served[first:last + 1]
            if any(later.answered_at - earlier.asked_at > GAP for earlier, later in zip(around, around[1:])):
                unseen += 1
                continue
            direction = DIRECTIONS[(quiet + busy) % len(DIRECTIONS)]
            exchanger, course = self.ask_at(direction, time_ms)
            value = course["value"] and rounded(Decimal(course["value"]))
            possible = {(each.exchanger, each.values.get(direction)) for each in around}
            if course["state"] == "stale":
                # What stood at the second's beginning, or at the client's answer before, may have grown stale since.
                stale_since = milliseconds(course["fresh_until"])
                possible |= {(each.exchanger, None) for each in around if each.asked_at <= stale_since}
            if len({each.exchanger for each in around}) > 1:
                # The active exchanger is known to the millisecond, but not what another would have served.
                self.assertIn(exchanger, {each.exchanger for each in around}, moment(time_ms))
            else:
                self.assertIn((exchanger, value), possible, (direction, moment(time_ms), course))
            if course["state"] == "fresh":
                self.assertEqual(course["age_ms"], time_ms - milliseconds(course["observed_at"]))
                self.assertLess(time_ms, milliseconds(course["fresh_until"]))
            quiet += len(possible) == 1
            busy += len(possible) > 1
            exchangers[exchanger] += 1
        self.assertGreater(quiet, 2 * busy, "most seconds should have been quiet")
        self.assertGreater(quiet, 40, f"{unseen} moments were not seen closely enough")
        self.assertEqual(exchangers.keys(), {"binance", "coingecko"})
        print(f"{quiet} moments answered exactly as version 1 did then, {busy} within a second of a change, "
              f"{unseen} not seen closely enough; {dict(exchangers)}; {len(served)} answers were recorded")

    def test_a_moment_shows_the_very_quote_with_its_legs(self):
        # Between the last quote of a second and the end of that second, nothing is conflated.
        rows = self.postgres.rows()
        asked = {venue: 0 for venue in self.witnesses}
        for row in rows[::max(1, len(rows) // 300)]:
            served = self.witnesses[row.venue].between(row.direction, row.recorded_at, row.second + SECOND)
            if not served:
                continue
            time_ms, state, quote = served[-1]
            exchanger, course = self.ask_at(row.direction, time_ms, row.venue)
            self.assertEqual((exchanger, course["state"]), (row.venue, state))
            self.assertEqual(read_course(course), quote)
            if quote:
                self.assertTrue(is_same(quote, row.quote))
                self.assertEqual(course["age_ms"], time_ms - quote.observed_at)
            asked[row.venue] += 1
        self.assertGreater(min(asked.values()), 0)
        for witness in self.witnesses.values():
            agreed, differing = witness.compare(rows)
            self.assertEqual((witness.failures, differing[:2]), ([], []))
            print(f"{witness.exchanger}: {asked[witness.exchanger]} moments answered with the very quote and its legs; "
                  f"{agreed} rows agree with what was served")

    def test_a_stale_course_of_then_is_told_with_its_age_and_without_a_price(self):
        # Where the last quote of its second had come, as above.
        witness, came_at = self.witnesses["binance"], {}
        for row in self.postgres.rows("binance"):
            came_at[row.direction, row.second] = row.recorded_at
        stale = [(time_ms, direction, quote) for time_ms, courses in zip(witness.times, witness.courses)
                 for direction, (state, quote) in courses.items()
                 if state == "stale" and came_at.get((direction, second_of(time_ms)), 0) < time_ms]
        asked = stale[::max(1, len(stale) // 100)]
        self.assertGreater(len(asked), 10)
        for time_ms, direction, quote in asked:
            _, course = self.ask_at(direction, time_ms, "binance")
            self.assertEqual([course[name] for name in ("state", "bid", "value", "ask")], ["stale", None, None, None])
            self.assertIn("Stale since", course["reason"])
            self.assertTrue(is_same(read_course(course), quote))
            self.assertEqual(course["age_ms"], time_ms - quote.observed_at)
        print(f"{len(stale)} stale courses seen, {len(asked)} of them asked again, none with a price")

    def test_the_failover_history_shows_who_was_active_and_why(self):
        failovers = self.failovers
        self.assertEqual([spell["exchanger"] for spell in failovers][-3:], ["binance", "coingecko", "binance"])
        for earlier, later in zip(failovers, failovers[1:]):
            self.assertEqual(earlier["to"], later["from"])
        self.assertIsNone(failovers[-1]["to"])
        for spell in failovers[-2:]:
            reason = re.escape(spell["reason"])
            self.recorded.wait_for_line(f"active exchanger is now {spell['exchanger']}, was .*{reason}")
        # A restarted service has them too, and when the last one ended.
        known = self.answer(self.service, "/api/v2/exchangers")["journal"][:len(failovers)]
        self.assertIsNotNone(known[-1]["to"])
        self.assertEqual([{**known[-1], "to": None} if spell is known[-1] else spell for spell in known], failovers)
        for each in self.recorder.served:
            active = {spell["exchanger"] for spell in failovers if milliseconds(spell["from"]) <= each.answered_at
                      and (spell["to"] is None or milliseconds(spell["to"]) >= each.asked_at)}
            self.assertIn(each.exchanger, active, moment(each.asked_at))
        stopped_at = milliseconds(known[-1]["to"])
        self.assertEqual(self.ask_at("BTC-USD", stopped_at - 1)[0], "binance")
        exchanger, course = self.ask_at("BTC-USD", stopped_at)
        self.assertEqual((exchanger, course["state"]), (None, "unavailable"))
        print(f"{len(failovers)} spells explain {len(self.recorder.served)} answers: {[s['reason'] for s in failovers]}")

    # Candles and their pages

    def follow(self, path):
        """Yields each page, by `next` or by the Link header."""
        pages = 0
        while path:
            status, headers, body = get(self.service, path)
            self.assertEqual(status, 200, body)
            link = re.fullmatch(r'<(/[^>]+)>; rel="next"', headers["Link"] or "")
            if headers["Content-Type"].startswith("text/csv"):
                path = link and link.group(1)
                lines = list(csv.reader(io.StringIO(body.decode())))
                self.assertEqual(lines[0], ["time", "open", "high", "low", "close", "count"])
                yield [(milliseconds(line[0]), *map(Decimal, line[1:5]), int(line[5])) for line in lines[1:]]
            else:
                document = json.loads(body)
                path = document["next"]
                self.assertEqual(link and link.group(1), path)
                yield [(milliseconds(each["time"]), *(Decimal(each[name]) for name in ("open", "high", "low", "close")),
                        each["count"]) for each in document["candles"]]
            pages += 1
            self.assertLess(pages, 1000, "pages without an end")

    def test_pages_hold_all_rows_once_as_json_and_as_csv(self):
        begin, end = self.recorder.served[0].asked_at, self.recorder.served[-1].answered_at
        rows = [row for row in self.postgres.rows() if row.direction == "BTC-RUB"]
        counts = []
        for interval, exchanger, limit in (("1s", "binance", 7), ("1s", "coingecko", 1), ("1s", "binance", 1500),
                                           ("1m", "binance", 1), ("1m", "coingecko", 500), ("5m", "binance", 2),
                                           ("15m", "binance", 1), ("1h", "binance", 3), ("1d", "coingecko", 1)):
            length = INTERVALS[interval] * SECOND
            remade = make_candles([row for row in rows if row.venue == exchanger], length)
            first = begin - begin % length
            expected = [(start, *candle) for (_, _, start), candle in sorted(remade.items()) if first <= start < end]
            query = f"?from={moment(begin)}&to={moment(end)}&interval={interval}&exchanger={exchanger}&limit={limit}"
            for path in ("/api/v2/history/BTC-RUB", "/api/v2/history/BTC-RUB/candles.csv"):
                pages = list(self.follow(path + query))
                self.assertTrue(all(len(page) == limit for page in pages[:-1]), [len(page) for page in pages])
                self.assertLessEqual(len(pages[-1]), limit)
                self.assertEqual([candle for page in pages for candle in page], expected, path + query)
            counts.append(f"{interval} {exchanger} {len(expected)} in {len(pages)}")
        print("candles in pages, equal as JSON, as CSV and remade from rows: " + ", ".join(counts))

    def test_nothing_is_made_up_where_nothing_was_recorded(self):
        # A machine that stands still may cause other failovers.
        muted = next(spell for spell in reversed(self.failovers) if milliseconds(spell["from"]) < self.unmuted_at)
        self.assertEqual(muted["exchanger"], "coingecko")
        first, last = milliseconds(muted["from"]), milliseconds(muted["to"])
        seconds = {row.second for row in self.postgres.rows("binance") if row.direction == "BTC-USD"}
        path = f"/api/v2/history/BTC-USD?from={moment(first)}&to={moment(last)}&interval=1s&exchanger=binance"
        shown = {milliseconds(candle["time"]) for candle in self.answer(self.service, path)["candles"]}
        self.assertEqual(shown, {second for second in seconds if second_of(first) <= second < last})
        empty = "/api/v2/history/BTC-USD?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z&interval=1h"
        answer = self.answer(self.service, empty)
        self.assertEqual((answer["candles"], answer["next"]), ([], None))
        lacking = (last - first) // SECOND - len(shown)
        self.assertGreater(lacking, 3)
        print(f"{(last - first) / SECOND:.0f} s of failover: {len(shown)} candles of a second, {lacking} seconds have none")

    def test_the_stored_candles_are_those_of_the_rows(self):
        minutes, hours = self.assert_candles_are_right(self.postgres)
        print(f"{minutes} minutes, {hours} hours remade from {self.postgres.count_quotes()} rows, equal to the digit")


class PresentTest(HistoryTest):
    """A service that keeps recording while it is queried."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = Database()
        cls.addClassCleanup(cls.postgres.close)
        cls.service = Service(BUILD, {**cls.simulator.settings(), "DATABASE_URL": cls.postgres.url})
        cls.addClassCleanup(cls.end, cls.service)
        cls.service.wait_for_courses(8, exchanger="binance")

    def setUp(self):
        super().setUp()
        self.wait_until_written(self.postgres, now())

    def test_this_very_moment_is_not_written_yet(self):
        # If it is answered at once, then because the rest of its second has overtaken it: the answer stays the same.
        statuses = Counter()
        answered = {}
        for i in range(100):
            direction = DIRECTIONS[i % len(DIRECTIONS)]
            as_of = milliseconds(self.answer(self.service, "/api/v2/courses")["as_of"])
            path = course_at(direction, as_of, "binance")
            status, headers, body = get(self.service, path)
            statuses[status] += 1
            if status == 200:
                answered[path] = body
                continue
            self.assertEqual((status, headers["Retry-After"]), (503, "1"), body)
            self.assertIn("not written yet", json.loads(body)["detail"])
        self.wait_until_written(self.postgres, now())
        for path, body in answered.items():
            self.assertEqual(get(self.service, path)[2], body)
        self.assertGreater(statuses[503], 0)
        print(f"asked about this very moment: {dict(statuses)}, each 200 the same when it was asked again")

    def test_a_moment_must_be_one_and_have_passed(self):
        for text, words in (("2030-01-01T00:00:00Z", "future"), (moment(now() + 60 * SECOND), "future"),
                            ("9999-12-31T23:59:59Z", "future"), ("0001-01-01T00:00:00Z", "2009-01-03"),
                            ("yesterday", "at"), ("", "at"), ("1763856000", "at"), ("2026-11-23", "at"),
                            ("2026-13-01T00:00:00Z", "at"), ("2026-02-30T00:00:00Z", "at"),
                            ("2026-11-23T10:00:00", "at"), ("2026-11-23T25:00:00Z", "at"),
                            ("2026-11-23T10:00:00+99:00", "at")):
            detail = self.problem(self.service, f"/api/v2/courses/BTC-USD?at={escaped(text)}", 400)
            self.assertIn(words, detail)
        before = self.answer(self.service, "/api/v2/courses/BTC-USD?at=2020-01-01T00:00:00Z")
        self.assertEqual((before["exchanger"], before["course"]["state"], before["course"]["value"]),
                         (None, "unavailable", None))

    def test_no_input_harms_history(self):
        tables = self.postgres.query(SHAPE)
        before = self.postgres.count_quotes()
        asked = Counter()
        for path, names in TAKEN.items():
            for name in names:
                for attack in ATTACKS:
                    self.refused(f"{path}?{name}={escaped(attack, safe='')}", name)
                    asked[name] += 1
            for attack in ATTACKS:
                self.refused(f"{path}?{escaped(attack, safe='')}=1", "parameter")
                asked["a name"] += 1
        for path in ("/api/v2/history/", "/api/v2/courses/"):
            for attack in ATTACKS:
                self.refused(path + escaped(attack, safe=""), "direction")
                asked["a path"] += 1
        for query, word in ABSURD.items():
            self.refused("/api/v2/history/BTC-USD?" + query, word)
            asked["absurd"] += 1
        self.assertEqual(self.postgres.query(SHAPE), tables)
        wait_until(lambda: self.postgres.count_quotes() > before, "history goes on")
        self.assertTrue(self.answer(self.service, "/api/v2/history/BTC-USD?interval=1s")["candles"])
        bad = [line for line in self.service.lines if " error " in line or " critical " in line]
        self.assertEqual(bad, [])
        print(f"{sum(asked.values())} bad questions, all refused with 400 and their reason: {dict(asked)}; "
              f"tables untouched, {before} rows then, {self.postgres.count_quotes()} now")

    def refused(self, path, word):
        detail = self.problem(self.service, path, 400)
        self.assertIn(word.lower(), detail.lower(), path)
        self.assertTrue(detail.endswith("."), detail)
        for inside in ("relation", "syntax error", "pqxx", "libpq", "psql"):
            self.assertNotIn(inside, detail.lower())


def get(service, path, headers=None):
    parts = urlsplit(service.url)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


# Of the public schema: tables, columns and constraints.
SHAPE = ("select table_name, column_name, data_type from information_schema.columns where table_schema = 'public' "
         "and table_name not like 'quotes\\_%' union all select conname, contype::text, '' from pg_constraint as c "
         "join pg_class as t on t.oid = c.conrelid where t.relname not like 'quotes\\_%' order by 1, 2, 3")

TAKEN = {
    "/api/v2/history/BTC-USD": ["from", "to", "interval", "exchanger", "limit"],
    "/api/v2/courses/BTC-USD": ["at", "exchanger", "max_age"],
    "/api/v2/courses": ["direction", "exchanger", "max_age"],
    "/api/v1/courses": ["direction", "exchanger", "max_age"],
}

ATTACKS = [
    "'", "''", '"', "\\", "`", ";", "--", "$1", "%", "%s", "' or '1'='1", "' or 1=1 --", "1 or 1=1",
    "1; drop table quotes", "'; drop table quotes cascade; --", "BTC-USD'; truncate quotes; --", "BTC-USD' --",
    "binance'; delete from series; --",
    "1m'; drop table minute_candles; --", "2026-11-23T00:00:00Z'; drop table quotes; --", "\\'; drop table quotes; --",
    "$$; drop table quotes; $$", "') union select checksum from schema_migrations --", "(select pg_sleep(9))",
    "now()", "infinity", "-infinity", "epoch", "NaN", "null", "true", "{}", "[]", '{"$gt":""}', "1e9", "0x10", "-1",
    "0",
    "99999999999999999999", "BTC-USD\0", "\0", "\r\nX: 1", "\u0422-USD", "BTC\u2010USD", "\U0001f4b8", "A" * 1000,
    "../../etc/passwd",
    "<script>alert(1)</script>", "${jndi:ldap://x}", " BTC USD", "BTC-USD-",
]

# The parts of the query that the plan must mention.
ABSURD = {
    "from=2026-11-23T01:00:00Z&to=2026-11-23T00:00:00Z": "before to",
    "from=2026-11-23T01:00:00Z&to=2026-11-23T01:00:00Z": "before to",
    "from=2999-01-01T00:00:00Z": "from", "to=2999-01-01T00:00:00Z": "to", "from=9999-12-31T23:59:59.999Z": "from",
    "from=0000-01-01T00:00:00Z": "from", "from=1970-01-01T00:00:00Z&interval=1s": "from",
    "from=292277026596-12-04T15:30:08Z": "from", "to=-0001-01-01T00:00:00Z": "to",
    "from=2026-11-23T00:00:00": "from", "from=2026-11-23": "from", "from=2026-11-23T24:00:00Z": "from",
    "from=2026-11-31T00:00:00Z": "from", "from=2026-11-23T00:00:00%2B24:00": "from", "from=1763856000": "from",
    "interval=2m": "interval", "interval=60": "interval", "interval=1M": "interval", "interval=1s1m": "interval",
    "interval=": "interval", "limit=0": "limit", "limit=1501": "limit", "limit=-5": "limit", "limit=1.5": "limit",
    "limit=1e2": "limit", "limit=": "limit", "limit=5&limit=6": "limit", "from=2026-11-23T00:00:00Z&from=x": "from",
    "exchanger=mtgox": "exchanger", "exchanger=cbr": "exchanger", "exchanger=": "exchanger",
    "direction=BTC-USD": "parameter", "Interval=1m": "interval", "from=%zz": "percent",
}


if __name__ == "__main__":
    unittest.main()
