#!/usr/bin/env python3
"""Measures what Kurs costs, and writes the tables of docs/performance.md.

    tools/bench.py [--build build/release] [--only http,ticks] [--rounds 7] [--seconds 3] [--speed 4.5]
    tools/bench.py --only history [--days 30] [--questions 200]
    tools/bench.py --only slots
    tools/bench.py --tables

The server runs on one core, the clients and the simulator on another one. Servers that are compared take turns in each
round, so that what else the machine does falls upon all of them. The results are kept in build/bench, from which
`--tables` writes the document again. `history` and `slots` take half an hour or more, and run only if they are named.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from benchmark import document, fanout, history, http, instructions, pipeline, profile, proxy, slots, start, ticks, visible

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "bench"
SECTIONS = {"http": http, "proxy": proxy, "instructions": instructions, "profile": profile, "pipeline": pipeline, "ticks": ticks,
            "visible": visible, "slots": slots, "fanout": fanout, "start": start, "history": history}
USUAL = [name for name in SECTIONS if name not in ("history", "slots")]


def run(sections, options):
    for section in sections:
        begun_at = time.monotonic()
        found = SECTIONS[section].measure(options)
        (KEPT / f"{section}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        print(f"{section}: {time.monotonic() - begun_at:.0f} s", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--only", default=",".join(USUAL), help="sections, comma-separated")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3, help="of each window of requests")
    parser.add_argument("--speed", type=float, default=4.5, help="of the simulator: about 1,000 ticks a second")
    parser.add_argument("--days", type=int, default=30, help="of history")
    parser.add_argument("--questions", type=int, default=200, help="of each kind about history")
    parser.add_argument("--tables", action="store_true", help="write the document from the kept results")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"unknown sections: {', '.join(sorted(unknown))}")
    KEPT.mkdir(parents=True, exist_ok=True)
    options.kept = KEPT
    if not options.tables:
        run(wanted, options)
    kept = {name: KEPT / f"{name}.json" for name in SECTIONS}
    made = document.write({name: json.loads(path.read_text(encoding="utf-8")) for name, path in kept.items() if path.is_file()})
    print("\n\n".join(f"## {name}\n\n{made[name]}" for name in ["goals", *wanted] if name in made))
    print(f"\n{document.DOCUMENT.relative_to(ROOT)} written")


if __name__ == "__main__":
    sys.exit(main())
