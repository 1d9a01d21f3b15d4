"""nginx with the configuration of its container, without the container."""

import re
import shutil
import tempfile
from pathlib import Path

from private_server import free_port
from processes import Process

ROOT = Path(__file__).resolve().parent.parent
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
ORIGIN = "https://shop.example"
SETTINGS = {"RATE_LIMIT": "10000r/s", "RATE_BURST": "1000", "CONNECTION_LIMIT": "100", "ACCESS_LOG_SHARE": "100%",
            "CORS_ALLOW_ORIGIN": ORIGIN, "LOAD_TEST_ADDRESS": "192.0.2.1"}
SHIPPED = dict(re.findall(r"^(RATE_LIMIT|RATE_BURST|CONNECTION_LIMIT|ACCESS_LOG_SHARE)=(.+)$", (ROOT / "docker/env_dist").read_text(), re.M))


class Nginx(Process):
    """The configuration of the container, in a separate folder, on a free port and with one replica."""

    def __init__(self, replica, edit=lambda text: text, **settings):
        """`edit` changes the text of each file."""
        self.folder = tempfile.TemporaryDirectory(prefix="kurs-nginx-")
        folder = Path(self.folder.name)
        self.port = free_port()
        moved = {" /tmp/": f" {folder}/", "/etc/nginx/snippets": str(folder / "snippets"), "/etc/nginx/conf.d": str(folder / "conf.d"),
                 "/etc/nginx": str(ROOT / "nginx"), "/dev/stdout": str(folder / "access.log"),
                 "error_log stderr warn": "error_log stderr notice", "listen 8000 backlog=4096": f"listen 127.0.0.1:{self.port} backlog=4096",
                 "listen 127.0.0.1:8001": f"listen unix:{folder}/state", "listen 8002": f"listen unix:{folder}/metrics"}
        moved |= {f"replica-{number}:8080": replica for number in (1, 2, 3)}
        moved |= {"${" + name + "}": value for name, value in {**SETTINGS, **settings}.items()}

        def write(source, target):
            text = source.read_text()
            for old, new in moved.items():
                text = text.replace(old, new)
            target.parent.mkdir(exist_ok=True)
            target.write_text(edit(text))

        write(ROOT / "nginx/nginx.conf", folder / "nginx.conf")
        write(ROOT / "nginx/templates/kurs.conf.template", folder / "conf.d/kurs.conf")
        for snippet in (ROOT / "nginx/snippets").iterdir():
            write(snippet, folder / "snippets" / snippet.name)
        super().__init__([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr",
                          "-g", "daemon off;"])
        self.wait_for_line("start worker process")

    def stop(self, **options):
        try:
            return super().stop(**options)
        finally:
            self.folder.cleanup()
