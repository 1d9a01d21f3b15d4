#!/usr/bin/env python3
"""Changes the pure modules in small ways, and counts the changes that their unit tests notice.

    tools/mutate.py [--seed N] [--count 100] [--module pricing] [--least 95] [--write]

Clang's tree of each source yields its mutants: another comparison, operator, number or truth value, a negated condition, a call that is
left out. `--count` of them are drawn, applied one at a time in a copy of the sources (build/mutation), built with the preset `dev`, and
given to the unit tests of the module, then to those of the modules that use it. A mutant that does not compile is replaced by another
one. Capacities that a container reserves are left alone.

tools/equivalent_mutants.toml lists mutants that no test can notice, with the reason. They are drawn like the others and counted apart.
Fails if fewer than `--least` percent of the rest are noticed, if a listed one is noticed, or if a listed one no longer exists. `--write`
writes the table of docs/testing.md.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from clang.cindex import CursorKind, Index

sys.path.insert(0, str(Path(__file__).resolve().parent))
from evidence.sections import table, write_sections  # noqa: E402
from module_graph import owner_of, reachable, read_modules  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build/mutation"
BUILD = COPY / "build/dev"
PAGE = ROOT / "docs/testing.md"
EQUIVALENT = ROOT / "tools/equivalent_mutants.toml"
OTHER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "+",
         "/": "*", "%": "+", "+=": "-=", "-=": "+=", "*=": "+=", "/=": "*=", "&": "|", "|": "&", "true": "false", "false": "true"}
TEST_LIMIT = 90  # seconds; a mutant that takes longer is noticed


@dataclass(frozen=True)
class Mutant:
    path: Path  # below the root
    begin: int  # bytes
    end: int
    text: str  # instead
    line: int
    before: str  # as shown to people
    marked: str  # the lines, with « and » around what is changed

    def __str__(self):
        return f"{self.path}:{self.line}: {self.before} → {self.text or 'nothing'}"


# The mutants of a source.

def clang_arguments(command):
    """What the parser needs of a command: no precompiled header and no output."""
    words, kept = iter(command.split()[1:]), []
    for word in words:
        if word in ("-Xclang", "-o", "-c"):
            next(words)
        elif not word.startswith("-W"):
            kept.append(word)
    return kept


def mutants_of(path, arguments):
    data = (COPY / path).read_bytes()
    unit = Index.create().parse(str(COPY / path), arguments)
    found = set()

    def add(begin, end, text, line):
        first, last = data.rfind(b"\n", 0, begin) + 1, data.find(b"\n", end)
        marked = b"".join([data[first:begin], "«".encode(), data[begin:end], "»".encode(), data[end:last]]).decode()
        found.add(Mutant(path, begin, end, text, line, data[begin:end].decode(), " ".join(marked.split())))

    def visit(cursor, parent):
        if cursor.kind == CursorKind.CALL_EXPR and cursor.spelling == "reserve":
            return
        for change in changes(cursor, parent, data):
            add(*change, cursor.location.line)
        for child in cursor.get_children():
            visit(child, cursor)

    for top in unit.cursor.get_children():
        if top.location.file and Path(top.location.file.name) == COPY / path:
            visit(top, None)
    return sorted(found, key=lambda mutant: (mutant.begin, mutant.text))


def changes(cursor, parent, data):
    """(begin, end, text) of each change of this node."""
    begin, end = cursor.extent.start.offset, cursor.extent.end.offset
    children = list(cursor.get_children())
    kind = cursor.kind
    if kind in (CursorKind.BINARY_OPERATOR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR) and len(children) == 2:
        yield from change_operator(children[0].extent.end.offset, children[1].extent.start.offset, data)
    elif kind == CursorKind.CALL_EXPR and cursor.spelling.startswith("operator") and len(children) == 3:
        yield from change_operator(children[0].extent.end.offset, children[2].extent.start.offset, data)
    elif kind == CursorKind.CXX_BOOL_LITERAL_EXPR:
        text = data[begin:end].decode()
        if text in OTHER:
            yield begin, end, OTHER[text]
    elif kind == CursorKind.INTEGER_LITERAL:
        text = data[begin:end].decode()
        if text.isdigit():
            yield begin, end, str(int(text) + 1)
    elif kind == CursorKind.IF_STMT and len(children) >= 2 and children[-1].extent.start.offset > begin:
        condition = children[0]
        if condition.kind != CursorKind.DECL_STMT and condition.kind.is_expression():
            first, last = condition.extent.start.offset, condition.extent.end.offset
            yield first, last, f"!({data[first:last].decode()})"
    elif kind == CursorKind.CALL_EXPR and parent is not None and parent.kind == CursorKind.COMPOUND_STMT:
        yield begin, end, ""


def change_operator(begin, end, data):
    between = data[begin:end].decode(errors="replace")
    operator = between.strip()
    if operator in OTHER and begin < end:
        at = begin + between.index(operator)
        yield at, at + len(operator), OTHER[operator]


def find_mutants(modules, only):
    commands = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    found = []
    for entry in commands:
        path = Path(entry["file"]).relative_to(COPY)
        if path.parts[0] != "src" or path.suffix != ".cpp":
            continue
        module = owner_of(modules, path.relative_to("src"))
        if module and module.pure and only in (None, module.name):
            found += mutants_of(path, clang_arguments(entry["command"]))
    return found


def read_equivalent(mutants, modules, only):
    """The reason by mutant. Reports entries that match none."""
    by_place = {(str(mutant.path), mutant.marked, mutant.text): mutant for mutant in mutants}
    reasons, unknown = {}, []
    for entry in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["mutant"]:
        found = by_place.get((entry["path"], entry["line"], entry["instead"]))
        if found:
            reasons[found] = entry["reason"]
        elif only in (None, owner_of(modules, Path(entry["path"]).relative_to("src")).name):
            unknown.append(f"{entry['path']}: {entry['line']} → {entry['instead']}")
    if unknown:
        raise SystemExit("mutate: there are no such mutants, though tools/equivalent_mutants.toml lists them:\n  " +
                         "\n  ".join(unknown))
    return reasons


# What the tests say.

def prepare():
    """A copy of the sources of its own, so that an interrupted run leaves nothing behind."""
    COPY.mkdir(parents=True, exist_ok=True)
    # Without the times of the files: a source whose mutant was built last must be newer than its object.
    subprocess.run(["rsync", "-rlp", "--checksum", "--delete", "--exclude=/build", "--exclude=.git", "--exclude=node_modules",
                    f"{ROOT}/", f"{COPY}/"], check=True)
    subprocess.run(["cmake", "--preset", "dev", "-D", "CMAKE_CXX_FLAGS=-w"], cwd=COPY, check=True, stdout=subprocess.DEVNULL)


def build(targets):
    return subprocess.run(["ninja", "-C", BUILD, *targets], capture_output=True, check=False).returncode == 0


def notices(test):
    program = next(BUILD.glob(f"tests/**/kurs_{test}_tests"))
    try:
        return subprocess.run([program, "--gtest_brief=1", "--gtest_fail_fast"], cwd=BUILD, capture_output=True, check=False,
                              timeout=TEST_LIMIT).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def judge(mutant, suites):
    """"noticed", "survived", or "refused" by the compiler."""
    changed = COPY / mutant.path
    original = changed.read_bytes()
    changed.write_bytes(original[:mutant.begin] + mutant.text.encode() + original[mutant.end:])
    try:
        for suite in suites:
            if not build([f"kurs_{suite}_tests"]):
                return "refused"
            if notices(suite):
                return "noticed"
        return "survived"
    finally:
        changed.write_bytes(original)


def owner(mutant):
    return owner_of(read_modules(ROOT), mutant.path.relative_to("src")).name


def suites_of(module, modules):
    """The module's own tests, then those of the pure modules that use it."""
    tested = {name for name, each in modules.items() if each.pure and any(BUILD.glob(f"tests/**/kurs_{name}_tests"))}
    users = sorted(name for name in tested if module in reachable(modules, name) and name != module)
    return [name for name in [module, *users] if name in tested]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--module")
    parser.add_argument("--least", type=float, default=95.0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if not shutil.which("rsync"):
        raise SystemExit("mutate: rsync is missing. Run `make mutate`, which installs it.")
    modules = read_modules(ROOT)
    prepare()
    if not build([f"kurs_{name}_tests" for name, each in modules.items() if each.pure]):
        raise SystemExit("mutate: the unit tests do not build")
    failing = [name for name in modules if modules[name].pure and any(BUILD.glob(f"tests/**/kurs_{name}_tests")) and notices(name)]
    if failing:
        raise SystemExit(f"mutate: the unit tests fail without a mutant: {', '.join(failing)}")
    waiting = find_mutants(modules, options.module)
    equivalent = read_equivalent(waiting, modules, options.module)
    random.Random(options.seed).shuffle(waiting)
    print(f"{len(waiting)} mutants, {options.count} are drawn with seed {options.seed}", flush=True)
    results, survivors = Counter(), []
    for mutant in waiting:
        if sum(count for (_, result), count in results.items() if result != "refused") == options.count:
            break
        module = owner_of(modules, mutant.path.relative_to("src")).name
        result = judge(mutant, suites_of(module, modules))
        results[module, result] += 1
        if result == "survived":
            survivors.append(mutant)
        print(f"{result:9} {mutant}", flush=True)
        if result == "noticed" and mutant in equivalent:
            raise SystemExit("mutate: it is noticed, though tools/equivalent_mutants.toml lists it")
    return report(results, survivors, equivalent, options)


def report(results, survivors, equivalent, options):
    missed = [mutant for mutant in survivors if mutant not in equivalent]
    apart = Counter(owner(mutant) for mutant in survivors if mutant in equivalent)
    names = sorted({module for module, _ in results})
    rows = [[name, results[name, "noticed"] + results[name, "survived"], apart[name], results[name, "noticed"]] for name in names]
    sums = [sum(row[column] for row in rows) for column in (1, 2, 3)]
    shown = [[str(cell) for cell in row] for row in [*rows, ["all", *sums]]]
    parts = [f"Seed {options.seed}:", table(["module", "mutants", "equivalent", "noticed"], shown)]
    if missed:
        parts.append("\n".join(["Not noticed:", *(f"* `{mutant}`" for mutant in missed)]))
    if apart:
        lines = (f"* `{mutant}`: {equivalent[mutant]}" for mutant in survivors if mutant in equivalent)
        parts.append("\n".join(["Equivalent:", *lines]))
    made = "\n\n".join(parts)
    print(made)
    if options.write:
        write_sections(PAGE, {"mutation": made})
    drawn, same, noticed = sums
    if drawn > same and 100 * noticed / (drawn - same) < options.least:
        print(f"mutate: {noticed} of {drawn - same} are noticed, which is less than {options.least} %", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
