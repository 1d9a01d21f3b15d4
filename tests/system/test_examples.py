"""The examples of the documents do what they say.

Run is each block of `sh`, `js` or `python` that names http://127.0.0.1:8080 (or ws://), against a service of the test's
own. A comment right before it says what it must show: <!-- shows: "these" "words" -->. What must not be run is marked
`text` or `console`.
"""

import re
import shlex
import socket
import socketserver
import subprocess
import sys
import threading
import unittest
from collections import namedtuple
from urllib.parse import urlsplit

from history_stack import AnsweringTest
from stack import ROOT

DOCUMENTS = ("docs/api.md", "README.md", "README.ru.md")
PLACE = "127.0.0.1:8080"
LIMIT = 60  # seconds
BLOCK = re.compile(r"^(?:<!-- shows: (?P<words>.*?) -->\n)?```(?P<language>sh|js|python)\n(?P<code>.*?)^```$", re.M | re.S)
IN_BROWSER = re.compile(r"\bnew (EventSource|WebSocket)\(")  # which Node 20 does not have
OUT_OF_TIME = 28  # curl's status where --max-time ends a stream

Example = namedtuple("Example", "where language code words")


PUSH = re.compile(rb"GET /api/v2/(stream|ws)\b")
TROUBLES = (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            b"",  # the connection ends
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n")


class Balancer(socketserver.ThreadingTCPServer):
    """In front of a service whose replicas all restart: push meets each of the troubles once, and then the service."""

    daemon_threads = True

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), None)
        parts = urlsplit(url)
        self.target = (parts.hostname, parts.port)
        self.troubles = list(TROUBLES)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        head = b""
        while b"\r\n\r\n" not in head:
            data = request.recv(65536)
            if not data:
                return
            head += data
        if PUSH.match(head) and self.troubles:
            request.sendall(self.troubles.pop(0))
            return
        with socket.create_connection(self.target) as service:
            # One request a connection, so that each is looked at.
            service.sendall(head.replace(b"Connection: keep-alive", b"Connection: close"))
            threading.Thread(target=self.pass_on, args=(request, service), daemon=True).start()
            self.pass_on(service, request)

    @staticmethod
    def pass_on(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass  # one of both has gone


def find_examples(name, text):
    for match in BLOCK.finditer(text):
        if f"//{PLACE}" in match["code"]:
            line = text.count("\n", 0, match.start("code"))
            yield Example(f"{name}:{line}", match["language"], match["code"], shlex.split(match["words"] or ""))


def read_examples():
    for name in DOCUMENTS:
        path = ROOT / name
        if path.exists():
            yield from find_examples(name, path.read_text())


def command_of(example, url):
    if example.language == "sh":
        return ["sh", "-eu"]
    if example.language == "python":
        return [sys.executable, "-"]
    if IN_BROWSER.search(example.code):
        return ["node", str(ROOT / "tests" / "examples" / "run_in_browser.mjs"), url, str(LIMIT // 2), *example.words]
    return ["node", "--input-type=module", "-"]


def run(example, url):
    """What is wrong with it, in words; nothing if nothing is."""
    code = example.code.replace(PLACE, url.removeprefix("http://"))
    try:
        result = subprocess.run(command_of(example, url), input=code, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return f"not over within {LIMIT} s"
    expected = {0, OUT_OF_TIME} if "--max-time" in code else {0}
    missing = [word for word in example.words if word not in result.stdout]
    if result.returncode not in expected or missing or not result.stdout:
        return f"status {result.returncode}, missing {missing}:\n{result.stdout[-600:]}\n{result.stderr[-1200:]}"
    return None


class FindingTest(unittest.TestCase):
    def test_only_blocks_of_a_language_that_name_the_service_are_run(self):
        fence = "```"
        text = "\n".join([
            '<!-- shows: "a b" c -->', fence + "sh", f"curl http://{PLACE}/x", fence,
            fence + "text", f"curl http://{PLACE}/y", fence,
            fence + "python", "print(1)", fence,
            fence + "python", f'open("ws://{PLACE}/z")', fence, ""])
        found = [(example.where, example.language, example.words) for example in find_examples("x", text)]
        self.assertEqual(found, [("x:2", "sh", ["a b", "c"]), ("x:11", "python", [])])

    def test_what_fails_or_shows_something_else_is_found(self):
        def fault(language, code, *words):
            return run(Example("x", language, code, words), "http://127.0.0.1:1")
        self.assertIsNone(fault("sh", "echo yes", "yes"))
        self.assertIsNone(fault("js", "console.log('yes')", "yes"))
        self.assertIsNone(fault("python", "print('yes')", "yes"))
        self.assertIn("missing ['no']", fault("sh", "echo yes", "no"))
        self.assertIn("status 3", fault("sh", "echo yes; exit 3"))
        self.assertIn("status 28", fault("sh", "echo yes; exit 28"))
        self.assertIsNone(fault("sh", "echo yes --max-time; exit 28"))
        self.assertIn("status 7", fault("sh", f"curl -s http://{PLACE}/"))
        self.assertIn("status 1", fault("js", "console.log('yes'); throw new Error('x')"))
        self.assertIn("status 1", fault("python", "print('yes'); raise SystemExit(1)"))
        self.assertIn("status 0", fault("sh", "true"))


class ExamplesTest(AnsweringTest):
    def test_every_example_does_what_it_says(self):
        examples = list(read_examples())
        for example in examples:
            with self.subTest(example.where):
                fault = run(example, self.service.url)
                self.assertIsNone(fault, fault)
        self.assertGreaterEqual({each.language for each in examples}, {"sh", "js", "python"})
        print(f"{len(examples)} examples: " + " ".join(f"{each.where} ({each.language})" for each in examples))

    def test_every_listening_example_recovers_when_all_replicas_restart(self):
        tried = 0
        for example in read_examples():
            if example.language == "sh" or not re.search("/api/v2/(stream|ws)", example.code):
                continue
            with self.subTest(example.where), Balancer(self.service.url) as balancer:
                fault = run(example, balancer.url)
                self.assertIsNone(fault, fault)
                self.assertEqual(balancer.troubles, [])
                balancer.shutdown()
            tried += 1
        self.assertGreaterEqual(tried, 8)


if __name__ == "__main__":
    unittest.main()
