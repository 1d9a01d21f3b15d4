#!/usr/bin/env python3
"""What a frozen Postgres costs GET /api/v1/courses: latencies in alternating windows of one run, side by side.

    tools/bench_frozen_postgres.py [--build build/release] [--rate 500] [--window 10] [--rounds 5]

Windows, again and again: a service without a database; one with a healthy Postgres; the same with Postgres stopped by
SIGSTOP; that, and history asked ten times a second all the while. Both services run all the time and listen to the same
simulator. Clients of our own: keep-alive connections, each asking at fixed moments; a latency counts from the moment at
which the question was due, so that a stall is not hidden by asking less.
"""

import argparse
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_postgres import PrivatePostgres  # noqa: E402
from processes import Service, Simulator  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
REQUEST = b"GET /api/v1/courses HTTP/1.1\r\nHost: bench\r\n\r\n"
KINDS = ("no database", "healthy", "frozen", "frozen, history asked")


class Client(threading.Thread):
    """Sends requests at a steady rate over one connection until stopped."""

    def __init__(self, url, rate, offset):
        super().__init__(daemon=True)
        parts = urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.every = 1 / rate
        self.offset = offset
        self.ended = threading.Event()
        self.latencies = []
        self.statuses = Counter()

    def run(self):
        with socket.create_connection(self.address, timeout=30) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = peer.makefile("rb")
            due = time.perf_counter() + self.offset
            while not self.ended.is_set():
                wait = due - time.perf_counter()
                if wait > 0:
                    time.sleep(wait)
                begun_at = time.perf_counter()
                peer.sendall(REQUEST)
                self.statuses[read_answer(reader)] += 1
                # This process's own sleep may end late, which is not the service's fault: up to a millisecond is
                # deducted.
                self.latencies.append(time.perf_counter() - (due if begun_at - due > 0.001 else begun_at))
                due += self.every


def read_answer(reader):
    status = int(reader.readline().split()[1])
    length = 0
    for line in iter(reader.readline, b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    reader.read(length)
    return status


class HistoryAsker:
    """Queries history ten times per second, in a separate process so that it does not affect the clients'
    latencies."""

    def __init__(self, url):
        self.child = subprocess.Popen([sys.executable, "-B", __file__, "--ask", url], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)

    def stop(self):
        """The statuses of all its queries, once the last one is answered."""
        return Counter(json.loads(self.child.communicate()[0]))


def ask_history(url):
    """Runs until standard input ends."""
    statuses = Counter()
    ended = threading.Event()

    def ask():
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        try:
            connection.request("GET", "/api/v2/history/BTC-USD")
            statuses[connection.getresponse().status] += 1
        except (OSError, http.client.HTTPException):
            statuses["none"] += 1
        connection.close()

    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    askers = []
    while not ended.wait(0.1):
        askers.append(threading.Thread(target=ask))
        askers[-1].start()
    for asker in askers:
        asker.join()
    print(json.dumps(statuses))
    return 0


def measure(url, arguments):
    """Sorted latencies and the statuses of one window."""
    clients = [Client(url, arguments.rate / arguments.clients, i / arguments.rate) for i in range(arguments.clients)]
    for client in clients:
        client.start()
    time.sleep(arguments.window)
    for client in clients:
        client.ended.set()
    for client in clients:
        client.join()
    latencies = sorted(latency for client in clients for latency in client.latencies)
    return latencies, sum((client.statuses for client in clients), Counter())


def quantile(latencies, share):
    return latencies[min(len(latencies) - 1, int(share * len(latencies)))] * 1000


def figures(latencies):
    return [quantile(latencies, 0.5), quantile(latencies, 0.99), latencies[-1] * 1000]


def run_window(kind, services, postgres, arguments):
    url = services["no database" if kind == "no database" else "database"].url
    if kind.startswith("frozen"):
        postgres.freeze()
    asker = HistoryAsker(url) if kind.endswith("asked") else None
    measured = measure(url, arguments)
    statuses = asker.stop() if asker else Counter()
    postgres.thaw()
    return measured, statuses


def wait_until_written(postgres):
    """Checks that all waiting rows have been written."""
    while True:
        late = postgres.query("select extract(epoch from now() - max(recorded_at)) from quotes")[0][0]
        if late is not None and float(late) < 2.5:
            return
        time.sleep(0.1)


def report(windows):
    print(f"\n{'window':24}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}   answers")
    for kind in KINDS:
        all_of_kind = sorted(latency for measured, _ in windows[kind] for latency in measured[0])
        statuses = sum((measured[1] for measured, _ in windows[kind]), Counter())
        print(f"{kind:24}" + "".join(f"{each:9.3f}" for each in figures(all_of_kind)) + f"   {dict(statuses)}")
    print("\nratio to healthy, a round each (p50 / p99 / max)")
    for kind in KINDS:
        if kind != "healthy":
            print(f"{kind:24}" + "  ".join(ratios(other[0][0], healthy[0][0])
                                           for other, healthy in zip(windows[kind], windows["healthy"])))
    asked = sum((history for _, history in windows[KINDS[-1]]), Counter())
    print(f"\nhistory while frozen: {dict(asked)}")


def ratios(latencies, healthy):
    return "/".join(f"{mine / theirs:.2f}" for mine, theirs in zip(figures(latencies), figures(healthy)))


def main():
    if sys.argv[1:2] == ["--ask"]:
        return ask_history(sys.argv[2])
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default=str(ROOT / "build" / "release"))
    options.add_argument("--rate", type=float, default=500, help="questions a second, of all clients")
    options.add_argument("--clients", type=int, default=4)
    options.add_argument("--window", type=float, default=10, help="seconds")
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()

    simulator = Simulator(arguments.build)
    services = {}
    try:
        with PrivatePostgres(fsync=True) as postgres:
            services["no database"] = Service(arguments.build, simulator.settings())
            services["database"] = Service(arguments.build, {**simulator.settings(), "DATABASE_URL": postgres.url})
            for service in services.values():
                service.wait_for_courses(8, exchanger="binance")
            services["database"].wait_for_courses(8)
            wait_for_table(postgres)
            windows = {kind: [] for kind in KINDS}
            for round_ in range(arguments.rounds):
                # Each kind goes first in turn.
                for kind in KINDS[round_ % len(KINDS):] + KINDS[:round_ % len(KINDS)]:
                    wait_until_written(postgres)
                    windows[kind].append(run_window(kind, services, postgres, arguments))
            print(f"{arguments.rounds} windows of {arguments.window:g} s each, {arguments.rate:g} questions a second "
                  f"over {arguments.clients} connections, clients of our own, {arguments.build}")
            report(windows)
            for service in services.values():
                service.stop()
    finally:
        for process in [*services.values(), simulator]:
            if process.child.poll() is None:
                process.stop()
    return 0


def wait_for_table(postgres):
    while postgres.query("select to_regclass('quotes')")[0][0] is None:
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
