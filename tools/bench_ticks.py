#!/usr/bin/env python3
"""What a tick costs: the processor time of the service with six exchangers and with two, side by side, and under load.

    tools/bench_ticks.py [--build build/release] [--seconds 30] [--speeds 1,8,16]

At speed 8 each venue of the simulator sends eight times as many ticks as usual; then only the service with six exchangers runs,
because the simulator needs its processor. Two connections bring each tick of a stream twice, and both are counted. The figures
of docs/truth.md.
"""

import argparse
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench_replicas import cpu_seconds  # noqa: E402
from processes import Service, Simulator, call  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
VENUES = {"two": {"VENUES": "binance,coingecko,cbr"}, "six": {}}


def count_ticks(service):
    page = call("GET", service.url + "/metrics")[2].decode()
    return sum(float(count) for count in re.findall(r"^kurs_ticks_total\{[^}]*\} (\S+)$", page, re.MULTILINE))


def measure(build, speed, seconds):
    """Ticks a second and shares of a core: of both services side by side at speed 1, of the larger one at others."""
    simulator = Simulator(build, "--speed", str(speed))
    services = {}
    try:
        for name in VENUES if speed == 1 else ("six",):
            services[name] = Service(build, {**simulator.settings(), **VENUES[name]})
        for service in services.values():
            service.wait_for_courses(8, exchanger="binance")
        time.sleep(5)
        ticks = {name: count_ticks(service) for name, service in services.items()}
        processes = {**services, "simulator": simulator}
        cpu = {name: cpu_seconds([each.child.pid]) for name, each in processes.items()}
        begun_at = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - begun_at
        cpu = {name: (cpu_seconds([each.child.pid]) - cpu[name]) / took for name, each in processes.items()}
        rates = {name: (count_ticks(service) - ticks[name]) / took for name, service in services.items()}
    finally:
        for each in [*services.values(), simulator]:
            each.stop()
    return {"speed": speed, "simulator": cpu["simulator"],
            **{name: {"ticks": rates[name], "cpu": cpu[name]} for name in services}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--speeds", default="1,8,16")
    options = parser.parse_args()
    for speed in map(float, options.speeds.split(",")):
        found = measure(options.build, speed, options.seconds)
        for name in VENUES.keys() & found.keys():
            ticks, cpu = found[name]["ticks"], found[name]["cpu"]
            print(f"speed {speed:g}, {name} exchangers: {ticks:,.0f} ticks a second, {cpu:.1%} of a core, "
                  f"{cpu / ticks * 1e6:.0f} us each; the simulator takes {found['simulator']:.0%}")


if __name__ == "__main__":
    main()
