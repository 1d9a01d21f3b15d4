"""Misbehaving subscribers are disconnected, leave nothing behind, and do not affect others."""

import os
import re
import signal
import socket
import struct
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

from push_client import STREAM, Ended, EventStream, View, WebSocket
from stack import BUILD, Service, StackTest, call

CUT_LIMIT = 40  # seconds: until the buffers are full, then the write limit, on a busy machine
SLOW_FOR = 20  # seconds, for a reader that takes SLOW_PIECE bytes every SLOW_PAUSE seconds
SLOW_PIECE, SLOW_PAUSE = 300, 0.01
KERNEL_HOLDS = 160_000  # bytes for one client: twice the send buffer of 64 KiB, and its own small one


class Witness(threading.Thread):
    """A well-behaved subscriber that must not be affected."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.stream = EventStream(url)
        self.view = View()
        self.messages = 0
        self.longest_wait = 0.0
        self.failure = None
        self.ended = threading.Event()
        self.start()

    def run(self):
        last = time.monotonic()
        try:
            while not self.ended.is_set():
                message = self.stream.next(0.1)
                now = time.monotonic()
                self.longest_wait = max(self.longest_wait, now - last)
                if message:
                    self.view.apply(message)
                    self.messages += 1
                    last = now
        except (AssertionError, Ended, OSError) as failure:
            self.failure = repr(failure)

    def stop(self):
        self.ended.set()
        self.join(10)
        self.stream.close()


class WitnessedTest(StackTest):
    """A witness subscribes during each test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.wait_for_courses(8, exchanger="binance")
        cls.before = min(cls.descriptors() for _ in range(100) if not time.sleep(0.02))  # polls of venues come and go

    def setUp(self):
        self.service.wait_for_courses(8, exchanger="binance")
        self.witness = Witness(self.service.url)

    def tearDown(self):
        """Only the witness is left, and it has received everything."""
        self.wait_until(lambda: self.descriptors() <= self.before + 1, f"{self.before} descriptors and one")
        self.witness.stop()
        self.assertIsNone(self.witness.failure)
        self.assertGreater(self.witness.messages, 0)
        self.assertLess(self.witness.longest_wait, 13, "not even a heartbeat")
        self.wait_until(lambda: self.descriptors() <= self.before, f"{self.before} descriptors")
        super().tearDown()

    @classmethod
    def descriptors(cls):
        return len(os.listdir(f"/proc/{cls.service.child.pid}/fd"))

    @staticmethod
    def is_held(peer):
        """Whether the service's end of this connection is open: 01 is ESTABLISHED."""
        ours, its = (f"0100007F:{port:04X}" for port in (peer.getsockname()[1], peer.getpeername()[1]))
        rows = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
        return any(row[1:4] == [its, ours, "01"] for row in rows)

    def wait_until(self, condition, what, limit=CUT_LIMIT):
        until = time.monotonic() + limit
        while not condition():
            self.assertLess(time.monotonic(), until, f"not within {limit} s: {what}, but {self.descriptors()}")
            time.sleep(0.05)

    def connect(self, data):
        parts = urlsplit(self.service.url)
        peer = socket.create_connection((parts.hostname, parts.port), timeout=20)
        self.addCleanup(peer.close)
        peer.sendall(data)
        return peer


class AbuseTest(WitnessedTest):
    def count_cut(self):
        """The service's own counter: the kernel closes the connections later."""
        page = call("GET", self.service.url + "/metrics")[2].decode()
        return int(re.search(r"^kurs_push_cut_total (\d+)", page, re.MULTILINE)[1])

    def test_who_does_not_read_is_cut(self):
        before = self.count_cut()
        for transport in (EventStream, WebSocket):
            with self.subTest(transport.__name__), transport(self.service.url, receive_buffer=4096) as deaf:
                begun_at = time.monotonic()
                self.assertTrue(self.is_held(deaf.socket))
                self.wait_until(lambda: not self.is_held(deaf.socket), "an end")
                print(f"{transport.__name__}: cut {time.monotonic() - begun_at:.1f} s after it stopped reading")
                self.assertIn(deaf.wait_for_end(30).split(":")[0], ("ended", "lost"))
        self.assertEqual(self.count_cut() - before, 2)

    def test_who_reads_slowly_has_whole_messages_and_no_old_ones(self):
        """It receives more than it reads, so it is always behind: only the kernel's buffers hold its data."""
        view, received, taken, oldest = View(), 0, 0, 0.0
        with EventStream(self.service.url, receive_buffer=4096) as slow:
            until = time.monotonic() + SLOW_FOR
            while time.monotonic() < until:
                taken += SLOW_PIECE * slow.receive(time.monotonic() + 1, SLOW_PIECE)
                while message := slow.take():
                    view.apply(message)
                    received += 1
                    oldest = max(oldest, time.time() - view.as_of)
                time.sleep(SLOW_PAUSE)  # the slowness of the reader
        waiting = oldest * taken / SLOW_FOR
        print(f"a slow reader had {received} messages, the oldest of them {oldest:.1f} s old: {waiting:.0f} bytes waited")
        self.assertGreater(received, 10)
        self.assertLess(waiting, KERNEL_HOLDS)

    def test_a_storm_of_clients_that_come_and_go_leaves_nothing_behind(self):
        def come_and_go(seed):
            for i in range(100):
                transport = (EventStream, WebSocket)[(seed + i) % 2]
                stream = transport(self.service.url)
                if i % 3:
                    stream.next()
                (stream.reset if i % 2 else stream.close)()
        threads = [threading.Thread(target=come_and_go, args=[seed]) for seed in range(10)]
        begun_at = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        print(f"1000 clients came and went in {time.monotonic() - begun_at:.1f} s")

    def test_clients_that_leave_before_they_are_answered(self):
        request = f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for length in (*range(1, len(request), 5), len(request)):
            peer = self.connect(request[:length])
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()

    def test_requests_before_a_subscription_are_answered_and_those_after_are_not(self):
        livez = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
        peer = self.connect((livez * 2 + f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n" + livez * 3).encode())
        data = b""
        while data.count(b"\nevent: ") < 3:
            data += peer.recv(65536)
        self.assertEqual(data.count(b"HTTP/1.1 200 OK"), 3)
        self.assertLess(data.rindex(b"HTTP/1.1"), data.index(b"event: snapshot"))
        peer.close()

    def test_an_endless_talker_is_ended_and_a_quiet_mumbler_is_not(self):
        with EventStream(self.service.url) as mumbler:
            for byte in b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)):
                mumbler.socket.sendall(bytes([byte]))
            self.assertEqual(mumbler.next().kind, "snapshot")
            self.assertEqual(mumbler.next_of("changes").kind, "changes")
        peer = self.connect(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        sent = 0
        with self.assertRaises(OSError):
            while sent < 1 << 26:
                sent += peer.send(b"x" * 65536)
                peer.recv(1 << 20, socket.MSG_DONTWAIT)
        peer.close()

    def test_a_slow_loris_has_no_subscription_and_ends(self):
        peer = self.connect(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n".encode())
        ended = False
        until = time.monotonic() + 20
        while not ended and time.monotonic() < until:
            try:
                peer.sendall(b"a")
                peer.settimeout(0.3)
                ended = peer.recv(4096) == b""
            except TimeoutError:
                pass
            except OSError:
                ended = True
        self.assertTrue(ended)

    def test_a_half_closed_client_is_served_or_ended(self):
        for transport in (EventStream, WebSocket):
            with self.subTest(transport.__name__), transport(self.service.url) as half:
                half.socket.shutdown(socket.SHUT_WR)
                try:
                    kinds = [half.next().kind for _ in range(5)]
                    self.assertEqual(kinds[:1], ["snapshot"])
                    print(f"{transport.__name__}: a half-closed client is served")
                except Ended as end:
                    print(f"{transport.__name__}: a half-closed client is {end}")

    def test_a_body_does_not_become_anything(self):
        livez = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
        for data in (f"Content-Length: {len(livez)}\r\n\r\n{livez}",
                     f"Transfer-Encoding: chunked\r\n\r\n{len(livez):x}\r\n{livez}\r\n0\r\n\r\n"):
            with self.subTest(data):
                peer = self.connect(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n{data}".encode())
                received = b""
                while b"event: changes" not in received:
                    received += peer.recv(65536)
                self.assertEqual(received[:12], b"HTTP/1.1 200")
                self.assertLess(received.index(b"event: snapshot"), received.index(b"event: changes"))
                self.assertEqual(received.count(b"HTTP/1.1"), 1, "the body was answered")
                peer.close()


class EventStreamTest(WitnessedTest):
    def test_an_event_stream_is_of_the_standard(self):
        """Read by its grammar (HTML, 9.2.5 and 9.2.6), not by our own client."""
        peer = self.connect(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = b""
        while received.count(b"\nevent: ") < 3:
            received += peer.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        self.assertIn(b"\r\nContent-Type: text/event-stream\r\n", head)
        text = body[:body.rindex(b"\n\n") + 2].decode("utf-8")
        self.assertFalse(set("\ufeff\r\0") & set(text))
        blocks = text.removesuffix("\n\n").split("\n\n")
        self.assertRegex(blocks[0], r"^retry: [1-9]\d{3}$")
        for block in blocks[1:]:
            self.assertRegex(block, r"\A(?:event: [a-z]+|id:(?: \d+)?|data: \{.*\})(?:\n(?:event: [a-z]+|id:(?: \d+)?|data: \{.*\}))*\Z")
        peer.close()


class WebSocketTest(WitnessedTest):
    """How a server must respond to invalid frames (RFC 6455)."""

    def assert_closed(self, codes, *frames, reserved=0, is_masked=True, is_last=True):
        """Sends frames and returns the reply frames: (opcode, payload) each."""
        with WebSocket(self.service.url) as client:
            self.assertEqual(client.next().kind, "snapshot")
            for opcode, payload in frames:
                client.send(opcode, payload, is_last, is_masked, reserved)
            self.assertIn(client.wait_for_close(), codes)
            self.assertIn(client.wait_for_end(), ("ended", "lost: [Errno 104] Connection reset by peer"))

    def test_a_client_has_nothing_to_say(self):
        for frame in ((1, b"hello"), (1, b""), (2, b"\0\1"), (1, b"x" * 125)):
            with self.subTest(frame=frame[1][:8]):
                self.assert_closed((1008,), frame)

    def test_what_is_too_long_is_refused_before_it_is_read(self):
        self.assert_closed((1008, 1009), (1, b"x" * 126))
        self.assert_closed((1008, 1009), (2, b"x" * 70000))
        with WebSocket(self.service.url) as client:
            client.next()
            client.socket.sendall(struct.pack("!BBQ", 0x82, 0xff, 1 << 62) + b"mask")
            self.assertIn(client.wait_for_close(), (1002, 1008, 1009))

    def test_fragments(self):
        with WebSocket(self.service.url) as client:
            client.send(1, b"half", is_last=False)
            client.send(9, b"a ping in between")
            client.send(0, b"and half")
            self.assertEqual(client.wait_for_close(), 1008)
        self.assert_closed((1002,), (0, b"a continuation of nothing"))
        self.assert_closed((1002,), (9, b"a fragment of a ping"), is_last=False)
        self.assert_closed((1002,), (1, b"half"), (1, b"another one"), is_last=False)

    def test_a_length_has_its_shortest_form(self):
        for length in (b"\xfe\0\x05", b"\xff" + b"\0" * 7 + b"\x05"):
            with self.subTest(length), WebSocket(self.service.url) as client:
                client.next()
                client.socket.sendall(b"\x81" + length + b"\0\0\0\0hello")
                self.assertEqual(client.wait_for_close(), 1002)

    def test_text_is_utf_8(self):
        for text in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc3"):
            self.assert_closed((1007,), (1, text))
        self.assert_closed((1008,), (1, "\u0430\U0001f600".encode()))
        self.assert_closed((1008,), (2, b"\xff"))
        with WebSocket(self.service.url) as client:
            client.send(1, b"\xc3", is_last=False)  # half a character
            client.send(0, b"\xa4")
            self.assertEqual(client.wait_for_close(), 1008)

    def test_neither_extensions_nor_subprotocols_are_chosen(self):
        offered = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits", "Sec-WebSocket-Protocol": "chat, kurs"}
        with WebSocket(self.service.url, headers=offered) as client:
            self.assertEqual(client.status, 101)
            self.assertEqual(client.headers.keys() & {name.lower() for name in offered}, set())
            self.assertEqual(client.next().kind, "snapshot")

    def test_broken_frames(self):
        self.assert_closed((1002,), (1, b"unmasked"), is_masked=False)
        for reserved in (0x40, 0x20, 0x10):
            self.assert_closed((1002,), (1, b"reserved"), reserved=reserved)
        for opcode in (3, 7, 11, 15):
            self.assert_closed((1002,), (opcode, b""))
        self.assert_closed((1002,), (9, b"x" * 126))

    def test_closing(self):
        self.assert_closed((1000,), (8, struct.pack("!H", 1000) + b"bye"))
        self.assert_closed((3000,), (8, struct.pack("!H", 3000)))
        self.assert_closed((1000, 1005), (8, b""))
        self.assert_closed((1002,), (8, b"x"))
        for code in (0, 999, 1004, 1005, 1006, 1015, 2999):
            with self.subTest(code):
                self.assert_closed((1002,), (8, struct.pack("!H", code)))
        self.assert_closed((1002, 1007), (8, struct.pack("!H", 1000) + b"\xff\xfe"))

    def test_pings_are_answered_with_what_they_hold(self):
        with WebSocket(self.service.url) as client:
            for payload in (b"", b"hello", b"x" * 125):
                client.send(9, payload)
            until = time.monotonic() + 10
            while len(client.pongs) < 3 and time.monotonic() < until:
                client.next(0.2)
            self.assertEqual(client.pongs[-1], b"x" * 125)
            client.send(10, b"a pong that nobody asked for")
            self.assertEqual(client.next_of("changes").kind, "changes")

    def test_a_flood_of_pings_does_not_keep_others_waiting(self):
        for reads in (True, False):
            with self.subTest(reads=reads), WebSocket(self.service.url, receive_buffer=4096) as client:
                mask = b"\0\0\0\0"
                flood = (bytes([0x89, 0x80 | 100]) + mask + b"p" * 100) * 500
                client.socket.setblocking(False)
                until = time.monotonic() + 5
                sent, slowest = 0, 0.0
                while time.monotonic() < until:
                    try:
                        sent += client.socket.send(flood[sent % 106:])  # continues a partially sent ping
                    except BlockingIOError:
                        time.sleep(0.005)
                    except OSError:
                        break
                    try:
                        while reads and client.socket.recv(1 << 20):
                            pass
                    except OSError:
                        pass
                    asked_at = time.monotonic()
                    self.assertEqual(call("GET", self.service.courses_url)[0], 200)
                    slowest = max(slowest, time.monotonic() - asked_at)
                print(f"{sent // 106} pings, {'read' if reads else 'not read'}: the slowest request took {slowest:.2f} s")

    def test_a_peer_that_is_gone_without_a_word_is_noticed(self):
        """It reads everything but answers no ping: the reads may come from a proxy."""
        with WebSocket(self.service.url, "?direction=BTC-USD", answers_pings=False) as client:
            begun_at = time.monotonic()
            client.wait_for_close(60)
            print(f"a client that answers no ping was ended after {time.monotonic() - begun_at:.0f} s, {client.pings} pings")
            self.assertGreater(client.pings, 0)


class StopTest(StackTest):
    def test_who_does_not_read_does_not_hold_the_stop_up(self):
        service = Service(BUILD, self.simulator.settings())
        self.addCleanup(lambda: service.child.poll() is None and service.stop())
        service.wait_for_courses(8)
        deaf = [transport(service.url, receive_buffer=4096) for transport in (EventStream, WebSocket) for _ in range(3)]
        for each in deaf:
            self.addCleanup(each.close)
        with EventStream(service.url) as witness:
            received = 0
            while received < 400_000:  # fills the buffers of the clients that do not read
                received += len(str(witness.next().data))
            service.child.send_signal(signal.SIGTERM)
            begun_at = time.monotonic()
            self.assertIn(witness.wait_for_end(), ("ended", "ended in order"))
        self.assertEqual(service.stop(None), 0)
        took = time.monotonic() - begun_at
        print(f"stopped {took:.1f} s after the signal, with six that do not read")
        self.assertLess(took, 10)


if __name__ == "__main__":
    unittest.main()
