#!/usr/bin/env python3
"""Which lines and branches of the pure modules the unit tests run.

    tools/coverage.py [--build build/coverage] [--least 98] [--write]

Runs the unit tests of a build with the preset `coverage`, prints a row per pure module and the places that no test reaches, and fails
if fewer than `--least` percent of the lines run. A branch counts once per outcome. `--write` writes the table of docs/testing.md.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from evidence.sections import table, write_sections  # noqa: E402
from module_graph import owner_of, read_modules  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/testing.md"


def test_programs(build):
    """All unit tests: those of the configuration, for example, read every setting that a venue declares."""
    found = sorted(path for path in build.glob("tests/**/kurs_*_tests") if path.is_file())
    if not found:
        raise SystemExit(f"coverage: no unit tests in {build}. Build them with the preset `coverage`.")
    return found


def run_tests(programs, folder):
    """The merged profile of all programs."""
    folder.mkdir(exist_ok=True)
    profiles = []
    for program in programs:
        profile = folder / f"{program.name}.profraw"
        done = subprocess.run([program], env={**os.environ, "LLVM_PROFILE_FILE": str(profile)}, capture_output=True, text=True,
                              check=False, timeout=600)
        if done.returncode:
            raise SystemExit(f"coverage: {program.name} failed:\n{done.stdout[-2000:]}")
        profiles.append(profile)
    merged = folder / "merged.profdata"
    subprocess.run(["llvm-profdata-16", "merge", "-sparse", "-o", merged, *profiles], check=True, timeout=600)
    return merged


def read_coverage(programs, profile):
    """What llvm-cov exports of each file of ours."""
    objects = [argument for program in programs[1:] for argument in ("-object", program)]
    text = subprocess.run(["llvm-cov-16", "export", "-instr-profile", profile, programs[0], *objects, ROOT / "src", ROOT / "include"],
                          check=True, capture_output=True, timeout=600).stdout
    return json.loads(text)["data"][0]["files"]


def by_module(files):
    """(lines, run lines, branches, run branches) of each pure module, and the lines that no test reaches, by file."""
    modules = read_modules(ROOT)
    sums, missed = defaultdict(lambda: [0, 0, 0, 0]), {}
    for file in files:
        path = Path(file["filename"]).relative_to(ROOT)
        inner = path.relative_to("include/kurs" if path.parts[0] == "include" else "src")
        module = owner_of(modules, inner)
        if module is None or not module.pure:
            continue
        summary = file["summary"]
        counts = (summary["lines"]["count"], summary["lines"]["covered"], summary["branches"]["count"], summary["branches"]["covered"])
        sums[module.name] = [sum(pair) for pair in zip(sums[module.name], counts)]
        lines = uncovered_lines(file["segments"])
        if lines:
            missed[path] = lines
    return dict(sums), missed


def uncovered_lines(segments):
    """The lines at which a region begins that never ran. A segment: line, column, count, has a count, begins a region, is a gap."""
    return sorted({line for line, _, count, has_count, begins, is_gap in segments if has_count and begins and not is_gap and count == 0})


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def rows_of(sums, total):
    for name, (lines, run, branches, taken) in [*sorted(sums.items()), ("all", total)]:
        yield [name, f"{lines:,}", f"{percent(run, lines):.1f} %", f"{branches:,}", f"{percent(taken, branches):.1f} %"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/coverage")
    parser.add_argument("--least", type=float, default=98.0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    programs = test_programs(options.build.resolve())
    files = read_coverage(programs, run_tests(programs, options.build / "profiles"))
    sums, missed = by_module(files)
    for path, lines in sorted(missed.items()):
        print(f"{path}: {', '.join(map(str, lines))}")
    total = [sum(column) for column in zip(*sums.values())]
    made = table(["module", "lines", "run", "branches", "run"], rows_of(sums, total))
    print(made)
    if options.write:
        write_sections(PAGE, {"coverage": made})
    lines_run = percent(total[1], total[0])
    if lines_run < options.least:
        print(f"coverage: {lines_run:.2f} % of the lines run, which is less than {options.least} %", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
