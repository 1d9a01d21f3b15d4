#!/usr/bin/env python3
"""Replicas with their Redis, Postgres, subscribers and a simulator whose venues fail in turn: fails if memory, descriptors, Redis or
Postgres grow, or if a client gets a wrong or old value.

    tools/soak.py [--build build/release] [--minutes 60] [--seed N] [--replicas 3] [--subscribers 10] [--write]

A round is faults, then calm, in which everything is measured. The first third of the rounds, and at least seven, are the warm-up.
`--write` writes the table of docs/operating.md and docs/images/soak.svg.
"""

import argparse
import random
import re
import shlex
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from evidence import soak_faults  # noqa: E402
from evidence.soak_clients import Judge, Reader, Subscribers  # noqa: E402
from evidence.soak_figures import Sample, judge_growth, write  # noqa: E402
from evidence.watch import listed_exchangers, wait_until  # noqa: E402
from evidence.world import World  # noqa: E402
from private_postgres import PrivatePostgres  # noqa: E402
from private_redis import PrivateRedis  # noqa: E402
from processes import Service, Simulator  # noqa: E402

# The price rises and falls by 0.05 % a second, so that an old value is a wrong one. CoinGecko's stream is as quick as the others.
SWING, PERIOD = 0.03, 240
VENUES = {"COINGECKO_PLAN": "analyst", "COINGECKO_API_KEY": "pro-key", "FAILBACK_AFTER": "3s"}
BROKEN = (8, 16)  # seconds
CALM = 12
CALM_LIMIT = 120


def price(now):
    return 64_000 * (1 + SWING * (abs(2 * (now % PERIOD) / PERIOD - 1) * 2 - 1))


class Stack:
    """What runs. All but the last replica live from the beginning to the end."""

    def __init__(self, arguments, stack):
        self.build = arguments.build
        self.redis = stack.enter_context(PrivateRedis())
        self.postgres = stack.enter_context(PrivatePostgres())
        self.simulator = Simulator(self.build, "--speed", "0.5", "--coingecko-every", "2s", "--seed", str(arguments.seed))
        stack.callback(self.simulator.stop)
        self.world = World(self.simulator, price)
        self.world.start()
        stack.callback(self.world.stop)
        self.settings = {**self.simulator.settings(), **VENUES, "REDIS_URL": self.redis.url, "DATABASE_URL": self.postgres.url}
        self.replicas = []
        stack.callback(lambda: [replica.stop(signal.SIGKILL) for replica in self.replicas])
        for _ in range(arguments.replicas):
            self.replicas.append(Service(self.build, self.settings))
        self.judge = Judge(self.world)
        exchangers = listed_exchangers(self.replicas[0])
        self.readers = [Reader(replica, exchangers, self.judge) for replica in self.replicas[:-1]]
        self.subscribers = Subscribers(self.replicas, arguments.subscribers, self.judge, arguments.seed)

    def replace_last(self, number):
        self.replicas.pop().stop(number)
        self.replicas.append(Service(self.build, self.settings))

    def is_calm(self):
        roles = sorted(replica.role() or "" for replica in self.replicas)
        answers = [replica.courses() or {"courses": (), "exchanger": None} for replica in self.replicas]
        return roles == ["follower"] * (len(roles) - 1) + ["leader"] and all(
            len(answer["courses"]) == 8 and answer["exchanger"] == "binance" for answer in answers)

    def measure(self, at):
        """In calm. Connections come and go, so the least of several counts of descriptors is taken."""
        descriptors = []
        for _ in range(20):
            if self.subscribers.connected == 2 * self.subscribers.count:
                descriptors.append(sum(count_descriptors(replica) for replica in self.replicas))
            time.sleep(0.2)
        memory = [resident(replica) for replica in self.replicas[:-1]]
        redis = int(re.search(r"used_memory:(\d+)", self.redis.call("info", "memory"))[1]) / 1e6
        size = int(self.postgres.query("select pg_database_size('kurs')")[0][0]) / 1e6
        return Sample(at, memory, min(descriptors, default=None), redis, int(self.redis.call("dbsize").split()[-1]), size)

    def stop(self):
        """Returns the statuses of the replicas' ends."""
        for client in (*self.readers, self.subscribers):
            client.stop()
        statuses = [replica.stop() for replica in self.replicas]
        self.replicas = []
        return statuses


def resident(replica):
    status = Path(f"/proc/{replica.child.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024 / 1e6


def count_descriptors(replica):
    return len(list(Path(f"/proc/{replica.child.pid}/fd").iterdir()))


def run(arguments):
    """The samples, what failed, and what the clients saw."""
    chance = random.Random(arguments.seed)
    samples, failures = [], []
    with ExitStack() as stack:
        running = Stack(arguments, stack)
        begun_at = time.monotonic()
        while time.monotonic() < begun_at + arguments.minutes * 60:
            faults, store = soak_faults.draw(chance, len(samples))
            minutes = (time.monotonic() - begun_at) / 60
            print(f"{minutes:6.1f} min, round {len(samples) + 1}: {soak_faults.describe(faults, store)}", flush=True)
            with soak_faults.broken(running, faults, store):
                time.sleep(chance.uniform(*BROKEN))
            if wait_until(running.is_calm, CALM_LIMIT) is None:
                failures.append(f"after {soak_faults.describe(faults, store)}: not calm within {CALM_LIMIT} s, roles "
                                f"{[replica.role() for replica in running.replicas]}")
                break
            time.sleep(CALM)
            samples.append(running.measure((time.monotonic() - begun_at) / 60))
            print(f"           {samples[-1]}; {running.judge.counts['failures']} failures", flush=True)
        statuses = running.stop()
    if any(statuses):
        failures.append(f"the replicas ended with {statuses}")
    return samples, failures + running.judge.failures, running.judge


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default="build/release")
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    options.add_argument("--replicas", type=int, default=3)
    options.add_argument("--subscribers", type=int, default=10, help="event streams, and as many WebSockets")
    options.add_argument("--write", action="store_true", help="writes the table and the chart")
    arguments = options.parse_args()
    command = f"tools/soak.py --minutes {arguments.minutes:g} --seed {arguments.seed} --replicas {arguments.replicas} " \
              f"--subscribers {arguments.subscribers}"
    print(command, flush=True)
    samples, failures, judge = run(arguments)
    figures, growth = judge_growth(samples)
    failures += growth
    print(f"clients: {dict(judge.counts)}, seconds of the oldest leg of each venue: "
          f"{({venue: round(age, 2) for venue, age in judge.oldest.items()})}")
    for row in figures:
        print(" | ".join(row))
    if arguments.write:
        write(shlex.split(command), samples, figures, failures, judge)
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
