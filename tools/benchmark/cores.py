"""Which process runs on which core, and how much memory is its own."""

import os
import re
from contextlib import contextmanager
from pathlib import Path

SERVER_CORE, CLIENT_CORE = 0, max(os.sched_getaffinity(0))


@contextmanager
def pinned(core):
    """What is started meanwhile runs on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def move(pid, core):
    """Moves all threads of a process to a core."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def anonymous(pid):
    """Resident memory in bytes that is no file: programs and libraries are shared."""
    return int(re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))[1]) * 1024
