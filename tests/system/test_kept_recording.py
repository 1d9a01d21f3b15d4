"""The recording in tests/recordings still leads to the changes and responses of the day on which it was made.

It holds some seconds of the simulator: streams, polls and listings of all venues, a lost connection and two refused prices of Binance, and
a dispute of Coinbase. It holds no data of real venues and no keys. After an intended change of the rules, run tools/renew_recording.py,
which makes the recording and the expected responses anew.
"""

import gzip
import hashlib
import json
import unittest
from collections import Counter

from test_recording import replay
from renew_recording import SERVED, TAPE

ADVICE = "after an intended change: tools/renew_recording.py"
VENUES = {"binance", "coingecko", "cbr", "kraken", "okx", "bybit", "coinbase"}


class KeptRecordingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.expected = json.loads(SERVED.read_text(encoding="utf-8"))

    def replayed(self, *options):
        result = replay(TAPE, *options)
        self.assertEqual(result.returncode, 0, f"{result.stderr[-500:]}\n{ADVICE}")
        return result.stdout

    def test_every_change_is_computed_again(self):
        first, second = self.replayed(), self.replayed()
        self.assertEqual(first, second)
        self.assertEqual((first.count("\n"), hashlib.sha256(first.encode()).hexdigest()),
                         (self.expected["changes"], self.expected["sha256"]), ADVICE)

    def test_every_response_is_as_it_was_served(self):
        self.assertGreater(len(self.expected["answers"]), 10)
        for answer in self.expected["answers"]:
            body = self.replayed(f"--at={answer['at']}", f"--get={answer['target']}")
            self.assertEqual(body, answer["body"] + "\n", f"{answer['target']} at {answer['at']}; {ADVICE}")

    def test_it_holds_what_it_is_for(self):
        self.assertLess(TAPE.stat().st_size, 300_000)
        records = list(read_records(gzip.decompress(TAPE.read_bytes())))
        names = {feed: payload.decode() for kind, feed, payload in records if kind == "feed"}
        heard = Counter((kind, names.get(feed)) for kind, feed, _ in records)
        self.assertEqual({name.split("/")[0].split()[0] for name in names.values()}, VENUES)
        self.assertTrue(heard["response", "cbr"])
        self.assertEqual((heard["open", "binance/1"], heard["open", "binance/2"]), (2, 1), "one connection was lost")
        self.assertIn('"state":"disputed"', "".join(answer["body"] for answer in self.expected["answers"]))
        explained = self.replayed(f"--at={self.expected['answers'][-1]['at']}", "--explain")
        self.assertIn('"symbol":"BTCUSDT","reason":"jump"', explained)
        self.assertIn('"source":"cbr: USD/RUB","state":"fresh"', explained)


def read_records(tape):
    """Kind, number of the feed, and payload."""
    at = 0
    while at < len(tape):
        end = tape.index(b"\n", at)
        kind, _, feed, size = tape[at:end].split()
        at = end + 1 + int(size) + 1
        yield kind.decode(), feed, tape[end + 1:at - 1]


if __name__ == "__main__":
    unittest.main()
