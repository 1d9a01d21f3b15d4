#!/usr/bin/env python3
"""How fast history is asked and written: makes it in a Postgres of its own, with fsync, and measures.

    tools/bench_history.py [--build build/release] [--days 30] [--questions 400]

Eight directions at two venues, a row a second each: 1.38 million rows a day, with values of 23 significant digits and
three to five legs, in the order in which they would have come. Thirty days take about half an hour to make.
"""

import argparse
import datetime
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_postgres import PrivatePostgres  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
FIRST_DAY = datetime.date(2026, 10, 1)

# Makes generating the history write each row once. Queries do not depend on these settings.
SETTINGS = {"wal_level": "minimal", "max_wal_senders": 0, "max_wal_size": "4GB", "autovacuum": "off"}

NAMES = """
insert into series (venue, direction)
select venue, base || '-' || quote
from unnest(array['binance', 'coingecko']) as venue, unnest(array['BTC', 'ETH', 'USDTTRC', 'USDTERC']) as base,
     unnest(array['RUB', 'USD']) as quote
order by 1, 2;

insert into routes (legs)
select jsonb_agg(jsonb_build_object('venue', 'binance', 'symbol', 'SYMBOL' || leg, 'inverted', leg % 2 = 0))
from generate_series(3, 5) as legs, generate_series(1, legs) as leg
group by legs order by legs;

insert into active_changes values ('2026-01-01T00:00:00Z', 'binance', 'first');
"""

# A random walk of each series. Chance is a double; what is made of it is exact, as all prices are. `0 * id` has it
# thrown anew for every row.
DAY = """
create table {table} (like unpacked_quotes including defaults including constraints);

insert into {table} (second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask,
                     leg_prices, leg_observed_at)
select second, second + interval '417 milliseconds', second, second + interval '5 seconds', 1 + series_id % 3, series_id,
       value - spread, value, value + spread, leg_prices[: 6 + 2 * (series_id % 3)],
       array_fill(second, array[3 + series_id % 3])
from (
    select id as series_id, second, spread,
           60000 + id + sum(step) over (partition by id order by second) as value,
           array[price, price + 0.01, 0.9998, 0.9999, 81.52, 81.57, 1.0001, 1.0003, 0.99981, 0.99992] as leg_prices
    from series, generate_series('{day}T00:00:00Z'::timestamptz, '{day}T23:59:59Z', '1 second') as second, lateral (
        select ((random() - 0.5 + 0 * id) * 1e18)::bigint * 1e-18 as step,
               ((1 + random() / 10 + 0 * id) * 1e18)::bigint * 1e-18 as spread,
               ((61234 + random() + 0 * id) * 1e8)::bigint * 1e-8 as price
    ) as chance
) as walk
order by second, series_id;

alter table unpacked_quotes attach partition {table} for values from ('{day}T00:00:00Z') to ('{next_day}T00:00:00Z');

insert into minute_candles (series_id, start, open, high, low, close, count)
select series_id, date_trunc('minute', second, 'UTC') as start, (array_agg(value order by second))[1], max(value),
       min(value), (array_agg(value order by second desc))[1], count(*)
from {table} group by 1, 2 order by 2, 1;

insert into hour_candles (series_id, start, open, high, low, close, count)
select series_id, date_trunc('hour', start, 'UTC'), (array_agg(open order by start))[1], max(high), min(low),
       (array_agg(close order by start desc))[1], sum(count)
from minute_candles where start >= '{day}T00:00:00Z' and start < '{next_day}T00:00:00Z' group by 1, 2 order by 2, 1;
"""

EXPLAIN = {"log_min_duration": "0", "log_analyze": "on", "log_buffers": "on", "log_timing": "off"}


def make_history(build, postgres, days):
    subprocess.run([Path(build) / "src" / "kurs", "migrate"], env={**os.environ, "DATABASE_URL": postgres.url}, check=True)
    postgres.query(NAMES)
    postgres.query("alter database kurs set work_mem = '512MB'")
    for day in (FIRST_DAY + datetime.timedelta(n) for n in range(days)):
        started_at = time.monotonic()
        postgres.query(DAY.format(table=f"quotes_{day:%Y_%m_%d}", day=day, next_day=day + datetime.timedelta(1)))
        print(f"{day}: {time.monotonic() - started_at:.1f} s", file=sys.stderr, flush=True)
    postgres.query("alter database kurs reset work_mem")
    run_tool(build, "history_seconds", postgres, 2, 0)  # packs them
    postgres.query("vacuum (analyze)")


def print_sizes(postgres, days):
    rows = int(postgres.query("select count(*) from hour_candles")[0][0]) * 3600
    whole = "(select sum({}(relid)) from pg_partition_tree('quote_packs'))"
    quotes, indexes, minutes, hours = (int(value) for value in postgres.query(
        f"select {whole.format('pg_total_relation_size')}, {whole.format('pg_indexes_size')}, "
        "pg_total_relation_size('minute_candles'), pg_total_relation_size('hour_candles')")[0])
    print(f"\n{rows:,} rows in {days} days. On disk, a day:\n"
          f"  quotes          {quotes / days / 1e6:8.1f} MB, of which {indexes / days / 1e6:.1f} MB are the primary key; "
          f"{quotes / rows:.0f} bytes a row\n"
          f"  minute_candles  {minutes / days / 1e6:8.1f} MB\n  hour_candles    {hours / days / 1e6:8.1f} MB")


def forget_cached(postgres):
    """Drops this server's files from the caches of the system and the server."""
    postgres.stop()
    for path in postgres.data.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    postgres.start()


def run_tool(build, name, postgres, *arguments):
    command = [str(Path(build) / "tests" / "postgres" / name), *map(str, arguments)]
    environment = {**os.environ, "DATABASE_URL": postgres.url}
    print(subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, check=True).stdout, end="", flush=True)


def print_plans(build, postgres, days):
    """Timings of the service's own statements, from the server."""
    postgres.query("alter database kurs set session_preload_libraries = 'auto_explain'")
    for name, value in EXPLAIN.items():
        postgres.query(f"alter database kurs set auto_explain.{name} = '{value}'")
    seen = len(postgres.log())
    run_tool(build, "history_questions", postgres, FIRST_DAY, days, 1)
    for line in postgres.log()[seen:]:
        print("  " + re.sub(r"^.*LOG:\s+duration", "\nduration", line))
    for name in EXPLAIN:
        postgres.query(f"alter database kurs reset auto_explain.{name}")
    postgres.query("alter database kurs reset session_preload_libraries")


def measure_questions(arguments):
    with PrivatePostgres(fsync=True, settings=SETTINGS) as postgres:
        make_history(arguments.build, postgres, arguments.days)
        print_sizes(postgres, arguments.days)
        forget_cached(postgres)
        print("\nAsked when nothing is in memory yet:\n")
        run_tool(arguments.build, "history_questions", postgres, FIRST_DAY, arguments.days, arguments.questions)
        print("\nAsked again:\n")
        run_tool(arguments.build, "history_questions", postgres, FIRST_DAY, arguments.days, arguments.questions)
        print("\nThe plans:\n")
        print_plans(arguments.build, postgres, arguments.days)


def measure_writing(arguments):
    print("\nWritten:\n")
    for rows, batches in ((16, 1000), (160, 500), (2000, 200)):
        with PrivatePostgres(fsync=True) as postgres:
            run_tool(arguments.build, "archive_pace", postgres, rows, batches)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default=ROOT / "build" / "release")
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--questions", type=int, default=400, help="of each kind")
    arguments = options.parse_args()
    measure_writing(arguments)
    measure_questions(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
