"""One WebSocket connection: frames are prepared here and written in batches; aiohttp does the handshake and reads."""

import asyncio
import struct
from heapq import heappop, heappush

from aiohttp import WSMsgType, web

from .messages import reset

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
FAREWELL_LIMIT = 2  # seconds
FRAGMENT_SIZE = 16
LONGEST_INBOUND_MESSAGE = 64 * 1024
# A client that has stopped reading is dropped, as by the real services.
LARGEST_BACKLOG = 8_000_000


def frame(content, code=TEXT, is_last=True):
    size = len(content)
    first = code | (0x80 if is_last else 0)
    if size < 126:
        return struct.pack("!BB", first, size) + content
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + content
    return struct.pack("!BBQ", first, 127, size) + content


def fragments(content):
    """With a ping after the first fragment, which the protocol allows."""
    pieces = [content[at:at + FRAGMENT_SIZE] for at in range(0, len(content), FRAGMENT_SIZE)]
    frames = [frame(piece, CONTINUATION if number else TEXT, number == len(pieces) - 1)
              for number, piece in enumerate(pieces)]
    return b"".join([frames[0], frame(b"between", PING), *frames[1:]])


class Peer:
    """The connection as its session sees it. Nothing blocks: everything is queued until the next flush."""

    def __init__(self, transport, clock):
        self.transport = transport
        self.clock = clock
        self.ready = []
        self.delayed = []  # (due, order, frame)
        self.order = 0
        self.data_due = 0
        self.is_held = False
        self.has_ended = False

    def send(self, text, delay=0, is_binary=False, is_fragmented=False, may_be_overtaken=False):
        """A delayed response to a command may be overtaken by the data behind it, but not data by data."""
        content = text.encode()
        self.push(fragments(content) if is_fragmented else frame(content, BINARY if is_binary else TEXT), delay,
                  may_be_overtaken)

    def push(self, prepared, delay=0, may_be_overtaken=False):
        if self.has_ended:
            return
        if not delay and not self.data_due:
            self.ready.append(prepared)
            return
        now = self.clock.now()
        due = now + delay
        if not may_be_overtaken:
            due = self.data_due = max(due, self.data_due)
        self.order += 1
        heappush(self.delayed, (due, self.order, prepared))

    def ping(self, payload):
        self.control(frame(payload.encode(), PING))

    def pong(self, payload):
        self.control(frame(payload, PONG))

    def control(self, prepared):
        if not self.has_ended:
            self.ready.append(prepared)

    def flush(self, now):
        """Writes what is due."""
        while self.delayed and self.delayed[0][0] <= now:
            self.ready.append(heappop(self.delayed)[2])
        if not self.delayed and self.data_due <= now:
            self.data_due = 0
        if not self.ready or self.is_held or self.transport.is_closing():
            return
        self.transport.write(b"".join(self.ready))
        self.ready.clear()
        if self.transport.get_write_buffer_size() > LARGEST_BACKLOG:
            self.drop()

    def hold_writes(self, is_held):
        """Sends nothing, not even pongs, like a network that drops packets."""
        self.is_held = is_held

    def close(self, code, reason=""):
        """Writes everything that is queued, then a close frame, and waits for the client's for two seconds."""
        if self.has_ended:
            return
        self.flush(now=float("inf"))
        self.push(frame(struct.pack("!H", code) + reason.encode(), CLOSE))
        self.has_ended = True
        self.flush(now=float("inf"))
        asyncio.get_running_loop().call_later(FAREWELL_LIMIT, self.transport.abort)

    def drop(self):
        """Closes without a close frame."""
        self.has_ended = True
        self.transport.abort()

    def reset(self):
        self.has_ended = True
        reset(self.transport)

    def answer_close(self, payload):
        if not self.has_ended:
            self.close(payload if payload and payload != 1006 else 1000)
        self.transport.close()


async def serve(request, open_session, clock):
    """Runs until the client or the session closes the connection."""
    socket = web.WebSocketResponse(autoclose=False, autoping=False, compress=False, max_msg_size=LONGEST_INBOUND_MESSAGE)
    await socket.prepare(request)
    peer = Peer(request.transport, clock)
    session = open_session(peer)
    try:
        while True:
            message = await socket.receive()
            now = clock.now()
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                data = message.data
                session.on_text(data if isinstance(data, str) else data.decode("utf-8", "replace"), now)
            elif message.type == WSMsgType.PING:
                peer.pong(message.data)
                session.on_ping(now)
            elif message.type == WSMsgType.PONG:
                session.on_pong(message.data.decode("utf-8", "replace"), now)
            else:
                if message.type == WSMsgType.CLOSE:
                    peer.answer_close(message.data)
                break
    finally:
        session.closed()
    return socket
