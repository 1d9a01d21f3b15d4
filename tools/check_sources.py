#!/usr/bin/env python3
"""Holds the sources to the rules that no compiler checks: formatting, the module graph, purity, co_await, heavy headers.

Prints every finding and exits 1 if there is one. `--self-test` proves that each rule bites; `--write-arrows` brings the
list of arrows in docs/architecture.md up to date.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from module_graph import arrows, graph_findings, owner_of, reachable, read_modules  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent

PRICES = {"domain", "pricing", "board", "exports"}
IMPURE_HEADERS = re.compile(r"#include <(boost/asio|boost/beast|spdlog|hiredis|pqxx|sys/|netinet|arpa|unistd|poll|csignal|thread|mutex|"
                            r"condition_variable|future|fstream|filesystem|iostream)")
HEAVY_HEADERS = re.compile(r'#include [<"](boost/beast|hiredis|pqxx|nlohmann/json\.hpp)')
OWN_INCLUDE = re.compile(r'^\s*#\s*include "([^"]+)"', re.MULTILINE)
PYTHON_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
SIMULATOR_PACKAGES = {"aiohttp", "cryptography"}
CLOCK_CALL = re.compile(r"\b(system_clock|steady_clock)::now\(")
ARROWS = re.compile(r"(<!-- arrows: written by tools/check_sources.py --write-arrows -->\n).*?(\n<!-- /arrows -->)", re.DOTALL)


def code_without_comments(text):
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def check_co_await(path, text):
    """g++ 12 destroys aggregate temporaries of a co_await expression twice: names and calls only."""
    for match in re.finditer(r"co_await([^;]*);", code_without_comments(text)):
        if re.search(r"[{\[]", match.group(1)):
            yield f"{path}: co_await expression holds a brace or bracket: co_await{match.group(1).strip()[:60]}"


def resolve(root, path, included):
    """The file that a quoted include resolves to."""
    near = Path(*path.parts[:2]) if path.parts[0] == "tests" else Path("src")  # a module's tests have a support/ of their own
    for folder in (path.parent, Path("include"), Path("src"), near, Path("tests"), near / "tools"):
        found = root / folder / included
        if found.is_file():
            return found.resolve().relative_to(root.resolve())
    return None


def modules_of(modules, path):
    """The modules that a file belongs to: one, except for tests of several venues in one folder."""
    top, *rest = path.parts
    if top in ("include", "src"):
        owner = owner_of(modules, Path(*rest[1:] if top == "include" else rest))
        return [owner] if owner else []
    return [module for module in modules.values() if len(rest) > 1 and module.folder.split("/")[0] == rest[0]]


def check_includes(root, modules, path, text):
    own = modules_of(modules, path)
    is_test = path.parts[0] == "tests"
    if not own and not is_test:
        yield f"{path}: belongs to no module of the build"
        return
    allowed = {own[0].name} | own[0].links if own and not is_test else set()
    for module in own if is_test else []:
        allowed |= reachable(modules, module.name)
    for included in OWN_INCLUDE.findall(text):
        found = resolve(root, path, included)
        if found is None:
            yield f'{path}: "{included}" is not there'
            continue
        top, *rest = found.parts
        if top not in ("include", "src"):
            if not is_test:
                yield f'{path}: "{included}" is no source of the service'
            continue
        spelled = Path(*rest).as_posix()
        if included != spelled:
            yield f'{path}: "{included}" is written "{spelled}"'
        target = modules_of(modules, found)
        name = target[0].name if target else rest[0]
        if top == "src" and path.parts[0] == "include":
            yield f'{path}: a public header must not include the private "{included}"'
        elif top == "src" and name not in [module.name for module in own]:
            yield f'{path}: "{included}" is private to {name}'
        elif top == "include" and own and name not in allowed:
            yield f"{path}: the build has no arrow from {own[0].name} to {name}"


def check_purity(modules, path, text):
    for module in modules_of(modules, path):
        if module.pure:
            for match in IMPURE_HEADERS.finditer(text):
                yield f"{path}: {module.name} is pure and must not have {match.group(0)}"
            for match in CLOCK_CALL.finditer(text):
                yield f"{path}: {module.name} is pure: time is an argument, not {match.group(0)}"
        if module.name in PRICES and re.search(r"\b(double|float)\b", code_without_comments(text)):
            yield f"{path}: a floating point type in a layer where prices live"


def check_headers(path, text):
    if path.parts[0] == "include":
        for match in HEAVY_HEADERS.finditer(text):
            yield f"{path}: a public header must not pull in {match.group(1)}"
        if "#pragma once" not in text:
            yield f"{path}: no #pragma once"


def check_simulator(path, text):
    """It runs where only Debian's Python and aiohttp are, and its tests may doubt the service's own tools."""
    for imported in PYTHON_IMPORT.findall(text):
        package = imported.partition(".")[0]
        if package and package not in sys.stdlib_module_names and package not in SIMULATOR_PACKAGES:
            yield f"{path}: the simulator shares no code with others, not even {imported}"


def check_arrows(root, modules):
    document = root / "docs/architecture.md"
    if document.is_file():
        text = document.read_text(encoding="utf-8")
        if with_arrows(text, modules) != text:
            yield "docs/architecture.md: the arrows are not the build's: tools/check_sources.py --write-arrows"


def with_arrows(text, modules):
    return ARROWS.sub(lambda match: match.group(1) + arrows(modules) + match.group(2), text)


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
    modules = read_modules(root)
    yield from graph_findings(modules)
    yield from check_arrows(root, modules)
    files = tracked(root, ["*.cpp", "*.hpp"])
    for path in files:
        text = (root / path).read_text(encoding="utf-8")
        yield from check_co_await(path, text)
        yield from check_headers(path, text)
        if path.parts[0] in ("src", "include", "tests"):
            yield from check_includes(root, modules, path, text)
        if path.parts[0] in ("src", "include"):
            yield from check_purity(modules, path, text)
    yield from check_formatting(root, files)
    for path in tracked(root, ["simulator/*.py"]):
        yield from check_simulator(path, (root / path).read_text(encoding="utf-8"))


# A valid build and valid sources. Each broken sample below is combined with them.
SOUND = {
    "src/CMakeLists.txt": "kurs_module(domain PURE SOURCES a.cpp)\nkurs_module(board PURE LINKS domain SOURCES a.cpp)\n"
                          "kurs_module(feed LINKS domain asio SOURCES a.cpp)\nkurs_module(venues_cbr PURE LINKS domain SOURCES a.cpp)\n"
                          "target_link_libraries(kurs PRIVATE kurs_feed kurs_options)\n",
    "src/domain/a.cpp": '#include "kurs/domain/rate.hpp"\n',
    "src/feed/a.cpp": '#include "feed/line.hpp"\n#include "kurs/domain/rate.hpp"\n',
    "src/feed/line.hpp": "#pragma once\n",
    "src/venues/cbr/a.cpp": '#include "kurs/venues/cbr.hpp"\n#include "venues/cbr/text.hpp"\n',
    "src/venues/cbr/text.hpp": "#pragma once\n",
    "include/kurs/domain/rate.hpp": "#pragma once\n",
    "include/kurs/board/board.hpp": '#pragma once\n#include "kurs/domain/rate.hpp"\n',
    "include/kurs/venues/cbr.hpp": "#pragma once\n",
    "tests/feed/a_test.cpp": '#include "feed/line.hpp"\n#include "kurs/domain/rate.hpp"\n#include "support/market.hpp"\n',
    "tests/support/market.hpp": '#pragma once\n#include "kurs/board/board.hpp"\n',
    "docs/architecture.md": "",
    "simulator/a.py": "import json\nfrom aiohttp import web\nfrom .text import dump\n",
}
# The broken file, its path, and words of the only expected finding.
BROKEN = [
    ("src/board/b.cpp", '#include "kurs/venues/cbr.hpp"\n', "no arrow from board to venues_cbr"),
    ("include/kurs/domain/b.hpp", '#pragma once\n#include "kurs/board/board.hpp"\n', "no arrow from domain to board"),
    ("tests/feed/b_test.cpp", '#include "kurs/board/board.hpp"\n', "no arrow from feed to board"),
    ("src/board/b.cpp", '#include "feed/line.hpp"\n', "private to feed"),
    ("tests/board/b_test.cpp", '#include "feed/line.hpp"\n', "private to feed"),
    ("include/kurs/feed/b.hpp", '#pragma once\n#include "feed/line.hpp"\n', "must not include the private"),
    ("src/feed/b.cpp", '#include "line.hpp"\n', 'is written "feed/line.hpp"'),
    ("tests/feed/b_test.cpp", '#include "../../src/feed/line.hpp"\n', 'is written "feed/line.hpp"'),
    ("src/feed/b.cpp", '#include "../../tests/support/market.hpp"\n', "no source of the service"),
    ("src/feed/b.cpp", '#include "feed/missing.hpp"\n', "is not there"),
    ("src/cache/b.cpp", "int x;\n", "no module of the build"),
    ("src/x/CMakeLists.txt", "kurs_module(domain PURE LINKS board SOURCES a.cpp)\n", "on a cycle"),
    ("src/x/CMakeLists.txt", "kurs_module(board PURE LINKS domain feed SOURCES a.cpp)\n", "must not link feed"),
    ("src/x/CMakeLists.txt", "kurs_module(feed LINKS domain cache SOURCES a.cpp)\n", "is no module"),
    ("docs/architecture.md", "<!-- arrows: written by tools/check_sources.py --write-arrows -->\nnone\n<!-- /arrows -->\n", "--write-arrows"),
    ("src/board/b.cpp", "#include <boost/asio/awaitable.hpp>\n", "is pure"),
    ("src/venues/cbr/b.cpp", "auto t = std::chrono::system_clock::now();\n", "time is an argument"),
    ("src/domain/b.cpp", "double price;\n", "floating point"),
    ("src/feed/b.cpp", "void f() {\n    co_await g(Foo{1});\n}\n", "brace or bracket"),
    ("src/feed/b.cpp", "void f() {\n    co_await g([] { return 1; });\n}\n", "brace or bracket"),
    ("include/kurs/feed/b.hpp", "#pragma once\n#include <boost/beast/http.hpp>\n", "must not pull in"),
    ("include/kurs/feed/b.hpp", "int x;\n", "no #pragma once"),
    ("simulator/b.py", "from tools.processes import call\n", "shares no code"),
    ("simulator/venues/b.py", "import json, re\nimport yaml\n", "shares no code"),
    ("src/feed/b.cpp", "int    x  ;\n", "error:"),
]


def findings_with(broken):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        subprocess.run(["git", "init", "-q", folder], check=True)
        (root / ".clang-format").write_text((ROOT / ".clang-format").read_text())
        for name, text in {**SOUND, **broken}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return list(findings(root))


def self_test():
    """The sound sources pass, and every broken sample is found for what is wrong with it and for nothing else."""
    wrong = [("the sound sources", found) for found in findings_with({})]
    for name, text, words in BROKEN:
        found = findings_with({name: text})
        if not found or any(words not in each for each in found):
            wrong.append((f"{name}, which holds {text!r}", found))
    for what, found in wrong:
        print(f"self-test: {what}: {found}")
    print(f"self-test: {len(BROKEN)} broken samples, {len(wrong)} not found as expected")
    return 1 if wrong else 0


def write_arrows():
    document = ROOT / "docs/architecture.md"
    document.write_text(with_arrows(document.read_text(encoding="utf-8"), read_modules(ROOT)), encoding="utf-8")
    return 0


def main():
    if "--self-test" in sys.argv:
        return self_test()
    if "--write-arrows" in sys.argv:
        return write_arrows()
    found = list(findings(ROOT))
    for finding in found:
        print(finding)
    print(f"sources: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
