#!/usr/bin/env python3
"""The load of load.conf on the demo stack, while Binance is cut, and the leader is killed, and both come back.

Run from anywhere, with the demo stack up. Reports: locust/report/outage*; exit status 1 if a client got what it must not.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from leader import leader

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ["docker", "compose", "--profile", "demo", "--profile", "load"]


def compose(*arguments):
    """What it printed."""
    return subprocess.run([*COMPOSE, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def fault(**details):
    control("-X", "POST", "--json", json.dumps({"endpoint": "binance_stream", **details}), "http://127.0.0.1:9100/faults")


def control(*arguments):
    compose("exec", "-T", "simulator", "curl", "-fsS", *arguments)


def cut_binance():
    fault(fault="refuse")
    fault(fault="cut", value="rst")


killed = []


def kill_the_leader():
    found = leader(lambda *words: compose("exec", "-T", "redis", *words))
    if not found:
        raise RuntimeError("no replica leads")
    killed.append(found)
    print(f"       which is {found}", flush=True)
    compose("kill", "-s", "KILL", found)


# Seconds after the start of the load, which is complete after 34.
EVENTS = [
    (40, "Binance cuts all connections and refuses new ones", cut_binance),
    (60, "Binance is back", lambda: control("-X", "DELETE", "http://127.0.0.1:9100/faults")),
    (75, "the leader is killed", kill_the_leader),
    (85, "it is started", lambda: compose("start", *killed)),
]


def main():
    report = ["--html", "report/outage.html", "--csv", "report/outage"]
    owner = {**os.environ, "LOAD_USER": f"{os.getuid()}:{os.getgid()}"}
    load = subprocess.Popen([*COMPOSE, "run", "--rm", "--no-deps", "-T", "locust", *report], cwd=ROOT, env=owner)
    started_at = time.monotonic()
    try:
        for second, title, act in EVENTS:
            time.sleep(max(0.0, started_at + second - time.monotonic()))
            print(f"{second:>4} s: {title}", flush=True)
            act()
        return load.wait(120)
    finally:
        control("-X", "DELETE", "http://127.0.0.1:9100/faults")
        load.terminate()


if __name__ == "__main__":
    sys.exit(main())
