#!/usr/bin/env python3
"""Measures what Kurs costs, and writes the tables of docs/performance.md.

    tools/bench.py [--build build/release] [--only http] [--rounds 7] [--seconds 3]
    tools/bench.py --tables

The server runs on one core, the clients and the simulator on another one. Servers that are compared take turns in each
round, so that what else the machine does falls upon all of them. The results are kept in build/bench, from which
`--tables` writes the document again.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from benchmark import fanout, http, instructions, pipeline, start, visible

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "bench"
SECTIONS = {"http": http, "instructions": instructions, "pipeline": pipeline, "visible": visible, "fanout": fanout, "start": start}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, comma-separated")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3, help="of each window")
    parser.add_argument("--speed", type=float, default=3.5, help="of the simulator's prices")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"unknown sections: {', '.join(sorted(unknown))}")
    KEPT.mkdir(parents=True, exist_ok=True)
    options.kept = KEPT
    for section in wanted:
        begun_at = time.monotonic()
        found = SECTIONS[section].measure(options)
        (KEPT / f"{section}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        print(f"{section}: {time.monotonic() - begun_at:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
