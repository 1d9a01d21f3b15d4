#!/usr/bin/env python3
"""Runs clang-tidy over the sources of a build tree, in parallel. Usage: run_tidy.py build/dev"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def tidy(build, source):
    command = ["clang-tidy-14", "--quiet", "-p", str(build), source]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return source, result.returncode, result.stdout


def main():
    build = Path(sys.argv[1])
    entries = json.loads((build / "compile_commands.json").read_text())
    sources = sorted({e["file"] for e in entries if "/src/" in e["file"] or "/simulator/" in e["file"]})
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, status, output in pool.map(lambda s: tidy(build, s), sources):
            if status:
                failed += 1
                print(f"== {Path(source).relative_to(ROOT)}\n{output}")
    print(f"clang-tidy: {failed} of {len(sources)} files with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
