"""HTTP messages, the faults of REST endpoints, and replies that are sent as no HTTP library would."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote

from aiohttp import web

OVERSIZED_BYTES = 5_000_000
LONGEST_HOLD = 600  # seconds
PIECES = 10  # of what is sent slowly
EXTRA_LENGTH = 100
DELIVERIES = ("never", "slow_headers", "slow_body", "cut_body", "wrong_length", "refuse")


@dataclass
class Request:
    """A request with its target parsed and percent-decoded."""

    method: str = "GET"
    path: str = "/"
    query: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)  # names in lower case
    body: str = ""
    repeated: str = ""  # a parameter that occurs more than once

    @classmethod
    def to(cls, target, method="GET", headers=None, body=""):
        path, _, query = target.partition("?")
        request = cls(method, unquote(path), headers=headers or {}, body=body)
        for pair in filter(None, query.split("&")):
            name, _, value = pair.partition("=")
            name = unquote(name)
            if name in request.query:
                request.repeated = name
            request.query[name] = unquote(value)
        return request


@dataclass
class Reply:
    status: int = 200
    body: str | bytes = ""
    type: str = "application/json"
    headers: dict = field(default_factory=dict)
    delivery: str = ""  # empty: as usual
    duration: float = 0  # seconds, of a slow delivery

    @property
    def content(self):
        return self.body.encode() if isinstance(self.body, str) else self.body


def firewall_page(status):
    """The page that a content delivery network returns instead of the service."""
    return Reply(status, "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD>"
                         "<BODY><H1>Request blocked.</H1></BODY></HTML>", "text/html")


def status_page(status, _shape, _now):
    """For services without a documented error body."""
    return firewall_page(status) if status == 403 else Reply(status, f"<html><body>{status}</body></html>", "text/html")


def with_faults(reply, endpoint, faults, now):
    """The reply as the active faults change it."""
    def take(kind):
        return faults.take(endpoint.name, kind, now)

    if fault := take("status"):
        reply = endpoint.status_reply(int(fault.value), fault.shape, now)
    if fault := take("redirect"):
        reply = Reply(302, "moved", "text/plain", {"Location": fault.value})
    if take("garbage"):
        reply.body = b"<<~ neither JSON nor XML ~>> \x01\x02\xff"
    if take("truncated"):
        reply.body = reply.content[:len(reply.content) // 2]
    if take("oversized"):
        reply.body = reply.content + b" " * OVERSIZED_BYTES
    if take("html"):
        reply = firewall_page(200)
    for delivery in DELIVERIES:
        if fault := take(delivery):
            reply.delivery = delivery
            reply.duration = fault.milliseconds / 1000 if fault.value else 0
            break
    return reply


def head_of(reply):
    status = HTTPStatus(reply.status)
    length = len(reply.content) + (EXTRA_LENGTH if reply.delivery == "wrong_length" else 0)
    fields = {"Content-Type": reply.type, **reply.headers, "Content-Length": length, "Connection": "close"}
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def reset(transport):
    """Closes with a RST."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def wait_for_close(transport):
    for _ in range(LONGEST_HOLD * 20):
        if transport.is_closing():
            return
        await asyncio.sleep(0.05)


async def trickle(transport, content, duration):
    size = len(content) // PIECES + 1
    for at in range(0, len(content), size):
        await asyncio.sleep(duration / PIECES)
        transport.write(content[at:at + size])


async def deliver_oddly(transport, reply):
    """Writes the bytes that the delivery asks for, and closes."""
    head, content = head_of(reply), reply.content
    if reply.delivery == "refuse":
        reset(transport)
    elif reply.delivery == "slow_headers":
        await trickle(transport, head, reply.duration)
        transport.write(content)
    elif reply.delivery == "slow_body":
        transport.write(head)
        await trickle(transport, content, reply.duration)
    elif reply.delivery == "cut_body":
        transport.write(head + content[:len(content) // 2])
    else:
        if reply.delivery == "wrong_length":
            transport.write(head + content)
        await wait_for_close(transport)
    transport.close()


async def send(request, reply):
    """The response to return to aiohttp. After an odd delivery nothing of it is sent: the connection is closed."""
    if reply.delivery:
        await deliver_oddly(request.transport, reply)
        return web.Response()
    return web.Response(status=reply.status, body=reply.content, headers={"Content-Type": reply.type, **reply.headers})


async def read_request(request):
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request.to(request.raw_path, request.method, headers, (await request.read()).decode("utf-8", "replace"))
