"""What the replicas recorded during the drills leads to the same changes again, whatever was done to them."""

import unittest

from composed import REPLICAS, running


class RecordingsTest(unittest.TestCase):
    def test_every_recording_of_the_drills_is_computed_again(self):
        stack = running()
        replica = REPLICAS[0]
        files = stack.compose("exec", "-T", replica, "sh", "-c", "ls /var/lib/kurs").split()
        self.assertGreaterEqual(len(files), 2, "the leader was killed")
        for file in files:
            result = stack.compose("exec", "-T", replica, "sh", "-c",
                                   f"kurs replay /var/lib/kurs/{file} 2>&1 >/dev/null", limit=300)
            print(f"{file}: {result.strip()}", flush=True)
            self.assertIn("all as recorded", result)


if __name__ == "__main__":
    unittest.main()
