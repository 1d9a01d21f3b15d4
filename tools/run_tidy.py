#!/usr/bin/env python3
"""Runs clang-tidy over the service. Usage: run_tidy.py build/release

A build tree with unity sources (the preset release), of which nothing need be built: most of the time goes into headers, and
so each is read once a batch of sources.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRECOMPILED = ("-include-pch", "-include")  # need a build; clang-tidy reads the headers themselves


def without_precompiled_headers(command):
    words = command.split()
    kept = []
    while words:
        if words[0] == "-Xclang" and words[1] in PRECOMPILED:
            words = words[4:]
        else:
            kept.append(words.pop(0))
    return " ".join(kept)


def is_complete(source):
    """Not where the build has yet to write what it includes: those are files in the shape of C++, not code."""
    return source.exists() and all(map(os.path.exists, re.findall(r'#include "(/[^"]+)"', source.read_text(encoding="utf-8"))))


def tidy(folder, source):
    # Unity sources include sources: that is what they are for.
    command = ["clang-tidy-16", "--quiet", "--checks=-bugprone-suspicious-include", "-p", folder, source]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return source, result.returncode, result.stdout + (result.stderr if result.returncode else "")


def main():
    build = Path(sys.argv[1]).resolve()
    entries = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = Path(entry["file"])
        path = source.relative_to(build if source.is_relative_to(build) else ROOT)
        if path.parts[0] == "src" and is_complete(source):
            entries.append({**entry, "command": without_precompiled_headers(entry["command"])})
    failed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        (Path(folder) / "compile_commands.json").write_text(json.dumps(entries))
        for source, status, output in pool.map(lambda entry: tidy(folder, entry["file"]), entries):
            if status:
                failed += 1
                print(f"== {source}\n{output}", flush=True)
    print(f"clang-tidy: {failed} of {len(entries)} sources with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
