#!/usr/bin/env python3
"""Counts the instructions of a request, a frame and a change, and holds them to the recorded values.

    tools/count_instructions.py [--build build/release] [--check | --record]

Unlike times, they hardly depend on the machine or on what else it does. valgrind counts those of the user space. Requests are
sent one after the other over one connection; what timers take meanwhile is subtracted. `--check` exits 1 if a value, or the
size of the program, differs by more than a tenth from tests/bench/instructions.json: if it is better, record it. `--record`
writes the file.
"""

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
from benchmark.recording import record  # noqa: E402
from private_server import free_port  # noqa: E402
from processes import Process  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
RECORDED = ROOT / "tests/bench/instructions.json"
ALLOWED = 0.1
WARM_UP, WINDOW = 500, 10_000  # requests
IDLE = 2  # seconds
SPEED = 3.5  # of the simulator, for the recording
DIRECTIONS, CHANGES = 8, 1000
PATH = "/api/v1/courses"
PRICES = {"BTC-RUB": "4898410.67", "BTC-USD": "64106.77", "ETH-RUB": "199585.76", "ETH-USD": "2612.03",
          "USDTTRC-RUB": "76.40", "USDTTRC-USD": "0.9999", "USDTERC-RUB": "76.41", "USDTERC-USD": "0.9998"}


class Site(ThreadingHTTPServer):
    """One declared source with the prices of all directions, asked for once an hour: beside the requests nothing happens."""

    daemon_threads = True

    def __init__(self):
        body = json.dumps(PRICES).encode()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def market_map(self):
        def symbol(name):
            return name.replace("-", "/")

        source = {"url": f"http://127.0.0.1:{self.server_port}/prices", "format": "json", "every": "1h", "max_age": "1d",
                  "changes_within": "1d"}
        symbols = {symbol(name): {"last": f"/{name}", "min": "0.1", "max": "100000000"} for name in PRICES}
        return {"venues": {"site": {"source": source, "symbols": symbols}},
                "exchangers": ["site"],
                "directions": [{"direction": name, "allowance": "none", "site": symbol(name)} for name in PRICES]}

    def stop(self):
        self.shutdown()
        self.server_close()


def stripped(folder, binary, *options):
    """A copy without debug information, for valgrind 3.19 cannot read that of clang 16."""
    copy = Path(folder) / Path(binary).name
    subprocess.run(["strip", *options, "-o", copy, binary], check=True)
    return copy


def total(path):
    return int(re.search(r"^(?:summary|totals): (\d+)", path.read_text(), re.M)[1])


def callgrind(folder, *words):
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/counted", *words]


class Counted(Process):
    """A server under callgrind."""

    def __init__(self, folder, command, environment=None):
        self.folder = Path(folder)
        binary = stripped(folder, command[0])
        super().__init__(callgrind(self.folder, binary, *command[1:]), environment)
        self.counted_at = time.monotonic()

    def count(self):
        """Instructions and seconds since the last call."""
        before, last = set(self.folder.glob("counted.*")), self.counted_at
        subprocess.run(["callgrind_control", "--dump", str(self.child.pid)], check=True, capture_output=True)
        self.counted_at = time.monotonic()
        return sum(total(path) for path in set(self.folder.glob("counted.*")) - before), self.counted_at - last

    def count_idle(self):
        """Instructions a second without requests: of timers."""
        self.count()
        time.sleep(IDLE)
        instructions, seconds = self.count()
        return instructions / seconds


def count_calls(build, function, *arguments):
    """Instructions of all calls of a function of tests/bench/pipeline.cpp, and what the program prints."""
    with tempfile.TemporaryDirectory() as folder:
        binary = stripped(folder, build / "tests/bench/pipeline", "--strip-debug")
        command = callgrind(folder, f"--toggle-collect=kurs::bench::{function}*", binary, *map(str, arguments))
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return total(Path(folder) / "counted"), said


def exchange(client, count, is_fresh):
    """Requests that differ from each other if `is_fresh`, each answered before the next one."""
    size = None
    for number in range(count):
        agent = f"shop/{number % 9000 + 1000 if is_fresh else 1000}"
        client.sendall(f"GET {PATH} HTTP/1.1\r\nHost: kurs.example\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n".encode())
        received = client.recv(1 << 16)
        if size is None:
            size = len(received)
        while len(received) < size:
            received += client.recv(1 << 16)
        if not received.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(received.decode())


def count_requests(server, url, is_fresh):
    """Instructions a request."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as client:
        exchange(client, WARM_UP, is_fresh)
        idle = server.count_idle()
        exchange(client, WINDOW, is_fresh)
        instructions, seconds = server.count()
    return round((instructions - idle * seconds) / WINDOW)


def count_both(server, url):
    return {"a repeated request": count_requests(server, url, False), "a fresh request": count_requests(server, url, True)}


def count_floor(build, response):
    """Of tests/bench/floor.cpp, with what it sends."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "response"
        path.write_bytes(response)
        server = Counted(folder, [build / "tests/bench/floor", path])
        try:
            url = f"http://127.0.0.1:{server.child.stdout.readline().strip()}"
            return count_both(server, url)
        finally:
            server.stop(limit=60)


def count_kurs(build):
    site = Site()
    with tempfile.TemporaryDirectory() as folder:
        markets = Path(folder) / "markets.json"
        markets.write_text(json.dumps(site.market_map()))
        port = free_port()
        settings = {"HTTP_PORT": str(port), "HTTP_ADDRESS": "127.0.0.1", "MARKETS_FILE": str(markets)}
        server = Counted(folder, [build / "src/kurs"], settings)
        try:
            url = f"http://127.0.0.1:{port}"
            server.wait_for_line("active exchanger is site: 8 fresh")
            return count_both(server, url)
        finally:
            server.stop(limit=60)
            site.stop()


def count_pipeline(build):
    with tempfile.TemporaryDirectory() as folder:
        recording = record(build, SPEED, Path(folder) / "tape")
        instructions, frames = count_calls(build, "Player::take_frame", recording, "frames")
    answered, told = (count_calls(build, f"WideMarket::{function}", "-", "changes", DIRECTIONS, CHANGES)[0]
                      for function in ("answer", "tell"))
    return {"a frame": round(instructions / int(frames)), "a change answered": round(answered / CHANGES),
            "a change told": round(told / CHANGES)}


def count(build):
    return {**count_kurs(build), **count_pipeline(build), "bytes of the program": size_of(build)}


def size_of(build):
    """As it is shipped: without symbols."""
    with tempfile.TemporaryDirectory() as folder:
        return stripped(folder, build / "src/kurs").stat().st_size


def deviations(found, recorded):
    """A sentence for each value that is not within what is allowed."""
    for name, value in found.items():
        change = value / recorded[name] - 1
        if abs(change) > ALLOWED:
            yield f"{name}: {value:,}, {change:+.0%} of the recorded {recorded[name]:,}" + (
                ": record the better value" if change < 0 else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("no valgrind on the PATH: install the package of that name")
    found = count(options.build)
    print(json.dumps(found, indent=1))
    if options.record:
        RECORDED.write_text(json.dumps(found, indent=1) + "\n")
    if options.check:
        wrong = list(deviations(found, json.loads(RECORDED.read_text())))
        print("\n".join(wrong))
        return 1 if wrong else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
