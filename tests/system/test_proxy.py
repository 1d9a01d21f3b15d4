"""Venues behind real proxies, which are the only way out: they alone can resolve the venues' name."""

import shutil
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from stack import BUILD, DIRECTIONS, Poller, Service, Simulator, wait_for

NAME = "venue.test"
NAMESPACE = ["unshare", "--map-root-user", "--mount"]
USER, PASSWORD = "desk", "pass-Word"


def free_port():
    with socket.socket() as any_socket:
        any_socket.bind(("127.0.0.1", 0))
        return any_socket.getsockname()[1]


class Proxy:
    """A proxy in a mount namespace of its own, where the venues' name is in /etc/hosts."""

    def __init__(self, folder, port):
        hosts = folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {NAME}\n")
        self.port = port
        script = f"mount --bind {hosts} /etc/hosts && exec {self.command(folder, port)}"
        self.child = subprocess.Popen([*NAMESPACE, "sh", "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > until or self.child.poll() is not None:
                    raise
                time.sleep(0.02)

    def url(self, password=PASSWORD):
        return f"{self.scheme}://{USER}:{password}@127.0.0.1:{self.port}"

    def kill(self):
        self.child.kill()
        self.child.wait()


class TinyProxy(Proxy):
    scheme = "http"

    @staticmethod
    def command(folder, port):
        config = folder / "tinyproxy.conf"
        config.write_text(f"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 60\nMaxClients 50\n"
                          f"BasicAuth {USER} {PASSWORD}\nLogLevel Critical\n")
        return f"tinyproxy -d -c {config}"


class MicroSocks(Proxy):
    scheme = "socks5h"

    @staticmethod
    def command(_folder, port):
        return f"microsocks -i 127.0.0.1 -p {port} -u {USER} -P {PASSWORD}"


class ProxyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for program in ("tinyproxy", "microsocks"):
            if not shutil.which(program):
                raise unittest.SkipTest(f"needs {program}")
        if subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("needs the right to make namespaces")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.authority = str(cls.folder / "ca.pem")
        cls.simulator = Simulator(BUILD, "--tls", "--tls-name", NAME, "--ca-out", cls.authority, "--coingecko-cache", "0s")
        cls.addClassCleanup(cls.simulator.stop)

    def start_proxy(self, kind, port=None):
        proxy = kind(self.folder, port or free_port())
        self.addCleanup(proxy.kill)
        return proxy

    def start(self, proxy_urls, direct=()):
        """The service. Venues in `direct` are reached without a proxy, by address."""
        settings = {name: value if name.split("_")[0] in direct else value.replace("127.0.0.1", NAME)
                    for name, value in self.simulator.settings().items()}
        service = Service(BUILD, {**settings, "VENUES": "", "TRUSTED_CA_FILE": self.authority, "FAILBACK_AFTER": "3s", **proxy_urls})
        self.addCleanup(service.stop)
        return service

    def test_every_venue_is_reached_through_either_kind_of_proxy(self):
        for kind in (TinyProxy, MicroSocks):
            with self.subTest(kind.__name__):
                url = self.start_proxy(kind).url()
                service = self.start({f"{venue}_PROXY": url for venue in ("BINANCE", "COINGECKO", "CBR", "KRAKEN", "OKX", "BYBIT", "COINBASE")})
                for exchanger in ("binance", "coingecko", "kraken", "okx", "bybit", "coinbase", "consensus"):
                    service.wait_for_courses(len(DIRECTIONS), f"?exchanger={exchanger}")
                self.assertFalse([line for line in service.lines if PASSWORD in line])
                service.stop()

    def test_nothing_is_reached_around_the_proxy(self):
        service = self.start({})
        service.wait_for_line(f"feed binance/1 cannot connect to {NAME}:\\d+: name lookup")
        self.assertIsNone(service.courses())

    def test_a_proxy_that_refuses_is_named(self):
        for kind, reason in ((TinyProxy, r"proxy: CONNECT refused, status 40[17]"),
                             (MicroSocks, "proxy: wrong user name or password")):
            with self.subTest(kind.__name__):
                service = self.start({"BINANCE_PROXY": self.start_proxy(kind).url("not-it")})
                service.wait_for_line(f"feed binance/1 cannot connect to {NAME}:\\d+: {reason}")
                self.assertFalse([line for line in service.lines if "not-it" in line])
                service.stop()

    def test_a_proxy_that_dies_costs_its_venues_only(self):
        proxy = self.start_proxy(TinyProxy)
        service = self.start({"BINANCE_PROXY": proxy.url()}, direct=("COINGECKO", "CBR", "KRAKEN", "OKX", "BYBIT", "COINBASE"))
        service.wait_for_courses(len(DIRECTIONS), exchanger="binance")
        seen = []

        def check(_asked_at, status, _headers, body):
            assert status == 200, (status, body)

        poller = Poller(service.courses_url, check)
        poller.start()
        proxy.kill()
        service.wait_for_line("feed binance/1 cannot connect to .*: proxy: connection: Connection refused")
        wait_for(lambda: (service.courses() or {}).get("exchanger") != "binance", [service])
        seen.append(service.courses()["exchanger"])
        self.start_proxy(TinyProxy, proxy.port)
        wait_for(lambda: (service.courses() or {}).get("exchanger") == "binance", [service], limit=40)
        poller.stop()
        self.assertEqual(poller.failures[:3], [])
        print(f"the proxy died: {sum(poller.statuses.values())} answers {poller.statuses}, served by {seen[0]} meanwhile")


if __name__ == "__main__":
    unittest.main()
