"""A client that asks through nginx at a steady pace, whatever becomes of the answers, and hands each of them over.

It keeps its connections, and does as HTTP clients do: a GET on a connection that had been used before, and that ends
without a byte of an answer, is sent once more, on a new one (RFC 9112, 9.3.1). That is counted.
"""

import asyncio
import re
import threading
import time
from collections import deque
from dataclasses import dataclass

# Version 2 tells the age of version 1's values. It is requested twice as often, since a standalone replica serves its
# own boards, each for 50 ms.
PATHS = ("/api/v1/courses", "/api/v2/courses", "/api/v2/courses")
KEPT = 16          # connections at the start; more are opened when all are busy
MOST = 4000
LONGEST_WAIT = 10  # seconds for a response
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass
class Request:
    name: str             # also in nginx's log
    path: str
    due_at: float         # by the monotonic clock; the others by the wall clock
    sent_at: float = 0.0
    floor: int = 0        # the newest version known when it was sent
    is_repeated: bool = False


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, client):
        self.client = client
        self.request = None
        self.received = b""
        self.answers = 0
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def send(self, request):
        self.request, self.received = request, b""
        request.sent_at, request.floor = time.time(), self.client.newest
        head = f"GET {request.path} HTTP/1.1\r\nHost: kurs\r\nX-Request-Id: {request.name}\r\n\r\n"
        self.transport.write(head.encode())

    def data_received(self, data):
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return
        length = LENGTH.search(head + b"\r\n")
        if not self.request:
            return self.transport.abort()
        if not length or len(body) > int(length[1]):
            return self.fail("an answer of unknown length")
        if len(body) == int(length[1]):
            self.answer(int(head[9:12]), head, body)

    def answer(self, status, head, body):
        request, self.request = self.request, None
        self.answers += 1
        version = self.client.take(request, status, body)
        self.client.newest = max(self.client.newest, version)
        if b"connection: close" in head.lower():
            self.transport.close()
        else:
            self.client.idle.append(self)

    def fail(self, why):
        request, self.request = self.request, None
        self.transport.abort()
        self.client.fail(request, why)

    def connection_lost(self, _error):
        self.client.open.discard(self)
        if not self.request:
            return
        request, self.request = self.request, None
        if self.answers and not self.received and not request.is_repeated:
            self.client.repeat(request)
        else:
            self.client.fail(request, "the connection ended without an answer")


class Client(threading.Thread):
    """`judge` is told of each answer, and tells its version; of failures, and of what had to be repeated."""

    def __init__(self, address, judge, rate=500):
        super().__init__(daemon=True)
        self.address = address
        self.judge = judge
        self.loop = None
        self.rate = rate
        self.newest = 0     # version, over all responses
        self.idle = deque()
        self.open = set()
        self.opening = set()
        self.begun = threading.Event()
        self.ended = threading.Event()

    def run(self):
        asyncio.run(self._ask())

    def stop(self):
        self.ended.set()
        self.join(30)

    def change_judge(self):
        """Reports to another judge from now on."""
        self.begun.wait(30)

        async def change():
            self.judge = self.judge.successor()
        asyncio.run_coroutine_threadsafe(change(), self.loop).result(10)

    async def _ask(self):
        self.loop = asyncio.get_running_loop()
        for _ in range(KEPT):
            self.idle.append(await self._connect())
        self.begun.set()
        due_at = time.monotonic()
        count = 0
        while not self.ended.is_set():
            due_at += 1 / self.rate
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))
            count += 1
            self._send(Request(f"drill-{count:08}", PATHS[count % len(PATHS)], due_at))
            if count % (self.rate // 4) == 0:
                self._give_up()
        until = time.monotonic() + LONGEST_WAIT
        while any(each.request for each in self.open) and time.monotonic() < until:
            await asyncio.sleep(0.05)
        for connection in self.open:
            connection.transport.abort()
        await asyncio.sleep(0)  # lets them end

    def _send(self, request):
        while self.idle:
            connection = self.idle.popleft()
            if not connection.transport.is_closing():
                return connection.send(request)
        self._send_anew(request)

    def _send_anew(self, request):
        if len(self.open) + len(self.opening) >= MOST:
            return self.fail(request, "too many requests wait for an answer")
        task = asyncio.ensure_future(self._connect_and_send(request))
        self.opening.add(task)
        task.add_done_callback(self.opening.discard)

    async def _connect_and_send(self, request):
        try:
            connection = await self._connect()
        except OSError as failure:
            return self.fail(request, f"no connection: {failure}")
        connection.send(request)

    async def _connect(self):
        opening = asyncio.get_running_loop().create_connection(lambda: Connection(self), *self.address)
        connection = (await asyncio.wait_for(opening, 5))[1]
        self.open.add(connection)
        return connection

    def _give_up(self):
        now = time.time()
        for connection in [each for each in self.open if each.request]:
            if now - connection.request.sent_at > LONGEST_WAIT:
                connection.fail(f"no answer within {LONGEST_WAIT} s")

    def take(self, request, status, body):
        return self.judge.take(request, status, body, late=time.monotonic() - request.due_at)

    def repeat(self, request):
        self.judge.repeated += 1
        request.is_repeated = True
        self._send_anew(request)

    def fail(self, request, why):
        self.judge.fail(request, why)
