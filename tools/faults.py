#!/usr/bin/env python3
"""The fault matrix of docs/faults.md: the service through its simulator, with each fault of each venue, of the network and of the
stores alone, and in pairs and triples drawn from a seed, while clients judge every answer.

    tools/faults.py [--build build/release] [--seed N] [--jobs 6] [--only TEXT,...] [--pairs 24] [--triples 16] [--write]
    tools/faults.py --tables

Needs root, because each job has a network namespace of its own, and iproute2 and nftables. `--only` selects faults whose
group, place or name contains one of the texts. `--write` keeps the results in build/faults and writes docs/faults.md and
docs/faults.csv; with `--only` it keeps the other faults of earlier runs. `--tables` writes from the kept results. Exits with 1
if a goal was missed.
"""

import argparse
import json
import multiprocessing
import queue
import random
import shlex
import signal
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from evidence import fault_tables, toxics  # noqa: E402
from evidence.fault_judge import sum_up  # noqa: E402
from evidence.fault_rows import matrix, stack_of  # noqa: E402
from evidence.fault_stack import CALM_LIMIT, STEADY, Stack  # noqa: E402
from evidence.watch import wait_until  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "faults" / "results.json"
SHARE = 8  # rows that a job takes at a time
PAUSE_LIMIT = 0.5  # seconds for which the machine may stand still during a fault that misses a goal
ATTEMPTS = 3
BACK_LIMIT, BACK_LIMIT_UNAWAITED = 90, 5  # seconds


def traffic(stack, row):
    """Connections and requests at the first endpoint that fails."""
    endpoint = next((step[1] for step in row.steps if step[0] == "fault"), None)
    if endpoint is None:
        return None
    state = stack.simulator.state()
    return state["requests"][endpoint] + state["connections"][endpoint]["total"]


def measure(stack, row):
    """Breaks, repairs and sums up. `back` is None if it did not return."""
    if wait_until(stack.is_calm, CALM_LIMIT) is None:
        raise TimeoutError(f"not calm before {row.label}: {[reader.samples[-1] for reader in stack.readers]}")
    stack.forget()
    stack.market.longest_pause = 0
    before = traffic(stack, row)
    begun_at, begun_at_wall = time.monotonic(), time.time()
    for step in row.steps:
        stack.do(step)
    time.sleep(max(0.0, begun_at + row.held - time.monotonic()))
    asked = traffic(stack, row)
    ended_at = time.monotonic()
    stack.end_faults()
    time.sleep(STEADY)
    is_back = wait_until(stack.is_calm, BACK_LIMIT if row.is_awaited else BACK_LIMIT_UNAWAITED) is not None
    until = time.monotonic()
    found = sum_up(stack.samples(), row.venue, begun_at, ended_at, until, stack.noticed(begun_at_wall, row.about))
    return {**describe(row), **found, "is_back": is_back, "asked": None if asked is None else asked - before,
            "paused": stack.market.longest_pause, "seconds": until - begun_at}


def describe(row):
    return {"group": row.group, "where": row.where, "name": row.name, "venue": row.venue, "is_lie": row.is_lie,
            "is_awaited": row.is_awaited}


class Job:
    """A process with a network namespace, which takes rows and keeps a stack as long as they can share it."""

    def __init__(self, build, seed, settings):
        self.build, self.seed, self.settings = build, seed, settings
        self.stack = self.key = None

    def have_stack(self, key):
        if self.key != key:
            self.close()
            self.stack = Stack(self.build, self.seed, *key, self.settings)
            self.key = key
        return self.stack

    def close(self):
        stack, self.stack, self.key = self.stack, None, None
        try:
            if stack:
                stack.close()
        except Exception:  # pylint: disable=broad-except; the other rows go on with a stack of their own
            print(traceback.format_exc(), file=sys.stderr, flush=True)

    def run(self, row):
        """Again if a goal was missed while the machine stood still: then the machine is slow, and not the service."""
        found = {}
        for _ in range(ATTEMPTS):
            try:
                found = measure(self.have_stack(stack_of(row)), row)
                if not found["is_back"]:
                    self.close()
                if found["paused"] < PAUSE_LIMIT or not fault_tables.missed([found]):
                    break
            except Exception:  # pylint: disable=broad-except; the other rows go on
                found = {**describe(row), "failure": traceback.format_exc()}
                self.close()
        return found


def work(arguments, tasks, results):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    toxics.enter_namespace()
    job = Job(arguments.build, arguments.seed, dict(each.split("=", 1) for each in arguments.setting))
    try:
        for rows in iter(tasks.get, None):
            for row in rows:
                results.put(job.run(row))
    finally:
        job.close()
        results.put(None)


def shares(rows, seed):
    """Rows that share a stack, some at a time. Those that need most of the machine are far from each other."""
    by_stack = {}
    for row in rows:
        by_stack.setdefault(stack_of(row), []).append(row)
    found = [each[at:at + SHARE] for each in by_stack.values() for at in range(0, len(each), SHARE)]
    random.Random(seed).shuffle(found)
    return found


def run_all(arguments, rows):
    """The results in the order of the rows."""
    context = multiprocessing.get_context("fork")
    tasks, results = context.Queue(), context.Queue()
    for share in shares(rows, arguments.seed):
        tasks.put(share)
    jobs = [context.Process(target=work, args=(arguments, tasks, results)) for _ in range(arguments.jobs)]
    for job in jobs:
        tasks.put(None)
        job.start()
    found, begun_at, running = {}, time.monotonic(), len(jobs)
    try:
        while running:
            result = next_result(results, jobs)
            if result is None:
                running -= 1
                continue
            found[result["where"], result["name"]] = result
            minutes = (time.monotonic() - begun_at) / 60
            print(f"{minutes:5.1f} min {len(found):4}/{len(rows)} {fault_tables.line(result)}", flush=True)
    finally:
        tasks.cancel_join_thread()
        for job in jobs:
            job.terminate()
        for job in jobs:
            job.join(60)
    lost = {"failure": "its job ended early"}
    return [found.get((row.where, row.name), {**describe(row), **lost}) for row in rows]


def next_result(results, jobs):
    """None if a job has ended. Fails if all are gone."""
    while True:
        try:
            return results.get(timeout=5)
        except queue.Empty:
            if not any(job.is_alive() for job in jobs):
                raise RuntimeError("the jobs are gone") from None


def choose(rows, only):
    texts = only.split(",") if only else [""]
    return [row for row in rows if any(text in f"{row.group} {row.label}" for text in texts)]


def parse():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default="build/release")
    options.add_argument("--seed", type=int, default=random.randrange(10**6), help="of pairs, triples and the simulator")
    options.add_argument("--jobs", type=int, default=6, help="stacks side by side; each takes a seventh of a processor")
    options.add_argument("--only", default="", help="texts, comma-separated")
    options.add_argument("--pairs", type=int, default=24)
    options.add_argument("--triples", type=int, default=16)
    options.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="of the service; repeatable")
    options.add_argument("--write", action="store_true", help="write the documents")
    options.add_argument("--tables", action="store_true", help="write the documents from the kept results")
    return options.parse_args()


def load():
    return json.loads(KEPT.read_text(encoding="utf-8"))


def keep(run, results, rest):
    """`rest`: the results of earlier runs stay, except those that are replaced."""
    whole = load() if rest and KEPT.is_file() else {"runs": [], "results": []}
    new = {(result["where"], result["name"]): result for result in results}
    whole["results"] = [new.pop((old["where"], old["name"]), old) for old in whole["results"]] + list(new.values())
    whole["runs"].append(run)
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")


def command_of(arguments):
    numbers = [f"--{name} {getattr(arguments, name)}" for name in ("seed", "pairs", "triples", "jobs")]
    return " ".join(["tools/faults.py", *numbers, *(["--only", shlex.quote(arguments.only)] if arguments.only else [])])


def run(arguments):
    """The exit status."""
    rows = choose(matrix(random.Random(arguments.seed), arguments.pairs, arguments.triples), arguments.only)
    if not rows:
        print(f"faults: none contains {arguments.only}", file=sys.stderr)
        return 2
    command, begun_at = command_of(arguments), time.monotonic()
    print(f"{command}: {len(rows)} faults", flush=True)
    results = run_all(arguments, rows)
    minutes = (time.monotonic() - begun_at) / 60
    if arguments.write:
        keep({"command": command, "minutes": minutes, "faults": len(results)}, results, bool(arguments.only))
        fault_tables.write(load())
    missed = fault_tables.missed(results)
    for text in missed:
        print(f"MISSED: {text}", file=sys.stderr)
    print(f"{len(results)} faults in {minutes:.1f} min, {len(missed)} missed a goal")
    return 1 if missed else 0


def main():
    arguments = parse()
    if arguments.tables:
        fault_tables.write(load())
        return 0
    if missing := toxics.missing_needs():
        print(f"faults: {missing}", file=sys.stderr)
        return 2
    return run(arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
