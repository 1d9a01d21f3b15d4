#!/usr/bin/env python3
"""A Redis of one's own, for tests and the demo: in a temporary folder, gone without a trace at the end.

As a command, runs another one with REDIS_URL set, and returns its status:

    tools/private_redis.py [--port N] [--no-append-only] -- command arguments...

The command may break the server: REDIS_CONTROL names a unix socket that takes the lines stop, kill, start, freeze and
thaw, and answers each with a line once it is done.
"""

import argparse
import atexit
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from processes import Process  # noqa: E402

READY_LIMIT = 30  # seconds
STOP_LIMIT = 30
ORDERS = ("stop", "kill", "start", "freeze", "thaw")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_in(folder):
    """The server's processes: the folder is the working folder of each."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd") == str(folder):
                found.append(int(entry.name))
        except OSError:
            pass  # gone, or not ours
    return found


def signal_all(folder, number):
    for pid in processes_in(folder):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def destroy(data):
    """Ends what runs there and removes the folder around it."""
    signal_all(data, signal.SIGKILL)
    until = time.monotonic() + 5
    while processes_in(data) and time.monotonic() < until:
        time.sleep(0.01)
    shutil.rmtree(data.parent, ignore_errors=True)


class PrivateRedis:
    """A running server on 127.0.0.1, on a free port unless one is given, and on a unix socket for `call`.

    With `append_only`, what it has answered survives `kill` and `start`. `settings` are options of redis.conf.
    """

    def __init__(self, port=None, append_only=True, settings=None):
        for program in ("redis-server", "redis-cli"):
            if not shutil.which(program):
                raise RuntimeError(f"no {program} on the PATH: the package redis-server is missing")
        self.folder = Path(tempfile.mkdtemp(prefix="kurs-redis-"))
        self.data = self.folder / "data"
        self.data.mkdir()
        # Not atexit alone: it does not run when we are killed.
        self._guard = subprocess.Popen(
            [sys.executable, "-B", __file__, "--guard", str(self.data)], stdin=subprocess.PIPE, start_new_session=True)
        atexit.register(self.close)
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._socket = self.folder / "redis.sock"
        self._settings = {
            "bind": "127.0.0.1",
            "port": self.port,
            "unixsocket": self._socket,
            "dir": self.data,
            "save": "",
            "appendonly": "yes" if append_only else "no",
            "daemonize": "no",
            "logfile": "",
            **(settings or {}),
        }
        self._server = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        """Unless it runs, on the same data. Returns when it answers."""
        if self._server and self._server.child.poll() is None:
            return
        command = ["redis-server"]
        for name, value in self._settings.items():
            command += [f"--{name}", str(value)]
        # Redis logs to its standard output, of which Process reads the other one.
        self._server = Process(["sh", "-c", 'exec "$@" >&2', "sh", *command], cwd=self.data)
        self._server.wait_for_line("eady to accept connections", READY_LIMIT)
        until = time.monotonic() + READY_LIMIT
        while subprocess.run(self._command("ping"), capture_output=True, check=False).stdout != b"PONG\n":
            if time.monotonic() > until:
                raise TimeoutError("Redis does not answer:\n" + "\n".join(self._server.lines[-20:]))
            time.sleep(0.01)

    def stop(self):
        """Orderly, but connections are cut. The data stays until `close`."""
        if self._server:
            self.thaw()
            self._server.stop(signal.SIGTERM, STOP_LIMIT)
            self._server = None

    def kill(self):
        """At once, as a crash does."""
        signal_all(self.data, signal.SIGKILL)
        if self._server:
            self._server.stop(None)
            self._server = None

    def freeze(self):
        """Nothing answers any more, but all connections stay, and new ones are made."""
        signal_all(self.data, signal.SIGSTOP)

    def thaw(self):
        signal_all(self.data, signal.SIGCONT)

    def call(self, *words):
        """The answer as redis-cli prints it, without colours. The server must be running."""
        answer = subprocess.run(self._command("-e", *words), text=True, capture_output=True, check=False)
        if answer.returncode:
            raise RuntimeError((answer.stdout + answer.stderr).strip())
        return answer.stdout.rstrip("\n")

    def _command(self, *words):
        return ["redis-cli", "-s", str(self._socket), *map(str, words)]

    def log(self):
        """What the server said since its last start."""
        return list(self._server.lines) if self._server else []

    def close(self):
        """Ends the server and removes all of it."""
        if self._guard.stdin.closed:
            return
        self._guard.stdin.close()
        self._guard.wait()
        if self._server:
            self._server.stop(None)
            self._server = None
        atexit.unregister(self.close)


class Control(socketserver.UnixStreamServer):
    """Lets another process break the server, one order a line."""

    def __init__(self, redis):
        self.redis = redis
        self.path = str(redis.folder / "control.sock")
        super().__init__(self.path, Orders)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Orders(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            order = line.decode().strip()
            try:
                if order not in ORDERS:
                    raise ValueError(f"no such order: {order}")
                getattr(self.server.redis, order)()
                answer = "done"
            except Exception as failure:  # pylint: disable=broad-except; whoever ordered must hear of it
                answer = f"failed: {failure}".replace("\n", " ")
            self.wfile.write((answer + "\n").encode())


def guard(data):
    """Waits until whoever holds the other end of our input closes it or dies, then clears up."""
    sys.stdin.buffer.read()
    destroy(Path(data))


def run(command, redis):
    """Its status, as a shell tells it."""
    control = Control(redis)
    child = subprocess.Popen(command, env={**os.environ, "REDIS_URL": redis.url, "REDIS_CONTROL": control.path})
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            status = child.wait()
            return status if status >= 0 else 128 - status
        except KeyboardInterrupt:
            pass  # the child had it too: it decides


def main():
    if sys.argv[1:2] == ["--guard"]:
        return guard(sys.argv[2])
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, help="listen there on 127.0.0.1; any free port otherwise")
    options.add_argument("--no-append-only", action="store_true", help="forget everything when it is killed")
    options.add_argument("command", nargs=argparse.REMAINDER, metavar="-- command")
    arguments = options.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        options.error("no command")
    with PrivateRedis(arguments.port, not arguments.no_append_only) as redis:
        return run(command, redis)


if __name__ == "__main__":
    sys.exit(main())
