#!/usr/bin/env python3
"""Makes the evidence of docs/truth.md: runs the service against its simulator over real sockets, and writes tables and charts
of what it served.

    tools/truth.py [--build build/release] [--only depegs,broken,broken-of-two,crash,first-values,cost] [--parallel 2]
    tools/truth.py --tables

Runs of a section are independent of each other: `--parallel` is how many run at the same time. Each takes a third of a core with
a release build. The results are kept in build/truth, from which `--tables` writes the document again.
"""

import argparse
import json
import signal
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bench_ticks  # noqa: E402
from evidence import broken, crash, depegs, documents, first_values  # noqa: E402
from evidence.world import COIN_BOOKS  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "truth"
EXCHANGERS = ["binance", "coingecko", *(name for name in COIN_BOOKS if name != "binance")]
TWO = {"VENUES": "binance,coingecko,cbr"}
SIMULATOR_SPEED = "0.5"  # of quantities and of what is not pinned: the prices are pinned
SPEEDS = (1, 8, 16)
COST_SECONDS = 30


def jobs(section, build):
    """(label, function, arguments) of each run."""
    if section == "depegs":
        return [(name, depegs.run, (build, name, SIMULATOR_SPEED)) for name in depegs.SCENARIOS]
    if section == "broken":
        return [(name, broken.run, (build, name, broken.WITH_KEY, SIMULATOR_SPEED)) for name in EXCHANGERS]
    if section == "broken-of-two":
        return [("binance, CoinGecko polled", broken.run, (build, "binance", TWO, SIMULATOR_SPEED)),
                ("coingecko, polled", broken.run, (build, "coingecko", TWO, SIMULATOR_SPEED)),
                ("binance, CoinGecko's stream", broken.run, (build, "binance", TWO | broken.WITH_KEY, SIMULATOR_SPEED)),
                ("coingecko, its stream", broken.run, (build, "coingecko", TWO | broken.WITH_KEY, SIMULATOR_SPEED))]
    if section == "crash":
        return [(name, crash.run, (build, name, SIMULATOR_SPEED)) for name in crash.SCENARIOS]
    groups = [("after a halt, half", EXCHANGERS[:3], ["halt"]), ("after a halt, the others", EXCHANGERS[3:], ["halt"]),
              *((name, [name], ["start", "restart"]) for name in EXCHANGERS)]
    return [(label, first_values.run, (build, names, SIMULATOR_SPEED, occasions)) for label, names, occasions in groups]


def keep(section, results):
    (KEPT / f"{section}.json").write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")


def run_quietly(function, arguments):
    """In a process of the pool. A signal to stop ends the children of the run too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return function(*arguments)


def run_parallel(sections, build, parallel):
    """Results by section, in the order of its jobs. Runs that fail are reported, and missing in the results."""
    results, failed = {}, []
    orders = {section: [label for label, *_ in jobs(section, build)] for section in sections}
    with ProcessPoolExecutor(max_workers=parallel) as pool:
        pending = {}
        for section in sections:
            results[section] = []
            for label, function, arguments in jobs(section, build):
                pending[pool.submit(run_quietly, function, arguments)] = section, label, time.monotonic()
        for future in as_completed(pending):
            section, label, begun_at = pending[future]
            try:
                result = {**future.result(), "section": section, "label": label}
                results[section].append(result)
                results[section].sort(key=lambda each: orders[each["section"]].index(each["label"]))
                keep(section, results[section])
                if result.get("failure"):
                    failed.append(label)
                print(f"{section} {label}: done {time.monotonic() - begun_at:.0f} s after the start; the machine stood still for "
                      f"{result['longest_pause']:.2f} s at most {result.get('failure', '')}", flush=True)
            except Exception:  # pylint: disable=broad-except; the other runs go on
                failed.append(label)
                print(f"{section} {label}: failed\n{traceback.format_exc()}", flush=True)
    return results, failed


def main():
    sections = ["depegs", "broken", "broken-of-two", "crash", "first-values", "cost"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--only", default=",".join(sections), help="sections, comma-separated")
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--tables", action="store_true", help="write the document from the kept results")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if unknown := set(wanted) - set(sections):
        parser.error(f"unknown sections: {', '.join(sorted(unknown))}")
    KEPT.mkdir(parents=True, exist_ok=True)
    failed = []
    if not options.tables:
        begun_at = time.monotonic()
        results, failed = run_parallel([each for each in wanted if each != "cost"], options.build, options.parallel)
        if "cost" in wanted:  # alone: it measures
            results["cost"] = [bench_ticks.measure(options.build, speed, COST_SECONDS) for speed in SPEEDS]
        for section, found in results.items():
            keep(section, found)
        print(f"all done in {(time.monotonic() - begun_at) / 60:.1f} min")
    kept = {section: KEPT / f"{section}.json" for section in wanted}
    documents.write({section: json.loads(path.read_text(encoding="utf-8")) for section, path in kept.items() if path.is_file()})
    print(f"{documents.DOCUMENT.relative_to(ROOT)} written")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
