"""A test's own Prometheus, with the stack's configuration and other targets."""

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import yaml
from stack import ROOT, call

from private_server import free_port
from processes import Process

CONFIGURATION = ROOT / "monitoring" / "prometheus"
READY_LIMIT = 60  # seconds


class PrivatePrometheus:
    def __init__(self, replicas):
        """`replicas`: the host and port of each, by its name."""
        if not shutil.which("prometheus"):
            raise RuntimeError("no prometheus on the PATH: the package is missing")
        self.folder = Path(tempfile.mkdtemp(prefix="kurs-prometheus-"))
        self.url = f"http://127.0.0.1:{free_port()}"
        self._write_configuration(replicas)
        address = self.url.removeprefix("http://")
        self._server = Process(["prometheus", f"--config.file={self.folder}/prometheus.yml",
                                f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address={address}"])
        try:
            self._server.wait_for_line("Server is ready to receive web requests", READY_LIMIT)
        except TimeoutError:
            self.close()
            raise

    def _write_configuration(self, replicas):
        """The stack's configuration with these targets and short intervals."""
        shutil.copy(CONFIGURATION / "alerts.yml", self.folder)
        settings = yaml.safe_load((CONFIGURATION / "prometheus.yml").read_text())
        settings["global"].update(scrape_interval="1s", scrape_timeout="1s", evaluation_interval="1s")
        job = next(job for job in settings["scrape_configs"] if job["job_name"] == "kurs")
        job["static_configs"] = [{"targets": [address], "labels": {"replica": name}}
                                 for name, address in replicas.items()]
        settings["scrape_configs"] = [job]
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(settings))

    def get(self, path):
        status, _, body = call("GET", self.url + path)
        assert status == 200, (path, status, body)
        return json.loads(body)["data"]

    def query(self, expression):
        """[({label: value}, number)] as of now."""
        data = self.get("/api/v1/query?query=" + quote(expression))
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(each["metric"], float(each["value"][1])) for each in data["result"]]

    def wait_for(self, expression, limit=60):
        """Waits for a result and returns it."""
        until = time.monotonic() + limit
        while not (found := self.query(expression)):
            assert time.monotonic() < until, f"nothing within {limit} s: {expression}"
            time.sleep(0.1)
        return found

    def close(self):
        try:
            self._server.stop()
        except subprocess.TimeoutExpired:
            pass  # it has been killed
        shutil.rmtree(self.folder, ignore_errors=True)
