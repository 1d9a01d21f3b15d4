"""The tables and charts of docs/truth.md, made from the results of the runs."""

import re
from pathlib import Path

from .chart import draw
from .depegs import SCENARIOS
from .sections import table, write_sections

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs/truth.md"
IMAGES = ROOT / "docs/images"
DEFAULT = "default"


def seconds(value):
    """Short enough for a table: 0, 0.04, 1.3, 25."""
    if value is None:
        return "never"
    return "0" if value < 0.005 else f"{value:.2f}" if value < 0.95 else f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def percent(share):
    if share is None:
        return "not served"
    return re.sub(r"^[+−](0\.00 )", r"\1", f"{share * 100:+.2f} %".replace("-", "−"))


# Depegs.

def depeg_cell(found):
    if found is None:
        return "–"
    gap = f", {seconds(found['unserved'])} s not served" if found["unserved"] > 0.5 else ""
    return percent(found["worst"]) + gap


def depegs(results):
    exchangers = list(dict.fromkeys(name for result in results for name in result["after"]["exchangers"]))
    rows = []
    for result in results:
        scenario = SCENARIOS[result["scenario"]]
        for which in ("before", "after"):
            cells = [depeg_cell(result[which]["exchangers"].get(name)) for name in exchangers]
            rows.append([scenario["title"] if which == "before" else "", which, *cells])
    parts = [f"![Binance's BTC-USD in {SCENARIOS[result['scenario']]['title']}, before and after](images/{image_name(result)})"
             for result in results if has_chart(result)]
    notes = [f"* {scenario['title']}: {scenario['note']}." for result in results
             if "note" in (scenario := SCENARIOS[result["scenario"]])]
    table_text = table(["greatest deviation", "", *("by " + name if name == DEFAULT else name for name in exchangers)], rows)
    return "\n\n".join([*parts, table_text, "\n".join(notes)])


def has_chart(result):
    return "apart" not in result["scenario"]


def image_name(result):
    return f"truth-{result['scenario']}.svg"


def draw_depeg(result):
    lines = []
    for which, legend in (("before", "before: USDC is a dollar"), ("after", "after: the dollar is a reference rate")):
        points = [(hour, None if share is None else share * 100) for hour, share in result[which]["binance"]]
        lines.append((which, legend, points))
    title = f"{SCENARIOS[result['scenario']]['title']}: Binance's BTC-USD, deviation from the truth"
    return draw(title, lines, " %", "h")


# Broken exchangers.

def columns(runs):
    return [run["label"] for run in runs]


def fault_table(runs, cell):
    faults = list(dict.fromkeys(result["fault"] for run in runs for result in run["results"]))
    rows = []
    for fault in faults:
        cells = [next((cell(result) for result in run["results"] if result["fault"] == fault), "–") for run in runs]
        rows.append([fault, *cells])
    return table(["", *columns(runs)], rows)


def wrong_cell(result):
    names = [DEFAULT, result["exchanger"], *(["consensus"] if "consensus" in result["wrong"] else [])]
    text = " · ".join(seconds(result["wrong"][name]) for name in names)
    return text + (f" (none served: {seconds(result['unserved'])})" if result["unserved"] > 0.05 else "")


def standing_cell(result):
    if result["withheld"] is None:
        return "not withheld"
    withheld = seconds(result["withheld"])
    return withheld if result["fault"].startswith("book empty") else f"{withheld} → {seconds(result['back'])}"


def legend(runs):
    has_consensus = any("consensus" in result["wrong"] for run in runs for result in run["results"])
    return "by default · by name" + (" · by `consensus`" if has_consensus else "")


def broken(runs):
    return "\n\n".join([
        f"Seconds for which a wrong value was served, {legend(runs)}:", fault_table(runs, wrong_cell),
        "Seconds from the fault until the exchanger was withheld → from the repair until it was served again:",
        fault_table(runs, standing_cell)])


# First values.

def first_values(runs):
    groups = {}
    for run in runs:
        for result in run["results"]:
            groups.setdefault((result["occasion"], result["value"]), []).append(result)
    occasions = {"start": "at the start", "halt": "after a halt", "restart": "after a restart with history"}
    rows = []
    for (occasion, value), results in sorted(groups.items(), key=lambda each: list(occasions).index(each[0][0])):
        backs = [result["back"] for result in results]
        served = [f"{result['exchanger']} {seconds(most)} s" for result in results if (most := max(result["wrong"].values())) > 0]
        slowest = max(results, key=lambda result: 1e9 if result["back"] is None else result["back"])
        rows.append([occasions[occasion], value, str(len(results)), ", ".join(served) or "never",
                     ("never" if None in backs else seconds(max(backs)) + " s") + f" ({slowest['exchanger']})"])
    return table(["", "first value", "exchangers", "served", "right value served after its repair, at the latest"], rows)


# A crash.

def crash(runs):
    """Of each target: the longest time without a value, and for how long a wrong one was served."""
    names = list(dict.fromkeys(name for run in runs for name in run["found"]))
    rows = [[run["scenario"], *(f"{seconds(run['found'][name]['withheld'])} · {seconds(run['found'][name]['wrong'])}" for name in names)]
            for run in runs]
    return table(["", *("by " + name if name == DEFAULT else name for name in names)], rows)


# The cost.

def cost(results):
    rows = [[f"{result[name]['ticks']:,.0f}", name, f"{result[name]['cpu'] * 100:.1f} %",
             f"{result[name]['cpu'] / result[name]['ticks'] * 1e6:.0f} µs", f"{result['simulator'] * 100:.0f} %"]
            for result in results for name in ("two", "six") if name in result]
    return table(["ticks a second", "exchangers", "of a core", "per tick", "the simulator"], rows)


def write(results):
    """`results`: by section; sections that did not run stay as they are."""
    makers = {"depegs": depegs, "broken": broken, "broken-of-two": broken, "crash": crash,
              "first-values": first_values, "cost": cost}
    write_sections(DOCUMENT, {section: makers[section](found) for section, found in results.items()})
    for result in results.get("depegs", ()):
        if has_chart(result):
            (IMAGES / image_name(result)).write_text(draw_depeg(result), encoding="utf-8")
