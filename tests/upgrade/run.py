#!/usr/bin/env python3
"""A rolling upgrade from an earlier commit to this build, under clients, with its own Redis, Postgres and simulator.

    run.py --from REF [--build build/release] [--order ORDER] [--back]

Builds REF below build/upgrade, starts three replicas of it, migrates the database while they serve, and replaces them one by one: once the
leader last, once the leader first. Fails if a request fails, a rate is missing or stale, a version goes back, two replicas write at once,
a replica does not follow, or a row of history is missing, wrong or doubled. `--back` replaces them by REF again, and only reports.
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "system"))
from fleet import Fleet, Wrong  # noqa: E402

JOBS = os.environ.get("JOBS", "2")
ORDERS = {"leader last": ["follower", "follower", "leader"], "leader first": ["leader", "leader", "leader"]}


def build_release(ref):
    """The build folder of a commit."""
    commit = subprocess.run(["git", "rev-parse", "--short=7", ref + "^{commit}"], cwd=ROOT, text=True, capture_output=True,
                            check=True).stdout.strip()
    source = ROOT / "build" / "upgrade" / commit
    build = source / "build" / "release"
    if not (build / "src" / "kurs").exists():
        source.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x"], cwd=source, input=archive, check=True)
        subprocess.run(["cmake", "--preset", "release"], cwd=source, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", build, "--parallel", JOBS, "--target", "kurs"], cwd=source, check=True)
    return commit, build


def upgrade(order, old, new, goes_back):
    """What failed. `old` and `new` are names and build folders."""
    with Fleet(old) as fleet:
        failures = attempt(lambda: replace_all(fleet, order, old, new))
        failures += fleet.finish()
        if goes_back and not failures:
            report_way_back(fleet, old, new)
    return [f"{order}: {failure}" for failure in failures]


def attempt(action):
    try:
        action()
    except (AssertionError, TimeoutError, Wrong) as failure:
        return [str(failure)]
    return []


def replace_all(fleet, order, old, new):
    fleet.settle("three replicas of the old release")
    fleet.migrate(new)
    fleet.settle("the schema is new")
    for role in ORDERS[order]:
        if order == "leader last" and role == "leader":
            fleet.freeze_leader()
            fleet.settle("the leader was frozen, so that an old replica follows a new one")
        fleet.settle(f"a {fleet.replace(role, old, new)} was replaced")
    fleet.check_history()


def go_back(fleet, old, new):
    for _ in fleet.replicas:
        fleet.settle(f"a {fleet.replace('follower', new, old)} was replaced")
    fleet.check_history()


def report_way_back(fleet, old, new):
    print("the way back, which has no goal:", flush=True)
    fleet.watch()
    for failure in attempt(lambda: go_back(fleet, old, new)) + fleet.finish():
        print(f"  {failure}")
    for line in fleet.log_lines("history: cannot write"):
        print(f"  log: {line}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--from", dest="ref", required=True)
    options.add_argument("--build", default="build/release")
    options.add_argument("--order", choices=ORDERS, help="only this one")
    options.add_argument("--back", action="store_true")
    arguments = options.parse_args()
    old, new = build_release(arguments.ref), ("new", Path(arguments.build).resolve())
    failures = []
    for order in [arguments.order] if arguments.order else ORDERS:
        print(f"{old[0]} to {new[0]}, {order}:", flush=True)
        failures += upgrade(order, old, new, arguments.back and order == "leader last")
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
