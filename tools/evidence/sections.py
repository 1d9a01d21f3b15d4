"""The parts of a document that a tool writes: what stands between two comments, of which the first names the part and the tool."""

import re


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows)])


def replaced(text, section, body):
    """`text` with `body` in its section: <!-- section: written by tools/a.py --> … <!-- /section -->."""
    pattern = re.compile(rf"(<!-- {re.escape(section)}: written by [^\n]* -->\n).*?(<!-- /{re.escape(section)} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"the document has no section {section}")
    return pattern.sub(lambda match: f"{match[1]}\n{body}\n\n{match[2]}", text)


def write_sections(path, bodies):
    """Replaces the sections of a document: `bodies` by section."""
    text = path.read_text(encoding="utf-8")
    for section, body in bodies.items():
        text = replaced(text, section, body)
    path.write_text(text, encoding="utf-8")
