"""What docs/performance.md says of results."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))
from benchmark.document import DOCUMENT, MAKERS, goals, short, spread  # noqa: E402
from benchmark.http import summarize  # noqa: E402
from evidence.sections import replaced  # noqa: E402


def window(cpu_us, p99, memory_mb=19.0):
    return {"cpu_us": cpu_us, "rate": 1e5, "memory_mb": memory_mb, "own_mb": 9.0, "p50": 400, "p99": p99, "p999": 2 * p99}


def rounds(*kurs):
    return [{count: {"floor": window(8.0, 1000), "nginx": window(10.0, 1100), "Kurs": each, "FastAPI": window(240.0, 30000)}
             for count in ("64", "1000")} for each in kurs]


class DocumentTest(unittest.TestCase):
    def test_a_goal_is_met_or_said_not_to_be(self):
        for cpu_us, floor, nginx in ((8.0, "met", "met"), (8.5, "met", "**not met**"), (9.0, "**not met**", "**not met**")):
            with self.subTest(cpu_us):
                rows = goals({"http": summarize(rounds(window(cpu_us, 1200)))}).splitlines()[2:]
                self.assertEqual([row.split(" | ")[-1].rstrip(" |") for row in rows[:2]], [floor, nginx])

    def test_a_ratio_is_taken_within_a_round(self):
        found = summarize(rounds(window(8.0, 1000), window(16.0, 1000), window(12.0, 1000)))
        self.assertEqual(found["ratios"]["64"]["floor"]["cpu_us"], {"median": 1.5, "least": 1.0, "most": 2.0})
        self.assertEqual(spread(found["medians"]["64"]["Kurs"]["cpu_us"]), "12.0 (8.00–16.0)")

    def test_numbers_have_about_three_digits(self):
        self.assertEqual([short(value) for value in (0, 0.034, 1.234, 12.34, 1234.5)], ["0", "0.034", "1.23", "12.3", "1,234"])

    def test_every_section_has_its_place(self):
        text = DOCUMENT.read_text(encoding="utf-8")
        for name in (*MAKERS, "goals", "serves"):
            self.assertIn(f"-->\n\nmade\n\n<!-- /{name} -->", replaced(text, name, "made"))


if __name__ == "__main__":
    unittest.main()
