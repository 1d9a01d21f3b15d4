#!/usr/bin/env python3
"""What clients that mean harm cost a well-behaved one: the latency of GET /api/v1/courses, quiet and beside each attack.

    tools/bench_malice.py [--build build/release] [--rate 100] [--window 5] [--rounds 3] [--attack NAME...] [--direct | --nginx]

Windows in turn, for each attack: quiet, attack, quiet, attack, ... so that what else the machine does falls upon both. The
client keeps its connections open and asks at fixed moments. The attackers run at the lowest priority, since elsewhere they
would not share the service's processors; behind nginx they have the limits that are shipped, and the client has none.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench_frozen_postgres import Client  # noqa: E402
from bench_replicas import resident  # noqa: E402
from malice import ATTACKS  # noqa: E402
from private_nginx import SHIPPED, Nginx  # noqa: E402
from processes import Service, Simulator  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = {"idle connections": 8000, "slowloris": 2000, "slow bodies": 2000, "slow reads": 1000, "streams that stall": 1000,
               "WebSockets that stall": 1000, "smuggling": 20, "floods of pings": 20}
CLIENTS = 4


class Attack:
    """The attackers, in a process of their own, once all their connections are begun."""

    def __init__(self, address, name):
        self.child = subprocess.Popen(
            ["nice", "-n", "19", sys.executable, "-B", str(ROOT / "tools/malice.py"), address, name, "--source", "127.0.0.2",
             "--connections", str(CONNECTIONS.get(name, 100))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.child.stdout.readline()

    def stop(self):
        return self.child.communicate()[0]


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


class Clients:
    """The well-behaved ones, connected all the while."""

    def __init__(self, url, rate):
        self.each = [Client(url, rate / CLIENTS, number / rate) for number in range(CLIENTS)]
        for client in self.each:
            client.start()

    def measure(self, seconds):
        """Latencies of a window, in milliseconds."""
        begun = [len(client.latencies) for client in self.each]
        time.sleep(seconds)
        return [1000 * latency for client, count in zip(self.each, begun) for latency in client.latencies[count:]]

    def stop(self):
        """How many answers had which status."""
        for client in self.each:
            client.ended.set()
            client.join()
        return sum((client.statuses for client in self.each), Counter())


def compare(url, service, name, asked):
    quiet, beside, memory = [], [], 0
    clients = Clients(url, asked.rate)
    time.sleep(1)  # warms up
    for _ in range(asked.rounds):
        quiet.append(clients.measure(asked.window))
        attack = Attack(urlsplit(url).netloc, name)
        beside.append(clients.measure(asked.window))
        memory = max(memory, resident(service.child.pid))
        attack.stop()
        time.sleep(1)
    statuses = clients.stop()
    before, during = (median(percentile(window, 0.99) for window in windows) for windows in (quiet, beside))
    wrong = sum(statuses.values()) - statuses[200]
    print(f"| {name} | {CONNECTIONS.get(name, 100)} | {before:.2f} ms | {during:.2f} ms | {during / before:.1f} | {memory / 1e6:.0f} MB | {wrong} |",
          flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", type=Path, default=ROOT / "build/release")
    arguments.add_argument("--rate", type=int, default=100)
    arguments.add_argument("--window", type=int, default=5)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--attack", nargs="+", choices=ATTACKS, default=list(ATTACKS))
    arguments.add_argument("--direct", action="store_true", help="not through nginx")
    arguments.add_argument("--nginx", action="store_true", help="through nginx only")
    asked = arguments.parse_args()
    simulator = Simulator(asked.build)
    service = Service(asked.build, simulator.settings())
    nginx = None
    try:
        service.wait_for_courses(8)
        nginx = Nginx(urlsplit(service.url).netloc, LOAD_TEST_ADDRESS="127.0.0.1", **SHIPPED)
        urls = {"directly": service.url, "through nginx": f"http://127.0.0.1:{nginx.port}"}
        for way, url in urls.items():
            if asked.direct and nginx and way != "directly" or asked.nginx and way == "directly":
                continue
            print(f"\n| {way} | connections | p99 quiet | p99 beside | ratio | memory | not 200 |\n|---|---|---|---|---|---|---|")
            for name in asked.attack:
                compare(url, service, name, asked)
    finally:
        for each in (nginx, service, simulator):
            if each:
                each.stop()


if __name__ == "__main__":
    main()
