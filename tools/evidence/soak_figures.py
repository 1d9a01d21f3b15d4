"""What a soak measured: whether it is flat, its chart and its table."""

from dataclasses import dataclass

from .chart import draw
from .documents import IMAGES, ROOT
from .sections import table, write_sections
from .soak_faults import WARM_UP

DOCUMENT = ROOT / "docs/operating.md"
MEMORY_GROWTH = 3.0  # MB after the warm-up, or
SHARE_GROWTH = 0.03  # this share
REDIS_GROWTH = 1.0  # MB
FEWEST = 6  # rounds after the warm-up


@dataclass
class Sample:
    """After a round. Sizes are in MB."""

    at: float  # minutes
    memory: list  # of each replica that lives from the beginning to the end
    descriptors: int | None  # of all replicas; none if the subscribers were not all connected
    redis: float
    keys: int
    postgres: float

    def __str__(self):
        return (f"memory {' '.join(f'{each:.1f}' for each in self.memory)} MB, {self.descriptors} descriptors, "
                f"Redis {self.redis:.2f} MB and {self.keys} keys, Postgres {self.postgres:.1f} MB")


def after_warm_up(samples):
    return samples[max(len(samples) // 3, WARM_UP):]


def growth(points):
    """From the first to the last point of the straight line that fits them best."""
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points))
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    slope = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    return slope * (points[-1][0] - points[0][0])


def judge_growth(samples):
    """The rows of the table, and what is not flat."""
    steady = after_warm_up(samples)
    if len(steady) < FEWEST:
        return [], [f"{len(steady)} rounds after the warm-up; at least {FEWEST} are needed"]
    rows, failures = [], []

    def add(name, first, last, grown, bound, unit):
        rows.append([name, f"{first:.4g}{unit}", f"{last:.4g}{unit}", f"{grown:+.3g}{unit}", f"at most {bound:+.3g}{unit}"])
        if grown > bound:
            failures.append(f"{name}: grew by {grown:.3g}{unit}, at most {bound:.3g}{unit} is allowed")

    for number in range(len(samples[0].memory)):
        points = [(sample.at, sample.memory[number]) for sample in steady]
        bound = max(MEMORY_GROWTH, SHARE_GROWTH * points[0][1])
        add(f"memory of replica {number + 1}", points[0][1], points[-1][1], growth(points), bound, " MB")
    # What comes and goes is no leak: the least number of a part of the run counts.
    half = len(steady) // 2
    parts = steady[:half], steady[-half:]
    first, last = (min((sample.descriptors for sample in part if sample.descriptors), default=0) for part in parts)
    if not first or not last:
        failures.append("the subscribers were never all connected, so no descriptors were counted")
    add("descriptors of all replicas", first, last, last - first, 0, "")
    points = [(sample.at, sample.redis) for sample in steady]
    add("memory of Redis", points[0][1], points[-1][1], growth(points), REDIS_GROWTH, " MB")
    first, last = (max(sample.keys for sample in part) for part in parts)
    add("keys of Redis", first, last, last - first, 0, "")
    # History is kept, so Postgres grows: as fast at the end as before.
    first, last = (60 * growth([(sample.at, sample.postgres) for sample in part]) / (part[-1].at - part[0].at) for part in parts)
    add("growth of Postgres in an hour", first, last, last - first, 0.5 * first + 10, " MB")
    return rows, failures


def draw_chart(samples):
    steady = after_warm_up(samples)

    def change(value_of):
        """In percent of the end of the warm-up."""
        return [(sample.at, 100 * (value_of(sample) / value_of(steady[0]) - 1)) for sample in samples]
    lines = [("after", "memory of the replicas", change(lambda sample: sum(sample.memory))),
             ("before", "memory of Redis", change(lambda sample: sample.redis))]
    return draw("Change since the end of the warm-up", lines, " %", "min")


def write(command, samples, rows, failures, judge):
    if rows:
        (IMAGES / "soak.svg").write_text(draw_chart(samples), encoding="utf-8")
    counts = judge.counts
    oldest = ", ".join(f"{venue} {age:.1f} s" for venue, age in sorted(judge.oldest.items()) if venue != "cbr")
    clients = (f"{len(samples)} rounds in {samples[-1].at:.0f} minutes. {counts['answers']:,} answers, {counts['events']:,} events and "
               f"{counts['messages']:,} messages of WebSockets, {counts[503]:,} answers without a fresh rate (503), "
               f"{counts['failures']} wrong or old values or failed requests. Oldest legs served: {oldest}.")
    body = "\n\n".join([f"`{' '.join(command)}`", "![Memory during a soak](images/soak.svg)", clients,
                        table(["", "after the warm-up", "at the end", "change", "allowed"], rows),
                        *(f"FAILED: {failure}" for failure in failures)])
    write_sections(DOCUMENT, {"soak": body})
