#!/usr/bin/env python3
"""Measures how many frames a second the simulator sends to one client, and how much of a processor that takes.

    tools/bench_simulator.py --speed 400 --seconds 10

Starts a simulator whose prices move `speed` times as fast, and reads all books and trades of its Binance stream. Checks
that every frame is complete and that update ids grow.
"""

import argparse
import base64
import json
import os
import socket
import struct
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
from processes import Simulator  # noqa: E402

SYMBOLS = ("btcusdt", "ethusdt", "usdcusdt", "solusdt", "bnbusdt", "eurusdt", "xrpusdt")
KINDS = ("bookTicker", "aggTrade", "trade")


def connect(url):
    parts = urlsplit(url)
    client = socket.create_connection((parts.hostname, parts.port))
    streams = "/".join(f"{symbol}@{kind}" for symbol in SYMBOLS for kind in KINDS)
    key = base64.b64encode(os.urandom(16)).decode()
    client.sendall(f"GET /stream?streams={streams} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
                   f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    return client, head.partition(b"\r\n\r\n")[2]


def frames(data):
    """The payloads of the complete frames, and the rest."""
    at, found = 0, []
    while len(data) - at >= 4:
        size, start = data[at + 1], at + 2
        if size == 126:
            size, start = struct.unpack_from("!H", data, at + 2)[0], at + 4
        if len(data) < start + size:
            break
        found.append(data[start:start + size])
        at = start + size
    return found, data[at:]


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check(payloads, last_ids):
    for payload in payloads:
        document = json.loads(payload)
        if document["stream"].endswith("@bookTicker"):
            book = document["data"]
            if book["u"] <= last_ids.get(book["s"], 0):
                raise SystemExit(f"update id {book['u']} of {book['s']} after {last_ids[book['s']]}")
            last_ids[book["s"]] = book["u"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", default="400")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    simulator = Simulator(None, "--speed", options.speed)
    try:
        client, rest = connect(simulator.endpoints["binance_stream"][0])
        began, spent_before = time.monotonic(), processor_seconds(simulator.child.pid)
        kept = []
        while time.monotonic() - began < options.seconds:
            data = client.recv(1 << 20)
            if not data:
                raise SystemExit("the simulator has closed the connection")
            found, rest = frames(rest + data)
            kept += found
        seconds = time.monotonic() - began
        spent = processor_seconds(simulator.child.pid) - spent_before
    finally:
        simulator.stop()
    check(kept, {})
    print(f"{len(kept) / seconds:,.0f} frames a second to one client over {seconds:.1f} s, with {spent / seconds:.0%} of one "
          f"processor: {len(kept) / spent:,.0f} for each second that it works; all complete, update ids in order")


if __name__ == "__main__":
    main()
