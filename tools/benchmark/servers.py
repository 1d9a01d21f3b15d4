"""The servers that are compared. All but Kurs serve what Kurs served when they were started."""

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from private_server import free_port
from processes import Process, Service, Simulator, call

from .cores import CLIENT_CORE, SERVER_CORE, children, move, pinned

PATH = "/api/v1/courses"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
OWN_HEADERS = {"server", "date", "connection", "content-length", "content-type"}  # nginx sets these itself

NGINX_CONF = """
worker_processes 1;
pid {folder}/pid;
error_log stderr notice;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  default_type application/json;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = {path} {{
{headers}
      return 200 '{body}';
    }}
  }}
}}
"""

FAST_API = """
import json
from pathlib import Path
from fastapi import FastAPI
app = FastAPI()
courses = json.loads(Path("body.json").read_text())
@app.get("%s")
async def answer():
    return courses
"""


def fetch(url):
    """The bytes of the response, as they are on the wire: head and body."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as client:
        client.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        head, _, body = client.recv(1 << 16).partition(b"\r\n\r\n")
        size = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")).split(b":")[1])
        while len(body) < size:
            body += client.recv(1 << 16)
    return head + b"\r\n\r\n", body


class Floor:
    """tests/bench/floor.cpp"""

    name = "floor"

    def __init__(self, build, response):
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "response"
        path.write_bytes(b"".join(response))
        with pinned(SERVER_CORE):
            self.child = subprocess.Popen([build / "tests/bench/floor", path], text=True, stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{self.child.stdout.readline().strip()}{PATH}"

    def pids(self):
        return [self.child.pid]

    def stop(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()
        self.folder.cleanup()


class Nginx:
    """`return 200` with the same headers and body, by one worker."""

    name = "nginx"

    def __init__(self, response):
        head, body = response
        self.folder = tempfile.TemporaryDirectory()
        port = free_port()
        lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:] if line]
        headers = "\n".join(f"      add_header {name} '{value}';" for name, _, value in lines if name.lower() not in OWN_HEADERS)
        path = Path(self.folder.name) / "nginx.conf"
        path.write_text(NGINX_CONF.format(folder=self.folder.name, port=port, path=PATH, headers=headers, body=body.decode()))
        with pinned(SERVER_CORE):
            self.process = Process([NGINX, "-p", self.folder.name, "-c", str(path), "-e", "stderr", "-g", "daemon off;"])
        self.process.wait_for_line("start worker process")
        self.url = f"http://127.0.0.1:{port}{PATH}"

    def pids(self):
        return children(self.process.child.pid)

    def stop(self):
        self.process.stop()
        self.folder.cleanup()


class FastApi:
    """The way of its tutorial: a dictionary from memory, by Uvicorn, as Debian installs both."""

    name = "FastAPI"
    options = ("--loop", "asyncio", "--http", "h11")

    def __init__(self, response):
        self.folder = tempfile.TemporaryDirectory()
        folder, port = Path(self.folder.name), free_port()
        (folder / "body.json").write_bytes(response[1])
        (folder / "fast.py").write_text(FAST_API % PATH)
        with pinned(SERVER_CORE):
            self.process = Process(["/usr/bin/python3", "-B", "-m", "uvicorn", "fast:app", "--port", str(port),
                                    "--no-access-log", "--backlog", "4096", *self.options], cwd=folder)
        self.process.wait_for_line("Uvicorn running")
        self.url = f"http://127.0.0.1:{port}{PATH}"

    def pids(self):
        return [self.process.child.pid]

    def stop(self):
        self.process.stop()
        self.folder.cleanup()


class FasterFastApi(FastApi):
    name = "FastAPI, uvloop"
    options = ("--loop", "uvloop", "--http", "httptools")


class Kurs:
    """The service with a simulator, which ticks all the while: beside the clients, as a venue is elsewhere."""

    name = "Kurs"

    def __init__(self, build, speed, **settings):
        with pinned(CLIENT_CORE):
            self.simulator = Simulator(build, "--speed", str(speed))
        try:
            with pinned(SERVER_CORE):
                self.service = Service(build, {**self.simulator.settings(), **settings})
            self.service.wait_for_courses(8, exchanger="binance")
        except BaseException:
            self.simulator.stop()
            raise
        self.url = self.service.courses_url

    def pids(self):
        return [self.service.child.pid]

    def rest_on(self, core):
        for pid in self.pids():
            move(pid, core)

    def ticks(self):
        """All that have been received; a second connection repeats the first one's."""
        page = call("GET", self.service.url + "/metrics")[2].decode()
        return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith("kurs_ticks_total{"))

    def stop(self):
        for each in (self.service, self.simulator):
            each.stop()
