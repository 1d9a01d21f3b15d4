"""Judges each answer of the service by what the simulator was told to send, and sums up what clients saw of a fault."""

from dataclasses import dataclass, field
from decimal import Decimal

from .fault_market import DECLARED, ROUBLE, name_of
from .soak_clients import FIAT_LIMIT, IN_FLIGHT, LIMITS, Judge
from .watch import ALLOWED, LONGEST_STEP

DIRECTIONS = 8
SLACK = 0.3  # seconds from a request to the service's clock, and from a pinned price to the client
PRODUCT = Decimal("1e-9")  # how exactly a value is the product of its legs
KRAKEN_COINS = 5  # age limit of the built-in market map
AGE_LIMITS = {**LIMITS, DECLARED: 5}  # seconds
ETHER = Decimal(25)  # to a bitcoin
PEG = Decimal("0.002")  # how far a stablecoin moves, twice


@dataclass
class Sample:
    """One answer. `oldest`: (share of its limit, age, limit, venue) of the oldest leg, by the ledger."""

    at: float
    target: str
    status: int
    replica: int = 0
    exchanger: str | None = None
    missing: int = DIRECTIONS  # directions that are not fresh
    oldest: tuple | None = None
    deviation: float = 0.0  # of BTC-USD from the true price of the moment
    wrong: list = field(default_factory=list)
    old: list = field(default_factory=list)
    failed: str = ""


def limit_of(leg):
    venue, symbol = leg["venue"], leg["symbol"]
    if venue == "kraken" and not symbol.startswith("USD"):
        return KRAKEN_COINS
    return FIAT_LIMIT if venue == "coingecko" and symbol.startswith("tether/") else AGE_LIMITS[venue]


def product(legs):
    """The mid of bid and ask of the product of the legs."""
    bid = ask = Decimal(1)
    for leg in legs:
        low, high = Decimal(leg["bid"]), Decimal(leg["ask"])
        bid, ask = (bid / high, ask / low) if leg["inverted"] else (bid * low, ask * high)
    return (bid + ask) / 2


class FaultJudge(Judge):
    """Of one reader. `directions` are those whose absence is a gap."""

    def __init__(self, market, directions=None):
        super().__init__(market)
        self.directions = directions
        self.sample = None

    def check_age(self, kind, course, leg, as_of):
        if leg["venue"] != DECLARED:
            super().check_age(kind, course, leg, as_of)

    def check_value(self, kind, course, exchanger, now):
        """`check_range` does, for all directions of both versions."""

    def fail(self, what):
        self.counts["failures"] += 1
        (self.sample.old if "s old" in what else self.sample.wrong).append(what)

    def judge(self, sample, document):
        """Completes a sample of version 1 or 2."""
        self.sample = sample
        courses = document.get("courses", ())
        is_second = any("state" in course for course in courses)
        if is_second:
            self.hear("answers", document)  # ages as the service says them
        fresh = [course for course in courses if not is_second or course["state"] == "fresh"]
        sample.exchanger = document.get("exchanger")
        wanted = self.directions or DIRECTIONS
        counted = [course for course in fresh if not self.directions or course["direction"] in self.directions]
        sample.missing = (len(wanted) if self.directions else wanted) - len(counted)
        for course in fresh:
            self.check_range(course, sample)
            for leg in course.get("legs", ()):
                self.check_leg(course, leg, sample)
            if course.get("legs"):
                self.check_product(course, sample)
        return sample

    def check_leg(self, course, leg, sample):
        """The age by the ledger, whatever the service says."""
        name, price, limit = name_of(leg["venue"], leg["symbol"]), Decimal(leg["bid"]), limit_of(leg)
        age = self.world.ledger.age(name, price, sample.at)
        if age is None:
            low, high = self.world.ledger.range(name, sample.at - limit - IN_FLIGHT)
            if low is None or not low * (1 - Decimal(ALLOWED)) <= price <= high * (1 + Decimal(ALLOWED)):
                sample.wrong.append(f"{course['direction']}: {leg['venue']} {leg['symbol']} was never {price}")
            return
        if sample.oldest is None or age / limit > sample.oldest[0]:
            sample.oldest = age / limit, age, limit, leg["venue"]
        if age > limit + SLACK:
            what = f"{course['direction']}: {leg['venue']} {leg['symbol']}"
            sample.old.append(f"{what} was {price} {age:.2f} s ago, limit {limit} s")

    def check_product(self, course, sample):
        value, expected = Decimal(course["value"]), product(course["legs"])
        if abs(value / expected - 1) > PRODUCT:
            sample.wrong.append(f"{course['direction']}: {value} is not the product of its legs, {expected:.8f}")

    def check_range(self, course, sample):
        """For both versions: near a price that was true within the exchanger's limit."""
        base, quote = course["direction"].split("-")
        limit = AGE_LIMITS.get(sample.exchanger, max(LIMITS["kraken"], LIMITS["bybit"]))
        low, high = (Decimal(each) for each in self.world.true_range(sample.at - limit - IN_FLIGHT, sample.at + IN_FLIGHT))
        if base.startswith("USDT"):
            low, high = 1 - PEG, 1 + PEG
        elif base == "ETH":
            low, high = low / ETHER, high / ETHER
        if course["direction"] == "BTC-USD":
            now, _ = self.world.true_range(sample.at, sample.at)
            sample.deviation = abs(float(course["value"]) / float(now) - 1)
        rouble = Decimal(ROUBLE) if quote == "RUB" else 1
        value = Decimal(str(course["value"])) / rouble
        if not low * (1 - Decimal(ALLOWED)) <= value <= high * (1 + Decimal(ALLOWED)):
            sample.wrong.append(f"{course['direction']}: {course['value']} of {sample.exchanger}, and the true price was between "
                                f"{low * rouble:.2f} and {high * rouble:.2f}")


def lasting(samples, until, applies):
    """The seconds that samples stand for to which this applies. Each stands until the next one of its target."""
    seconds = 0.0
    for number, sample in enumerate(samples):
        end = samples[number + 1].at if number + 1 < len(samples) else until
        seconds += min(end - sample.at, LONGEST_STEP) if applies(sample) else 0
    return seconds


def longest_run(samples, until, applies):
    """The longest time from a sample to which this applies until the next one to which it does not."""
    longest, begun_at = 0.0, None
    for sample in samples:
        if applies(sample):
            begun_at = sample.at if begun_at is None else begun_at
        elif begun_at is not None:
            longest, begun_at = max(longest, sample.at - begun_at), None
    return max(longest, until - begun_at) if begun_at is not None else longest


def first(samples, applies, since):
    """Seconds until the first sample to which this applies; None if there is none."""
    return next((sample.at - since for sample in samples if sample.at >= since and applies(sample)), None)


def time_back(samples, ended_at):
    """Seconds from the end of the fault until all is fresh for good; 0 if it was all the time, None if it is not yet."""
    after = [sample for sample in samples if sample.at >= ended_at]
    if not after or after[-1].missing:
        return None
    away = [number for number, sample in enumerate(after) if sample.missing]
    return after[away[-1] + 1].at - ended_at if away else 0.0


def sum_up(samples, venue, begun_at, ended_at, until, noticed):
    """What clients saw from the beginning of a fault until it was over. `venue`: the one that fails and is preferred, if any.
    `noticed`: seconds until the log shows the fault; None if it does not."""
    samples = sorted((sample for sample in samples if begun_at <= sample.at <= until), key=lambda sample: sample.at)
    targets = {}
    for sample in samples:
        targets.setdefault((sample.target, sample.replica), []).append(sample)
    default = [found for (target, _), found in targets.items() if target == "default"]
    own = [found for (target, _), found in targets.items() if target == (venue or "default")]
    oldest = max((sample.oldest for sample in samples if sample.oldest), default=None)
    seen = [noticed, *(first(found, lambda each: each.missing, begun_at) for found in own)]
    switched = [first(found, lambda each: each.exchanger not in (None, venue), begun_at) for found in default if venue]
    backs = [time_back(found, ended_at) for found in own]
    problems = list(dict.fromkeys(text for sample in samples for text in (*sample.wrong, *sample.old, sample.failed) if text))
    return {
        "answers": len(samples),
        "oldest": oldest and list(oldest[1:]),
        "deviation": max((sample.deviation for sample in samples), default=0.0),
        "old": sum(bool(sample.old) for sample in samples),
        "wrong": sum(bool(sample.wrong) for sample in samples),
        "wrong_seconds": max((lasting(found, until, lambda each: each.wrong) for found in targets.values()), default=0),
        "gap": max((longest_run(found, until, lambda each: each.missing) for found in default), default=0.0),
        "failed": sum(bool(sample.failed) for sample in samples),
        "detect": min((each for each in seen if each is not None), default=None),
        "switch": min((each for each in switched if each is not None), default=None),
        "back": None if None in backs or not backs else max(backs),
        "problems": problems[:5],
    }
