#!/usr/bin/env python3
"""Holds the sources to the rules that no compiler checks: formatting, layering, co_await, heavy headers.

Prints every finding and exits 1 if there is one. `--self-test` proves that each rule bites.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# `A: B` means that A may include B (docs/architecture.md). A module may always include itself.
LAYERS = {
    "domain": set(),
    "pricing": {"domain"},
    "board": {"pricing", "domain"},
    "venue": {"domain"},
    "venues": {"venue", "domain"},
    "config": {"domain"},
    "runtime": {"domain"},
    "feed": {"venue", "domain", "runtime"},
    "http": {"board", "domain", "runtime"},
    "store": {"domain", "runtime"},
    "postgres": {"store", "domain"},
    "redis": {"store", "domain", "runtime"},
    "copies": {"board", "store", "domain", "runtime"},
    "app": {"http", "feed", "metrics", "web", "venues", "venue", "config", "copies", "redis", "postgres", "store", "pricing", "board",
            "domain", "runtime"},
    "metrics": {"domain"},
    "web": {"http"},
    "main": {"app"},
}
PURE = {"domain", "pricing", "board", "venue", "venues"}
IMPURE_HEADERS = re.compile(r'#include <(boost/asio|boost/beast|spdlog|sys/|unistd|thread|mutex|fstream|iostream)')
HEAVY_HEADERS = re.compile(r'#include [<"](boost/beast|hiredis|pqxx|nlohmann/json\.hpp)')
OWN_INCLUDE = re.compile(r'#include "kurs/(\w+)/')
CLOCK_CALL = re.compile(r"\b(system_clock|steady_clock)::now\(")


def module_of(path):
    """"src/venues/cbr/x.cpp" and "include/kurs/venues/cbr.hpp" both belong to "venues"."""
    parts = path.parts
    if parts[0] == "include":
        return parts[2]
    return parts[1] if len(parts) > 2 else "main"


def code_without_comments(text):
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def check_co_await(path, text):
    """g++ 12 destroys aggregate temporaries of a co_await expression twice: names and calls only."""
    for match in re.finditer(r"co_await([^;]*);", code_without_comments(text)):
        if re.search(r"[{\[]", match.group(1)):
            yield f"{path}: co_await expression holds a brace or bracket: co_await{match.group(1).strip()[:60]}"


def check_layers(path, text):
    module = module_of(path)
    if module not in LAYERS:
        yield f"{path}: module {module} is not in the layers"
        return
    for used in OWN_INCLUDE.findall(text):
        if used != module and used not in LAYERS[module]:
            yield f"{path}: {module} must not include {used}"
    if module in PURE:
        for match in IMPURE_HEADERS.finditer(text):
            yield f"{path}: {module} is pure and must not have {match.group(0)}"
        for match in CLOCK_CALL.finditer(text):
            yield f"{path}: {module} is pure: time is an argument, not {match.group(0)}"
    if module in {"pricing", "board", "domain"} and re.search(r"\b(double|float)\b", code_without_comments(text)):
        yield f"{path}: a floating point type in a layer where prices live"


def check_headers(path, text):
    if path.parts[0] == "include":
        for match in HEAVY_HEADERS.finditer(text):
            yield f"{path}: a public header must not pull in {match.group(1)}"
        if "#pragma once" not in text:
            yield f"{path}: no #pragma once"


def check_simulator(path, text):
    if path.parts[0] == "simulator" and '"kurs/' in text:
        yield f"{path}: the simulator shares no code with the service"


def tracked(root, patterns):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split()
    return [Path(name) for name in listed if (root / name).is_file()]


def check_formatting(root, files):
    if not files:
        return
    command = ["clang-format-14", "--dry-run", "--Werror", *map(str, files)]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    for line in result.stderr.splitlines():
        if "error:" in line:
            yield line


def findings(root):
    files = tracked(root, ["*.cpp", "*.hpp"])
    for path in files:
        text = (root / path).read_text(encoding="utf-8")
        yield from check_co_await(path, text)
        yield from check_headers(path, text)
        yield from check_simulator(path, text)
        if path.parts[0] in ("src", "include"):
            yield from check_layers(path, text)
    yield from check_formatting(root, files)


BROKEN = {
    "src/pricing/a.cpp": '#include "kurs/board/board.hpp"\n',
    "src/board/b.cpp": "#include <boost/asio/awaitable.hpp>\n",
    "src/venue/c.cpp": "auto t = std::chrono::system_clock::now();\n",
    "src/domain/d.cpp": "double price;\n",
    "src/feed/e.cpp": "void f() { co_await g(Foo{1}); }\n",
    "src/feed/f.cpp": "void f() { co_await g([] { return 1; }); }\n",
    "include/kurs/http/g.hpp": "#pragma once\n#include <boost/beast/http.hpp>\n",
    "include/kurs/http/h.hpp": "int x;\n",
    "simulator/i.cpp": '#include "kurs/domain/rate.hpp"\n',
    "src/app/j.cpp": "int    x  ;\n",
}


def self_test():
    """Every broken file must be found, each for itself."""
    silent = []
    for name, text in BROKEN.items():
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            subprocess.run(["git", "init", "-q", folder], check=True)
            (root / ".clang-format").write_text((ROOT / ".clang-format").read_text())
            (root / name).parent.mkdir(parents=True)
            (root / name).write_text(text)
            if not list(findings(root)):
                silent.append(name)
    for name in silent:
        print(f"self-test: nothing was found in {name}:\n{BROKEN[name]}")
    print(f"self-test: {len(BROKEN) - len(silent)} of {len(BROKEN)} broken files found")
    return 1 if silent else 0


def main():
    if "--self-test" in sys.argv:
        return self_test()
    found = list(findings(ROOT))
    for finding in found:
        print(finding)
    print(f"sources: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
