#!/usr/bin/env python3
"""Writes .env_dist and the settings tables of both READMEs from the rows that `kurs --print-settings --format=json` prints.

`--check` writes nothing, names the files that are not current and exits 1 if there are any.
"""

import argparse
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = re.compile(r"(<!-- settings: written by tools/settings_docs.py -->\n\n(?:\|[^\n]*\n){2}).*?(\n<!-- /settings -->)", re.DOTALL)
WIDTH = 120

HEAD = """\
# Settings of Kurs. Copy this file to .env and change what you need. Environment variables take precedence over the file.
# Every key is listed with its default. `kurs --print-settings` prints the effective settings, `kurs --check` finds errors.
# The syntax is that of Docker Compose: enclose a value that contains $, # or quotes in single quotes.
# Written by tools/settings_docs.py.
"""


def read_groups(build):
    program = Path(build).resolve() / "src" / "kurs"
    printed = subprocess.run([program, "--print-settings", "--format=json"], cwd="/", env={}, capture_output=True, text=True, check=True)
    return json.loads(printed.stdout)


def as_sentence(text):
    return text[0].upper() + text[1:] + "."


def comment_of(setting):
    # A value keeps its case at the beginning of a sentence.
    words = setting["help"] if setting["help"].startswith("`") else as_sentence(setting["help"])[:-1]
    secret = " Secret." if setting["is_secret"] else ""
    return textwrap.wrap(words.replace("`", "") + "." + secret, WIDTH, initial_indent="# ", subsequent_indent="# ",
                         break_on_hyphens=False)


def env_dist(groups):
    lines = [HEAD.rstrip("\n")]
    for group in groups:
        lines += ["", f"# --- {group['title']} ".ljust(WIDTH - 5, "-")]
        for setting in group["settings"]:
            lines += [*comment_of(setting), f"{setting['name']}={setting['default']}"]
    return "\n".join(lines) + "\n"


def rows(groups, help_key, secret):
    lines = []
    for setting in (setting for group in groups for setting in group["settings"]):
        default = f"`{setting['default']}` " if setting["default"] else ""
        marks = f"*{secret}*; " if setting["is_secret"] else ""
        lines.append(f"| `{setting['name']}` | {default}| {marks}{setting[help_key]} |")
    return "\n".join(lines)


def with_table(text, groups, help_key, secret):
    if not TABLE.search(text):
        raise SystemExit("a README has no place for the table of settings")
    return TABLE.sub(lambda match: match.group(1) + rows(groups, help_key, secret) + "\n" + match.group(2), text)


def documents(groups):
    """Each document's path and current text."""
    yield ROOT / ".env_dist", env_dist(groups)
    for name, help_key, secret in (("README.md", "help", "secret"), ("README.ru.md", "help_ru", "секрет")):
        path = ROOT / name
        yield path, with_table(path.read_text(encoding="utf-8"), groups, help_key, secret)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build", required=True, help="build folder, such as build/release")
    options.add_argument("--check", action="store_true")
    arguments = options.parse_args()
    outdated = [(path, text) for path, text in documents(read_groups(arguments.build)) if path.read_text(encoding="utf-8") != text]
    for path, text in outdated:
        if arguments.check:
            print(f"{path.name} is not current: tools/settings_docs.py --build {arguments.build}")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{path.name} written")
    return 1 if arguments.check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
