"""A line chart as SVG, readable on light and on dark pages."""

WIDTH, HEIGHT = 860, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 54, 40
LEAST = 1  # of the scale, in both directions
STYLE = """
  .page { fill: #ffffff } text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600; font-size: 15px }
  .grid { stroke: #8c959f; stroke-opacity: .3 } .zero { stroke: #8c959f } .before { stroke: #c4420c } .after { stroke: #0a63c9 }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round } .gap { fill: #c4420c; fill-opacity: .14 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .before { stroke: #ff8a4c } .after { stroke: #58a6ff } .gap { fill: #ff8a4c }
  }"""


def nice_step(span):
    return next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if span / step <= 6)


def runs(points):
    """The parts of a line between its gaps."""
    part = []
    for x, y in points:
        if y is None and part:
            yield part
            part = []
        elif y is not None:
            part.append((x, y))
    if part:
        yield part


def gaps(points):
    """Begin and end of each."""
    begin = None
    for x, y in [*points, (points[-1][0], 0)]:
        if y is None and begin is None:
            begin = x
        elif y is not None and begin is not None:
            yield begin, x
            begin = None


def thinned(points, width):
    """Of each pixel the greatest value, and gaps."""
    chosen = {}
    for x, y in points:
        column = int(x / points[-1][0] * width)
        if column not in chosen or y is None or (chosen[column][1] is not None and abs(y) > abs(chosen[column][1])):
            chosen[column] = (x, y)
    return list(chosen.values())


def draw(title, lines, unit, x_label):
    """`lines`: (class, legend, points of x and y, which is None where there is no value)."""
    values = [y for _, _, points in lines for _, y in points if y is not None]
    values += [-LEAST, LEAST]  # what is close to zero looks like it
    step = nice_step(max(values) - min(values))
    low, high = (min(values) // step) * step, -(-max(values) // step) * step or step
    last = max(x for _, _, points in lines for x, _ in points)
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x, y):
        return f"{LEFT + x / last * width:.1f},{TOP + (high - y) / (high - low) * height:.1f}"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">', f"<title>{title}</title>",
             f"<style>{STYLE}\n</style>", f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
             f'<text class="title" x="{LEFT}" y="22">{title}</text>']
    for i in range(round((high - low) / step) + 1):
        y = low + i * step
        x0, top = place(0, y).split(",")
        kind, label = ("zero", "0") if abs(y) < step / 2 else ("grid", f"{y:+.4g}")
        parts += [f'<line class="{kind}" x1="{x0}" x2="{WIDTH - RIGHT}" y1="{top}" y2="{top}"/>',
                  f'<text x="{LEFT - 8}" y="{float(top) + 4:.1f}" text-anchor="end">{label}{unit}</text>']
    for i in range(5):
        hour = last * i / 4
        parts.append(f'<text x="{place(hour, low).split(",")[0]}" y="{HEIGHT - 14}" '
                     f'text-anchor="{("start", "middle", "middle", "middle", "end")[i]}">{hour:.0f} {x_label}</text>')
    legend_at = LEFT
    for kind, legend, points in lines:
        points = thinned(points, width)
        for begin, end in gaps(points):
            left, right = (float(place(each, low).split(",")[0]) for each in (begin, end))
            parts.append(f'<rect class="gap" x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" height="{height}"/>')
        parts += [f'<polyline class="line {kind}" points="{" ".join(place(x, y) for x, y in part)}"/>' for part in runs(points)]
        parts += [f'<line class="line {kind}" x1="{legend_at}" x2="{legend_at + 22}" y1="39" y2="39"/>',
                  f'<text x="{legend_at + 28}" y="43">{legend}</text>']
        legend_at += 60 + 7 * len(legend)
    if 'class="gap"' in "".join(parts):
        parts += [f'<rect class="gap" x="{legend_at}" y="32" width="22" height="14"/>',
                  f'<text x="{legend_at + 28}" y="43">not served</text>']
    return "\n".join([*parts, "</svg>", ""])
