"""kurs-sim as a process: what only a socket shows."""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from bench import ROOT

from simulator.venues import VENUES

sys.path.insert(0, str(ROOT / "tools"))
from processes import SIMULATOR, Simulator, call  # noqa: E402


class ProgramTest(unittest.TestCase):
    def run_with(self, *options):
        return subprocess.run([SIMULATOR, *options], capture_output=True, text=True, timeout=20, check=False)

    def test_wrong_options_end_it_with_2(self):
        for options, words in ((["--bogus"], "--bogus"), (["--replay", "/nowhere"], "cannot be read")):
            ended = self.run_with(*options)
            self.assertEqual((ended.returncode, ended.stdout), (2, ""), options)
            self.assertIn(words, ended.stderr)

    def test_a_port_that_is_taken_ends_it_with_1(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            ended = self.run_with("--any-ports", "--cbr-port", str(taken.getsockname()[1]))
        self.assertEqual(ended.returncode, 1)
        self.assertIn("in use", ended.stderr)

    def test_it_prints_its_endpoints_and_ends_with_0(self):
        simulator = Simulator(None)
        endpoints = simulator.endpoints
        names = [endpoint.name for venue in VENUES for endpoint in venue.endpoints]
        self.assertEqual(list(endpoints), ["control", *names, "ca", "settings"])
        self.assertEqual(json.loads(call("GET", simulator.control + "/endpoints")[2]), endpoints)
        self.assertEqual(json.loads(call("GET", simulator.control + "/settings")[2]), endpoints["settings"])
        self.assertEqual(endpoints["settings"]["BINANCE_STREAM_URLS"].split(","), endpoints["binance_stream"])
        self.assertTrue(endpoints["cbr"].endswith("/scripts/XML_daily.asp"))
        self.assertEqual(simulator.stop(), 0)


class SocketTest(unittest.TestCase):
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(None, *cls.options)
        cls.addClassCleanup(cls.simulator.stop)
        cls.stream = cls.simulator.endpoints["binance_stream"]

    def tearDown(self):
        self.simulator.clear()

    def connect(self, url, limit=5):
        parts = urlsplit(url)
        client = socket.create_connection((parts.hostname, parts.port), timeout=limit)
        self.addCleanup(client.close)
        return client

    def ask(self, endpoint="cbr"):
        """A request on a connection of its own, and everything that comes back."""
        url = self.simulator.endpoints[endpoint]
        client = self.connect(url)
        client.sendall(f"GET {urlsplit(url).path or '/'} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        parts = []
        while part := client.recv(65536):
            parts.append(part)
        return b"".join(parts)

    def listen(self, talk, path="/stream?streams=btcusdt@bookTicker", line=0, **options):
        """Runs a coroutine function with a WebSocket of the Binance stream."""
        async def run():
            async with aiohttp.ClientSession() as session:
                async with session.ws_connect(self.stream[line] + path, **options) as client:
                    return await asyncio.wait_for(talk(client), 30)
        return asyncio.run(run())


class WireTest(SocketTest):
    def test_replies_of_every_odd_kind(self):
        whole = self.ask()
        body = whole.partition(b"\r\n\r\n")[2]
        self.simulator.fault("cbr", "cut_body", count=1)
        head, _, part = self.ask().partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: %d" % len(body), head)
        self.assertEqual(part, body[:len(body) // 2])
        for kind in ("slow_headers", "slow_body"):
            self.simulator.fault("cbr", kind, value=300, count=1)
            began = time.monotonic()
            self.assertEqual(self.ask().partition(b"\r\n\r\n")[2], body)
            self.assertGreater(time.monotonic() - began, 0.25)
        self.simulator.fault("cbr", "oversized", count=1)
        self.assertGreater(len(self.ask()), 5_000_000)
        self.simulator.fault("cbr", "refuse", count=1)
        with self.assertRaises(ConnectionResetError):
            self.ask()
        self.simulator.fault("cbr", "redirect", value="http://elsewhere/", count=1)
        self.assertIn(b"Location: http://elsewhere/\r\n", self.ask())
        self.simulator.fault("cbr", "wrong_length", count=1)
        client = self.connect(self.simulator.endpoints["cbr"], limit=0.3)
        client.sendall(b"GET /scripts/XML_daily.asp HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        with self.assertRaises(TimeoutError):
            while True:
                received += client.recv(65536)
        self.assertIn(b"Content-Length: %d" % (len(body) + 100), received)
        self.assertTrue(received.endswith(body))

    def test_no_answer_and_nothing_read(self):
        for kind in ("never", "no_accept"):
            self.simulator.fault("cbr", kind)
            client = self.connect(self.simulator.endpoints["cbr"], limit=0.3)
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            with self.assertRaises(TimeoutError):
                client.recv(1)
            self.simulator.clear()
        client.settimeout(5)
        # Closed with a request unread: the end of the stream, or a reset.
        try:
            self.assertEqual(client.recv(1), b"")
        except ConnectionResetError:
            pass

    def test_refused_upgrades(self):
        self.simulator.fault("binance_stream", "refuse", value=451, line=1)
        with self.assertRaises(aiohttp.WSServerHandshakeError) as refused:
            self.listen(None)
        self.assertEqual(refused.exception.status, 451)
        self.assertEqual(call("GET", self.stream[1].replace("ws", "http") + "/ws")[0], 400)
        self.assertEqual(call("GET", self.stream[1].replace("ws", "http") + "/other")[0], 404)

    def test_frames_in_pieces_and_in_binary(self):
        for value, kind in (("fragmented", aiohttp.WSMsgType.TEXT), ("binary", aiohttp.WSMsgType.BINARY)):
            self.simulator.fault("binance_stream", "corrupt", value=value, count=1)

            async def first(client):
                return await client.receive()
            message = self.listen(first)
            self.assertEqual(message.type, kind)
            self.assertIn("u", json.loads(message.data)["data"])

    def test_cuts(self):
        for value in ("1001", "1008", "1011", "1013", "1006", "rst"):
            async def until_cut(client, value=value):
                await client.receive()
                await asyncio.to_thread(self.simulator.fault, "binance_stream", "cut", value=value, line=1)
                while (await client.receive()).type == aiohttp.WSMsgType.TEXT:
                    pass
                return client.close_code
            self.assertEqual(self.listen(until_cut), 1006 if value == "rst" else int(value))
        self.assertEqual(self.simulator.state()["connections"]["binance_stream"]["open"], 0)

    def test_a_reset_is_a_reset(self):
        client = self.connect(self.stream[0])
        client.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        self.assertIn(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", client.recv(65536))
        self.simulator.fault("binance_stream", "cut", value="rst")
        with self.assertRaises(ConnectionResetError):
            while client.recv(65536):
                pass

    def test_a_black_hole_swallows_pongs_and_gives_back_what_was_held(self):
        async def in_the_dark(client):
            await client.receive()
            await asyncio.to_thread(self.simulator.fault, "binance_stream", "blackhole")
            while True:
                try:
                    await client.receive(timeout=0.3)
                except asyncio.TimeoutError:
                    break
            await client.send_str('{"method":"LIST_SUBSCRIPTIONS","id":7}')
            with self.assertRaises(asyncio.TimeoutError):
                await client.receive(timeout=0.3)
            await asyncio.to_thread(self.simulator.clear)
            return await client.receive()
        self.assertIn("btcusdt@bookTicker", self.listen(in_the_dark).data)

    def test_a_slow_stream_keeps_its_order(self):
        async def read(client):
            return [json.loads((await client.receive()).data)["data"]["u"] for _ in range(10)]
        self.simulator.fault("binance_stream", "slow", value=300, count=3)
        ids = self.listen(read)
        self.assertEqual(ids, sorted(ids))


class PingTest(SocketTest):
    options = ("--ping-every", "100ms", "--pong-limit", "300ms")

    def test_pings_and_their_pongs(self):
        async def keep_alive(client):
            seen = set()
            while not {aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG, aiohttp.WSMsgType.TEXT} <= seen:
                message = await client.receive()
                seen.add(message.type)
                if message.type == aiohttp.WSMsgType.PING:
                    await client.pong(message.data)
                    await client.ping(b"own")
            return True
        self.assertTrue(self.listen(keep_alive, autoping=False))

        async def never_pong(client):
            while not (await client.receive()).type == aiohttp.WSMsgType.CLOSE:
                pass
            return client.close_code
        self.assertEqual(self.listen(never_pong, autoping=False), 1008)


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.authority = str(Path(folder.name) / "ca.pem")
        cls.simulator = Simulator(None, "--tls", "--ca-out", cls.authority, "--tls-name", "venue.test")
        cls.addClassCleanup(cls.simulator.stop)

    def certificate(self, name="localhost"):
        context = ssl.create_default_context(cafile=self.authority)
        parts = urlsplit(self.simulator.endpoints["binance_rest"])
        with socket.create_connection((parts.hostname, parts.port), timeout=0.5) as plain:
            with context.wrap_socket(plain, server_hostname=name) as client:
                return client.getpeercert()

    def test_certificates_are_good_expired_or_of_another_name(self):
        self.assertEqual(self.simulator.endpoints["settings"]["TRUSTED_CA_FILE"], self.authority)
        for name in ("localhost", "127.0.0.1", "venue.test"):
            self.assertTrue(self.certificate(name))
        for value, words in (("expired", "expired"), ("wrong_name", "mismatch|not valid for")):
            self.simulator.fault("binance_rest", "tls", value=value, count=1)
            with self.assertRaisesRegex(ssl.SSLCertVerificationError, words):
                self.certificate()
        self.simulator.fault("binance_rest", "tls", value="hang")
        with self.assertRaises(TimeoutError):
            self.certificate()
        self.simulator.clear()

    def test_streams_and_rest_speak_tls(self):
        context = ssl.create_default_context(cafile=self.authority)
        with urllib.request.urlopen(self.simulator.endpoints["cbr"], context=context, timeout=5) as answer:
            self.assertIn(b"ValCurs", answer.read())

        async def first():
            async with aiohttp.ClientSession() as session:
                url = self.simulator.endpoints["binance_stream"][1] + "/ws/btcusdt@bookTicker"
                async with session.ws_connect(url, ssl=context) as client:
                    return json.loads((await client.receive()).data)
        self.assertEqual(asyncio.run(first())["s"], "BTCUSDT")


if __name__ == "__main__":
    unittest.main()
