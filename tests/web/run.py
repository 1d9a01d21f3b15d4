#!/usr/bin/python3
"""The page in a browser, before a service of its own that the tests stop, freeze and start, and a simulator.

Runs the test files that are named, or all, one after another. KURS_BUILD names the build folder; KURS_SCREENSHOTS a
folder for pictures, if they are wanted.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from private_postgres import PrivatePostgres  # noqa: E402
from processes import Service, Simulator  # noqa: E402

BUILD = os.environ.get("KURS_BUILD", str(ROOT / "build" / "asan"))
FILES = ("page.test.mjs", "faults.test.mjs", "lapses.test.mjs", "docs.test.mjs")
FILE_LIMIT = 600  # seconds
SETTINGS = {"VENUES": "binance,coingecko,cbr,kraken", "FAILBACK_AFTER": "3s", "COINGECKO_PLAN": "analyst",
            "COINGECKO_API_KEY": "pro-key", "COINGECKO_MAX_AGE": "50s"}


class Stage:
    """The service, which keeps its port whenever it is started anew."""

    def __init__(self):
        self.simulator = Simulator(BUILD, "--coingecko-every", "1s", "--coingecko-cache", "0s")
        self.postgres = PrivatePostgres()
        self.service = None
        self.port = "0"
        self.start()

    def start(self, has_history=True, **more):
        settings = {**self.simulator.settings(), **SETTINGS, "HTTP_PORT": self.port, **more}
        if has_history:
            settings["DATABASE_URL"] = self.postgres.url
        self.service = Service(BUILD, settings)
        self.port = self.service.url.rsplit(":", 1)[1]
        if "API_KEYS_FILE" not in settings:
            self.service.wait_for_courses(8, exchanger="binance")

    def start_with_keys(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"keys": [{"name": "shop", "sha256": "5" * 64, "scopes": ["read"]}]}, file)
            file.flush()
            self.start(API_KEYS_FILE=file.name)

    def start_without_history(self):
        self.start(has_history=False)

    def kill(self):
        self.service.stop(signal.SIGKILL)

    def freeze(self):
        self.service.child.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.service.child.send_signal(signal.SIGCONT)

    def write_past(self):
        """So that charts have a day to show."""
        until = time.monotonic() + 30
        count = "select count(distinct series_id) from quotes where value is not null"
        while self.postgres.query(count) != [["32"]]:
            if time.monotonic() > until:
                raise TimeoutError("no quotes of all series in the database")
            time.sleep(0.2)
        self.postgres.query((HERE / "past.sql").read_text())

    def close(self):
        if self.service and self.service.child.poll() is None:
            self.thaw()
            self.service.stop()
        self.simulator.stop()
        self.postgres.close()


def control(stage):
    """A server through which a test has the stage do something: POST /kill and so on."""
    allowed = {"start", "start_with_keys", "start_without_history", "kill", "freeze", "thaw"}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            name = self.path.strip("/")
            status = 404
            if name in allowed:
                try:
                    getattr(stage, name)()
                    status = 204
                except (TimeoutError, RuntimeError, subprocess.TimeoutExpired) as failure:
                    print(failure, file=sys.stderr)
                    status = 500
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main():
    stage = Stage()
    server = control(stage)
    try:
        stage.write_past()
        environment = {**os.environ, "KURS_URL": stage.service.url, "KURS_SIMULATOR": stage.simulator.control,
                       "KURS_CONTROL": f"http://127.0.0.1:{server.server_port}", "TZ": "Europe/Moscow"}
        failed = []
        for name in sys.argv[1:] or FILES:
            ended = subprocess.run(["node", "--test", str(HERE / name)], env=environment, timeout=FILE_LIMIT)
            failed += [name] if ended.returncode else []
        if failed:
            print("\n".join(stage.service.lines[-30:]))
        return 1 if failed else 0
    finally:
        server.shutdown()
        stage.close()


if __name__ == "__main__":
    sys.exit(main())
