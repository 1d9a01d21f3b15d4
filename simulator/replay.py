"""Plays recorded streams of a venue at their own pace, or faster."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .text import Rejected

UPDATE_IDS_OF_A_RUN = 1_000_000_000  # more than the range of update ids in any capture


@dataclass
class CapturedFrame:
    offset: int  # ms since the first frame
    symbol: str
    kind: str  # of the stream, such as "bookTicker"
    stream: str
    payload: str  # byte for byte


def timed_line(line):
    epoch, separator, text = line.partition(": ")
    if not separator:
        raise Rejected("expected 'epoch: json'")
    if not re.fullmatch(r"\d+(\.\d+)?", epoch, re.ASCII) or float(epoch) <= 0:
        raise Rejected(f"'{epoch}' is not a time in seconds")
    return float(epoch), text


def parse_capture(text, read_frame):
    """Its frames. Throws Rejected with the number of the first invalid line. `read_frame(text, offset)` is the venue's."""
    frames = []
    first = None
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if number == 1:
                if not re.match("wss?://", line):
                    raise Rejected("expected the URL of the connection")
            elif line:
                epoch, frame = timed_line(line)
                first = epoch if first is None else first
                frames.append(read_frame(frame, max(round((epoch - first) * 1000), 0)))
        except Rejected as rule:
            raise Rejected(f"line {number}: {rule}") from None
    if not frames:
        raise Rejected("no frames")
    return frames


def load_captures(paths, venues):
    """The captures of each venue by its name, recognized by the host of the connection."""
    readers = {venue.name: venue for venue in venues if venue.read_frame}
    captures = {name: [] for name in readers}
    for path in paths:
        try:
            text = Path(path).read_text("utf-8")
        except (OSError, ValueError):
            raise Rejected(f"--replay {path}: cannot be read") from None
        host = urlsplit(text.partition("\n")[0].partition(" ")[0]).hostname or ""
        name = next((name for name in readers if name in host), next(iter(readers)))
        try:
            captures[name].append(parse_capture(text, readers[name].read_frame))
        except Rejected as rule:
            raise Rejected(f"--replay {path}: {rule}") from None
    return captures


class Replay:
    """Plays captures in parallel, independently of clients."""

    def __init__(self, captures, speed):
        self.tracks = captures
        self.symbols = [{frame.symbol for frame in frames} for frames in captures]
        self.speed = speed
        self.next = [0] * len(captures)
        self.started_at = None
        self.runs = 0

    def start(self, now):
        """Restarts from the first frame; update ids continue to grow past those of the previous run."""
        self.started_at = now
        self.runs += 1
        self.next = [0] * len(self.tracks)

    def start_once(self, now):
        if self.tracks and self.started_at is None:
            self.start(now)

    def due(self, now):
        """The frames that are due, each with the offset to add to its update id."""
        if self.started_at is None:
            return
        elapsed = (now - self.started_at) * self.speed
        shift = (self.runs - 1) * UPDATE_IDS_OF_A_RUN
        for number, frames in enumerate(self.tracks):
            while self.next[number] < len(frames) and frames[self.next[number]].offset <= elapsed:
                self.next[number] += 1
                yield frames[self.next[number] - 1], shift

    @property
    def played(self):
        return sum(self.next)

    @property
    def total(self):
        return sum(map(len, self.tracks))

    @property
    def is_done(self):
        return self.started_at is not None and self.played == self.total

    def finished_symbols(self):
        if self.started_at is None:
            return set()
        finished = (number for number, frames in enumerate(self.tracks) if self.next[number] == len(frames))
        return set().union(*(self.symbols[number] for number in finished))
