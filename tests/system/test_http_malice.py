"""Clients that mean harm, directly and through nginx as it is shipped.

Each is answered or closed as it should be, memory is bounded, the descriptors come back, and a well-behaved client has only
right answers all the while. How long those take is measured by tools/bench_malice.py.
"""

import http.client
import json
import os
import re
import socket
import threading
import time
import unittest
from collections import Counter, namedtuple
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

from stack import DIRECTIONS, StackTest, call, wait_for

from malice import ATTACKS, SMUGGLED, SMUGGLING, STATUS, Crowd
from private_nginx import NGINX, SHIPPED, Nginx

MALICIOUS = "127.0.0.2"  # the address that they come from
BACK_LIMIT = 120  # seconds until all is as before, on a busy machine: a sanitized build accepts few connections a second
SLOW_LIMIT = 30  # seconds until who is too slow is closed; the service allows 10, nginx 5
MEMORY = 48 << 20  # bytes of all connections together, and ...
MEMORY_OF_ONE = 48 << 10  # ... of each, in a sanitized build

CLOSED, RESET, OPEN, LEFT = "closed", "reset", "open", "left"

# `ends`: how connections end during the attack. `left`: the most that may be open after it. `is_cut`: the service has closed all
# of them by then, whether or not the client has noticed.
Case = namedtuple("Case", "connections seconds ends left is_cut", defaults=(None, False))


def ends(*statuses, by=(CLOSED,), most=1):
    """How a connection may end: after at most so many answers with these statuses; None: without any."""
    return lambda found, how: how in by and len(found) <= most and set(found or (None,)) <= set(statuses)


def none_ends(_found, _how):
    return False


DIRECT = {
    "slowloris": Case(200, 14, ends(408), 0),
    "slow bodies": Case(200, 14, ends(408), 0),
    "slow reads": Case(100, 4, none_ends, is_cut=True),
    "header floods": Case(50, 4, ends(431)),
    "pipelining floods": Case(50, 4, lambda found, how: (found, how) == ((200,) * 100, CLOSED)),
    "pipelining, never read": Case(100, 4, ends(200, None, by=[RESET], most=3000), is_cut=True),
    "half-closed": Case(50, 4, ends(200, None)),
    "connections that come and go": Case(50, 2, ends(None, by=[LEFT])),
    "TLS": Case(50, 4, ends(400)),
    "smuggling": Case(20, 4, ends(400, 501, 505)),
    "path tricks": Case(50, 4, ends(307, 400, 404)),
    "malformed UTF-8": Case(50, 4, ends(400, 404)),
    "huge queries": Case(50, 4, ends(200, 400, 414)),
    "streams that stall": Case(200, 4, none_ends),
    "WebSockets that stall": Case(200, 4, none_ends),
    "floods of pings": Case(20, 4, none_ends),
    "idle connections": Case(8000, 4, ends(503, None, by=[CLOSED, RESET]), 4096 + 64),
}


# nginx has limits of its own. It closes who is too slow without an answer (reset_timedout_connection), and answers 429 to
# more than 50 requests at once or 20 a second. Until an answer is complete, nginx keeps it for a client that does not read.
BEHIND_NGINX = {
    "slowloris": Case(200, 7, ends(None, by=[CLOSED, RESET]), 0),
    "slow bodies": Case(200, 4, none_ends),
    "slow reads": Case(100, 4, none_ends),
    "header floods": Case(50, 4, ends(429, 431, by=[CLOSED, RESET])),
    "pipelining floods": Case(50, 4, ends(200, 429, by=[CLOSED, OPEN], most=100)),
    "pipelining, never read": Case(100, 4, none_ends),
    "half-closed": Case(50, 4, ends(200, 429, None)),
    "connections that come and go": Case(50, 2, ends(None, by=[LEFT])),
    "TLS": Case(50, 4, ends(400, 429)),
    "smuggling": Case(20, 4, ends(200, 400, 404, 405, 429, 501, 505, by=[CLOSED, OPEN], most=2)),
    "path tricks": Case(50, 4, ends(307, 400, 404, 429)),
    "malformed UTF-8": Case(50, 4, ends(400, 404, 429)),
    "huge queries": Case(50, 4, ends(200, 400, 414, 429)),
    "streams that stall": Case(200, 4, none_ends),
    "WebSockets that stall": Case(200, 4, none_ends),
    "floods of pings": Case(20, 4, ends(400, 429, most=2)),
    "idle connections": Case(8000, 4, ends(None, by=[CLOSED, RESET]), 0),
}


class Witness(threading.Thread):
    """A well-behaved client: a connection that stays and, unless all places are taken, a new one for every fifth request."""

    def __init__(self, address, reconnects):
        super().__init__(daemon=True)
        self.address, self.reconnects = address, reconnects
        self.served, self.slowest = 0, 0.0
        self.failures = []
        self.ended = threading.Event()
        self.kept = self.connect()
        self.ask(self.kept)
        self.start()

    def connect(self):
        return http.client.HTTPConnection(*self.address, timeout=60)

    def ask(self, connection):
        begun_at = time.monotonic()
        connection.request("GET", "/api/v1/courses")
        answer = connection.getresponse()
        body = answer.read()
        self.slowest = max(self.slowest, time.monotonic() - begun_at)
        assert answer.status == 200, (answer.status, body)
        named = [course["direction"] for course in json.loads(body)["courses"]]
        assert named and named == [direction for direction in DIRECTIONS if direction in named], named
        self.served += 1

    def run(self):
        while not self.ended.wait(0.2):
            try:
                self.ask(self.kept)
                if self.reconnects and self.served % 5 == 0:
                    new = self.connect()
                    self.ask(new)
                    new.close()
            except (AssertionError, OSError, ValueError, http.client.HTTPException) as failure:
                self.failures.append(repr(failure))
        self.kept.close()

    def stop(self):
        self.ended.set()
        self.join(120)


class MaliceTest(StackTest):
    """Attacks the service itself."""

    cases = DIRECT
    takes_every_place = {"idle connections"}
    ends_all = True  # refused or answered for the last time
    spare = 2  # polls of venues come and go

    @classmethod
    def setUpClass(cls):
        # Freed memory that the sanitizer keeps would hide what the service keeps.
        cls.enterClassContext(mock.patch.dict(os.environ, ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"))
        super().setUpClass()
        cls.service.wait_for_courses(8, exchanger="binance")
        cls.address = tuple(urlsplit(cls.service.url).netloc.split(":"))
        cls.processes = [cls.service.child.pid]

    def test_slowloris(self):
        self.attack("slowloris")

    def test_slow_bodies(self):
        self.attack("slow bodies")

    def test_slow_reads(self):
        self.attack("slow reads")

    def test_idle_connections(self):
        self.attack("idle connections")

    def test_header_floods(self):
        self.attack("header floods")

    def test_pipelining_floods(self):
        self.attack("pipelining floods")

    def test_pipelining_never_read(self):
        self.attack("pipelining, never read")

    def test_half_closed(self):
        self.attack("half-closed")

    def test_connections_that_come_and_go(self):
        self.attack("connections that come and go")

    def test_tls(self):
        self.attack("TLS")

    def test_smuggling(self):
        self.attack("smuggling")

    def test_path_tricks(self):
        self.attack("path tricks")

    def test_malformed_utf_8(self):
        self.attack("malformed UTF-8")

    def test_huge_queries(self):
        self.attack("huge queries")

    def test_streams_that_stall(self):
        self.attack("streams that stall")

    def test_websockets_that_stall(self):
        self.attack("WebSockets that stall")

    def test_floods_of_pings(self):
        self.attack("floods of pings")

    def test_every_attack_is_tested(self):
        self.assertEqual(self.cases.keys(), ATTACKS.keys())

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.processes)

    def memory(self):
        status = (Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in self.processes)
        return sum(int(re.search(r"VmRSS:\s+(\d+)", text)[1]) << 10 for text in status)

    def wait_until(self, condition, what, limit=BACK_LIMIT):
        until = time.monotonic() + limit
        while not condition():
            self.assertLess(time.monotonic(), until, f"not within {limit} s: {what}, but {self.descriptors()} descriptors")
            time.sleep(0.1)

    def attack(self, name):
        case = self.cases[name]
        host, port = self.address[0], int(self.address[1])
        witness = Witness((host, port), reconnects=name not in self.takes_every_place)
        self.addCleanup(witness.stop)
        before = self.descriptors()
        memory = peak = self.memory()
        crowd = Crowd((host, port), name, case.connections, MALICIOUS)
        self.addCleanup(crowd.stop)
        until = time.monotonic() + case.seconds
        while time.monotonic() < until or not crowd.is_complete.is_set() or crowd.way.again and not crowd.ends:
            peak = max(peak, self.memory())
            time.sleep(0.1)
        if crowd.way.again and self.ends_all:
            crowd.begin_no_more()
            self.wait_until(lambda: not crowd.members, "no more connections")
        if case.left is not None:
            self.wait_until(lambda: len(crowd.members) <= case.left, f"at most {case.left} left",
                            BACK_LIMIT if name in self.takes_every_place else SLOW_LIMIT)
        if case.is_cut:
            self.wait_until(lambda: self.descriptors() <= before + self.spare, "all cut")
        peak = max(peak, self.memory())
        ended = crowd.stop()
        newcomer = witness.connect()
        witness.ask(newcomer)  # behind all that still wait to be accepted
        newcomer.close()
        self.wait_until(lambda: self.descriptors() <= before + self.spare, f"{before} descriptors")
        witness.stop()
        total = sum(ended.values(), Counter())
        print(f"{name}: {crowd.begun} connections, {(peak - memory) / 1e6:.0f} MB more at most, the slowest of {witness.served} "
              f"requests beside took {witness.slowest:.2f} s; {[(statuses[:2], how, count) for (statuses, how), count in total.most_common(6)]}")
        self.assertEqual(witness.failures, [])
        self.assertGreater(witness.served, 1)
        self.assertLess(peak - memory, MEMORY + MEMORY_OF_ONE * case.connections)
        self.assertEqual([end for end in total if not case.ends(*end)], [])
        self.assertTrue(total or case.is_cut or case.ends is none_ends, "none has ended")
        return ended


@unittest.skipUnless(NGINX, "nginx is not installed")
class NginxMaliceTest(MaliceTest):
    """The same through nginx, with the limits that it is shipped with."""

    cases = BEHIND_NGINX
    takes_every_place = set()
    ends_all = False  # nginx serves on after many of its refusals
    spare = 2 * 2 * (128 + 64)  # idle connections to the replica, at both ends

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nginx = Nginx(":".join(cls.address), **SHIPPED)
        cls.addClassCleanup(cls.nginx.stop)
        cls.address = ("127.0.0.1", cls.nginx.port)
        workers = Path(f"/proc/{cls.nginx.child.pid}/task/{cls.nginx.child.pid}/children").read_text(encoding="ascii").split()
        cls.processes = [cls.service.child.pid, *map(int, workers)]


class SmugglingTest(StackTest):
    """No request is seen that was not sent as one: neither by the service, nor by it and nginx in different ways."""

    settings = {"LOG_LEVEL": "debug"}

    def seen(self):
        """How often the service has answered the hidden request."""
        return sum(f" {SMUGGLED} " in line for line in list(self.service.lines))

    def send(self, port, name, limit):
        """The statuses of all answers until the connection ends, or until nothing more comes."""
        with socket.create_connection(("127.0.0.1", port), 10) as peer:
            peer.sendall(SMUGGLING[name])
            peer.settimeout(limit)
            answer = b""
            try:
                while piece := peer.recv(65536):
                    answer += piece
            except (TimeoutError, ConnectionResetError):
                pass
        return STATUS.findall(answer)

    def test_the_service_refuses_each_shape_once(self):
        before = self.seen()
        for name in SMUGGLING:
            with self.subTest(name):
                answers = self.send(urlsplit(self.service.url).port, name, 60)
                self.assertEqual(len(answers), 1, answers)
                self.assertIn(answers[0], (b"400", b"501", b"505"))
        self.assertEqual(self.seen(), before)

    @unittest.skipUnless(NGINX, "nginx is not installed")
    def test_nginx_and_the_service_see_the_same(self):
        nginx = Nginx(urlsplit(self.service.url).netloc)
        self.addCleanup(nginx.stop)
        log = Path(nginx.folder.name) / "access.log"
        before = self.seen()
        for name in SMUGGLING:
            answers = self.send(nginx.port, name, 3)
            print(f"{name}: {b', '.join(answers).decode()}")
            self.assertTrue(answers, name)
        end = "/api/v1/courses?direction=BTC-USD&max_age=86400"  # behind all others in nginx's log
        self.assertIn(call("GET", f"http://127.0.0.1:{nginx.port}{end}")[0], (200, 503))
        wait_for(lambda: end in log.read_text(encoding="utf-8"), [self.service])
        passed = [entry for entry in map(json.loads, log.read_text(encoding="utf-8").splitlines())
                  if entry["target"] == SMUGGLED and entry["replica"]]
        self.assertEqual(self.seen() - before, len(passed))


if __name__ == "__main__":
    unittest.main()
