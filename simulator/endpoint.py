"""What a venue's endpoints and stream sessions have in common: faults, liveness, delays, corruption."""

from aiohttp import web

from . import websocket
from .corruption import Shape, corrupt_frame, corrupt_payload
from .faults import catalogue
from .keepalive import PongWatch
from .listener import Traffic
from .messages import Reply, read_request, send, status_page, with_faults


class Endpoint:
    """A service on one or several ports. A venue subclasses RestEndpoint or StreamEndpoint."""

    name = ""
    ports = {}  # option name without dashes: default port
    path = ""  # in its URL
    setting = ""  # of the service, for its URLs
    is_stream = False
    has_kinds_of_stream = False
    own_faults = ()
    own_corruptions = ()

    def __init__(self, world):
        self.world = world
        self.traffic = Traffic()
        self.kinds = catalogue(self.is_stream, self.own_faults, self.own_corruptions)

    def find(self, kind, now, line=0, symbol="", stream=""):
        return self.world.faults.find(self.name, kind, now, line, symbol, stream)

    def take(self, kind, now, line=0, symbol="", stream=""):
        return self.world.faults.take(self.name, kind, now, line=line, symbol=symbol, stream=stream)

    status_reply = staticmethod(status_page)

    def handler(self, line):
        async def handle(request):
            self.traffic.requests += 1
            return await self.serve(request, await read_request(request), line)
        return handle


class RestEndpoint(Endpoint):
    def answer(self, request, now):
        raise NotImplementedError

    async def serve(self, http_request, request, _line):
        now = self.world.clock.now()
        return await send(http_request, with_faults(self.answer(request, now), self, self.world.faults, now))


class StreamEndpoint(Endpoint):
    is_stream = True
    shape = Shape()

    def __init__(self, world):
        super().__init__(world)
        self.sessions = set()

    def refusal(self, request, line, now):
        """None accepts the upgrade. Otherwise the response to send instead."""
        if refuse := self.take("refuse", now, line):
            return Reply(delivery="never") if refuse.value == "never" else self.status_reply(int(refuse.value), "", now)
        return self.own_refusal(request, now)

    def own_refusal(self, request, now):
        return None

    def make_session(self, request, peer, line, now):
        raise NotImplementedError

    def open(self, request, peer, line, now):
        session = self.make_session(request, peer, line, now)
        self.sessions.add(session)
        return session

    async def serve(self, http_request, request, line):
        now = self.world.clock.now()
        refused = self.refusal(request, line, now)
        if not refused and not web.WebSocketResponse(compress=False).can_prepare(http_request):
            refused = Reply(400, "a WebSocket upgrade was expected", "text/plain")
        if refused:
            response = await send(http_request, refused)
            response.force_close()
            return response
        clock = self.world.clock
        return await websocket.serve(http_request, lambda peer: self.open(request, peer, line, clock.now()), clock)

    def advance(self, now):
        for session in tuple(self.sessions):
            session.advance(now)

    def flush(self, now):
        for session in tuple(self.sessions):
            session.peer.flush(now)

    def strike(self, fault, now):
        """Applies a fault that acts at once."""
        for session in tuple(self.sessions):
            if fault.line in (0, session.line):
                session.strike(fault, now)


class StreamSession:
    """One client of a stream."""

    pong_timeout = None  # close code and reason; None: without a close frame

    def __init__(self, endpoint, peer, line, now, ping_every, pong_limit):
        self.endpoint = endpoint
        self.peer = peer
        self.line = line
        self.pongs = PongWatch(ping_every, pong_limit, now)
        self.shutdown_at = None
        self.frozen = {}
        self.last_update_ids = {}

    def closed(self):
        self.endpoint.sessions.discard(self)

    def find(self, kind, now, symbol="", stream=""):
        return self.endpoint.find(kind, now, self.line, symbol, stream)

    def take(self, kind, now, symbol="", stream=""):
        return self.endpoint.take(kind, now, self.line, symbol, stream)

    # What a venue defines.

    def on_text(self, text, now):
        raise NotImplementedError

    def on_ping(self, now):
        pass

    def on_pong(self, payload, now):
        self.pongs.pong(payload, now)

    def on_beat(self, now):
        """Called every few milliseconds, unless the connection is in a black hole."""

    def shutdown_notice(self, now):
        raise NotImplementedError

    def error_frame(self, is_nested):
        raise NotImplementedError

    def enveloped(self, name, payload):
        return payload

    # What all have.

    def advance(self, now):
        is_dark = self.find("blackhole", now) is not None
        self.peer.hold_writes(is_dark)
        if is_dark:
            return
        if payload := self.pongs.ping_due(now):
            self.peer.ping(payload)
        if self.pongs.is_overdue(now):
            self.peer.close(*self.pong_timeout) if self.pong_timeout else self.peer.drop()
        if self.shutdown_at is not None and now >= self.shutdown_at:
            self.peer.close(1001)
        self.on_beat(now)

    def answer(self, text, now):
        """A response to a command."""
        if self.take("lose_ack", now):
            return
        delayed = self.take("delay_ack", now)
        self.peer.send(text, delay=delayed.milliseconds if delayed else 0, may_be_overtaken=True)

    def is_silenced(self, now, symbol, stream=""):
        return bool(self.find("blackhole", now, symbol, stream) or self.take("mute", now, symbol, stream))

    def delay(self, now, symbol, stream="", kinds=("slow",)):
        faults = [self.take(kind, now, symbol, stream) for kind in kinds]
        return sum(fault.milliseconds for fault in faults if fault)

    def send_corrupted(self, name, payload, now, symbol, stream="", delay=0):
        """Sends the frame as an active fault corrupts it. False if there is none, or if it does not apply."""
        corrupt = self.find("corrupt", now, symbol, stream)
        if not corrupt:
            self.frozen.pop(name, None)
            return False
        if whole := corrupt_frame(corrupt.value, self.enveloped(name, payload)):
            text, form = whole
        else:
            payload = corrupt_payload(corrupt.value, payload, self.endpoint.shape, now,
                                      self.last_update_ids.get(symbol, 0), self.frozen, name)
            if payload is None:
                return False
            text, form = self.enveloped(name, payload), {}
        self.take("corrupt", now, symbol, stream)
        self.peer.send(text, delay=delay, **form)
        return True

    def strike(self, fault, now):
        if fault.kind == "cut":
            self.cut(fault.value)
        elif fault.kind == "server_shutdown":
            self.peer.send(self.shutdown_notice(now))
            self.shutdown_at = now + fault.milliseconds
        elif fault.kind == "error_frame":
            self.peer.send(self.error_frame(fault.value == "nested"))

    def cut(self, value):
        if value == "rst":
            self.peer.reset()
        elif value == "1006":
            self.peer.drop()
        else:
            self.peer.close(int(value))
