#!/usr/bin/env python3
"""Checks what protects a binary against memory faults that an attacker found: tools/check_hardening.py BINARY...

Reads the ELF file and its machine code with binutils, so it checks what was built and not what was asked for. The names of the
functions must not have been stripped. Level 3 of FORTIFY cannot be told from level 2 this way: tests/tools/test_hardening.py
compares them.
"""

import platform
import re
import subprocess
import sys

PAGE = 4096


def output(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def missing_in_headers(binary):
    """What the loader does for the process."""
    text = output("readelf", "--wide", "--file-header", "--program-headers", "--dynamic", binary)
    wanted = {
        "PIE": r"Type: +DYN .*[\s\S]*\(FLAGS_1\) .*\bPIE\b",
        "RELRO": r"^ +GNU_RELRO ",
        "immediate binding": r"\(FLAGS(_1)?\) .*\b(BIND_)?NOW\b",
        "a stack that is not executable": r"^ +GNU_STACK .* RW +0x",
    }
    found = [name for name, pattern in wanted.items() if not re.search(pattern, text, re.M)]
    if re.search(r"^ +\w+ .* RWE +0x", text, re.M):
        found.append("segments that are not both writable and executable")
    if re.search(r"\((TEXTREL|RPATH|RUNPATH)\)", text):
        found.append("no relocations of code, no search path for libraries")
    return found


def missing_in_symbols(binary):
    """What the compiler calls."""
    imported = set(re.findall(r" UND (\w+)", output("readelf", "--wide", "--dyn-syms", binary)))
    found = [] if "__stack_chk_fail" in imported else ["stack protector"]
    if not any(name.endswith("_chk") for name in imported):
        found.append("FORTIFY")
    return found


def missing_in_code(binary):
    """What the compiler puts into functions: on x86-64 only."""
    if platform.machine() != "x86_64":
        return []
    code = output("objdump", "--disassemble", "--no-show-raw-insn", "--section=.text", binary)
    found = []
    if not re.search(r"^\w+ <main>:\n.*\tendbr64", code, re.M):
        found.append("CET: main does not begin with endbr64")
    unprobed = [size for size in re.findall(r"\tsub +\$0x(\w+),%rsp", code) if PAGE < int(size, 16) < 1 << 31]
    if unprobed:
        found.append(f"stack clash protection: {len(unprobed)} frames of more than a page are taken at once")
    return found


def missing_in(binary):
    return missing_in_headers(binary) + missing_in_symbols(binary) + missing_in_code(binary)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    missing = {binary: missing_in(binary) for binary in sys.argv[1:]}
    for binary, names in missing.items():
        print(f"{binary}: " + ("hardened" if not names else "missing: " + "; ".join(names)))
    sys.exit(1 if any(missing.values()) else 0)


if __name__ == "__main__":
    main()
