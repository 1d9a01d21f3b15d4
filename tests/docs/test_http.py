"""Every requirement in docs/http.md names a test that exists."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = {"unit": "tests/server", "api": "tests/api", "system": "tests/system"}
NAMED = re.compile(r"`(unit|api|system)/([\w.]+):(\w+)`")


def rows(text):
    """The rows of tables whose last column is that of tests."""
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        head, _, *others = table.splitlines()
        if re.search(r"\| tests? \|$", head):
            yield from others


def has_test(folder, file, name):
    path = ROOT / FOLDERS[folder] / file
    mark = rf"^ +def {name}\(self" if file.endswith(".py") else rf"^TEST(?:_F|_P)?\(\w+, {name}\)"
    return path.exists() and bool(re.search(mark, path.read_text(encoding="utf-8"), re.M))


class HttpTest(unittest.TestCase):
    def test_every_row_names_tests_that_exist(self):
        found = list(rows((ROOT / "docs/http.md").read_text(encoding="utf-8")))
        self.assertGreater(len(found), 80)
        for row in found:
            with self.subTest(row):
                named = NAMED.findall(row.split("|")[-2])
                self.assertTrue(named, "no test")
                self.assertEqual([test for test in named if not has_test(*test)], [])

    def test_what_does_not_exist_is_found(self):
        self.assertTrue(has_test("unit", "conformance_test.cpp", "ATrailerIsNotAHeader"))
        for test in (("unit", "conformance_test.cpp", "ATrailer"), ("unit", "none_test.cpp", "ATrailerIsNotAHeader"),
                     ("system", "test_push.py", "none"), ("system", "test_push.py", "est_methods")):
            self.assertFalse(has_test(*test), test)
        self.assertEqual(list(rows("| a | tests |\n|---|---|\n| b | |\n\n| a | b |\n|---|---|\n| c | d |\n")), ["| b | |"])


if __name__ == "__main__":
    unittest.main()
