#!/usr/bin/env python3
"""What replicas that share a view cost: at rest, under load, and for each connection. The figures of docs/scaling.md.

    tools/bench_replicas.py [--build build/release] [--seconds 20] [--connections 1000]

Three replicas, their Redis and Postgres, and a simulator, all on this machine; wrk makes the load.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_postgres import PrivatePostgres  # noqa: E402
from private_redis import PrivateRedis  # noqa: E402
from private_server import processes_in  # noqa: E402
from processes import Service, Simulator  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PATHS = ("/api/v1/courses", "/api/v1/courses?direction=BTC-USD", "/api/v2/courses", "/api/v2/courses/BTC-RUB")


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass  # the process has ended
    return total / TICKS


def resident(pid):
    """Resident memory in bytes."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))[1]) * 1024


def measure_rest(replicas, redis, postgres, seconds):
    """Idle CPU use of each process, as a share of a core."""
    groups = {"leader": [replica.child.pid for replica in replicas if replica.role() == "leader"],
              "a follower": [next(replica.child.pid for replica in replicas if replica.role() == "follower")],
              "Redis": processes_in(redis.data), "Postgres": processes_in(postgres.data)}
    before = {name: cpu_seconds(pids) for name, pids in groups.items()}
    time.sleep(seconds)
    for name, pids in groups.items():
        memory = sum(resident(pid) for pid in pids) / 1e6
        print(f"at rest: {name} takes {100 * (cpu_seconds(pids) - before[name]) / seconds:.2f} % of a core and has {memory:.0f} MB")


def measure_load(replica, seconds):
    for path in PATHS:
        before, begun_at = cpu_seconds([replica.child.pid]), time.monotonic()
        said = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", replica.url + path], text=True,
                              capture_output=True, check=True).stdout
        took, cpu = time.monotonic() - begun_at, cpu_seconds([replica.child.pid]) - before
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
        p99 = re.search(r"99%\s+(\S+)", said)[1]
        if "Non-2xx" in said or "Socket errors" in said:
            raise RuntimeError(said)
        print(f"{path}: {rate:,.0f} requests a second, {cpu / (rate * took) * 1e6:.1f} us of processor each, p99 {p99}")


def measure_connections(replica, count):
    before = resident(replica.child.pid)
    request = b"GET /api/v1/courses HTTP/1.1\r\nHost: kurs\r\n\r\n"
    parts = urlsplit(replica.url)
    held = []
    for _ in range(count):
        held.append(socket.create_connection((parts.hostname, parts.port)))
        held[-1].sendall(request)
        held[-1].recv(4096)
    print(f"{count} idle connections: {(resident(replica.child.pid) - before) / count / 1024:.1f} KiB each")
    for each in held:
        each.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--connections", type=int, default=1000)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("no wrk on the PATH: install the package of that name")
    with PrivatePostgres() as postgres, PrivateRedis() as redis:
        simulator = Simulator(options.build)
        replicas = [Service(options.build, {**simulator.settings(), "REDIS_URL": redis.url, "DATABASE_URL": postgres.url})
                  for _ in range(3)]
        try:
            for replica in replicas:
                replica.wait_for_courses(8, exchanger="binance")
            time.sleep(3)
            measure_rest(replicas, redis, postgres, options.seconds)
            follower = next(replica for replica in replicas if replica.role() == "follower")
            measure_load(follower, max(2, options.seconds // 4))
            measure_connections(follower, options.connections)
        finally:
            for each in [*replicas, simulator]:
                each.stop()


if __name__ == "__main__":
    main()
