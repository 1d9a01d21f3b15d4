"""GET /api/v1/courses through nginx, as it is shipped, plain, and without one of its parts: processor time a request, of both."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import private_nginx
from bench_replicas import cpu_seconds
from private_server import free_port
from processes import Process

from .cores import CLIENT_CORE, SERVER_CORE, children, pinned
from .figures import summary
from .http import SCRIPT
from .servers import NGINX, PATH, Kurs

CONNECTIONS = 40
PLAIN = """
worker_processes 1;
pid {folder}/pid;
error_log stderr notice;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  upstream kurs {{ server {replica}; keepalive 128; keepalive_requests 100000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    keepalive_requests 1000000000;
    location / {{
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass http://kurs;
    }}
  }}
}}
"""


def without(*directives):
    """Takes out all lines that begin with one of these."""
    pattern = re.compile(rf"^ *(?:{'|'.join(directives)}) [^;]*;\n", re.M)
    return lambda text: pattern.sub("", text)


# What is taken out. The access log has a format of its own, which stays.
PARTS = {
    "access log": lambda text: re.sub(r"^access_log .*;$", "access_log off;", text, flags=re.M),
    "limits": without("limit_req zone=requests", "limit_conn connections"),
    "response headers": without("add_header"),
    "headers to the replica": without("proxy_set_header X-\\S+", "proxy_set_header Upgrade", "proxy_set_header Host"),
    "compression": lambda text: text.replace("gzip on;", "gzip off;"),
    "shared state of replicas": lambda text: re.sub(r"^ *(?:zone kurs\S* 128k|least_conn);\n", "", text, flags=re.M),
    "error pages": without("error_page", "proxy_intercept_errors", "recursive_error_pages"),
}


class Plain:
    """A proxy that only keeps its connections."""

    def __init__(self, replica):
        self.folder, port = tempfile.TemporaryDirectory(), free_port()
        path = Path(self.folder.name) / "nginx.conf"
        path.write_text(PLAIN.format(folder=self.folder.name, port=port, replica=replica))
        self.process = Process([NGINX, "-p", self.folder.name, "-c", str(path), "-e", "stderr", "-g", "daemon off;"])
        self.process.wait_for_line("start worker process")
        self.child, self.port = self.process.child, port

    def stop(self):
        self.process.stop()
        self.folder.cleanup()


def shipped(replica, edit):
    """With its limits, which the load does not reach, and one worker."""
    def changed(text):
        text = text.replace("worker_processes 2;", "worker_processes 1;").replace("keepalive_requests 10000;", "keepalive_requests 1000000000;")
        return edit(text)
    return private_nginx.Nginx(replica, edit=changed, **{**private_nginx.SHIPPED, "RATE_LIMIT": "1000000r/s",
                                                     "RATE_BURST": "100000", "CONNECTION_LIMIT": "10000"})


def load(nginx, kurs, seconds):
    """One window: microseconds of a request, of nginx and of Kurs."""
    groups = {"nginx": children(nginx.child.pid), "kurs": kurs.pids()}
    before = {name: cpu_seconds(pids) for name, pids in groups.items()}
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", SCRIPT, f"http://127.0.0.1:{nginx.port}{PATH}"]
    with pinned(CLIENT_CORE):
        found = json.loads(subprocess.run(command, text=True, capture_output=True, check=True).stdout.splitlines()[-1])
    if found["errors"]:
        raise RuntimeError(f"{found['errors']} errors")
    return {name: (cpu_seconds(pids) - before[name]) / found["requests"] * 1e6 for name, pids in groups.items()}


def measure(options):
    kurs = Kurs(options.build, options.speed)
    replica = urlsplit(kurs.url).netloc
    proxies = {}
    try:
        with pinned(SERVER_CORE):
            proxies["plain"] = Plain(replica)
            proxies["as shipped"] = shipped(replica, lambda text: text)
            for name, edit in PARTS.items():
                proxies[f"without {name}"] = shipped(replica, edit)
        rounds = []
        for number in range(options.rounds):
            names = list(proxies)
            turn = number % len(names)
            rounds.append({name: load(proxies[name], kurs, options.seconds) for name in names[turn:] + names[:turn]})
            print(f"proxy: round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
    finally:
        for each in [*proxies.values(), kurs]:
            each.stop()
    return {"rounds": rounds, "medians": {name: figures_of(rounds, name) for name in proxies}}


def figures_of(rounds, name):
    """By figure: medians with their spread; the ratio is of both together to the plain proxy of the same round."""
    both = {other: [sum(each[other].values()) for each in rounds] for other in (name, "plain")}
    return {**{part: summary([each[name][part] for each in rounds]) for part in ("nginx", "kurs")},
            "ratio": summary([own / plain for own, plain in zip(both[name], both["plain"])])}
