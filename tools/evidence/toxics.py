"""Faults of a network: rules of nftables on the loopback interface of a network namespace of our own, and a TCP relay.

The relay delays and drips, because not every kernel has the queueing discipline netem.
"""

import asyncio
import ctypes
import os
import shutil
import subprocess
import threading

NEW_NETWORK = 0x40000000  # CLONE_NEWNET
MTU = 1500
TOXICS = ("delay", "loss", "reset", "black hole", "half-open", "one way", "slow drip", "MTU hole")
DELAY = 1.0  # seconds in each direction
LOSS = 25  # percent of the packets, in each direction
DRIP = 150  # bytes a second to the client
HOLE = 300  # bytes: longer packets to the client vanish
TABLE = "inet faults"
WAITING = 64  # pieces in a direction of the relay


def missing_needs():
    """What prevents a network namespace, as one sentence; empty if nothing does."""
    if os.geteuid() != 0:
        return "the faults of the network need root"
    for program, package in (("ip", "iproute2"), ("nft", "nftables")):
        if not shutil.which(program):
            return f"no {program} on the PATH: the package {package} is missing"
    tried = subprocess.run(["unshare", "--net", "--", "nft", "add table " + TABLE], capture_output=True, text=True, check=False)
    return f"no network namespace with nftables: {tried.stderr.strip().splitlines()[0]}" if tried.returncode else ""


def enter_namespace():
    """Moves this process, which must have no threads yet, and its children to a network of their own. It vanishes with them."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "unshare: no network namespace")
    subprocess.run(["ip", "link", "set", "lo", "up", "mtu", str(MTU)], check=True)
    nft(f"add table {TABLE}", f"add chain {TABLE} out {{ type filter hook output priority 0; }}")


def nft(*lines):
    subprocess.run(["nft", "-f", "-"], input="\n".join(lines), text=True, check=True)


def rules(toxic, port, clients):
    """nft's matches and verdicts. `clients`: the ports of the connections that are open."""
    there, back = f"tcp dport {port}", f"tcp sport {port}"
    if toxic == "loss":
        return [f"{way} numgen random mod 100 < {LOSS} drop" for way in (there, back)]
    if toxic == "reset":
        return [f"{there} tcp flags & rst == 0 reject with tcp reset"]
    if toxic == "black hole":
        return [f"{there} drop", f"{back} drop"]
    if toxic == "half-open":
        ports = ", ".join(map(str, clients))
        return [f"{there} tcp sport {{ {ports} }} drop", f"{back} tcp dport {{ {ports} }} drop"] if clients else []
    if toxic == "one way":
        return [f"{back} drop"]
    return [f"{back} meta length > {HOLE} drop"] if toxic == "MTU hole" else []


class Network:
    """Relays to servers of this namespace, whose ports clients use instead of the servers' own."""

    def __init__(self):
        self.conditions = {}  # port of a relay: (delay in seconds, bytes a second to the client or None)
        self.clients = {}  # port of a relay: ports of open connections
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def relay(self, target):
        """The port of a relay to a port."""
        return asyncio.run_coroutine_threadsafe(self.listen(target), self.loop).result(10)

    async def listen(self, target):
        server = await asyncio.start_server(lambda reader, writer: self.accept(port, target, reader, writer), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.conditions[port], self.clients[port] = (0.0, None), set()
        return port

    async def accept(self, port, target, reader, writer):
        client = writer.get_extra_info("peername")[1]
        self.clients[port].add(client)
        writers = [writer]
        try:
            there, back = await asyncio.open_connection("127.0.0.1", target)
            writers.append(back)
            ways = [asyncio.create_task(self.carry(port, reader, back, is_drip=False)),
                    asyncio.create_task(self.carry(port, there, writer, is_drip=True))]
            _, pending = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in pending:
                way.cancel()
        except OSError:
            pass
        finally:
            self.clients[port].discard(client)
            for each in writers:
                each.transport.abort() if each.transport.get_write_buffer_size() else each.close()

    async def carry(self, port, reader, writer, is_drip):
        """One direction, until either end closes."""
        pieces = asyncio.Queue(WAITING)
        reading = asyncio.create_task(self.read(port, reader, pieces))
        try:
            while True:
                due, data = await pieces.get()
                await asyncio.sleep(max(0.0, due - self.loop.time()))
                if not data:
                    return
                await self.write(port, writer, data, is_drip)
        except OSError:
            pass
        finally:
            reading.cancel()

    async def read(self, port, reader, pieces):
        due = 0.0
        data = b"first"
        while data:
            try:
                data = await reader.read(65536)
            except OSError:
                data = b""
            delay, _ = self.conditions[port]
            due = max(due, self.loop.time() + delay)
            await pieces.put((due, data))

    async def write(self, port, writer, data, is_drip):
        while data:
            _, rate = self.conditions[port]
            size = max(1, rate // 10) if is_drip and rate else len(data)
            writer.write(data[:size])
            await writer.drain()
            data = data[size:]
            if is_drip and rate:
                await asyncio.sleep(0.1)

    def poison(self, ports, toxic):
        lines = []
        for port in ports:
            if toxic in ("delay", "slow drip"):
                self.conditions[port] = (DELAY, None) if toxic == "delay" else (0.0, DRIP)
            lines += [f"add rule {TABLE} out {rule}" for rule in rules(toxic, port, sorted(self.clients[port]))]
        if lines:
            nft(*lines)

    def heal(self):
        nft(f"flush chain {TABLE} out")
        for port in self.conditions:
            self.conditions[port] = (0.0, None)
