"""The modules and their arrows, read from the kurs_module calls in src/**/CMakeLists.txt."""

import re
from dataclasses import dataclass, field
from pathlib import Path

KEYWORDS = {"PURE", "SOURCES", "LINKS", "USES"}
THIRD_PARTY = {"asio"}  # kurs_asio is Asio and Beast, compiled once: not a module


@dataclass
class Module:
    name: str
    folder: str  # below src/ and include/kurs/: "board", "venues/binance"
    pure: bool = False
    links: set = field(default_factory=set)


def arguments_of(text, function):
    """The arguments of each call of a CMake function."""
    text = re.sub(r"#[^\n]*", "", text)
    for call in re.finditer(rf"^\s*{function}\(([^)]*)\)", text, re.MULTILINE):
        yield call.group(1).split()


def venues_of(text):
    """The list of venues, if this is the file that has it."""
    return next((words for name, *words in arguments_of(text, "set") if name == "KURS_VENUES"), [])


def expanded(calls, venues):
    """The calls with one for each venue in place of a call in a loop over them, and the list of their modules in place
    of its variable."""
    for words in calls:
        modules = [f"venues_{venue}" for venue in venues]
        for venue in venues if "${venue}" in words[0] else [""]:
            yield [each for word in words for each in
                   (modules if word == "${KURS_VENUE_MODULES}" else [word.replace("${venue}", venue)])]


def read_modules(root):
    """The modules by name. "main" is the program itself."""
    modules = {}
    for path in sorted((root / "src").rglob("CMakeLists.txt")):
        text = path.read_text(encoding="utf-8")
        for name, *words in expanded(arguments_of(text, "kurs_module"), venues_of(text)):
            if name == "name":
                continue  # the definition
            folder = name if (root / "src" / name).is_dir() else name.replace("_", "/", 1)
            module, keyword = modules.get(name, Module(name, folder)), None
            for word in words:
                if word in KEYWORDS:
                    keyword = word
                    module.pure |= word == "PURE"
                elif keyword == "LINKS" and word not in THIRD_PARTY:
                    module.links |= {word} - {name}
            modules[name] = module
        for program, *words in arguments_of(text, "target_link_libraries"):
            if program == "kurs":
                links = {word.removeprefix("kurs_") for word in words if word.startswith("kurs_")} - {"kurs_options", "options"}
                modules["main"] = Module("main", "main", links=links)
    return modules


def owner_of(modules, path):
    """The module of a path below src/ or include/kurs/, or None: "board/a.cpp", "venues/cbr.hpp", "main.cpp"."""
    stem = path.with_suffix("").as_posix() + "/"
    owners = [module for module in modules.values() if stem.startswith(module.folder + "/")]
    return max(owners, key=lambda module: len(module.folder), default=None)


def reachable(modules, name):
    """The module and everything below it."""
    found, waiting = set(), [name]
    while waiting:
        each = waiting.pop()
        if each not in found and each in modules:
            found.add(each)
            waiting.extend(modules[each].links)
    return found


def graph_findings(modules):
    for module in modules.values():
        for link in sorted(module.links):
            if link not in modules:
                yield f"src: {module.name} links {link}, which is no module"
            elif module.name in reachable(modules, link):
                yield f"src: {module.name} and {link} are on a cycle"
            elif module.pure and not modules[link].pure:
                yield f"src: {module.name} is pure and must not link {link}, which is not"


def arrows(modules):
    """The graph as a Markdown list, top modules first. The modules of the venues, which are alike, are one item."""
    names = sorted(modules, key=lambda name: (-len(reachable(modules, name)), name))
    lines = []
    for name in names:
        links = ", ".join(once(f"`{shown(each)}`" for each in names if each in modules[name].links))
        if modules[name].links == set(names) - {name, "main"}:
            links = "all of them"
        lines.append(f"* `{shown(name)}`{' (pure)' if modules[name].pure else ''} → {links or 'none'}")
    return "\n".join(once(lines))


def shown(name):
    return "venues/*" if name.startswith("venues_") else name


def once(items):
    return list(dict.fromkeys(items))
