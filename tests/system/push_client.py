"""Subscribers for the system tests of push: bytes in, messages out, and the board as a page would merge it.

Sockets only, so that a test can stop in the middle of an event, send what no library would, or not read at all.
"""

import json
import os
import select
import socket
import struct
import time
from base64 import b64encode
from collections import namedtuple
from datetime import datetime
from hashlib import sha1
from urllib.parse import urlsplit

STREAM = "/api/v2/stream"
WEB_SOCKET = "/api/v2/ws"
LIMIT = 20  # seconds

Message = namedtuple("Message", "kind id data")  # id: None where an event has none, and always of a web socket; "": forget it
Course = namedtuple("Course", "state bid value ask observed_at fresh_until legs")


class Ended(Exception):
    """The service has closed the connection; the text says how."""


def seconds_of(text):
    """Seconds since 1970 of an RFC 3339 time."""
    return datetime.fromisoformat(text).timestamp()


class Subscriber:
    """The common part of both transports: a socket, the response head, and time limits."""

    def __init__(self, url, target, headers=None, receive_buffer=None, http="1.1", method="GET"):
        parts = urlsplit(url)
        self.buffer = b""
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(LIMIT)
        self.socket.connect((parts.hostname, parts.port))
        lines = [f"{method} {target} HTTP/{http}", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        head = self.read_until(b"\r\n\r\n").decode().split("\r\n")
        self.status = int(head[0].split()[1])
        self.headers = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            if name:
                self.headers[name.lower()] = value.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Simulates an unplugged cable: the service sees an error instead of an orderly end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def receive(self, until, size=65536):
        """Reads once; False if nothing arrived in time."""
        poller = select.poll()
        poller.register(self.socket, select.POLLIN)
        if not poller.poll(max(0.0, until - time.monotonic()) * 1000):
            return False
        try:
            data = self.socket.recv(size)
        except ConnectionError as failure:
            raise Ended(f"lost: {failure}") from failure
        if not data:
            raise Ended("ended")
        self.buffer += data
        return True

    def read_until(self, mark, limit=LIMIT):
        until = time.monotonic() + limit
        while mark not in self.buffer:
            if not self.receive(until):
                raise TimeoutError(f"no {mark} within {limit} s: {self.buffer[:200]}")
        found, _, self.buffer = self.buffer.partition(mark)
        return found + mark

    def read_body(self):
        """The body of a response that is not a stream."""
        length = int(self.headers["content-length"])
        until = time.monotonic() + LIMIT
        while len(self.buffer) < length:
            if not self.receive(until):
                raise TimeoutError("the body is not complete")
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return body

    def wait_for_end(self, limit=LIMIT):
        """How the connection ended; data before the end is discarded."""
        until = time.monotonic() + limit
        try:
            while self.receive(until):
                self.buffer = b""
        except Ended as end:
            return str(end)
        raise TimeoutError(f"the connection has not ended within {limit} s")

    def next(self, limit=LIMIT):
        """The next message; None if none arrived within the limit."""
        until = time.monotonic() + limit
        while True:
            message = self.take()
            if message:
                return message
            if not self.receive(until):
                return None

    def next_of(self, kind, limit=LIMIT):
        until = time.monotonic() + limit
        while time.monotonic() < until:
            message = self.next(until - time.monotonic())
            if message and message.kind == kind:
                return message
        raise TimeoutError(f"no {kind} within {limit} s")


class EventStream(Subscriber):
    """Server-Sent Events, parsed as the HTML standard says: an incomplete event is ignored."""

    def __init__(self, url, query="", last_event_id=None, headers=None, **options):
        headers = {"Accept": "text/event-stream", **(headers or {})}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self.text = b""
        self.retry = None
        super().__init__(url, STREAM + query, headers, **options)
        self.is_chunked = self.headers.get("transfer-encoding") == "chunked"

    def unwrap(self):
        """Moves the body's bytes from the buffer to the text."""
        if not self.is_chunked:
            self.text, self.buffer = self.text + self.buffer, b""
            return
        while b"\r\n" in self.buffer:
            size, _, rest = self.buffer.partition(b"\r\n")
            length = int(size, 16)
            if len(rest) < length + 2:
                return
            if length == 0:
                raise Ended("ended in order")
            assert rest[length:length + 2] == b"\r\n", rest[:80]
            self.text, self.buffer = self.text + rest[:length], rest[length + 2:]

    def take(self):
        self.unwrap()
        while b"\n\n" in self.text:
            block, _, self.text = self.text.partition(b"\n\n")
            fields = {}
            for line in block.decode().split("\n"):
                name, _, value = line.partition(":")
                assert name not in fields, f"two lines of one field: {block}"
                fields[name] = value.removeprefix(" ")
            fields.pop("", None)  # a comment
            if "retry" in fields:
                self.retry = int(fields.pop("retry"))
            if not fields:
                continue
            assert fields.keys() <= {"event", "id", "data"}, block
            data = json.loads(fields["data"])
            assert data["event"] == fields["event"], block
            return Message(fields["event"], int(fields["id"]) if fields.get("id") else fields.get("id"), data)
        return None


class WebSocket(Subscriber):
    """RFC 6455, by hand. Pings are answered unless a test disables that."""

    def __init__(self, url, query="", headers=None, answers_pings=True, **options):
        key = b64encode(os.urandom(16)).decode()
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        self.close_code = None
        self.pings = 0
        self.pongs = []
        self.answers_pings = answers_pings
        super().__init__(url, WEB_SOCKET + query, {**upgrade, **(headers or {})}, **options)
        accept = b64encode(sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        assert self.status != 101 or self.headers["sec-websocket-accept"] == accept, self.headers

    def send(self, opcode, payload=b"", is_last=True, is_masked=True, reserved=0):
        first = (0x80 if is_last else 0) | reserved | opcode
        length = len(payload)
        size = bytes([length]) if length < 126 else struct.pack("!BH", 126, length) if length < 65536 else struct.pack("!BQ", 127, length)
        mask = os.urandom(4)
        if is_masked:
            size = bytes([size[0] | 0x80]) + size[1:] + mask
            payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(bytes([first]) + size + payload)

    def take(self):
        while len(self.buffer) >= 2:
            first, length, begin = self.buffer[0], self.buffer[1], 2
            assert first & 0xf0 == 0x80, f"a fragment or reserved bits: {self.buffer[:16]}"
            assert length < 128, "a server must not mask"
            if length >= 126:
                begin = 4 if length == 126 else 10
                length = int.from_bytes(self.buffer[2:begin], "big")
            if len(self.buffer) < begin + length:
                return None
            payload, self.buffer = self.buffer[begin:begin + length], self.buffer[begin + length:]
            if first & 15 == 1:
                data = json.loads(payload)
                return Message(data["event"], None, data)
            if first & 15 == 8:
                self.close_code = int.from_bytes(payload[:2], "big") if payload else 1005
                raise Ended(f"closed with {self.close_code}")
            if first & 15 == 9:
                self.pings += 1
                if self.answers_pings:
                    self.send(10, payload)
            elif first & 15 == 10:
                self.pongs.append(payload)
            else:
                raise AssertionError(f"a frame of kind {first & 15}")
        return None

    def wait_for_close(self, limit=LIMIT):
        """The close code; None if the connection ended without one."""
        until = time.monotonic() + limit
        try:
            while time.monotonic() < until:
                self.next(until - time.monotonic())
        except Ended:
            return self.close_code
        raise TimeoutError(f"no close within {limit} s")


def read_course(course):
    """The part of a course that two clients can compare: without age and reason, which depend on the time of the
    request."""
    legs = tuple((leg["venue"], leg["symbol"], leg["bid"], leg["ask"], leg["observed_at"]) for leg in course["legs"])
    return Course(course["state"], course["bid"], course["value"], course["ask"], course["observed_at"],
                  course["fresh_until"], legs)


class View:
    """The board as a client merges it. Each message is checked against the contract."""

    def __init__(self, max_age=None):
        self.max_age = max_age
        self.id = None           # for resuming
        self.version = 0
        self.exchanger = None
        self.as_of = 0.0
        self.courses = {}
        self.expects_snapshot = True

    def connect(self):
        """To be called before each connection: without an id, a snapshot must come first."""
        self.expects_snapshot = self.id is None

    def apply(self, message):
        data, kind = message.data, message.kind
        as_of = seconds_of(data["as_of"])
        assert kind in ("snapshot", "changes", "heartbeat"), kind
        assert not self.expects_snapshot or kind == "snapshot", f"the first message is {kind}"
        assert data["version"] >= self.version, f"version {data['version']} after {self.version}"
        if kind == "heartbeat":
            assert message.id is None and data.keys() == {"event", "version", "exchanger", "as_of"}, message
            return
        assert data.keys() == {"event", "version", "exchanger", "as_of", "courses"}, data.keys()
        if message.id == "":
            self.id = None
        elif message.id is not None:
            assert message.id == data["version"], message
            assert self.id is None or message.id > self.id, f"{kind} {message.id} after {self.id}"
            self.id = message.id
        courses = {course["direction"]: read_course(course) for course in data["courses"]}
        assert len(courses) == len(data["courses"]), "a direction twice"
        if kind == "snapshot":
            self.exchanger = data["exchanger"]
        else:
            assert courses, "changes without any"
            assert courses.keys() <= self.courses.keys(), f"new directions {courses.keys() - self.courses.keys()}"
            assert data["exchanger"] == self.exchanger, f"changes of {data['exchanger']} onto {self.exchanger}"
            courses = {**self.courses, **courses}
        self.courses, self.version, self.as_of = courses, data["version"], as_of
        self.expects_snapshot = False
        for direction, course in courses.items():
            assert (course.state == "fresh") == (course.value is not None), (direction, course)
        for direction in {course["direction"] for course in data["courses"]}:
            assert courses[direction].state != "fresh" or self.fresh_until(direction) > as_of, (direction, data)

    def fresh_until(self, direction):
        course = self.courses[direction]
        until = seconds_of(course.fresh_until)
        return until if self.max_age is None else min(until, seconds_of(course.observed_at) + self.max_age)

    def overdue(self):
        """For how many seconds a stale value has been shown as fresh."""
        now = time.time()
        return max((now - self.fresh_until(direction) for direction, course in self.courses.items()
                    if course.state == "fresh"), default=0.0)
