"""SIGTERM under load: every request gets a response, and the process ends by itself."""

import signal
import socket
import threading
import time
import unittest
from urllib.parse import urlsplit

from stack import BUILD, Service, StackTest

CLIENTS = 16


class Client(threading.Thread):
    """Sends requests as fast as it can over one connection, and records how the connection ended."""

    def __init__(self, host, port):
        super().__init__(daemon=True)
        self.address = (host, port)
        self.answers = 0
        self.ending = "never"
        self.last_at = 0.0

    def run(self):
        with socket.create_connection(self.address, timeout=10) as peer:
            reader = peer.makefile("rb")
            while True:
                try:
                    peer.sendall(b"GET /api/v1/courses HTTP/1.1\r\nHost: x\r\n\r\n")
                    status = reader.readline()
                    if not status:
                        self.ending = "closed before an answer"
                        return
                    closes, length = False, 0
                    for line in iter(reader.readline, b"\r\n"):
                        if not line:
                            self.ending = "cut in the header"
                            return
                        name, _, value = line.decode().partition(":")
                        closes = closes or (name.lower() == "connection" and value.strip().lower() == "close")
                        length = int(value) if name.lower() == "content-length" else length
                    body = reader.read(length)
                except OSError as failure:
                    self.ending = f"reset: {failure}"
                    return
                self.last_at = time.monotonic()
                if len(body) != length:
                    self.ending = "cut in the body"
                    return
                self.answers += 1
                if closes:
                    self.ending = "in order"
                    return


class StopTest(StackTest):
    def load(self, service):
        parts = urlsplit(service.url)
        clients = [Client(parts.hostname, parts.port) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        while min(client.answers for client in clients) < 20:
            time.sleep(0.01)
        return clients

    def test_no_answer_is_cut_and_the_process_ends_in_time(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                service = Service(BUILD, self.simulator.settings())
                service.wait_for_courses(8)
                clients = self.load(service)
                status = service.stop(number)
                ended_at = time.monotonic()
                for client in clients:
                    client.join(10)
                self.assertEqual(status, 0, "\n".join(service.lines[-20:]))
                self.assertEqual({client.ending for client in clients}, {"in order"})
                after = ended_at - max(client.last_at for client in clients)
                print(f"{sum(c.answers for c in clients)} answers, the process ended {after:.2f} s after the last")
                self.assertLess(after, 1.0)

    def test_readiness_ends_first(self):
        service = Service(BUILD, self.simulator.settings())
        service.wait_for_courses(8)
        parts = urlsplit(service.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as peer:
            service.child.send_signal(signal.SIGTERM)
            service.wait_for_line("stopping: signal 15")
            peer.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b"".join(iter(lambda: peer.recv(4096), b""))
        self.assertTrue(answer.startswith(b"HTTP/1.1 503 "), answer)
        self.assertIn(b"stopping", answer)
        self.assertEqual(service.stop(None), 0)

    def test_nobody_holds_the_stop_up(self):
        service = Service(BUILD, self.simulator.settings())
        service.wait_for_courses(8)
        parts = urlsplit(service.url)
        peers = [socket.create_connection((parts.hostname, parts.port), timeout=10) for _ in range(4)]
        for peer in peers:
            self.addCleanup(peer.close)
        idle, half, blank, endless = peers
        request = b"GET /api/v1/courses HTTP/1.1\r\nHost: x\r\n\r\n"
        idle.sendall(request)
        half.sendall(request[:20])
        service.child.send_signal(signal.SIGTERM)
        begun_at = time.monotonic()
        while service.child.poll() is None and time.monotonic() - begun_at < 20:
            for peer, data in ((blank, b"\r\n"), (endless, request * 5)):
                try:
                    peer.sendall(data)
                    peer.recv(1 << 20, socket.MSG_DONTWAIT)
                except OSError:
                    pass
            time.sleep(0.02)
        took = time.monotonic() - begun_at
        self.assertEqual(service.stop(None), 0)
        print(f"stopped {took:.1f} s after the signal, with an idle, a slow, a babbling and an endless client")
        self.assertLess(took, 4)

    def test_a_second_signal_ends_at_once(self):
        service = Service(BUILD, self.simulator.settings())
        parts = urlsplit(service.url)
        # An unfinished request delays the first stop.
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as peer:
            peer.sendall(b"GET /api/v1/cou")
            service.child.send_signal(signal.SIGTERM)
            service.wait_for_line("stopping: signal 15")
            self.assertEqual(service.stop(signal.SIGTERM, limit=2), 130)


if __name__ == "__main__":
    unittest.main()
