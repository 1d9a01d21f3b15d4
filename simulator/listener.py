"""Accepts connections on one port and applies the faults that strike before the first byte."""

import asyncio
import logging
import socket
import ssl
import struct
from dataclasses import dataclass

from aiohttp import web

LONGEST_COUNTED_HOLD = 60_000  # ms
BACKLOG = 1024


@dataclass
class Traffic:
    """Counters of one endpoint."""

    open: int = 0
    total: int = 0
    requests: int = 0


class CountingServer(web.Server):
    """Calls back when a connection has ended."""

    def __init__(self, handler, lost):
        super().__init__(handler, access_log=None, logger=logging.getLogger("aiohttp"))
        self.lost = lost

    def connection_lost(self, handler, exc=None):
        super().connection_lost(handler, exc)
        self.lost()


def bind(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setblocking(False)
    listening.bind((address, port))
    listening.listen(BACKLOG)
    return listening


class Listener:
    """`answer(request)` returns aiohttp's response. Without an endpoint, no faults apply: the control port."""

    def __init__(self, world, address, port, answer, endpoint=None, line=0):
        self.world = world
        self.endpoint = endpoint
        self.line = line
        self.traffic = endpoint.traffic if endpoint else Traffic()
        self.socket = bind(address, port)
        self.port = self.socket.getsockname()[1]
        self.server = CountingServer(answer, self.release)
        self.tasks = set()

    def release(self):
        self.traffic.open -= 1

    def fault(self, find, kind):
        return find(self.endpoint.name, kind, self.world.clock.now(), line=self.line)

    async def accept_forever(self):
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(self.socket)
            except OSError as failure:  # such as out of descriptors
                logging.warning("port %d: %s", self.port, failure)
                await asyncio.sleep(0.02)  # avoids a busy loop
                continue
            self.traffic.open += 1
            self.traffic.total += 1
            task = asyncio.create_task(self.attend(client))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def attend(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = self.world.tls.good if self.world.tls and self.endpoint else None
        if self.endpoint:
            take = self.world.faults.take
            if not self.endpoint.is_stream and self.fault(take, "refuse"):
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return self.close(client)
            fault = self.fault(take, "no_accept") or (context and self.fault(take, "tls"))
            if fault and fault.value in ("", "hang"):
                await self.hold(is_counted=fault.left is not None)
                return self.close(client)
            if fault:
                context = getattr(self.world.tls, fault.value)
        await self.serve(client, context)

    async def serve(self, client, context):
        protocol = self.server()
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, client, ssl=context)
        except (OSError, ssl.SSLError) as failure:
            logging.debug("port %d: TLS handshake failed: %s", self.port, failure)
            self.release()

    def close(self, client):
        client.close()
        self.release()

    async def hold(self, is_counted):
        """Reads nothing until no such fault is active, so that tests do not wait, or for a minute if it has a count."""
        since = self.world.clock.now()
        while True:
            await asyncio.sleep(0.1)
            if is_counted:
                if self.world.clock.now() - since >= LONGEST_COUNTED_HOLD:
                    return
                continue
            find = self.world.faults.find
            tls = self.fault(find, "tls")
            if not self.fault(find, "no_accept") and not (tls and tls.value == "hang"):
                return
