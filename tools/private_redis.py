#!/usr/bin/env python3
"""A Redis of one's own, for tests and the demo: in a temporary folder, gone without a trace at the end.

As a command, runs another one with REDIS_URL set, and returns its status:

    tools/private_redis.py [--port N] [--no-append-only] -- command arguments...

The command may break the server: REDIS_CONTROL names a unix socket that takes the lines stop, kill, start, freeze and
thaw, and answers each with a line once it is done.
"""

import argparse
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_server import PrivateServer, free_port, guard, processes_in, run, signal_all  # noqa: E402
from processes import Process  # noqa: E402

READY_LIMIT = 30  # seconds
ORDERS = ("stop", "kill", "start", "freeze", "thaw")


def destroy(data):
    """Stops the server there and removes its folder."""
    signal_all(data, signal.SIGKILL)
    until = time.monotonic() + 5
    while processes_in(data) and time.monotonic() < until:
        time.sleep(0.01)


class PrivateRedis(PrivateServer):
    """A running server on 127.0.0.1, on a free port unless one is given, and on a unix socket for `call`.

    With `append_only`, what it has answered survives `kill` and `start`. `settings` are options of redis.conf.
    """

    program = ["redis-server"]

    def __init__(self, port=None, append_only=True, settings=None):
        for program in ("redis-server", "redis-cli"):
            if not shutil.which(program):
                raise RuntimeError(f"no {program} on the PATH: the package redis-server is missing")
        super().__init__(__file__, "kurs-redis-")
        self.data.mkdir()
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
        self.start()

    def start(self):
        """Starts the server on the same data unless it runs. Returns when it responds."""
        if self._server and self._server.child.poll() is None:
            return
        command = list(self.program)
        for name, value in self._settings.items():
            command += [f"--{name}", str(value)]
        # Redis logs to standard output, whereas Process reads standard error.
        self._server = Process(["sh", "-c", 'exec "$@" >&2', "sh", *command], cwd=self.data)
        self._server.wait_for_line("eady to accept connections", READY_LIMIT)
        until = time.monotonic() + READY_LIMIT
        while subprocess.run(self._command("ping"), capture_output=True, check=False).stdout != b"PONG\n":
            if time.monotonic() > until:
                raise TimeoutError("Redis does not answer:\n" + "\n".join(self._server.lines[-20:]))
            time.sleep(0.01)

    def call(self, *words):
        """The answer as redis-cli prints it, without colours. The server must be running."""
        answer = subprocess.run(self._command("-e", *words), text=True, capture_output=True, check=False)
        if answer.returncode:
            raise RuntimeError((answer.stdout + answer.stderr).strip())
        return answer.stdout.rstrip("\n")

    def _command(self, *words):
        return ["redis-cli", "-s", str(self._socket), *map(str, words)]


class Control(socketserver.UnixStreamServer):
    """Lets another process inject faults, one command per line."""

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
            except Exception as failure:  # pylint: disable=broad-except; the caller must see any failure
                answer = f"failed: {failure}".replace("\n", " ")
            self.wfile.write((answer + "\n").encode())


def main():
    if sys.argv[1:2] == ["--guard"]:
        return guard(sys.argv[2], destroy)
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, help="listen there on 127.0.0.1; any free port otherwise")
    options.add_argument("--no-append-only", action="store_true", help="forget everything when it is killed")
    options.add_argument("command", nargs=argparse.REMAINDER, metavar="-- command")
    arguments = options.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        options.error("no command")
    with PrivateRedis(arguments.port, not arguments.no_append_only) as redis:
        return run(command, {"REDIS_URL": redis.url, "REDIS_CONTROL": Control(redis).path})


if __name__ == "__main__":
    sys.exit(main())
