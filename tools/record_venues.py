#!/usr/bin/env python3
"""Makes tests/recordings/venues.tape.gz: all simulated venues for some seconds, with a failover and a dispute.

The tests compute its rates again. After a deliberate change of how rates are computed, make it anew.
"""

import argparse
import gzip
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from processes import Service, Simulator  # noqa: E402

RESULT = ROOT / "tests" / "recordings" / "venues.tape.gz"


def record(build, folder):
    simulator = Simulator(build)
    try:
        service = Service(build, {**simulator.settings(), "RECORD_FILE": folder + "/rates"})
        try:
            service.wait_for_courses(8)
            service.wait_for_line("active exchanger is now binance", limit=30)
            simulator.pin({"ETH-USDT": {"bid": "3900.00", "ask": "3900.10"}})
            service.wait_for_line(r"dispute okx ETH-USD: .", limit=30)
            simulator.fault("binance_stream", "mute")
            simulator.fault("binance_rest", "refuse")
            service.wait_for_line("active exchanger is now kraken", limit=30)
            time.sleep(1)
        finally:
            service.stop()
    finally:
        simulator.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    build = parser.parse_args().build
    with tempfile.TemporaryDirectory() as folder:
        record(build, folder)
        tape, = Path(folder).glob("rates.*.tape.gz")
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_bytes(gzip.compress(gzip.decompress(tape.read_bytes()), 9, mtime=0))
    print(f"{RESULT.relative_to(ROOT)}: {RESULT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
