#!/usr/bin/env python3
"""Postgres away for ten minutes at ten times the usual rate, in compressed time: every row must be there afterwards.

    tools/check_outage.py [--build build/release]

The service's own outbox, archiver and adapter record 160 rows for each of 610 seconds, 600 of them while Postgres is
killed. Ends with 1 if a row is missing, or a candle is not made of all of its rows.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_postgres import PrivatePostgres  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
SERIES, SECONDS = 160, 610
CHECKS = {
    "rows": ("select count(*) from quotes where value is not null", SERIES * SECONDS),
    "series": ("select count(*) from series", SERIES),
    "seconds": ("select count(distinct second) from quotes", SECONDS),
    "seconds in minute candles": ("select sum(count) from minute_candles", SERIES * SECONDS),
    "seconds in hour candles": ("select sum(count) from hour_candles", SERIES * SECONDS),
}


def wait_for(child, state):
    for line in child.stdout:
        if line.strip() == state:
            return
        print(line, end="")
    raise RuntimeError(f"ended before it said {state!r}")


def go_on(child):
    child.stdin.write("\n")
    child.stdin.flush()


def run_outage(build, postgres):
    with subprocess.Popen([build / "tests" / "postgres" / "outage"], env={"DATABASE_URL": postgres.url}, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        wait_for(child, "written")
        postgres.kill()
        go_on(child)
        wait_for(child, "away")
        postgres.start()
        go_on(child)
        print(child.stdout.read(), end="")
    return child.returncode


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    arguments = options.parse_args()
    with PrivatePostgres(fsync=True) as postgres:
        if run_outage(arguments.build, postgres):
            return 1
        failed = 0
        for what, (query, expected) in CHECKS.items():
            found = int(postgres.query(query)[0][0])
            print(f"{found} {what}, {expected} expected")
            failed += found != expected
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
