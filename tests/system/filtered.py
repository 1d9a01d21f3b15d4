"""Runs a command under the filter of system calls of a systemd unit: filtered.py UNIT COMMAND ARGUMENTS..."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import seccomp


def calls_of(group):
    """The system calls of a group such as @system-service, as this systemd has it."""
    lines = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True, text=True, capture_output=True).stdout
    words = [line.strip() for line in lines.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return {name for word in words for name in (calls_of(word) if word.startswith("@") else [word])}


def allowed_by(unit):
    allowed = set()
    for line in Path(unit).read_text(encoding="utf-8").splitlines():
        if line.startswith("SystemCallFilter="):
            words = line.removeprefix("SystemCallFilter=").split()
            denies = words[0].startswith("~")
            for word in words:
                calls = calls_of(word.lstrip("~"))
                allowed = allowed - calls if denies else allowed | calls
    return allowed


def main():
    unit, *command = sys.argv[1:]
    enforced = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in allowed_by(unit):
        try:
            enforced.add_rule(seccomp.ALLOW, name)
        except RuntimeError:
            pass  # not on this architecture
    enforced.load()
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
