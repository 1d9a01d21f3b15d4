"""When the guard of instructions bites."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))
from count_instructions import RECORDED, deviations  # noqa: E402


class GuardTest(unittest.TestCase):
    def test_only_more_than_a_tenth_in_either_direction_is_named(self):
        recorded = {"a frame": 1000, "a fresh request": 2000}
        self.assertEqual(list(deviations({"a frame": 1099, "a fresh request": 1801}, recorded)), [])
        worse, better = deviations({"a frame": 1101, "a fresh request": 1799}, recorded)
        self.assertIn("a frame: 1,101, +10% of the recorded 1,000", worse)
        self.assertIn("record the better value", better)

    def test_all_values_are_recorded(self):
        self.assertEqual(set(json.loads(RECORDED.read_text())), {
            "a repeated request", "a fresh request", "a frame", "a change answered", "a change told", "bytes of the program"})


if __name__ == "__main__":
    unittest.main()
