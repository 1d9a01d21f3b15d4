"""Starts and stops the service and its simulator, for the demo and the system tests."""

import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

SIMULATOR = Path(__file__).resolve().parent.parent / "simulator" / "kurs-sim"
READY_LIMIT = 60  # seconds; a sanitized build starts slowly on a busy machine


class Process:
    """A child process whose standard error is read continuously, so that it never blocks on the pipe."""

    def __init__(self, command, environment=None, echo=None, cwd=None):
        self.lines = []
        self.waiting = queue.Queue()
        self.echo = echo
        self.child = subprocess.Popen(
            command, env=environment, cwd=cwd, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stderr:
            self.lines.append(line.rstrip("\n"))
            self.waiting.put(line)
            if self.echo:
                print(line, end="", file=self.echo, flush=True)
        self.waiting.put(None)

    def wait_for_line(self, pattern, limit=READY_LIMIT):
        """The match of the first log line, past or future, that contains the pattern."""
        until = time.monotonic() + limit
        seen = 0
        while True:
            while seen < len(self.lines):
                match = re.search(pattern, self.lines[seen])
                if match:
                    return match
                seen += 1
            try:
                ended = self.waiting.get(timeout=max(0.01, until - time.monotonic())) is None
            except queue.Empty:
                ended = False
            if (ended and seen >= len(self.lines)) or time.monotonic() > until:
                raise TimeoutError(f"no line with {pattern!r} in:\n" + "\n".join(self.lines[-40:]))

    def has_line(self, pattern):
        return any(re.search(pattern, line) for line in list(self.lines))

    def stop(self, number=signal.SIGTERM, limit=20):
        """Sends the signal, if any, and returns the exit status."""
        if number is not None and self.child.poll() is None:
            self.child.send_signal(number)
        try:
            status = self.child.wait(limit)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise
        self.reader.join(5)
        self.child.stdout.close()
        self.child.stderr.close()
        return status


def call(method, url, body=None, limit=10, headers=None):
    """An HTTP call; returns status, headers and the body's bytes, whatever the status."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=limit) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read()


class Simulator(Process):
    """kurs-sim on free ports. It needs no build; the folder is taken as by Service."""

    def __init__(self, _build, *options, echo=None):
        super().__init__([str(SIMULATOR), "--any-ports", *options], echo=echo)
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("kurs-sim did not start:\n" + "\n".join(self.lines))
        self.endpoints = json.loads(line)
        self.control = self.endpoints["control"]

    def settings(self):
        """The settings that connect the service to this simulator."""
        return dict(self.endpoints["settings"])

    def fault(self, endpoint, fault, **details):
        status, _, body = call("POST", self.control + "/faults", {"endpoint": endpoint, "fault": fault, **details})
        if status != 201:
            raise RuntimeError(f"fault {fault} refused: {body.decode()}")
        return json.loads(body)["id"]

    def clear(self):
        call("DELETE", self.control + "/faults")

    def pin(self, prices):
        status, _, body = call("POST", self.control + "/prices", prices)
        if status >= 300:
            raise RuntimeError(f"prices refused: {body.decode()}")

    def state(self):
        return json.loads(call("GET", self.control + "/state")[2])


class Service(Process):
    """kurs on a free port, with nothing of this process's own settings."""

    def __init__(self, build, settings, echo=None, cwd="/"):
        environment = {"PATH": os.environ["PATH"], "HTTP_PORT": "0", **settings}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        super().__init__([str(Path(build).resolve() / "src" / "kurs")], environment, echo, cwd)
        match = self.wait_for_line(r"serves \d+ directions on (http://\S+?)/api/v1/courses")
        self.url = match.group(1)
        self.courses_url = self.url + "/api/v1/courses"
        self.started_at = time.monotonic()

    def role(self):
        """The role of a replica from its log: leader, follower or standalone; None while it starts."""
        roles = [line.split("replica: role is ")[1].split(",")[0] for line in self.lines if "replica: role is" in line]
        return roles[-1] if roles else None

    def courses(self, query=""):
        """The parsed response, or None if no course is fresh."""
        status, _, body = call("GET", self.courses_url + query)
        return json.loads(body) if status == 200 else None

    def wait_for_courses(self, count, query="", exchanger=None, limit=READY_LIMIT):
        until = time.monotonic() + limit
        answer = None
        while time.monotonic() < until:
            answer = self.courses(query)
            if answer and len(answer["courses"]) == count and exchanger in (None, answer["exchanger"]):
                return answer
            time.sleep(0.02)
        raise TimeoutError(f"no {count} courses of {exchanger}: {answer}\n" + "\n".join(self.lines[-30:]))
