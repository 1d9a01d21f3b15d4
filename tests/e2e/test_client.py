"""Tests how the client handles closed connections, against a scripted server. Needs no stack."""

import socket
import threading
import time
import unittest

import composed  # noqa: F401; it names the folders that the others import from
from client import KEPT, Client

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Counts:
    """Stands in for a judge."""

    def __init__(self):
        self.answers = self.repeated = 0
        self.failures = []

    def take(self, *_, **__):
        self.answers += 1
        return 0

    def fail(self, _request, why):
        self.failures.append(why)


class Server(threading.Thread):
    """Answers each connection's requests as scripted, and closes the connection at the end of the script."""

    def __init__(self, *script):
        super().__init__(daemon=True)
        self.script = script
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.start()

    def run(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            for word in self.script:
                if not connection.recv(1000):
                    return
                connection.sendall(word)


class ClientTest(unittest.TestCase):
    def ask(self, *script, until):
        server = Server(*script)
        self.addCleanup(server.listener.close)
        counts = Counts()
        client = Client(server.listener.getsockname(), counts)
        client.start()
        limit = time.monotonic() + 10
        while not until(counts) and time.monotonic() < limit:
            time.sleep(0.01)
        client.stop()
        return counts

    def test_it_keeps_its_pace(self):
        began_at = time.monotonic()
        counts = self.ask(*[ANSWER] * 10000, until=lambda counts: counts.answers >= 500)
        self.assertAlmostEqual(time.monotonic() - began_at, 1, delta=0.5)
        self.assertEqual((counts.failures, counts.repeated), ([], 0))

    def test_a_request_on_a_used_connection_that_ends_is_sent_once_more(self):
        counts = self.ask(ANSWER, b"", until=lambda counts: counts.repeated >= KEPT)
        self.assertGreaterEqual(counts.repeated, KEPT)
        self.assertEqual(counts.failures, [])

    def test_one_on_a_new_connection_is_not(self):
        counts = self.ask(b"", until=lambda counts: len(counts.failures) >= KEPT)
        self.assertEqual(counts.repeated, 0)
        self.assertIn("ended without an answer", counts.failures[0])

    def test_half_an_answer_is_a_failure(self):
        counts = self.ask(ANSWER, ANSWER[:-1], until=lambda counts: counts.failures)
        self.assertIn("ended without an answer", counts.failures[0])


if __name__ == "__main__":
    unittest.main()
