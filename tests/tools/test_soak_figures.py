"""What a soak calls a leak."""

import sys
import unittest
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))
from evidence.soak_figures import Sample, draw_chart, judge_growth  # noqa: E402

NOISE = (0.0, 0.4, -0.3, 0.1)


def flat_hour():
    """Warm for twenty minutes, then flat but for noise. History is kept, so Postgres grows."""
    return [Sample(at, [40 - 10 * max(0, 20 - at) / 20 + NOISE[at % 4]] * 2, 60 + at % 3, 10 + NOISE[at % 4], 14, 9 + 0.5 * at)
            for at in range(60)]


def leaky(change):
    return [replace(sample, **change(sample, sample.at - 30)) if sample.at > 30 else sample for sample in flat_hour()]


class SoakFiguresTest(unittest.TestCase):
    def test_what_is_flat_passes(self):
        rows, failures = judge_growth(flat_hour())
        self.assertEqual(failures, [])
        self.assertEqual(len(rows), 6)
        self.assertIn("<svg", draw_chart(flat_hour()))

    def test_what_grows_fails(self):
        for name, change in {
                "memory of replica 2": lambda sample, past: {"memory": [sample.memory[0], sample.memory[1] + 0.2 * past]},
                "descriptors of all replicas": lambda sample, past: {"descriptors": sample.descriptors + 3},
                "memory of Redis": lambda sample, past: {"redis": sample.redis + 0.1 * past},
                "keys of Redis": lambda sample, past: {"keys": 14 + past // 5},
                "growth of Postgres in an hour": lambda sample, past: {"postgres": sample.postgres + 0.05 * past**2}}.items():
            with self.subTest(name):
                _, failures = judge_growth(leaky(change))
                self.assertEqual([failure.partition(":")[0] for failure in failures], [name])

    def test_a_short_run_proves_nothing(self):
        self.assertEqual(len(judge_growth(flat_hour()[:7])[1]), 1)


if __name__ == "__main__":
    unittest.main()
