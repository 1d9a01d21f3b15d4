#!/usr/bin/env python3
"""What ten thousand subscribers cost: GET /api/v1/courses beside them, the processor, and the memory of each.

    tools/bench_push.py [--build build/release] [--clients 10000] [--window 10] [--rounds 2] [--rate 200]
                        [--kinds KIND...]

Windows, again and again: nobody listens; all listen to what does not change; all listen to one direction, then to all,
while the board changes ten times a second. Then one in a hundred stops reading, and must be cut while nobody else
notices. Everything runs on this machine: push_load, which is the clients, has a lower priority, as it would not share the
service's processors elsewhere. A window in which others took much of the processors says little of the service. Each of
the two needs as many descriptors as there are clients, and some.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench_replicas import TICKS, cpu_seconds, resident  # noqa: E402
from bench_frozen_postgres import Client  # noqa: E402
from processes import Service, Simulator  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
PAGE = os.sysconf("SC_PAGE_SIZE")
NOBODY = "nobody listens"
TARGETS = {  # kind: (wire, path and query)
    "idle": ("events", "/api/v2/stream?exchanger=coingecko&direction=USDTTRC-USD"),
    "idle, WebSocket": ("ws", "/api/v2/ws?exchanger=coingecko&direction=USDTTRC-USD"),
    "one direction": ("events", "/api/v2/stream?direction=BTC-USD"),
    "all directions": ("events", "/api/v2/stream"),
    "all, WebSocket": ("ws", "/api/v2/ws"),
}
RESTS = 3  # seconds until the connections of a window are gone


class Changes(threading.Thread):
    """Gives BTCUSDT a new price ten times per second."""

    def __init__(self, simulator):
        super().__init__(daemon=True)
        self.simulator = simulator
        self.ended = threading.Event()
        self.start()

    def run(self):
        price = Decimal("64000.00")
        while not self.ended.wait(0.1):
            price += Decimal("0.01")
            self.simulator.pin({"BTCUSDT": {"bid": str(price), "ask": str(price + Decimal("0.01"))}})

    def stop(self):
        self.ended.set()
        self.join()


class Subscribers:
    """push_load, at work once it is made."""

    def __init__(self, build, service, kind, clients, seconds, **options):
        wire, target = TARGETS[kind]
        settings = {"wire": wire, "target": target, "clients": clients, "seconds": seconds + 60, **options}
        self.child = subprocess.Popen(
            ["nice", "-n", "5", str(build / "tests/server/push_load"), str(urlsplit(service.url).port),
             *(f"{name}={value}" for name, value in settings.items())],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.read()

    def read(self):
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("push_load has ended")
        found = json.loads(line)
        if found["at"] == "end" and found["violations"]:
            raise RuntimeError(line)
        return found

    def mark(self):
        """The totals since the last mark."""
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return self.read()

    def stop(self):
        self.child.stdin.close()
        found = self.read()
        self.child.wait()
        self.child.stdout.close()
        return found


def busy_seconds():
    """Busy seconds of all processors, for any process; includes time that other virtual machines took."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", maxsplit=1)[0].split()[1:9]
    return (sum(map(int, fields)) - int(fields[3]) - int(fields[4])) / TICKS


def kernel_memory():
    """Bytes of the socket buffers, and all small objects of the kernel."""
    sockets = Path("/proc/net/sockstat").read_text(encoding="ascii")
    small = Path("/proc/meminfo").read_text(encoding="ascii")
    return int(re.search(r"TCP:.* mem (\d+)", sockets)[1]) * PAGE, int(re.search(r"Slab:\s+(\d+)", small)[1]) * 1024


def ask_for(service, rate, seconds):
    """Sorted latencies of GET /api/v1/courses in seconds."""
    client = Client(service.url, rate, 0.001)
    client.start()
    time.sleep(seconds)
    client.ended.set()
    client.join()
    if set(client.statuses) != {200}:
        raise RuntimeError(f"{dict(client.statuses)}")
    return sorted(client.latencies)


def measure(options, service, simulator, kind, results):
    changes = Changes(simulator)
    subscribers = None if kind == NOBODY else Subscribers(options.build, service, kind, options.clients, options.window)
    try:
        if subscribers:
            time.sleep(1)
            subscribers.mark()
        pids = {"service": [service.child.pid], "clients": [subscribers.child.pid] if subscribers else [],
                "bench": [simulator.child.pid, os.getpid()]}
        before, begun_at, busy = {name: cpu_seconds(those) for name, those in pids.items()}, time.monotonic(), busy_seconds()
        result = results[kind]
        result["latencies"] += ask_for(service, options.rate, options.window)
        result["seconds"] += time.monotonic() - begun_at
        took = {name: cpu_seconds(those) - before[name] for name, those in pids.items()}
        result["service"] += took["service"]
        result["clients"] += took["clients"]
        result["others"] += busy_seconds() - busy - sum(took.values())
        if subscribers:
            result["windows"].append(subscribers.mark())
    finally:
        changes.stop()
        if subscribers:
            subscribers.stop()
            time.sleep(RESTS)


def print_table(options, results):
    def percentile(sorted_values, share):
        return 1000 * sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]

    print(f"{'subscribers':<18}{'p50':>7}{'p99':>8}{'max':>8} ms {'service':>8}{'clients':>9}{'others':>8} of a core"
          f"{'messages/s':>12}{'MB/s':>7}{'each/s':>8}{'told p50':>10}{'p99':>7}{'max':>7} ms")
    for kind, result in results.items():
        found = sorted(result["latencies"])
        line = (f"{kind:<18}{percentile(found, .5):>7.2f}{percentile(found, .99):>8.2f}{found[-1] * 1000:>8.1f}    "
                f"{result['service'] / result['seconds']:>8.1%}{result['clients'] / result['seconds']:>9.1%}"
                f"{result['others'] / result['seconds']:>8.1%}          ")
        windows = result["windows"]
        if windows:
            total = sum(window["seconds"] for window in windows)
            messages = sum(sum(window["messages"].values()) for window in windows)
            fewest = sum(window["fewest_changes"] for window in windows) / total
            told = [max(window["delay_ms"][name] for window in windows) for name in ("p50", "p99", "max")]
            line += (f"{messages / total:>12,.0f}{sum(window['bytes'] for window in windows) / total / 1e6:>7.1f}{fewest:>8.1f}"
                     f"{told[0]:>10.1f}{told[1]:>7.0f}{told[2]:>7.0f}")
        print(line)


def measure_memory(options, simulator):
    """Uses a new service for each transport, because an allocator keeps its memory."""
    for kind in ("idle", "idle, WebSocket", "all directions", "all, WebSocket"):
        service = start_service(options, simulator)
        changes = Changes(simulator)
        try:
            own, (waiting, small) = resident(service.child.pid), kernel_memory()
            subscribers = Subscribers(options.build, service, kind, options.clients, 5)
            time.sleep(5)
            now, (waiting_now, small_now) = resident(service.child.pid), kernel_memory()
            subscribers.stop()
            # Both ends are on this machine, so half of the small objects belong to the clients.
            print(f"{kind}: {(now - own) / options.clients / 1024:.2f} KiB of the service's memory for each subscriber; of the kernel's "
                  f"{(small_now - small) / 2 / options.clients / 1024:.1f} KiB of objects and "
                  f"{(waiting_now - waiting) / options.clients / 1024:.1f} KiB in both ends' buffers")
            time.sleep(RESTS)
            print(f"  {own / 1e6:.1f} MB before, {now / 1e6:.1f} MB with them, {resident(service.child.pid) / 1e6:.1f} MB after")
        finally:
            changes.stop()
            service.stop()


def measure_cuts(options, service, simulator):
    stalled = options.clients // 100
    for kind in ("all directions", "all, WebSocket"):
        changes = Changes(simulator)
        subscribers = Subscribers(options.build, service, kind, options.clients, 60, stalled=stalled, stall_after=1)
        latencies = ask_for(service, options.rate, 45)
        changes.stop()
        found = subscribers.stop()
        print(f"{kind}: {found['cut']} of {stalled} that stopped reading were cut, {found['cut_unseen']} of them without a reset; "
              f"the others missed nothing, had {found['fewest_changes']} to {found['most_changes']} changes; "
              f"p99 of a request {latencies[int(.99 * len(latencies))] * 1000:.2f} ms")
        if found["cut"] != stalled:
            raise RuntimeError("not all were cut")
        time.sleep(RESTS)


def start_service(options, simulator):
    service = Service(options.build, {**simulator.settings(), "PUSH_CLIENTS": str(options.clients)})
    service.wait_for_courses(8, exchanger="binance")
    service.wait_for_courses(8, "?exchanger=coingecko")
    return service


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--clients", type=int, default=10000)
    parser.add_argument("--window", type=int, default=10, help="seconds")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rate", type=int, default=200, help="requests a second")
    parser.add_argument("--kinds", nargs="+", choices=TARGETS, default=list(TARGETS), help="of windows, besides the one of nobody")
    options = parser.parse_args()
    needed = options.clients + 4500  # the service reserves descriptors for requests
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, needed))
    simulator = Simulator(options.build)
    try:
        measure_memory(options, simulator)
        service = start_service(options, simulator)
        results = defaultdict(lambda: defaultdict(float, latencies=[], windows=[]))
        try:
            for _ in range(options.rounds):
                for kind in (NOBODY, *options.kinds):
                    measure(options, service, simulator, kind, results)
            print_table(options, results)
            measure_cuts(options, service, simulator)
        finally:
            service.stop()
    finally:
        simulator.stop()


if __name__ == "__main__":
    main()
