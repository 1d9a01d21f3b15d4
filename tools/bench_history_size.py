#!/usr/bin/env python3
"""The disk space that a day of history takes, and what writing it costs: writes seconds of it and scales them.

    tools/bench_history_size.py [--build build/release] [--seconds 3600]

All quotes of all venues change every second: eight directions at two venues, and at seven. They are written by the
service's own adapter, a batch a second. For comparison, the same rows are stored as before migration 0002,
and packed from there without a pause.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_postgres import PrivatePostgres, processes_in  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
DAY = 24 * 3600

SIZE = "select sum(pg_total_relation_size(relid)) from pg_partition_tree('{}')"
COLUMNS = ("second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask, leg_prices, "
           "leg_observed_at")
UNPACK = f"""
create table quotes_2026_11_20 (like unpacked_quotes including all);
insert into quotes_2026_11_20 ({COLUMNS}) select {COLUMNS} from quotes order by second, series_id;
drop table quote_packs_2026_11_20;
alter table unpacked_quotes attach partition quotes_2026_11_20
for values from ('2026-11-20T00:00:00Z') to ('2026-11-21T00:00:00Z')
"""


def cpu_seconds(postgres):
    """CPU seconds of the server's processes and of those that have ended."""
    ticks = 0
    for pid in processes_in(postgres.data):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def size(postgres, table):
    return int(postgres.query(SIZE.format(table))[0][0])


def write(build, postgres, venues, seconds):
    command = [Path(build) / "tests" / "postgres" / "history_seconds", str(venues), str(seconds)]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": postgres.url}, check=True)
    # The CPU time of a process counts once its parent has noticed its end.
    while postgres.query("select count(*) from pg_stat_activity where application_name = 'kurs'") != [["0"]]:
        time.sleep(0.1)


def measure(build, venues, seconds):
    with PrivatePostgres(fsync=True) as postgres:
        begun_at, cpu = time.monotonic(), cpu_seconds(postgres)
        write(build, postgres, venues, seconds)
        took, cpu = time.monotonic() - begun_at, cpu_seconds(postgres) - cpu
        packed = size(postgres, "quote_packs")
        written = int(postgres.query("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")[0][0])
        postgres.query(UNPACK)
        unpacked = size(postgres, "unpacked_quotes")
        begun_at = time.monotonic()
        write(build, postgres, venues, 0)
        packed_in = time.monotonic() - begun_at
    rows = 8 * venues * seconds
    print(f"{venues} venues, {8 * venues} rows a second: {packed / seconds * DAY / 1e6:.1f} MB a day, "
          f"{packed / rows:.0f} bytes a row; before: {unpacked / seconds * DAY / 1e6:.1f} MB, "
          f"{unpacked / rows:.0f} bytes a row\n"
          f"  writing: {100 * cpu / seconds:.1f} % of a core in Postgres, {1000 * took / seconds:.1f} ms a batch; "
          f"{written / seconds * DAY / 1e9:.1f} GB of WAL a day\n"
          f"  packing rows of an earlier version: {packed_in / seconds * DAY:.0f} s a day", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default=ROOT / "build" / "release")
    options.add_argument("--seconds", type=int, default=3600)
    arguments = options.parse_args()
    for venues in (2, 7):
        measure(arguments.build, venues, arguments.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
