"""What was recorded leads to the same rates again: every change, and every answer."""

import gzip
import json
import re
import subprocess
import tempfile
import time
import unittest
from datetime import datetime, timezone
from pathlib import Path

from stack import BUILD, Poller, Service, Simulator, call, wait_for

KURS = Path(BUILD) / "src" / "kurs"
VENUES = {"VENUES": ""}  # all
KEY = "CG-a-key-that-nobody-may-read"
LIMIT = 300  # seconds for a replay, of a sanitized build on a busy machine


def recordings(folder):
    return sorted(Path(folder).glob("rates.*.tape.gz"))


def replay(file, *options):
    return subprocess.run([KURS, "replay", str(file), *options], capture_output=True, text=True, timeout=LIMIT, check=False)


def as_time(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_age(body):
    """What does not depend on the moment at which it is asked for."""
    answer = json.loads(body)
    del answer["as_of"]
    for course in answer["courses"]:
        del course["age_ms"], course["reason"]
    return answer


class RecordingTest(unittest.TestCase):
    def setUp(self):
        self.simulator = Simulator(BUILD)
        self.addCleanup(self.simulator.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, **settings):
        service = Service(BUILD, {**self.simulator.settings(), **VENUES, "RECORD_FILE": self.folder + "/rates", **settings})
        self.addCleanup(service.stop)
        service.wait_for_courses(8)
        return service

    def replayed(self, file):
        result = replay(file)
        self.assertEqual(result.returncode, 0, result.stderr[-500:])
        self.assertRegex(result.stderr, r"replayed \d+ frames and responses .* changes, all as recorded")
        return result

    def test_every_change_and_every_answer_is_computed_again(self):
        service = self.start(COINGECKO_API_KEY=KEY, COINGECKO_PLAN="demo")
        answers = []

        def keep(_, status, __, body):
            self.assertEqual(status, 200)
            answers.append(body)

        poller = Poller(service.url + "/api/v2/courses", keep)
        poller.start()
        time.sleep(2)
        self.simulator.fault("binance_stream", "cut")
        time.sleep(1)
        self.simulator.pin({"BTCUSDT": {"bid": "1.00", "ask": "1.01"}})  # disputed, and refused as a jump
        time.sleep(4)
        self.simulator.clear()
        self.simulator.fault("binance_stream", "refuse")
        self.simulator.fault("kraken_stream", "refuse")
        time.sleep(2)
        explanations = [json.loads(call("GET", service.url + "/api/v2/courses/BTC-USD/explain")[2]) for _ in range(20)]
        poller.stop()
        self.assertEqual(poller.failures, [])
        self.assertEqual(service.stop(), 0)

        file, = recordings(self.folder)
        first, second = self.replayed(file), self.replayed(file)
        self.assertEqual(first.stdout, second.stdout)
        changes = [json.loads(line) for line in first.stdout.splitlines()]
        self.assertGreater(len(changes), 50)
        self.assertNotIn(KEY.encode(), gzip.decompress(file.read_bytes()))

        # Versions that no other one followed within a millisecond.
        served = {before["version"]: before["visible_at"] for before, after in zip(changes, changes[1:])
                  if before["visible_at"] < after["visible_at"]}
        seen = [body for body in map(without_age, answers) if body["version"] in served]
        self.assertGreater(len(seen), 20)
        for body in seen[:: len(seen) // 4]:
            result = replay(file, f"--at={as_time(served[body['version']] / 1000)}", "--get=/api/v2/courses")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(without_age(result.stdout), body)
        explained = next(each for each in explanations if each["version"] in served)
        self.check_explanation(file, served[explained["version"]], explained)

    def check_explanation(self, file, visible_at, explained):
        result = replay(file, f"--at={as_time(visible_at / 1000)}", "--explain")
        self.assertEqual(result.returncode, 0, result.stderr)
        again = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(again), 8)
        same = next(each for each in again if each["direction"] == "BTC-USD")
        self.assertEqual(same["version"], explained["version"])
        for each in same, explained:
            del each["served"]["course"]["age_ms"], each["served"]["course"]["reason"]
        self.assertEqual(same["served"], explained["served"])

    def test_a_changed_recording_is_noticed(self):
        service = self.start()
        service.stop()
        file, = recordings(self.folder)
        changed = Path(self.folder) / "changed"
        changed.write_bytes(re.sub(rb"(?m)^frame (\d+) ", lambda found: b"frame %d " % (int(found[1]) + 1),
                                   gzip.decompress(file.read_bytes())))
        result = replay(changed)
        self.assertEqual(result.returncode, 1)
        self.assertIn("another change was made than is recorded", result.stderr)

    def test_a_killed_process_leaves_a_recording(self):
        service = self.start()
        time.sleep(3)
        service.child.kill()
        service.child.wait()
        file, = recordings(self.folder)
        self.replayed(file)

    def test_a_full_recording_is_followed_by_a_new_one_without_a_lapse(self):
        service = self.start(RECORD_KEEP="4")
        old_or_absent = []

        def check(_, status, __, body):
            rates = json.loads(body)
            if status != 200 or any(each["state"] != "fresh" for each in rates["courses"]):
                old_or_absent.append(body)

        poller = Poller(service.url + "/api/v2/courses", check)
        poller.start()
        wait_for(lambda: len(recordings(self.folder)) == 2, [service], limit=200)
        service.wait_for_line("reload: the new configuration is in force")
        poller.stop()
        self.assertEqual((poller.failures, old_or_absent[:1]), ([], []))
        time.sleep(2)
        self.assertEqual(service.stop(), 0)
        files = recordings(self.folder)
        self.assertEqual(len(files), 2)
        for file in files:
            self.replayed(file)

    def test_a_recording_that_cannot_be_written_harms_nothing(self):
        service = Service(BUILD, {**self.simulator.settings(), "RECORD_FILE": "/nonexistent/rates"})
        self.addCleanup(service.stop)
        service.wait_for_courses(8)
        self.assertTrue(service.has_line("recording /nonexistent/rates.+ cannot be created: No such file"))

    def test_wrong_usage_is_explained(self):
        for arguments in ([], ["a", "b"], ["a", "--at=yesterday", "--explain"], ["a", "--explain"], ["a", "--at=2026-11-30T14:03:00Z"]):
            result = subprocess.run([KURS, "replay", *arguments], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((result.returncode, result.stderr[:24]), (2, "kurs: usage: kurs replay"), arguments)
        result = replay("/nonexistent")
        self.assertEqual((result.returncode, result.stderr), (1, "kurs: /nonexistent: /nonexistent: cannot be read\n"))


if __name__ == "__main__":
    unittest.main()
