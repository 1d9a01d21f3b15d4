"""The tables of docs/faults.md and docs/faults.csv, made from the results of a run."""

import csv
from statistics import median

from .documents import ROOT, seconds
from .sections import table, write_sections

DOCUMENT = ROOT / "docs/faults.md"
FIGURES = ROOT / "docs/faults.csv"
GROUPS = {"streams": "streams of the venues", "rest": "REST of the venues", "lies": "lies of a venue", "tls": "TLS",
          "declared": "a declared source", "network": "network to the venues", "redis": "Redis, and the network to it",
          "postgres": "Postgres, and the network to it", "pairs": "pairs", "triples": "triples"}
ASKED = ("rest", "declared", "tls")  # whose faults strike when the endpoint is asked
COUNTS = (("wrong", "wrong"), ("old", "too old"), ("failed", "failed"))
COLUMNS = ["group", "where", "fault", "answers", "oldest value", "its limit", "its venue", "too old", "wrong",
           "seconds of wrong answers", "deviation in percent", "gap", "failed", "detect", "switch", "return"]


def label(result):
    return ": ".join(filter(None, (result["where"], result["name"])))


def line(result):
    """For the terminal."""
    if "failure" in result:
        return f"{label(result)}: NOT MEASURED {result['failure'].strip().splitlines()[-1]}"
    names = ("wrong", "old", "failed", "gap", "detect", "switch", "back")
    figures = " ".join(f"{name}={'-' if result[name] is None else round(result[name], 2)}" for name in names)
    return f"{label(result)}: oldest {oldest_text(result)} {figures} {'; '.join(result['problems'][:1])}"


def missed(results):
    """Each goal that was missed, as a sentence."""
    found = []
    for result in results:
        what = label(result)
        if "failure" in result:
            found.append(f"{what}: not measured, {result['failure'].strip().splitlines()[-1]}")
            continue
        parts = [f"{words} {result[name]}" for name, words in COUNTS if result[name]]
        if not result["is_back"] and result["is_awaited"]:
            parts.append("not back within the limit")
        if result.get("asked") == 0 and result["group"] in ASKED:
            parts.append("had no effect: the endpoint was not asked")
        if parts:
            found.append(f"{what}: {', '.join(parts)}" + (f" ({result['problems'][0]})" if result["problems"] else ""))
    return found


def oldest_text(result):
    if not result["oldest"]:
        return "–"
    age, limit, venue = result["oldest"]
    return f"{seconds(age)} of {limit} s ({venue})"


def optional(value):
    return "–" if value is None else seconds(value)


def worst(results, name):
    found = [(result[name], result["venue"]) for result in results if result[name] is not None]
    return max(found, default=(None, ""))


def worst_text(results, name):
    value, venue = worst(results, name)
    if name == "back" and any(result["back"] is None and not result["is_awaited"] for result in results):
        return "not awaited"
    if not value:
        return "–" if value is None else "0"
    return seconds(value) + (f" ({venue})" if venue and len(results) > 1 else "")


def summary(results):
    rows = []
    for group, title in GROUPS.items():
        own = [result for result in results if result["group"] == group and "failure" not in result]
        if not own:
            continue
        spans = []
        for name in ("detect", "switch", "back"):
            values = [result[name] for result in own if result[name]]
            spans.append(f"{seconds(median(values))} · {seconds(max(values))}" if values else "–")
        counts = [str(sum(each[name] for each in own)) for name in ("wrong", "old", "failed")]
        answers = f"{sum(each['answers'] for each in own):,}"
        rows.append([title, str(len(own)), answers, *counts, seconds(max(each["gap"] for each in own)), *spans])
    head = ["faults", "number", "answers", "wrong", "too old", "failed", "longest gap", "detect", "switch", "return"]
    return table(head, rows)


def by_name(results):
    """A row for each fault, with the worst of all places."""
    names = {}
    for result in results:
        names.setdefault(result["name"], []).append(result)
    rows = []
    for name, found in names.items():
        eldest = max(found, key=lambda each: each["oldest"][0] / each["oldest"][1] if each["oldest"] else 0)
        counts = [str(sum(each[key] for each in found)) for key in ("wrong", "failed")]
        times = [worst_text(found, key) for key in ("gap", "detect", "switch", "back")]
        rows.append([name, str(len(found)), oldest_text(eldest), *counts, *times])
    return table(["fault", "places", "oldest value", "wrong", "failed", "gap", "detect", "switch", "return"], rows)


def by_place(results):
    rows = [[label(result), oldest_text(result), str(result["wrong"]), str(result["failed"]),
             *(optional(result[key]) for key in ("gap", "detect", "back"))] for result in results]
    return table(["fault", "oldest value", "wrong", "failed", "gap", "detect", "return"], rows)


def lies(results):
    rows = [[label(result), oldest_text(result), f"{result['deviation'] * 100:.2f} %", str(result["wrong"]),
             *(optional(result[key]) for key in ("gap", "switch", "back"))] for result in results]
    return table(["lie", "oldest value", "greatest deviation", "wrong", "gap", "switch", "return"], rows)


def missing(results):
    """Lies are apart: that their values are old is what they are about."""
    parts = []
    for is_lie, what in ((False, "without a lie"), (True, "with a lie, alone or among others,")):
        own = [result for result in results if result["is_lie"] == is_lie]
        found = missed(own)
        parts += [f"{len(found)} of the {len(own)} faults {what} missed a goal{':' if found else '.'}",
                  "\n".join(f"* {text}" for text in found)]
    return "\n\n".join(filter(None, parts))


def sections(run):
    """`run`: the results, and the runs that measured them."""
    measured = [result for result in run["results"] if "failure" not in result]
    groups = {group: [result for result in measured if result["group"] == group] for group in GROUPS}
    told = "\n\n".join(f"`{each['command']}`: {each['faults']} faults in {each['minutes']:.0f} minutes." for each in run["runs"])
    bodies = {"summary": f"{told}\n\n{summary(measured)}", "missed": missing(run["results"]), "lies": lies(groups["lies"])}
    for group in ("streams", "rest", "declared", "tls", "network"):
        bodies[group] = by_name(groups[group])
    for group in ("redis", "postgres", "pairs", "triples"):
        bodies[group] = by_place(groups[group])
    return bodies


def write(run):
    write_sections(DOCUMENT, sections(run))
    write_figures(run["results"])


def write_figures(results):
    with open(FIGURES, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for result in results:
            if "failure" in result:
                continue
            age, limit, venue = result["oldest"] or (None, "", "")
            writer.writerow([
                result["group"], result["where"], result["name"], result["answers"], figure(age), limit, venue, result["old"],
                result["wrong"], figure(result["wrong_seconds"]), figure(result["deviation"] * 100), figure(result["gap"]),
                result["failed"], *(figure(result[name]) for name in ("detect", "switch", "back"))])


def figure(value):
    return "" if value is None else f"{value:.2f}"
