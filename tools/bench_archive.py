#!/usr/bin/env python3
"""What archiving costs at ten times the real rate, and how fast a backlog is written: one run, side by side.

    tools/bench_archive.py [--build build/release] [--seconds 60] [--outage 60]

80 directions at two venues, all of which change every second (CoinGecko by websocket): 160 rows a second. Two services
listen to the same simulator at the same time, one with a database and one without.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_postgres import PrivatePostgres, processes_in  # noqa: E402
from processes import Service, Simulator  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
CODES = 10  # of each coin: itself and others that carry its price
COINS = {"BTC": "bitcoin", "ETH": "ethereum", "SOL": "solana", "USDT": "tether"}
SERIES = 2 * 2 * CODES * len(COINS)
BACK = r"history: writing again, waiting_rows=(\d+), lost_rows=(\d+)"


def make_market():
    same_as, directions = {"USDC": "USD"}, []
    for coin, name in COINS.items():
        crossed = "1 / USDCUSDT" if coin == "USDT" else f"{coin}USDT / USDCUSDT"
        for code in [coin, *(f"{coin}X{i}" for i in range(1, CODES))]:
            if code != coin:
                same_as[code] = coin
            directions.append({"direction": f"{code}-USD", "allowance": "none", "binance": crossed, "coingecko": f"{name}/usd"})
            directions.append({"direction": f"{code}-RUB", "allowance": "none", "binance": f"{crossed} * USD-RUB", "coingecko": f"{name}/rub"})
    binance = {f"{coin}USDT": {"pair": f"{coin}/USDT"} for coin in COINS if coin != "USDT"}
    binance["USDCUSDT"] = {"pair": "USDC/USDT"}
    coingecko = {"tether/usd": {"pair": "USDT/USD"}, "tether/rub": {"pair": "USDT/RUB"}}
    return {"venues": {"binance": {"symbols": binance}, "coingecko": {"symbols": coingecko}},
            "exchangers": ["binance", "coingecko"], "same_as": same_as,
            "fiat_legs": {"USD-RUB": ["coingecko: tether/rub / tether/usd"]}, "directions": directions}


def cpu_seconds(stat):
    fields = Path(stat).read_text(encoding="utf-8").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def thread_seconds(pid):
    """CPU seconds by thread, without threads that have ended."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found[int(task.name)] = cpu_seconds(task / "stat")
        except OSError:
            pass
    return found


class CpuMeter:
    def __init__(self, pid):
        self.pid = pid
        self.process, self.threads = cpu_seconds(f"/proc/{pid}/stat"), thread_seconds(pid)

    def read(self):
        """CPU seconds since then: of the process, its loop, and the busiest of its other threads."""
        spent = {tid: seconds - self.threads.get(tid, 0) for tid, seconds in thread_seconds(self.pid).items()}
        loop = spent.pop(self.pid)
        return cpu_seconds(f"/proc/{self.pid}/stat") - self.process, loop, max(spent.values(), default=0.0)


def postgres_seconds(postgres):
    """CPU seconds of the server's processes, including ended ones."""
    total = 0.0
    for pid in processes_in(postgres.data):
        try:
            total += cpu_seconds(f"/proc/{pid}/stat")
        except OSError:
            pass
    return total


def count(postgres):
    return int(postgres.query("select count(*) from quotes")[0][0])


def lateness(postgres):
    """Age of the newest written row in seconds: the queue's length in time."""
    return float(postgres.query("select extract(epoch from now() - max(recorded_at)) from quotes")[0][0])


def wait_for(condition, limit=120):
    until = time.monotonic() + limit
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.1)


def is_written(postgres):
    try:
        return postgres.query("select count(*) from series where exists (select from quotes where series_id = id)") == [
            [str(SERIES)]] and lateness(postgres) < 2
    except RuntimeError:
        return False  # no table yet


def measure_archiving(services, postgres, seconds):
    meters = {name: CpuMeter(service.child.pid) for name, service in services.items()}
    postgres_before, rows_before, begun_at = postgres_seconds(postgres), count(postgres), time.monotonic()
    late = []
    while time.monotonic() < begun_at + seconds:
        time.sleep(1)
        late.append(lateness(postgres))
    took = time.monotonic() - begun_at
    read = {name: meter.read() for name, meter in meters.items()}
    rows = count(postgres) - rows_before
    in_postgres = postgres_seconds(postgres) - postgres_before
    print(f"\n{took:.0f} s, {len(late)} looks     process   loop  busiest other thread   (% of a core)")
    for name, spent in read.items():
        print(f"{name:22}" + "".join(f"{100 * each / took:8.2f}" for each in spent))
    ratio = read["with a database"][0] / read["without"][0]
    print(f"process with / without {ratio:.2f}; Postgres itself {100 * in_postgres / took:.1f} % of a core")
    print(f"rows written {rows / took:.1f} a second of {SERIES} possible; when looked at, the newest was "
          f"{min(late):.2f} to {max(late):.2f} s old: at most {max(0.0, max(late) - 1) * rows / took:.0f} rows waited")


def measure_backlog(service, postgres, outage):
    before = count(postgres)
    postgres.stop()
    time.sleep(outage)
    service.child.send_signal(10)  # SIGUSR1: log each batch
    postgres.start()
    ready_at, ready_count = time.monotonic(), count(postgres)
    first_at = None
    samples = []
    while True:
        samples.append((time.monotonic(), count(postgres)))
        if first_at is None and samples[-1][1] > ready_count:
            first_at = samples[-2][0]
        if first_at is not None and lateness(postgres) < 2:
            break
        time.sleep(0.02)
    done_at, done_count = samples[-1]
    back = service.wait_for_line(BACK)
    written = done_count - ready_count
    print(f"\nPostgres stopped for {outage} s: {before} rows before, {written} waited, {back.group(2)} lost")
    print(f"back after {first_at - ready_at:.1f} s, drained in {done_at - first_at:.2f} s: "
          f"{written / max(done_at - first_at, 0.01):.0f} rows a second")
    batches = [line for line in service.lines if "history: batch written" in line and not line.endswith(" rows=0")]
    for line in batches[:12]:
        print("  " + line)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default=str(ROOT / "build" / "release"))
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--outage", type=int, default=60)
    options.add_argument("--rounds", type=int, default=2)
    arguments = options.parse_args()
    simulator = Simulator(arguments.build, "--coingecko-every", "1s")
    services = {}
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file, PrivatePostgres(fsync=True) as postgres:
            json.dump(make_market(), file)
            file.flush()
            settings = {**simulator.settings(), "MARKETS_FILE": file.name, "COINGECKO_PLAN": "pro",
                        "COINGECKO_API_KEY": "pro-key"}
            services["without"] = Service(arguments.build, settings)
            services["with a database"] = Service(arguments.build, {**settings, "DATABASE_URL": postgres.url})
            for service in services.values():
                service.wait_for_courses(SERIES // 2, exchanger="binance")
                service.wait_for_courses(SERIES // 2, "?exchanger=coingecko")
            wait_for(lambda: is_written(postgres))
            for _ in range(arguments.rounds):
                measure_archiving(services, postgres, arguments.seconds)
            measure_backlog(services["with a database"], postgres, arguments.outage)
            for service in services.values():
                service.stop()
    finally:
        for process in [*services.values(), simulator]:
            if process.child.poll() is None:
                process.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
