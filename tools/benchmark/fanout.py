"""What subscribers cost: bench_push's windows for some numbers of them."""

import argparse
import resource
from collections import defaultdict

import bench_push
from processes import Simulator

SUBSCRIBERS = (100, 2048, 10000)
KINDS = {"all directions": "Server-Sent Events", "all, WebSocket": "WebSocket"}
RATE = 200  # requests a second beside them
WINDOW = 10  # seconds


def measure(options):
    needed = max(SUBSCRIBERS) + 4500  # the service reserves descriptors for requests
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, needed))
    simulator = Simulator(options.build)
    try:
        return [measure_some(options.build, simulator, count, kind) for count in SUBSCRIBERS for kind in KINDS]
    finally:
        simulator.stop()


def measure_some(build, simulator, count, kind):
    asked = argparse.Namespace(build=build, clients=count, window=WINDOW, rate=RATE)
    results = defaultdict(lambda: defaultdict(float, latencies=[], windows=[]))
    service = bench_push.start_service(asked, simulator)
    try:
        bench_push.measure(asked, service, simulator, kind, results)
        memory = bench_push.resident(service.child.pid)
    finally:
        service.stop()
    result, window = results[kind], results[kind]["windows"][0]
    messages = sum(window["messages"].values()) / window["seconds"]
    share = result["service"] / result["seconds"]
    return {"subscribers": count, "wire": KINDS[kind], "share": share, "messages": messages,
            "us_a_message": share / messages * 1e6, "each": window["fewest_changes"] / window["seconds"],
            "told_p50": window["delay_ms"]["p50"],
            "told_p99": window["delay_ms"]["p99"], "memory_mb": memory / 1e6}
