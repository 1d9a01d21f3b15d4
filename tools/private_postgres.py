#!/usr/bin/env python3
"""A Postgres of one's own, for tests and the demo: in a temporary folder, gone without a trace at the end.

As a command, runs another one with DATABASE_URL set, and returns its status:

    tools/private_postgres.py [--port N] [--fsync] -- command arguments...
"""

import argparse
import csv
import io
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from private_server import PrivateServer, free_port, guard, processes_in, run, signal_all  # noqa: E402
from processes import Process  # noqa: E402

USER = "postgres"  # system user for running as root, which Postgres refuses
NULL = "\\N"


def find_binaries():
    """The path of the newest installed version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    raise RuntimeError("no initdb in /usr/lib/postgresql or on the PATH: the package postgresql is missing")


def as_server_user(command):
    if os.getuid() != 0:
        return command
    return ["setpriv", f"--reuid={USER}", f"--regid={pwd.getpwnam(USER).pw_gid}", "--clear-groups", "--", *command]


def destroy(data):
    """Stops the server there, so that it releases its shared memory if it can, and removes its folder."""
    signal_all(data, signal.SIGCONT)
    signal_all(data, signal.SIGQUIT)
    until = time.monotonic() + 5
    while processes_in(data) and time.monotonic() < until:
        time.sleep(0.02)
    signal_all(data, signal.SIGKILL)


class PrivatePostgres(PrivateServer):
    """A running server with a database `kurs` that belongs to its superuser, of the same name unless a subclass has another.

    Reached by a unix socket only, unless a TCP port on 127.0.0.1 is asked for (0: any free one). What is written
    survives `kill` and `start`, but a machine's crash only with fsync. `settings` are lines of postgresql.conf; `files`
    are put into the data folder, readable by the server only.
    """

    stop_signal = signal.SIGINT
    superuser = "kurs"

    def __init__(self, port=None, fsync=False, settings=None, files=None):
        self.bin = find_binaries()
        super().__init__(__file__, "kurs-pg-")
        self.port = free_port() if port == 0 else port or 5432
        self._password = secrets.token_hex(8)
        self.socket_url = f"postgresql://{self.superuser}@/kurs?host={self.folder}&port={self.port}"
        self.url = self.socket_url if port is None else (
            f"postgresql://{self.superuser}:{self._password}@127.0.0.1:{self.port}/kurs")
        self._make_cluster({
            "listen_addresses": "" if port is None else "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "dynamic_shared_memory_type": "mmap",
            **({} if fsync else {"fsync": "off", "full_page_writes": "off"}),
            **(settings or {}),
        })
        for name, content in (files or {}).items():
            (self.data / name).touch(0o600)
            (self.data / name).write_bytes(content)
            if os.getuid() == 0:
                shutil.chown(self.data / name, USER)
        self.start()
        self.query("create database kurs", database="postgres")

    def _make_cluster(self, settings):
        if os.getuid() == 0:
            shutil.chown(self.folder, USER)
        password_file = self.folder / "password"
        password_file.write_text(self._password)
        command = [self.bin / "initdb", "--pgdata", self.data, f"--username={self.superuser}", "--pwfile", password_file,
                   "--auth-local=trust", "--auth-host=scram-sha-256", "--locale=C", "--encoding=UTF8", "--no-sync"]
        made = subprocess.run(as_server_user(list(map(str, command))), cwd="/", text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def start(self):
        """Starts the server on the same data after `stop` or `kill`. Returns when it accepts connections."""
        command = as_server_user([str(self.bin / "postgres"), "-D", str(self.data)])
        self._server = Process(command, cwd="/")
        self._server.wait_for_line("ready to accept connections")

    def query(self, sql, database="kurs"):
        """Rows as lists of text, with None for null. The server must be running."""
        command = [str(self.bin / "psql"), "--no-psqlrc", "--quiet", "--csv", "--tuples-only", f"--pset=null={NULL}",
                   "--set=ON_ERROR_STOP=1", "--command", sql,
                   self.socket_url.replace("/kurs?", f"/{database}?")]
        answer = subprocess.run(command, text=True, capture_output=True, check=False)
        if answer.returncode:
            raise RuntimeError(answer.stderr.strip())
        return [[None if cell == NULL else cell for cell in row] for row in csv.reader(io.StringIO(answer.stdout))]


def main():
    if sys.argv[1:2] == ["--guard"]:
        return guard(sys.argv[2], destroy)
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, help="listen on 127.0.0.1 too; 0: any free port")
    options.add_argument("--fsync", action="store_true", help="write as safely as in production")
    options.add_argument("command", nargs=argparse.REMAINDER, metavar="-- command")
    arguments = options.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        options.error("no command")
    with PrivatePostgres(arguments.port, arguments.fsync) as postgres:
        return run(command, {"DATABASE_URL": postgres.url})


if __name__ == "__main__":
    sys.exit(main())
