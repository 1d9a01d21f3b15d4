"""The unit of systemd: it is valid and confined, and what it forbids Kurs does not need."""

import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

from stack import ROOT, StackTest, call

import processes

UNIT = ROOT / "systemd" / "kurs.service"
FILTERED = [sys.executable, "-B", str(Path(__file__).parent / "filtered.py"), str(UNIT)]
EXPOSURE = 12  # tenths; systemd calls up to 19 "OK"


class UnitTest(unittest.TestCase):
    def test_it_is_valid(self):
        checked = subprocess.run(["systemd-analyze", "verify", UNIT], text=True, capture_output=True, check=False)
        said = [line for line in checked.stderr.splitlines() if "kurs" in line and "is not executable" not in line]
        self.assertEqual(said, [])

    def test_its_exposure_is_as_documented(self):
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", UNIT]
        checked = subprocess.run(command, text=True, capture_output=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        print(checked.stdout.splitlines()[-1])

    def test_the_filter_of_the_tests_forbids_what_the_unit_forbids(self):
        for code, is_allowed in (("import os; os.nice(1)", False), ("import os; os.setuid(1)", False),
                                 ("import os; os.chroot('/')", False), ("import os; os.getpid()", True)):
            with self.subTest(code):
                done = subprocess.run([*FILTERED, sys.executable, "-c", code], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode == 0, is_allowed, done.stderr)


class FilteredServiceTest(StackTest):
    @classmethod
    def setUpClass(cls):
        start = processes.Process.__init__

        def start_filtered(process, command, *arguments, **options):
            start(process, [*FILTERED, *command] if command[0].endswith("/kurs") else command, *arguments, **options)

        # The leak sanitizer traces the process, which the unit forbids.
        with mock.patch.object(processes.Process, "__init__", start_filtered), \
                mock.patch.dict("os.environ", {"ASAN_OPTIONS": "detect_leaks=0"}):
            super().setUpClass()

    def test_kurs_serves_under_the_filter(self):
        self.service.wait_for_courses(8, exchanger="binance")
        self.service.wait_for_courses(8, "?exchanger=coingecko")
        for path in ("/", "/metrics", "/readyz", "/api/v2/exchangers"):
            self.assertEqual(call("GET", self.service.url + path)[0], 200, path)
        seccomp = Path(f"/proc/{self.service.child.pid}/status").read_text()
        self.assertIn("Seccomp:\t2", seccomp)


if __name__ == "__main__":
    unittest.main()
