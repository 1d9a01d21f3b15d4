"""What a venue is to the rest of the simulator. A file in `venues` says everything particular."""

from dataclasses import dataclass
from typing import Any, Callable

from .replay import Replay


@dataclass(frozen=True)
class Option:
    """A command-line option. Without a default it is repeatable."""

    name: str  # without dashes
    value: str  # as the help calls it
    default: Any
    parse: Callable
    meaning: str


class Venue:
    """The base of all venues. `world` holds the clock, the faults, the options, the rouble and the log of books."""

    name = ""
    endpoints = ()  # classes
    options = ()
    settings = {}  # of the service, in addition to the URLs of the endpoints
    known_prices = ""  # which prices POST /prices pins here, for the error message
    read_frame = None  # reads a line of a capture: (text, offset) to CapturedFrame

    def __init__(self, world, captures=()):
        self.world = world
        self.replay = Replay(list(captures), world.options.speed)
        self.endpoints = [endpoint(world) for endpoint in self.endpoints]
        for endpoint in self.endpoints:
            endpoint.venue = self

    def advance(self, now):
        """Called every few milliseconds."""

    def price_change(self, name, wanted, now):
        """The effect of a member of POST /prices, not yet applied; None if the price is not of this venue.

        `wanted` is None to release it. Throws Rejected.
        """
        return None

    def rouble_changed(self, now):
        """After a test has pinned or released the rouble."""

    def state(self):
        """Members of GET /state."""
        return {}
