"""GET /api/v1/courses of each server, in turn: processor time a request, throughput, latency, memory."""

import json
import subprocess
import sys
import time
from pathlib import Path

from bench_replicas import cpu_seconds, resident

from .cores import CLIENT_CORE, SERVER_CORE, anonymous, pinned
from .figures import ratio, summary
from .servers import FastApi, FasterFastApi, Floor, Kurs, Nginx, fetch

CONNECTIONS = (1, 64, 256, 1000)
SCRIPT = Path(__file__).resolve().parent / "load.lua"
COMPARED = ("cpu_us", "p99")
ORDER = [server.name for server in (Floor, Nginx, Kurs, FastApi, FasterFastApi)]


def load(server, connections, seconds):
    """One window."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", SCRIPT, server.url]
    pids = server.pids()
    before = cpu_seconds(pids)
    with pinned(CLIENT_CORE):
        wrk = subprocess.Popen(command, text=True, stdout=subprocess.PIPE)
    time.sleep(seconds / 2)
    memory, own = sum(map(resident, pids)), sum(map(anonymous, pids))
    said = wrk.communicate()[0]
    cpu = cpu_seconds(pids) - before
    found = json.loads(said.splitlines()[-1])
    if found["errors"]:
        raise RuntimeError(f"{server.name}: {said}")
    return {"cpu_us": cpu / found["requests"] * 1e6, "rate": found["requests"] / found["duration"] * 1e6,
            "memory_mb": memory / 1e6, "own_mb": own / 1e6, **{name: found[name] for name in ("p50", "p99", "p999")}}


def idle_share(kurs, seconds):
    """The share of a core that Kurs takes without requests, and the ticks a second."""
    ticks, cpu, begun_at = kurs.ticks(), cpu_seconds(kurs.pids()), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begun_at
    return {"share": (cpu_seconds(kurs.pids()) - cpu) / took, "ticks": (kurs.ticks() - ticks) / took}


def measure(options):
    kurs = Kurs(options.build, options.speed)
    others = []
    try:
        idle = idle_share(kurs, options.seconds * 2)
        response = fetch(kurs.url)
        others = [Floor(options.build, response), Nginx(response), FastApi(response), FasterFastApi(response)]
        rounds = []
        for number in range(options.rounds):
            servers = [*others, kurs]
            turn = number % len(servers)  # each goes first in turn
            servers = servers[turn:] + servers[:turn]
            rounds.append({str(count): measure_all(servers, kurs, count, options.seconds) for count in CONNECTIONS})
            print(f"http: round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
    finally:
        for each in [*others, kurs]:
            each.stop()
    return {"bytes": len(response[0]) + len(response[1]), "idle": idle, "rounds": rounds, **summarize(rounds)}


def measure_all(servers, kurs, connections, seconds):
    """A window of each. Kurs stays connected to the venues, on the clients' core while it is not its turn."""
    found = {}
    for server in servers:
        kurs.rest_on(SERVER_CORE if server is kurs else CLIENT_CORE)
        found[server.name] = load(server, connections, seconds)
    kurs.rest_on(SERVER_CORE)
    return found


def summarize(rounds):
    """By connections: the medians of each server with their spread, and the ratios of Kurs, each within a round."""
    medians, ratios = {}, {}
    for count in rounds[0]:
        windows = [each[count] for each in rounds]
        names = [name for name in ORDER if name in windows[0]]
        medians[count] = {name: {figure: summary([window[name][figure] for window in windows]) for figure in windows[0][name]}
                          for name in names}
        ratios[count] = {other: {figure: ratio(windows, "Kurs", other, figure) for figure in COMPARED}
                         for other in names if other != "Kurs"}
    return {"medians": medians, "ratios": ratios}
