"""Name lookups while nameservers are down, in a separate network and mount namespace."""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

from stack import BUILD, Service, Simulator

INSIDE = "KURS_TEST_NAMESPACE"
NAMESPACE = ["unshare", "--map-root-user", "--net", "--mount"]
ANSWERING, DEAD, DEAD_TOO = "127.0.0.53", "127.0.0.2", "127.0.0.3"


class NamespaceTest(unittest.TestCase):
    def test_in_a_namespace_of_its_own(self):
        if subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("needs the right to make namespaces")
        command = [*NAMESPACE, sys.executable, "-B", "-m", "unittest", "-v", "test_name_lookup"]
        ended = subprocess.run(command, env={**os.environ, INSIDE: "1"}, cwd=Path(__file__).parent, check=False)
        self.assertEqual(ended.returncode, 0)


def set_up_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        siocsifflags, iff_up = 0x8914, 1
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sH14x", b"lo", iff_up))


class Nameserver:
    """Answers A with 127.0.0.1 for localhost and below venue.test, and AAAA with ::1 below dual.venue.test; all else does
    not exist. Or never answers."""

    def __init__(self, address, is_dead=False):
        self.names = []
        self.asked_at = {}  # the first query of each name
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))  # bound even if silent: a refusal would make the resolver continue at once
        if not is_dead:
            threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(512)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
                at += 1 + query[at]
            name, question = ".".join(labels), query[12:at + 5]
            kind, = struct.unpack(">H", query[at + 1:at + 3])
            self.names.append(name)
            self.asked_at.setdefault(name, time.monotonic())
            is_known = name == "localhost" or name.endswith(".venue.test")
            addresses = {1: socket.inet_aton("127.0.0.1")}
            if name.endswith(".dual.venue.test"):
                addresses[28] = socket.inet_pton(socket.AF_INET6, "::1")
            address = addresses.get(kind, b"")
            answer = struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(address)) + address if is_known and address else b""
            head = query[:2] + struct.pack(">HHHHH", 0x8180 if is_known else 0x8183, 1, int(bool(answer)), 0, 0)
            self.socket.sendto(head + question + answer, client)


class SilentPort:
    """Neither accepts nor refuses: Linux drops a SYN while a connection waits to be accepted."""

    def __init__(self, port):
        self.listener = socket.socket(socket.AF_INET6)
        self.listener.bind(("::1", port))
        self.listener.listen(0)
        self.waiting = socket.create_connection(("::1", port))

    def close(self):
        self.waiting.close()
        self.listener.close()


class NameLookupTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        set_up_loopback()
        cls.nameserver = Nameserver(ANSWERING)
        cls.dead = [Nameserver(address, is_dead=True) for address in (DEAD, DEAD_TOO)]
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.resolv_conf = Path(folder.name) / "resolv.conf"
        cls.resolv_conf.touch()
        subprocess.run(["mount", "--bind", str(cls.resolv_conf), "/etc/resolv.conf"], check=True)
        cls.simulator = Simulator(BUILD)
        cls.addClassCleanup(cls.simulator.stop)
        cls.encrypted = Simulator(BUILD, "--tls", "--ca-out", str(Path(folder.name) / "ca.pem"))
        cls.addClassCleanup(cls.encrypted.stop)

    def start(self, lines, host="stream.venue.test", simulator=None, **settings):
        self.resolv_conf.write_text("\n".join(lines) + "\n")
        named = {name: value.replace("127.0.0.1", host)
                 for name, value in (simulator or self.simulator).settings().items()}
        service = Service(BUILD, {**named, **settings})
        self.addCleanup(service.stop)
        return service

    def assert_rate_within_10_seconds(self, service):
        while not service.courses():
            self.assertLess(time.monotonic() - service.started_at, 10, "\n".join(service.lines[-20:]))
            time.sleep(0.05)

    def test_a_dead_first_nameserver_costs_seconds(self):
        self.assert_rate_within_10_seconds(self.start([f"nameserver {DEAD}", f"nameserver {ANSWERING}"]))

    def test_so_do_two_of_three(self):
        lines = [f"nameserver {DEAD}", f"nameserver {DEAD_TOO}", f"nameserver {ANSWERING}"]
        self.assert_rate_within_10_seconds(self.start(lines))

    def test_so_does_one_with_search_domains_as_in_kubernetes(self):
        lines = [f"nameserver {DEAD}", f"nameserver {ANSWERING}",
                 "search ns.svc.cluster.test svc.cluster.test cluster.test", "options ndots:5"]
        self.assert_rate_within_10_seconds(self.start(lines))
        self.assertIn("stream.venue.test.ns.svc.cluster.test", self.nameserver.names)

    def test_the_operators_own_timeout_is_kept_and_waited_for(self):
        service = self.start([f"nameserver {DEAD}", f"nameserver {ANSWERING}"], RES_OPTIONS="timeout:5")
        self.assertIsNone(service.courses())
        self.assert_rate_within_10_seconds(service)

    def test_a_silent_ipv6_address_costs_a_quarter_of_a_second(self):
        urls = self.simulator.settings()["BINANCE_STREAM_URLS"].split(",")
        for port in {urlsplit(url).port for url in urls}:
            self.addCleanup(SilentPort(port).close)
        service = self.start([f"nameserver {ANSWERING}"], "stream.dual.venue.test", BINANCE_CONNECTIONS="1")
        service.wait_for_line("feed binance live on")
        took = time.monotonic() - self.nameserver.asked_at["stream.dual.venue.test"]
        self.assertGreater(took, 0.25)
        self.assertLess(took, 2, "half of the time limit of an attempt is 2.5 s")

    def test_a_fully_qualified_name_is_not_searched_for_and_verified_without_its_dot(self):
        self.nameserver.names.clear()
        service = self.start([f"nameserver {ANSWERING}", "search cluster.test", "options ndots:5"], "localhost.",
                             self.encrypted)
        self.assert_rate_within_10_seconds(service)
        service.wait_for_courses(8, exchanger="binance", limit=10)
        service.wait_for_courses(8, "?exchanger=coingecko", limit=10)
        self.assertEqual(set(self.nameserver.names), {"localhost"})


def load_tests(loader, _tests, _pattern):
    return loader.loadTestsFromTestCase(NameLookupTest if INSIDE in os.environ else NamespaceTest)


if __name__ == "__main__":
    unittest.main()
