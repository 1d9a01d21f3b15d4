"""The tables of docs/performance.md, made from the results."""

from pathlib import Path

from evidence.sections import table, write_sections

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs/performance.md"
PARTS = {"session": "session", "ingest": "ingest", "board": "board log and board"}
CHANGES = {"change": "applied to the board", "change, answered": "applied, and `/api/v1/courses` rendered",
           "change, told": "applied, and the message to subscribers rendered"}
ANSWERS = ("v1", "v1, one direction", "v2", "v2, one direction", "convert", "an export", "explain")
VENUES = {"binance": "Binance", "bybit": "Bybit", "cbr": "Bank of Russia", "coinbase": "Coinbase", "coingecko": "CoinGecko",
          "kraken": "Kraken", "okx": "OKX"}


def short(value):
    """Three digits, or all of a whole number: 0.123, 12.3, 1,234."""
    return f"{value:.0f}" if value == 0 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}" if value < 10 else \
        f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def thousands(value):
    return f"{round(value, -3):,.0f}"


def percent(share):
    return f"{share * 100:.0f} %" if share >= 0.1 else f"{share * 100:.1f} %"


def spread(found, scale=1):
    return f"{short(found['median'] * scale)} ({short(found['least'] * scale)}–{short(found['most'] * scale)})"


DEFAULT_SLOT = 10  # BOARD_SLOT, ms
KEPT_ENTRIES = 1200  # src/app/stores.cpp


# A goal: what it says, the figure, and whether it is met. A figure that was not measured is no goal.

def goals(kept):
    http, instructions = kept.get("http"), kept.get("instructions")
    rows = []

    def add(goal, figure, is_met):
        rows.append([goal, figure, "met" if is_met else "**not met**"])

    if http:
        ratios, kurs = http["ratios"]["64"], http["medians"]["1000"]["Kurs"]
        memory, own = (kurs[name]["median"] for name in ("memory_mb", "own_mb"))
        floor, nginx = (ratios[name]["cpu_us"] for name in ("floor", "nginx"))
        add("a request takes at most 1.10 × the floor's CPU time, with 64 connections", spread(floor), floor["median"] <= 1.10)
        add("at most 0.82 × that of nginx with `return 200`", spread(nginx), nginx["median"] <= 0.82)
        less = 1 / ratios["FastAPI"]["cpu_us"]["median"]
        add("at least 30 × less than FastAPI", short(less), less >= 30)
        add("p99 at most 1.2 × the floor's", spread(ratios["floor"]["p99"]), ratios["floor"]["p99"]["median"] <= 1.2)
        add("less than 20 MB with 1,000 connections", f"{short(memory)} MB, of which {short(own)} MB are its own", memory < 20)
    if instructions:
        for name, most in (("a repeated request", 1500), ("a fresh request", 5000)):
            add(f"{name}: at most {most:,} instructions", f"{instructions[name]:,}", instructions[name] <= most)
    if "proxy" in kept:
        ratio = kept["proxy"]["medians"]["as shipped"]["ratio"]
        add("through nginx as shipped at most 1.05 × a plain proxy's CPU time", spread(ratio), ratio["median"] <= 1.05)
    if "visible" in kept:
        took = kept["visible"]["standalone"]["p50"]
        add("from a frame to a visible answer in less than 20 µs, standalone, median", f"{short(took)} µs", took < 20)
    if "slots" in kept:
        took = [each["p99"]["median"] / 1000 for each in kept["slots"]["latencies"] if each["slot"] == DEFAULT_SLOT]
        add("from a frame to the answer of every replica in less than 40 ms, p99, with up to 5 ms between replica and Redis",
            f"{short(min(took))}–{short(max(took))} ms", max(took) < 40)
    if "ticks" in kept:
        share = share_of_10000(kept["ticks"])
        add("10,000 ticks a second take less than 10 % of a core", f"{percent(share)} (computed)", share < 0.1)
    return table(["goal", "measured", ""], rows)


def share_of_10000(results):
    """From the run with the most ticks."""
    most = max(results, key=lambda each: each["six"]["ticks"])["six"]
    return most["cpu"] / most["ticks"] * 10_000


def http(found):
    rows, ratios = [], []
    for count, servers in found["medians"].items():
        for name, figures in servers.items():
            latencies = (short(figures[each]["median"] / 1000) for each in ("p50", "p99", "p999"))
            rows.append([count, name, spread(figures["cpu_us"]), short(figures["rate"]["median"]), *latencies,
                         *(short(figures[each]["median"]) for each in ("memory_mb", "own_mb"))])
        ratios += [[count, f"Kurs / {other}", spread(each["cpu_us"]), spread(each["p99"])]
                   for other, each in found["ratios"][count].items()]
    idle = found["idle"]
    beside = f"{short(idle['ticks'])} ticks a second take {percent(idle['share'])} of the server's"
    return "\n\n".join([
        f"{len(found['rounds'])} rounds; medians, with the least and the most of the rounds in parentheses. A response has\n"
        f"{found['bytes']} bytes. Without requests, {beside}\n"
        "core; they are part of the figures of Kurs. Without them, a request would take\n"
        f"{short(without_ticks(found))} µs of CPU time with 64 connections (computed).",
        table(["connections", "server", "CPU µs a request", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "memory, MB", "its own"],
              rows),
        table(["connections", "ratio within a round", "CPU a request", "p99"], ratios)])


def proxy(found):
    rows = [[name, *(spread(each[figure]) for figure in ("nginx", "kurs", "ratio"))] for name, each in found["medians"].items()]
    return table(["nginx", "nginx, CPU µs a request", "Kurs", "both, × plain"], rows)


def instructions(found):
    rows = [[name, f"{found[name]:,}", f"{found['floor'][name]:,}" if name in found["floor"] else ""]
            for name in ("a repeated request", "a fresh request", "a frame", "a change answered", "a change told")]
    size = f"The program has {found['bytes of the program'] / 1e6:.1f} MB without symbols."
    return table(["instructions", "Kurs", "floor"], rows) + "\n\n" + size


def profile(found):
    rows = [[name, f"{share:.0f} %"] for name, share in found["groups"].items() if share >= 0.5]
    return table(["where", "of the samples"], rows)


def pipeline(found):
    frames = []
    for name, each in sorted(found["frames"].items()):
        parts = [each[part] for part in PARTS]
        frames.append([VENUES[name], f"{each['frames']:,.0f}", *(f"{part:,.0f}" for part in (*parts, sum(parts)))])
    sizes = ("8", "100", "1000")
    answers = found["answers"]
    changes = [[title, *(short(answers[f"{name}/{size}"]["ns"] / 1000) for size in sizes)]
               for name, title in CHANGES.items()]
    names = [name for name in ANSWERS if f"changed/{name}" in answers]
    rendered = [[name, f"{answers['changed/' + name]['bytes']:,.0f}",
                 *(short(answers[f"{way}/{name}"]["ns"] / 1000) for way in ("changed", "unchanged"))] for name in names]
    return "\n\n".join([table(["venue", "frames", *PARTS.values(), "all, ns a frame"], frames),
                        table(["a change, µs", *(f"{int(size):,} directions" for size in sizes)], changes),
                        table(["answer", "bytes", "µs after a change", "µs unchanged"], rendered)])


def ticks(results):
    rows = [[short(each["ticks"]), percent(each["cpu"]), short(each["cpu"] / each["ticks"] * 1e6)]
            for each in (result["six"] for result in results)]
    return table(["ticks a second", "of a core", "µs a tick"], rows)


def visible(found):
    figures = ("p50", "p99", "sending_p50", "alone_p50", "alone_p99")
    rows = [[kind, *(short(each[name]) for name in figures)] for kind, each in found.items()]
    return table(["µs", "p50", "p99", "of which sending the frame, p50", "a request without a frame, p50", "p99"], rows)


def slots(found):
    latencies, costs = [], []
    for each in found["latencies"]:
        times = (spread(each[name], 1 / 1000) for name in ("p50", "p99", "apart_p50", "apart_p99"))
        latencies.append([f"{each['slot']}", f"{each['delay']}", f"{each['network'] / 1000:g}", *times,
                          percent(each["late"]["median"])])
    for each in found["costs"]:
        megabytes = each["bytes"]["median"] * KEPT_ENTRIES / 1e6
        shares = (spread(each[name], 100) for name in ("leader", "follower", "Redis"))
        rates = (short(each[name]["median"]) for name in ("ticks", "entries"))
        costs.append([f"{each['slot']}", f"{each['delay']}", *shares, *rates, short(megabytes)])
    errors = "; ".join(f"{int(network) / 1000:g} ms: {short(p50 / 1000)}, {short(p99 / 1000)}"
                       for network, (p50, p99) in found["relay"].items())
    return "\n\n".join([
        f"{found['rounds']} rounds, each with {found['prices']} frames for every line; medians of the rounds, with the least and the\n"
        f"most in parentheses. A direction of the relay takes longer than its delay, in ms, p50 and p99: {errors}.",
        table(["slot, ms", "delay, ms", "network, ms", "frame to every replica, ms, p50", "p99", "first to last replica, p50", "p99",
               "late entries"], latencies),
        table(["slot, ms", "delay, ms", "leader, % of a core", "a follower", "Redis", "ticks/s", "entries/s", "the log, MB"], costs)])


def fanout(results):
    figures = ("messages", "us_a_message", "each", "told_p50", "told_p99", "memory_mb")
    rows = [[f"{each['subscribers']:,}", each["wire"], percent(each["share"]), *(short(each[name]) for name in figures)]
            for each in results]
    head = ["subscribers", "by", "of a core", "messages/s", "µs a message", "each gets, a second", "told after ms, p50", "p99"]
    return table([*head, "memory, MB"], rows)


def start(found):
    return ("From the start of the process to its first answer with all eight rates of the simulated venues: "
            f"{spread(found['seconds'])} s.")


def history(found):
    cells = [(when, figure) for when in ("at first", "again") for figure in ("p50", "p99")]
    rows = [[name, f"{again['rows']:,.0f}", *(short(found[when][name][figure]) for when, figure in cells)]
            for name, again in found["again"].items()]
    return f"{found['days']} days of history.\n\n" + table(
        ["question", "rows", "with cold caches: p50 ms", "p99", "again: p50 ms", "p99"], rows)


def without_ticks(found):
    """Microseconds a request, with 64 connections."""
    kurs = found["medians"]["64"]["Kurs"]
    return kurs["cpu_us"]["median"] - found["idle"]["share"] / kurs["rate"]["median"] * 1e6


def serves(kept):
    """Computed from the other figures."""
    idle = kept["http"]["idle"]
    core = (1 - idle["share"]) * 1e6 / without_ticks(kept["http"])
    busy = kept["fanout"][-1] if "fanout" in kept else None
    lines = [f"* **One core**: about {thousands(core)} requests a second beside {short(idle['ticks'])} ticks a second."]
    if busy:
        who = f"{busy['subscribers']:,} by {busy['wire']}"
        lines.append(f"* **One core with subscribers**: {who} take {percent(busy['share'])} of it, which\n"
                     f"  leaves about {thousands(core * (1 - busy['share']))} requests a second.")
    return "\n".join(lines)


MAKERS = {"http": http, "proxy": proxy, "instructions": instructions, "profile": profile, "pipeline": pipeline, "ticks": ticks,
          "visible": visible, "slots": slots, "fanout": fanout, "start": start, "history": history}


def write(kept):
    """`kept`: the results of all sections that have ever run."""
    made = {name: MAKERS[name](found) for name, found in kept.items()}
    made["goals"] = goals(kept)
    if "http" in kept:
        made["serves"] = serves(kept)
    write_sections(DOCUMENT, made)
    return made
