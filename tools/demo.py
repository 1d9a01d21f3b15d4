#!/usr/bin/env python3
"""Runs the service, against the simulator or (--real) the real venues, and shows its courses until Ctrl-C."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_postgres import PrivatePostgres  # noqa: E402
from processes import Process, Service, Simulator, call  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
DIRECTIONS = 8

OWN_SETTINGS = [
    line.split("=")[0].lstrip("#") for line in (ROOT / ".env_dist").read_text().splitlines()
    if "=" in line and line.lstrip("#").split("=")[0].isupper()
]


def print_courses(answer, seconds):
    print(f"\n{len(answer['courses'])} courses of {answer['exchanger']}, {seconds:.1f} s after the start:\n")
    for course in answer["courses"]:
        print(f"  {course['direction']:<14}{course['value']:>18,.8f}".rstrip("0").rstrip("."))


def print_where(service, simulator):
    print(f"\nLook at  {service.url}/                          the page")
    print(f"         {service.url}/docs                      the API, to read and to try")
    print(f"         {service.courses_url}")
    print(f"         {service.courses_url}?direction=BTC-USD&exchanger=coingecko")
    print(f"         {service.url}/api/v2/courses/BTC-RUB      its state, age and legs")
    print(f"         {service.url}/api/v2/exchangers           who is active, since when, why")
    print(f"         {service.url}/api/v2/history/BTC-USD      candles, a minute each")
    print(f"         {service.url}/readyz")
    if simulator:
        print("\nMake Binance fail, then mend it (docs/simulator.md has all the faults):")
        print(f"  curl {simulator.control}/faults -d '{{\"endpoint\":\"binance_stream\",\"fault\":\"mute\"}}'")
        print(f"  curl -X DELETE {simulator.control}/faults")
    print("\nCtrl-C ends it. The log follows.\n", flush=True)


def settings_of(simulator, postgres):
    """The user's environment and .env, overridden by the simulator's settings."""
    settings = {name: os.environ[name] for name in OWN_SETTINGS if name in os.environ}
    settings.setdefault("HTTP_PORT", "8080")
    if simulator:
        settings.update(simulator.settings())
    if postgres:
        settings["DATABASE_URL"] = postgres.url
    return settings


def wait_for_courses(service, limit):
    until = time.monotonic() + limit
    best = None
    while time.monotonic() < until:
        answer = service.courses()
        if answer and (best is None or len(answer["courses"]) > len(best["courses"])):
            best = answer
        if best and len(best["courses"]) == DIRECTIONS:
            break
        time.sleep(0.1)
    return best


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build", required=True, help="build folder, such as build/release")
    options.add_argument("--real", action="store_true", help="listen to the real venues")
    arguments = options.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    simulator = postgres = service = None
    try:
        if not arguments.real:
            simulator = Simulator(arguments.build)
            postgres = PrivatePostgres()
        service = Service(arguments.build, settings_of(simulator, postgres), cwd=ROOT)
        answer = wait_for_courses(service, 30)
        for line in service.lines:
            print(line)
        if answer:
            print_courses(answer, time.monotonic() - service.started_at)
        elif call("GET", service.courses_url)[0] == 401:
            print("\nThe courses need an API key (API_KEYS_FILE).")
        else:
            print("\nno course is fresh after 30 s; the log above says why")
        print_where(service, simulator)
        service.echo = sys.stdout
        return service.child.wait()
    except KeyboardInterrupt:
        return 0
    except (TimeoutError, RuntimeError) as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        for process in (service, simulator):
            if isinstance(process, Process):
                try:
                    process.stop()
                except subprocess.TimeoutExpired:
                    pass
        if postgres:
            postgres.close()


if __name__ == "__main__":
    sys.exit(main())
