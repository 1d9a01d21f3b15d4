"""What the private servers have in common: a folder of their own, a guard that outlives us, faults, and a command run."""

import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def free_port():
    """A port below the kernel's ephemeral range (32768 and up), so that nothing else gets it before it is bound."""
    while True:
        with socket.socket() as probe:
            port = random.randrange(15000, 32000)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass  # taken


def processes_in(folder):
    """The server's processes: their working folder is its data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd") == str(folder):
                found.append(int(entry.name))
        except OSError:
            pass  # gone, or owned by another user
    return found


def signal_all(folder, number):
    """Repeats until every process has received it: new ones may start in the meantime."""
    told = set()
    while new := [pid for pid in processes_in(folder) if pid not in told]:
        for pid in new:
            told.add(pid)
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass


class PrivateServer:
    """A server whose processes work in `data`. `script --guard data` clears up when we are gone, however we went."""

    stop_signal = signal.SIGTERM
    stop_limit = 60  # seconds

    def __init__(self, script, prefix):
        self.folder = Path(tempfile.mkdtemp(prefix=prefix))
        self.data = self.folder / "data"
        # Not only atexit: it does not run when this process is killed.
        self._guard = subprocess.Popen(
            [sys.executable, "-B", script, "--guard", str(self.data)], stdin=subprocess.PIPE, start_new_session=True)
        atexit.register(self.close)
        self._server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def stop(self):
        """Stops the server in order; connections are closed. The data stays until `close`."""
        if self._server:
            self.thaw()
            self._server.stop(self.stop_signal, self.stop_limit)
            self._server = None

    def kill(self):
        """Kills all of its processes at once, like a crash."""
        signal_all(self.data, signal.SIGKILL)
        if self._server:
            self._server.stop(None)
            self._server = None

    def freeze(self):
        """Stops all replies; open connections stay and new ones are accepted."""
        signal_all(self.data, signal.SIGSTOP)

    def thaw(self):
        signal_all(self.data, signal.SIGCONT)

    def log(self):
        """The server's log since its last start."""
        return list(self._server.lines) if self._server else []

    def close(self):
        """Stops the server and removes everything."""
        if self._guard.stdin.closed:
            return
        self._guard.stdin.close()
        self._guard.wait()
        if self._server:
            self._server.stop(None)
            self._server = None
        atexit.unregister(self.close)


def guard(data, destroy):
    """Waits until the other end of standard input is closed, then cleans up."""
    sys.stdin.buffer.read()
    destroy(Path(data))
    shutil.rmtree(Path(data).parent, ignore_errors=True)


def run(command, environment):
    """The command's exit status in shell form."""
    child = subprocess.Popen(command, env={**os.environ, **environment})
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            status = child.wait()
            return status if status >= 0 else 128 - status
        except KeyboardInterrupt:
            pass  # the child received it too and decides
