"""Lists the open TCP ports of this machine and their owners."""

import os
import re
import socket
from collections import defaultdict
from pathlib import Path

LISTEN = "0A"


def listening():
    """{port: the programs that listen there, on whatever address}. To know those of other users takes root."""
    programs = programs_by_socket()
    found = defaultdict(set)
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN:
                found[int(fields[1].rpartition(":")[2], 16)] |= programs.get(fields[9], set())
    return found


def programs_by_socket():
    found = defaultdict(set)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name = (process / "comm").read_text().strip()
            for file in (process / "fd").iterdir():
                if match := re.fullmatch(r"socket:\[(\d+)\]", os.readlink(file)):
                    found[match[1]].add(name)
        except OSError:
            pass  # gone, or owned by another user
    return found


def outward_address():
    """This machine's address for others; the loopback address if there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def scan(address, ports=range(1, 65536)):
    """The ports that accept a connection."""
    found = set()
    for port in ports:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((address, port)) == 0 and probe.getsockname() != (address, port):
                found.add(port)
    return found
