#!/usr/bin/env python3
"""Quotes by the million through the queue, while whoever writes them is killed again and again: each is written once.

    tools/drill_relay.py [--build build/release] [--rows 10000000] [--consumers 3] [--kill-servers]

Consumers are killed with -9 at random, one every few seconds, and another takes their place; with --kill-servers
Postgres and Redis are killed as well, now and then. Exit status 1 if a row is missing, or one too many.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_postgres import PrivatePostgres  # noqa: E402
from private_redis import PrivateRedis  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
STUCK = 120  # seconds without a new row


def count_rows(postgres):
    """The count, the sum of the values, and how many rows a series has at least and at most; none before there is a table."""
    if postgres.query("select to_regclass('quotes')")[0][0] is None:
        return 0, 0, 0, 0
    row = postgres.query("select coalesce(sum(n), 0), coalesce(sum(total), 0), coalesce(min(n), 0), coalesce(max(n), 0) "
                         "from (select count(*) as n, sum(value) as total from quotes group by series_id) as each")[0]
    return tuple(int(cell.partition(".")[0]) for cell in row)


class Drill:
    def __init__(self, program, postgres, redis, chance):
        self.program, self.postgres, self.redis, self.chance = program, postgres, redis, chance
        self.environment = {**os.environ, "REDIS_URL": redis.url, "DATABASE_URL": postgres.url}
        self.consumers = []
        self.killed = 0
        self.server_kills = 0

    def start(self, *arguments):
        return subprocess.Popen([self.program, *arguments], env=self.environment)

    def kill_one(self):
        victim = self.consumers.pop(self.chance.randrange(len(self.consumers)))
        victim.kill()
        victim.wait()
        self.killed += 1
        self.consumers.append(self.start("consume"))

    def kill_server(self):
        server = self.chance.choice([self.postgres, self.redis])
        server.kill()
        time.sleep(self.chance.uniform(0.2, 2))
        server.start()
        self.server_kills += 1

    def run(self, rows, consumers, kill_servers):
        producer = self.start("produce", str(rows))
        self.consumers = [self.start("consume") for _ in range(consumers)]
        begun_at = moved_at = time.monotonic()
        known = 0
        try:
            while producer.poll() is None or int(self.redis.call("XLEN", "kurs:history")) > 0:
                time.sleep(self.chance.uniform(1, 6))
                self.kill_one()
                if kill_servers and self.chance.random() < 0.1:
                    self.kill_server()
                count = count_rows(self.postgres)[0]
                if count > known:
                    known, moved_at = count, time.monotonic()
                print(f"{time.monotonic() - begun_at:6.0f} s: {known} rows, {self.killed} kills", flush=True)
                if time.monotonic() - moved_at > STUCK:
                    raise RuntimeError("nothing is written any more")
            return time.monotonic() - begun_at
        finally:
            for each in [producer, *self.consumers]:
                each.send_signal(signal.SIGKILL)
                each.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--consumers", type=int, default=3)
    parser.add_argument("--kill-servers", action="store_true")
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    with PrivatePostgres() as postgres, PrivateRedis() as redis:
        drill = Drill(options.build / "tests/relay_load", postgres, redis, random.Random(options.seed))
        took = drill.run(options.rows, options.consumers, options.kill_servers)
        count, total, least, most = count_rows(postgres)
    expected = options.rows * (options.rows + 1) // 2
    print(f"{options.rows} rows appended, {count} written, sum of values {'right' if total == expected else 'WRONG'}, "
          f"{least} to {most} a series; {drill.killed} consumers and {drill.server_kills} servers killed; "
          f"{took:.0f} s, {options.rows / took:.0f} rows a second")
    return 0 if (count, total) == (options.rows, expected) else 1


if __name__ == "__main__":
    sys.exit(main())
