"""The documents against the tree: keys and their defaults, links, make's targets, and that both READMEs say the same."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
READMES = ("README.md", "README.ru.md")
LISTS = (".env_dist", "docker/env_dist")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMENT = re.compile(r"[ \t]+# .*$", re.M)  # in the reader's language
LINK = re.compile(r'\]\(([^()\s]+)\)|<img src="([^"]+)"')
INDENTED = r"(?<=\n\n)(?: {4}.*\n)+"  # as against a point that goes on
CODE = re.compile(r"^```[\s\S]*?^```$|" + INDENTED + r"|`[^`\n]+`", re.M)
KEY_ROW = re.compile(r"^\| `([A-Z][A-Z_]+)` \| (?:`([^`]*)` )?\| \S.*\|$", re.M)


def documents():
    return [ROOT / name for name in (*READMES, "CHANGELOG.md", "SECURITY.md")] + sorted((ROOT / "docs").glob("*.md"))


def prose(text):
    """Without code that stands apart: what looks like a heading or a link there is none."""
    return re.sub(INDENTED, "", FENCE.sub("", text))


def links(text):
    return [first or second for first, second in LINK.findall(prose(text))]


def anchors(text):
    """As GitHub makes them of headings."""
    found = []
    for title in re.findall(r"^#+ (.+)$", prose(text), re.M):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found.append(slug if slug not in found else f"{slug}-{found.count(slug)}")
    return set(found)


def dead_links(path, text):
    for link in links(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists():
            yield f"{path.name}: no file {link}"
        elif anchor and anchor not in anchors(text if target == path else target.read_text()):
            yield f"{path.name}: no heading {link}"


def listed_keys():
    """(key, default) of both lists, in their order."""
    text = "".join((ROOT / name).read_text() for name in LISTS)
    return re.findall(r"^([A-Z][A-Z_]+)=(.*)$", text, re.M)


def unknown_targets(text, makefile):
    named = {target for code in CODE.findall(text) for target in re.findall(r"(?:^|[`\n ])make ([a-z][a-z0-9-]*)", code)}
    return named - set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.M))


def shape(text):
    """What two READMEs have in common that say the same in two languages."""
    blocks = FENCE.findall(text)
    return {
        "headings": [len(marks) for marks in re.findall(r"^(#+) ", prose(text), re.M)],
        "languages of code": [language for language, _ in blocks],
        "code": [COMMENT.sub("", code) for language, code in blocks if language != "mermaid"],
        "drawn arrows": [re.findall(r"-->|&|\[\(", code) for language, code in blocks if language == "mermaid"],
        "what examples must show": re.findall(r"<!-- shows: .*? -->", text),
        "links": [link for link in links(text) if link not in READMES],
        "rows": [len(re.findall(r"^\|", table, re.M)) for table in re.findall(r"(?:^\|.*\n)+", text, re.M)],
        "points": len(re.findall(r"^\* ", text, re.M)),
    }


class FindingTest(unittest.TestCase):
    def test_links_are_found_outside_of_code_only(self):
        text = "a [b](c.md#d) `x`\n\n    [no](e.md)\n\n```sh\n[no](f.md)\n```\n<img src=\"g.png\" alt=\"\">\n"
        self.assertEqual(links(text), ["c.md#d", "g.png"])

    def test_what_is_not_there_is_found(self):
        path = ROOT / "README.md"
        text = "# A title: of `mine`, twice\n[1](#a-title-of-mine-twice) [2](#none) [3](docs/none.md) [4](docs/api.md#none) [5](docs)"
        self.assertEqual([fault.split(": ")[1] for fault in dead_links(path, text)],
                         ["no heading #none", "no file docs/none.md", "no heading docs/api.md#none"])

    def test_only_targets_in_code_count(self):
        text = "to make sure, `make demo` and `make no`\n\n    make env   # once\n    cmake all\n\n```sh\nmake nor\n```\n"
        self.assertEqual(unknown_targets(text, "demo: x\nenv:\n"), {"no", "nor"})

    def test_comments_may_differ_and_nothing_else(self):
        one = shape("# T\n```sh\nmake x  # one\n```\n[a](b)\n")
        self.assertEqual(one, shape("# Т\n```sh\nmake x   # один\n```\n[а](b)\n"))
        for other in ("# T\n```sh\nmake y  # one\n```\n[a](b)\n", "## T\n```sh\nmake x\n```\n[a](b)\n",
                      "# T\n```sh\nmake x\n```\n[a](c)\n", "# T\n```sh\nmake x\n```\n[a](b)\n* more\n"):
            self.assertNotEqual(one, shape(other))


class DocumentsTest(unittest.TestCase):
    maxDiff = None

    def test_every_key_is_in_both_readmes_with_its_default(self):
        for name in READMES:
            with self.subTest(name):
                self.assertEqual(KEY_ROW.findall((ROOT / name).read_text()), listed_keys())

    def test_both_readmes_say_the_same(self):
        english, russian = (shape((ROOT / name).read_text()) for name in READMES)
        for what, found in english.items():
            with self.subTest(what):
                self.assertEqual(russian[what], found)

    def test_each_readme_leads_to_the_other(self):
        for name, other in zip(READMES, reversed(READMES)):
            self.assertIn(other, links((ROOT / name).read_text())[:1])

    def test_every_link_leads_somewhere(self):
        for path in documents():
            with self.subTest(path.name):
                self.assertEqual(list(dead_links(path, path.read_text())), [])

    def test_every_target_of_make_exists(self):
        makefile = (ROOT / "Makefile").read_text()
        for path in documents():
            with self.subTest(path.name):
                self.assertEqual(unknown_targets(path.read_text(), makefile), set())


if __name__ == "__main__":
    unittest.main()
