"""That the checks of the load test bite: python3 -m unittest discover -s locust"""

import copy
import json
import unittest
from datetime import datetime, timedelta, timezone

from checks import DIRECTIONS, Wrong, check_version_1, check_version_2

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=timezone.utc)


def text(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def course(direction):
    observed_at = text(NOW - timedelta(seconds=2))
    leg = {"venue": "binance", "symbol": "BTCUSDT", "inverted": False, "bid": "1.5", "ask": "1.6", "observed_at": observed_at}
    return {"direction": direction, "state": "fresh", "reason": None, "bid": "1.5", "value": "1.55", "ask": "1.6",
            "observed_at": observed_at, "age_ms": 2000, "fresh_until": text(NOW + timedelta(seconds=3)), "legs": [leg]}


RIGHT_1 = {"exchanger": "binance", "courses": [{"direction": name, "value": 1.25} for name in DIRECTIONS]}
RIGHT_2 = {"version": 7, "exchanger": "binance", "as_of": text(NOW), "courses": [course(name) for name in DIRECTIONS]}


class Checks(unittest.TestCase):
    def refuses(self, document, check, change, rule):
        changed = copy.deepcopy(document)
        change(changed)
        with self.assertRaisesRegex(Wrong, rule):
            check(json.dumps(changed))

    def test_what_is_right_passes(self):
        check_version_1(json.dumps(RIGHT_1))
        self.assertEqual(check_version_2(json.dumps(RIGHT_2), NOW, NOW)["version"], 7)

    def test_version_1(self):
        for change, rule in [
            (lambda d: d.update(more=1), "members"),
            (lambda d: d.update(exchanger="mtgox"), "exchanger"),
            (lambda d: d["courses"].pop(), "missing"),
            (lambda d: d["courses"].reverse(), "missing"),
            (lambda d: d["courses"][0].update(value="1.25"), "no number"),
            (lambda d: d["courses"][0].update(value=0), "positive"),
            (lambda d: d["courses"][0].update(value=1.123456789), "decimals"),
        ]:
            with self.subTest(rule=rule):
                self.refuses(RIGHT_1, check_version_1, change, rule)

    def test_consensus(self):
        part = {"exchanger": "binance", "bid": "1.5", "value": "1.55", "ask": "1.6", "age_ms": 2000, "counts": True, "reason": None}
        right = copy.deepcopy(RIGHT_2)
        right["exchanger"] = "consensus"
        for each in right["courses"]:
            each.update(legs=[], consensus={"agreement": "agreed, thin", "counted": 2, "dispersion_percent": "0.0000",
                                            "exchangers": [part, dict(part, exchanger="kraken")]})
        check_version_2(json.dumps(right), NOW, NOW)
        for change, rule in [
            (lambda d: d["courses"][0].update(legs=RIGHT_2["courses"][0]["legs"]), "has legs"),
            (lambda d: d["courses"][0]["consensus"]["exchangers"].pop(), "fewer than two"),
            (lambda d: d["courses"][0].update(bid="1.4", value="1.45"), "beyond its parts"),
            (lambda d: d["courses"][0].pop("consensus"), "members"),
        ]:
            with self.subTest(rule=rule):
                self.refuses(right, lambda body: check_version_2(body, NOW, NOW), change, rule)

    def test_version_2(self):
        def first(**changes):
            return lambda d: d["courses"][0].update(changes)

        def leg(**changes):
            return lambda d: d["courses"][0]["legs"][0].update(changes)

        old = text(NOW - timedelta(seconds=6))
        for change, rule in [
            (lambda d: d.update(as_of=text(NOW - timedelta(seconds=9))), "as_of"),
            (lambda d: d.update(version="7"), "version"),
            (first(state="stale", reason="old", bid=None, value=None, ask=None), "a course is stale"),
            (first(state="stale", reason="old"), "not fresh is shown"),
            (first(bid="1.7"), "bid <= value <= ask"),
            (first(value=1.55), "no text"),
            (first(age_ms=1000), "age_ms"),
            (first(fresh_until=text(NOW)), "fresh_until"),
            (leg(observed_at=old), "oldest leg"),
            (lambda d: (leg(observed_at=old)(d), first(observed_at=old, age_ms=6000)(d)), "older than its limit"),
            (leg(venue="mtgox"), "unknown venue"),
            (first(legs=[]), "no legs"),
        ]:
            with self.subTest(rule=rule):
                self.refuses(RIGHT_2, lambda body: check_version_2(body, NOW, NOW), change, rule)

    def test_malformed(self):
        for body in ("", "[]", '{"exchanger":'):
            with self.assertRaises(Wrong):
                check_version_1(body)


if __name__ == "__main__":
    unittest.main()
