#!/usr/bin/env python3
"""Makes the files of tests/recordings anew: a recording of all venues of the simulator, and what a client got meanwhile.

    tools/renew_recording.py [--build build/release]

Run it after an intended change of pricing, of a session, or of the form of recordings or responses. The test is
tests/system/test_kept_recording.py.
"""

import argparse
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
from processes import Service, Simulator  # noqa: E402

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "recordings"
TAPE, SERVED = FOLDER / "venues.tape.gz", FOLDER / "venues.json"
COURSES = "/api/v2/courses"
TARGETS = ["/api/v1/courses", "/api/v1/courses?exchanger=consensus", "/api/v2/courses?exchanger=coinbase"]
ROUNDS = 5  # kept, of the many in which a client asked for COURSES and TARGETS
SPEED = 0.5  # of prices


def ask(connection, target):
    connection.request("GET", target)
    return connection.getresponse().read().decode()


def as_of(body):
    return json.loads(body)["as_of"]


def is_same_board(before, after):
    """Whether two bodies of COURSES differ in nothing but the time of their request."""
    before, after = (re.sub(r'"as_of":"[^"]*"|"age_ms":\d+|\d+ s old', "", body) for body in (before, after))
    return before == after


def ask_round(connection):
    """What a client got at moments that its responses name; none if the board changed meanwhile."""
    before = ask(connection, COURSES)
    bodies = {target: ask(connection, target) for target in TARGETS}
    if not is_same_board(before, ask(connection, COURSES)):
        return []
    answers = [{"at": as_of(before), "target": COURSES, "body": before}]
    for target, body in bodies.items():
        at = as_of(body) if "/v2/" in target else as_of(before)
        answers.append({"at": at, "target": target, "body": body})
    return answers


def ask_for(seconds, connection):
    rounds = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        rounds.append(ask_round(connection))
        time.sleep(0.05)
    return rounds


def record(build, folder):
    """The rounds of a client while venues lose a connection, send what is refused, and contradict each other."""
    simulator = Simulator(build, "--speed", str(SPEED))
    try:
        service = Service(build, {**simulator.settings(), "RECORD_FILE": f"{folder}/tape"})
        try:
            service.wait_for_courses(8, exchanger="binance")
            connection = HTTPConnection(urlsplit(service.url).netloc, timeout=10)
            rounds = ask_for(1, connection)
            simulator.fault("binance_stream", "cut", line=1)
            simulator.fault("binance_stream", "corrupt", value="jump", line=2, symbol="BTCUSDT", count=2)
            rounds += ask_for(1, connection)
            simulator.pin({"coinbase:BTC-USD": {"bid": "60000.00", "ask": "60000.01"}})
            rounds += ask_for(4, connection)
            connection.close()
        finally:
            service.stop()
    finally:
        simulator.stop()
    return rounds


def is_between_inputs(answers, times):
    """Whether nothing else came in the milliseconds of the responses, so that it is certain which inputs preceded them."""
    return answers and not times.intersection(round(datetime.fromisoformat(each["at"]).timestamp() * 1000) for each in answers)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default="build/release")
    build = Path(options.parse_args().build)
    with tempfile.TemporaryDirectory() as folder:
        rounds = record(build, folder)
        recorded = next(Path(folder).iterdir())
        changes = subprocess.run([build / "src" / "kurs", "replay", recorded], stdout=subprocess.PIPE, check=True).stdout
        tape = gzip.decompress(recorded.read_bytes())
    times = {int(at) for at in re.findall(rb"(?m)^(?!clock|wanted)[a-z]+ (\d+) \d+ \d+$", tape)}
    rounds = [each for each in rounds if is_between_inputs(each, times)]
    kept = rounds[:: max(1, (len(rounds) - 1) // (ROUNDS - 1))]
    TAPE.write_bytes(gzip.compress(tape, mtime=0))
    document = {"changes": changes.count(b"\n"), "sha256": hashlib.sha256(changes).hexdigest(),
                "answers": [answer for each in kept for answer in each]}
    SERVED.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{document['changes']} changes, {len(document['answers'])} of {4 * len(rounds)} responses kept")


if __name__ == "__main__":
    main()
