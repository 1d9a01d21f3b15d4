#!/usr/bin/env python3
"""Runs the fuzz targets: `run.py --build build/fuzz --seconds 60 [TARGET...]`. Fails if one finds something, and keeps the input.

New inputs are kept in BUILD/corpus and are where the next run begins. With KURS_FIXTURES, real captures are seeds too."""

import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
DICTIONARIES = {"http": "http.dict", "query": "http.dict"}
WITHOUT_DICTIONARY = {"env", "prices", "proxy", "rate", "text"}
LONGEST = {"rate": 128, "prices": 256, "text": 1024, "http": 16384}  # bytes of an input


def lines_of(path):
    return path.read_text(errors="replace").splitlines() if path.exists() else []


def dialogue_of(folder):
    """What a venue sent, as lines of a dialogue (sessions.cpp)."""
    lines = []
    for path in sorted(folder.glob("*.json")):
        if "exchangeInfo" in path.name or "AssetPairs" in path.name or "products" in path.name or "instruments" in path.name:
            lines.append("l4" + path.read_text().replace("\n", " "))
    for path in sorted(folder.glob("*.jsonl")):
        for line in lines_of(path):
            entry = json.loads(line)
            if entry.get("dir") in ("out", "client"):
                continue
            text = entry.get("frame", entry.get("body", ""))
            text = (text if isinstance(text, str) else json.dumps(text)).replace("\n", " ")
            kind = "s1" if "frame" in entry else f"P4{entry.get('status', 200)} |" if entry.get("status", 200) != 200 else "p4"
            lines.append(kind + text)
    for path in sorted(folder.glob("cryptofeed_*.ws.*")):
        received = [match for line in lines_of(path)[:200] if (match := re.match(r"(\d+)\.(\d{3})\d*: (.*)", line)) and len(line) < 20_000]
        lines += [text for match in received for text in (f"@{match[1]}{match[2]}", "s0" + match[3])]
    return lines


def write_fixtures(target, folder):
    """Captures in pieces of a few kilobytes: longer inputs are mutated too slowly."""
    source = Path(os.environ.get("KURS_FIXTURES", "/nowhere")) / target
    folder.mkdir(parents=True, exist_ok=True)
    piece, number = [], 0
    for line in dialogue_of(source) if source.is_dir() else []:
        piece.append(line)
        if sum(map(len, piece)) > 4_000:
            (folder / f"capture-{number}").write_text("\n".join(piece))
            piece, number = [], number + 1
    if piece:
        (folder / f"capture-{number}").write_text("\n".join(piece))


def run(build, target, seconds, seed):
    corpus, fixtures, findings = build / "corpus" / target, build / "fixtures" / target, build / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    write_fixtures(target, fixtures)
    command = [build / "tests/fuzz/kurs_fuzz", f"--target={target}", f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=10", "-rss_limit_mb=2048",
               "-malloc_limit_mb=64", "-print_final_stats=1", f"-max_len={LONGEST.get(target, 8192)}", f"-artifact_prefix={findings}/{target}-"]
    if target not in WITHOUT_DICTIONARY:
        command.append(f"-dict={HERE / DICTIONARIES.get(target, 'json.dict')}")
    done = subprocess.run([*command, corpus, HERE / "seeds" / target, fixtures], capture_output=True, text=True, errors="replace")
    (build / "findings" / f"{target}.log").write_text(done.stderr)
    return done.returncode, done.stderr


def last_number(pattern, log):
    found = re.findall(pattern, log)
    return int(found[-1]) if found else 0


def row(target, log):
    numbers = [last_number(pattern, log) for pattern in (r"number_of_executed_units: (\d+)", r" cov: (\d+)", r"modules +\((\d+) inline",
                                                         r" ft: (\d+)", r"new_units_added: +(\d+)")]
    return "{:10} {:>10} {:>6} of {} {:>8} {:>10}".format(target, *numbers)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="0: another one in each run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("targets", nargs="*")
    given = parser.parse_args()
    build = given.build.resolve()
    listed = subprocess.run([build / "tests/fuzz/kurs_fuzz", "--list"], capture_output=True, text=True, check=True).stdout.split()
    print(f"{'target':10} {'executions':>10} {'edges':>15} {'features':>8} {'new inputs':>10}", flush=True)
    failed = []
    with ThreadPoolExecutor(given.jobs) as pool:
        targets = given.targets or listed
        for target, (code, log) in zip(targets, pool.map(lambda target: run(build, target, given.seconds, given.seed), targets)):
            print(row(target, log), flush=True)
            if code != 0:
                failed.append(target)
                print(log[-6000:], file=sys.stderr)
    if failed:
        sys.exit(f"findings in {', '.join(failed)}: the inputs are in {build / 'findings'}; kurs_fuzz --target=TARGET FILE repeats one")


if __name__ == "__main__":
    main()
