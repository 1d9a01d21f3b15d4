"""Tests that the drills' judge detects faults. Needs no stack."""

import json
import time
import unittest
from datetime import datetime, timezone
from decimal import Decimal

import composed  # noqa: F401; it names the folders that the others import from
from checks import DIRECTIONS
from client import PATHS, Request
from judge import Judge
from rows import Row, compare

SERIES = ("binance", "BTC-USD")
SECOND = 1_795_417_000_000
ONE, ANOTHER = "192.0.2.1:8080", "192.0.2.2:8080"  # replicas
LEGS = [(SECOND + 300, "1.5", "1.6")]


def text(time_ms):
    return datetime.fromtimestamp(time_ms / 1000, timezone.utc).isoformat(timespec="milliseconds")


def answer(as_of, version=7, age=2000, exchanger="binance"):
    """A response of version 2."""
    leg = {"venue": exchanger, "symbol": "BTCUSDT", "inverted": False, "bid": "1.5", "ask": "1.6",
           "observed_at": text(as_of - age)}
    course = {"state": "fresh", "reason": None, "bid": "1.5", "value": "1.55", "ask": "1.6", "age_ms": age,
              "observed_at": text(as_of - age), "fresh_until": text(as_of - age + 5000), "legs": [leg]}
    return {"version": version, "exchanger": exchanger, "as_of": text(as_of),
            "courses": [{"direction": direction, **course} for direction in DIRECTIONS]}


class JudgeTest(unittest.TestCase):
    def setUp(self):
        self.judge = Judge()
        self.now = time.time_ns() // 1_000_000

    def take(self, document, path=PATHS[1], status=200, floor=0, name="drill-1"):
        request = Request(name, path, 0.0, self.now / 1000, floor)
        return self.judge.take(request, status, json.dumps(document), late=0.0)

    def order(self, *answers):
        """Judges consecutive responses: each with its version and nginx's upstream entry."""
        passed_on = {}
        for i, (version, asked) in enumerate(answers):
            self.take(answer(self.now), floor=0, name=f"drill-{i}")
            shown = self.judge.shown[-1]
            shown.version, shown.sent_at, shown.received_at = version, self.now + i, self.now + i + 0.5
            if asked:
                passed_on[f"drill-{i}"] = (asked, "200", "0.001")
        return self.judge.judge_order(passed_on)

    def test_what_is_right_passes(self):
        self.assertEqual(self.take(answer(self.now)), 7)
        self.assertEqual((self.judge.failures.total(), self.judge.oldest), (0, 2.0))

    def test_another_status_and_another_shape_are_failures(self):
        self.take({"detail": "Nothing fresh."}, status=503)
        self.take({"courses": []})
        self.take({"courses": []}, PATHS[0])
        self.assertEqual(self.judge.failures.total(), 3)

    def test_an_old_price_is_told_and_a_failure(self):
        self.take(answer(self.now, age=5100))
        self.assertEqual((self.judge.failures.total(), self.judge.oldest), (1, 5.1))

    def test_versions_that_go_backwards(self):
        self.take(answer(self.now), floor=7)
        self.assertEqual(self.judge.backwards, 0)
        self.take(answer(self.now), floor=8)
        self.assertEqual(self.judge.backwards, 1)

    def test_versions_of_one_replica_that_go_backwards(self):
        self.assertEqual(self.order((8, ONE), (8, ONE), (7, ONE), (7, ONE)), (2, 0))
        self.assertEqual(self.judge.marked.keys(), {"drill-2", "drill-3"})

    def test_versions_of_two_replicas_are_in_no_order(self):
        self.assertEqual(self.order((8, ONE), (7, ANOTHER), (9, ONE), (8, ANOTHER)), (0, 0))

    def test_an_answer_is_of_the_last_replica_that_was_asked(self):
        for asked in (f"{ONE}, {ANOTHER}", f"{ONE} : {ANOTHER}", f"{ONE}, {ONE} : {ONE}, {ANOTHER}"):
            self.setUp()
            self.assertEqual(self.order((8, ONE), (7, asked), (6, ANOTHER)), (1, 0))

    def test_answers_under_way_at_the_same_time_are_in_no_order(self):
        for name, version in (("drill-1", 8), ("drill-2", 7)):
            self.take(answer(self.now, version), name=name)
        self.assertEqual(self.judge.judge_order({each: (ONE,) for each in ("drill-1", "drill-2")}), (0, 0))

    def test_an_answer_of_an_unknown_replica_is_told(self):
        self.assertEqual(self.order((8, ONE), (7, "")), (0, 1))

    def test_version_1_is_as_old_as_the_quote_it_shows(self):
        self.take(answer(self.now))
        for value, unknown in ((1.55, 0), (1.56, 0.5)):
            self.take({"exchanger": "binance", "courses": [{"direction": each, "value": value} for each in DIRECTIONS]},
                      PATHS[0])
            self.judge.oldest = 0.0
            self.assertEqual(self.judge.judge_version_1(self.now + 1000), unknown)
            self.assertAlmostEqual(self.judge.oldest, 2.0, delta=0.01)

    def test_an_old_value_of_version_1_counts_unless_a_stablecoin_has_few(self):
        self.take(answer(self.now))
        for prefix in ("USDT", ""):
            shown = [each for each in DIRECTIONS if each.startswith(prefix)]
            self.judge.plain = [((self.now + 4000) / 1000, (self.now + 4000) / 1000,
                                 {"exchanger": "binance", "courses": [{"direction": each, "value": "1.55"} for each in shown]})]
            self.judge.oldest = 0.0
            unknown = self.judge.judge_version_1(self.now + 5000)
            self.assertEqual((unknown, self.judge.oldest), (1, 0.0) if prefix else (0.5, 6.0))

    def test_coingecko_may_show_a_value_for_longer(self):
        self.take(answer(self.now, exchanger="coingecko"))
        at = (self.now + 30_000) / 1000
        self.judge.plain = [(at, at, {"exchanger": "coingecko",
                                      "courses": [{"direction": each, "value": "1.55"} for each in DIRECTIONS]})]
        self.assertEqual((self.judge.judge_version_1(self.now + 31_000), self.judge.oldest), (0, 0.0))


class RowsTest(unittest.TestCase):
    def judged(self, *rows, shown_at=SECOND + 400):
        sights = {SERIES: {tuple(LEGS): Sighted(shown_at)}}
        return compare(sights, {SERIES: {row.second: row for row in rows}}, SECOND + 5000)

    @staticmethod
    def row(second=SECOND, recorded_at=SECOND + 301, value="1.55"):
        legs = tuple((at, Decimal(bid), Decimal(ask)) for at, bid, ask in LEGS)
        return Row(second, recorded_at, Decimal(value), legs)

    def counts(self, verdict):
        return verdict.expected, len(verdict.lost), len(verdict.doubled), len(verdict.wrong)

    def test_what_is_right_passes(self):
        self.assertEqual(self.counts(self.judged(self.row())), (1, 0, 0, 0))

    def test_no_row_and_a_row_of_an_earlier_quote_are_losses(self):
        self.assertEqual(self.counts(self.judged()), (1, 1, 0, 0))
        self.assertEqual(self.counts(self.judged(self.row(recorded_at=SECOND + 299))), (1, 1, 0, 0))

    def test_a_quote_that_was_shown_in_a_later_second_may_have_been_recorded_then(self):
        self.assertEqual(self.counts(self.judged(shown_at=SECOND + 1000)), (0, 0, 0, 0))

    def test_the_same_quote_in_two_seconds_is_doubled(self):
        again = self.row(second=SECOND + 1000, recorded_at=SECOND + 1001)
        self.assertEqual(self.counts(self.judged(self.row(), again)), (1, 0, 2, 0))

    def test_another_value_than_was_shown_is_wrong(self):
        self.assertEqual(self.counts(self.judged(self.row(value="1.56"))), (1, 0, 0, 1))


class Sighted:
    newest_leg, value, legs = LEGS[0][0], "1.55", LEGS

    def __init__(self, shown_at):
        self.shown_at = shown_at


if __name__ == "__main__":
    unittest.main()
