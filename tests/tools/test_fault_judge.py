"""What the fault matrix calls wrong, old and a gap."""

import random
import sys
import unittest
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))
from evidence.fault_judge import FaultJudge, Sample, sum_up  # noqa: E402
from evidence.fault_market import Ledger, bitcoin, peg  # noqa: E402
from evidence.fault_rows import LIES, matrix  # noqa: E402
from evidence.fault_tables import missed  # noqa: E402

NOW = 1000.0
AS_OF = "2026-11-30T12:00:00.000Z"


class Market:
    """Kraken's book rises by 10 a second and is 64000 now."""

    def __init__(self):
        self.ledger = Ledger()
        for second in range(-30, 1):
            self.ledger.note("BTC/USD", Decimal(64000 + 10 * second), NOW + second)

    def true_range(self, since, until):
        return 64000 + 10 * (since - NOW), 64000 + 10 * (min(until, NOW) - NOW)


def answer(bid, value=None, seconds_old=1, state="fresh"):
    leg = {"venue": "kraken", "symbol": "BTC/USD", "inverted": False, "bid": str(bid), "ask": str(bid),
           "observed_at": f"2026-11-30T11:59:{60 - seconds_old:02}.000Z"}
    return {"version": 1, "exchanger": "kraken", "as_of": AS_OF, "courses": [
        {"direction": "BTC-USD", "state": state, "value": str(value or bid), "legs": [leg]}]}


def judged(document):
    return FaultJudge(Market(), {"BTC-USD"}).judge(Sample(NOW, "default", 200), document)


class JudgeTest(unittest.TestCase):
    def test_a_value_of_now_passes(self):
        sample = judged(answer(64000))
        self.assertEqual((sample.wrong, sample.old, sample.missing, sample.oldest), ([], [], 0, (0.0, 0.0, 5, "kraken")))

    def test_an_age_comes_from_the_simulator_and_not_from_the_answer(self):
        self.assertEqual(judged(answer(63970)).oldest[1], 2)  # replaced 2 s ago by 63980
        sample = judged(answer(63900, seconds_old=1))
        self.assertEqual(sample.old, ["BTC-USD: kraken BTC/USD was 63900 9.00 s ago, limit 5 s"])

    def test_an_age_beyond_the_limit_is_old_though_the_price_is_true(self):
        self.assertIn("a leg of kraken that is 9.00 s old", judged(answer(64000, seconds_old=9)).old[0])

    def test_a_price_that_never_was_is_wrong(self):
        self.assertIn("was never 640000", judged(answer(640000)).wrong[-1])
        self.assertEqual(judged(answer("63990.5")).wrong, [])  # rounded by the venue

    def test_a_value_is_the_product_of_its_legs(self):
        self.assertIn("not the product of its legs", judged(answer(64000, value=64001)).wrong[0])

    def test_what_is_not_fresh_is_missing_and_not_judged(self):
        sample = judged(answer(1, state="stale"))
        self.assertEqual((sample.wrong, sample.old, sample.missing), ([], [], 1))

    def test_version_1_is_judged_by_the_price_of_the_last_seconds(self):
        first = {"exchanger": "kraken", "courses": [{"direction": "BTC-USD", "value": "63980.5"}]}
        self.assertEqual(judged(first).wrong, [])
        first["courses"][0]["value"] = "60000"
        self.assertEqual(len(judged(first).wrong), 1)

    def test_a_price_that_is_true_again_is_young(self):
        ledger = Ledger()
        for at, price in ((1, 5), (2, 6), (3, 5)):
            ledger.note("x", price, at)
        self.assertEqual([ledger.age("x", price, 9) for price in (5, 6, 7)], [0, 6, None])


class SumTest(unittest.TestCase):
    def test_gap_switch_and_return_are_those_of_the_clients(self):
        def sample(at, target, exchanger, missing=0):
            return Sample(at, target, 200, exchanger=exchanger, missing=missing)
        default = [(0, "okx"), (5, None, 8), (6, "kraken"), (14, "okx")]
        own = [(0, "okx"), (4, "okx", 8), (12, "okx", 8), (13, "okx")]
        samples = [sample(at, "default", *what) for at, *what in default] + [sample(at, "okx", *what) for at, *what in own]
        found = sum_up(samples, "okx", 0, 10, 15, None)
        times = [found[name] for name in ("gap", "detect", "switch", "back")]
        self.assertEqual(times, [1, 4, 6, 3])
        self.assertEqual([found[name] for name in ("wrong", "old", "failed")], [0, 0, 0])

    def test_a_gap_at_one_replica_is_a_gap(self):
        samples = [Sample(at, "default", 200, replica, missing=8 if replica and at < 5 else 0)
                   for at in range(9) for replica in (0, 1)]
        found = sum_up(samples, "", 0, 3, 8, None)
        self.assertEqual([found[name] for name in ("gap", "detect", "back")], [5, 0, 2])

    def test_each_goal_can_be_missed(self):
        result = {"where": "okx_stream", "name": "mute", "group": "streams", "wrong": 0, "old": 0, "failed": 0, "problems": [],
                  "is_back": True, "is_awaited": True}
        self.assertEqual(missed([result]), [])
        for change in ({"wrong": 1}, {"old": 1}, {"failed": 1}, {"is_back": False}, {"failure": "no stack"},
                       {"group": "rest", "asked": 0}):
            self.assertEqual(len(missed([result | change])), 1, change)


class MatrixTest(unittest.TestCase):
    def test_a_seed_gives_the_same_faults_each_once(self):
        first, again, other = ([row.label for row in matrix(random.Random(seed), 10, 10)] for seed in (1, 1, 2))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual(len(first), len(set(first)))

    def test_each_kind_of_fault_of_each_endpoint_is_a_row(self):
        rows = matrix(random.Random(1), 0, 0)
        for venue in ("binance", "coingecko", "kraken", "okx", "bybit", "coinbase"):
            names = {row.name for row in rows if row.where == f"{venue}_stream"}
            self.assertLessEqual({"mute", "blackhole", "cut rst", "refuse 451", "corrupt jump", "tls expired", "lose_ack"}, names)
        self.assertTrue(all(row.is_lie for row in rows if row.name.split()[-1] in LIES))

    def test_an_old_price_is_another_price(self):
        prices = [bitcoin(now / 8) for now in range(8 * 60)]
        self.assertEqual(len(set(round(price, 1) for price in prices)), len(prices))
        self.assertTrue(all(abs(peg(now)[coin] - 1) < 0.001 for now in range(200) for coin in ("usdt", "usdc")))


if __name__ == "__main__":
    unittest.main()
