"""What the tests of a venue through the whole service share."""

import json
import re
import tempfile
import time
from pathlib import Path

from stack import DIRECTIONS, Poller, StackTest, call, parse_exact, wait_for


class VenueTest(StackTest):
    """One venue, of the built-in market map or of one of its own."""

    venue = ""
    directions = tuple(DIRECTIONS)  # that it serves
    markets = None  # a market map

    @classmethod
    def setUpClass(cls):
        cls.settings = {"LOG_LEVEL": "debug", **cls.settings}
        if cls.markets:
            path = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "markets.json"
            path.write_text(json.dumps(cls.markets), encoding="utf-8")
            cls.settings["MARKETS_FILE"] = str(path)
        super().setUpClass()

    def courses(self, service=None):
        status, _, body = call("GET", f"{(service or self.service).courses_url}?exchanger={self.venue}")
        return {each["direction"]: each["value"] for each in parse_exact(body)["courses"]} if status == 200 else {}

    def wait_for(self, *directions, limit=30):
        """Until the venue serves these directions and no other. How long it took."""
        began = time.monotonic()
        while (served := set(self.courses())) != set(directions):
            if time.monotonic() - began > limit:
                self.fail(f"served: {sorted(served)}\n" + "\n".join(self.service.lines[-30:]))
            time.sleep(0.02)
        return time.monotonic() - began

    def check_served(self, seconds, *directions):
        """These directions, or all, are served all the time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.assertLessEqual(set(directions or self.directions), set(self.courses()), "\n".join(self.service.lines[-30:]))
            time.sleep(0.02)

    def without(self, *bases):
        return [direction for direction in self.directions if direction.split("-")[0] not in bases]

    def fault(self, kind, **details):
        self.simulator.fault(f"{self.venue}_stream", kind, **details)

    def wait_for_line(self, pattern, seen=0, limit=30):
        wait_for(lambda: any(re.search(pattern, line) for line in self.service.lines[seen:]), [self.service], limit)

    def oldest(self, seconds):
        """The greatest age in ms of the dollar rates, while a client polls for so long and each of them is fresh."""
        oldest = [0]

        def note(_asked_at, status, _headers, body):
            assert status == 200, status
            for course in json.loads(body)["courses"]:
                assert course["state"] == "fresh", course
                oldest[0] = max(oldest[0], course["age_ms"])
        directions = ",".join(each for each in self.directions if each.endswith("-USD"))
        poller = Poller(f"{self.service.url}/api/v2/courses?exchanger={self.venue}&direction={directions}", note)
        poller.start()
        time.sleep(seconds)
        poller.stop()
        self.assertEqual(poller.failures, [])
        return oldest[0]
