"""What a client may rely on, checked against the bytes it got. docs/api.md is the contract."""

import json
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

DIRECTIONS = ["BTC-RUB", "BTC-USD", "ETH-RUB", "ETH-USD", "USDTTRC-RUB", "USDTTRC-USD", "USDTERC-RUB", "USDTERC-USD"]
CONSENSUS = "consensus"  # it has no legs: its parts are the other exchangers
EXCHANGERS = {"binance", "coingecko", "kraken", "okx", "bybit", "coinbase", CONSENSUS}
CLOCK_TOLERANCE = timedelta(seconds=1)  # between this machine's clock and the service's

COURSE_MEMBERS = {
    "direction", "state", "reason", "bid", "value", "ask", "observed_at", "age_ms", "fresh_until", "legs"}


class Wrong(Exception):
    """An answer that a client must not get. The text names the rule and no values, so that failures add up by rule."""


def require(condition, rule):
    if not condition:
        raise Wrong(rule)


def check_version_1(body, asked=None, exchanger=None):
    """Version 1: every direction that was asked, in order, each with a positive number of at most eight decimals.

    Returns the answer.
    """
    answer = parse(body)
    require(set(answer) == {"exchanger", "courses"}, "v1: members are not exchanger and courses")
    require(answer["exchanger"] in ({exchanger} if exchanger else EXCHANGERS), "v1: another exchanger than asked")
    courses = answer["courses"]
    require(isinstance(courses, list), "v1: courses is no list")
    require([course.get("direction") for course in courses] == (asked or DIRECTIONS), "v1: a direction is missing")
    for course in courses:
        require(set(course) == {"direction", "value"}, "v1: members of a course are not direction and value")
        value = course["value"]
        require(isinstance(value, (Decimal, int)) and not isinstance(value, bool), "v1: value is no number")
        require(value > 0, "v1: value is not positive")
        require(Decimal(value).as_tuple().exponent >= -8, "v1: value has more than eight decimals")
    return answer


def check_version_2(body, sent_at, received_at):
    """Version 2: every course fresh, no leg older than its limit, no moment but the present. Returns the answer."""
    answer = parse(body)
    require(set(answer) == {"version", "exchanger", "as_of", "courses"}, "v2: other members than documented")
    require(isinstance(answer["version"], int) and answer["version"] > 0, "v2: version is no positive number")
    require(answer["exchanger"] in EXCHANGERS, "v2: unknown exchanger")
    as_of = moment(answer["as_of"])
    require(sent_at - CLOCK_TOLERANCE <= as_of <= received_at + CLOCK_TOLERANCE, "v2: as_of is not the present")
    require([course.get("direction") for course in answer["courses"]] == DIRECTIONS, "v2: a direction is missing")
    for course in answer["courses"]:
        check_course(course, answer["exchanger"], as_of)
    return answer


def check_course(course, exchanger, as_of):
    is_consensus = exchanger == CONSENSUS
    require(set(course) == COURSE_MEMBERS | ({"consensus"} if is_consensus else set()), "v2: other members of a course than documented")
    prices = [course[name] for name in ("bid", "value", "ask")]
    if course["state"] != "fresh":
        require(course["state"] in {"stale", "disputed", "unavailable"}, "v2: unknown state")
        require(course["reason"], "v2: not fresh, and no reason given")
        require(prices == [None] * 3, "v2: a price that is not fresh is shown")
        raise Wrong(f"v2: a course is {course['state']}")
    bid, value, ask = (price(text) for text in prices)
    require(0 < bid <= value <= ask, "v2: not 0 < bid <= value <= ask")

    observed_at = moment(course["observed_at"])
    age = as_of - observed_at
    require(abs(age - timedelta(milliseconds=course["age_ms"])) <= timedelta(milliseconds=1), "v2: age_ms is wrong")
    require(as_of < moment(course["fresh_until"]), "v2: fresh, and past its fresh_until")
    if is_consensus:
        return check_consensus(course)
    require(course["legs"], "v2: a course of no legs")
    require(observed_at == min(moment(leg["observed_at"]) for leg in course["legs"]),
            "v2: a course is not as old as its oldest leg")
    for leg in course["legs"]:
        require(0 < price(leg["bid"]) <= price(leg["ask"]), "v2: a leg is crossed")
        require(as_of - moment(leg["observed_at"]) < limit(leg["venue"], exchanger), "v2: a leg is older than its limit")


def check_consensus(course):
    counted = [part for part in course["consensus"]["exchangers"] if part["counts"]]
    require(course["legs"] == [], "v2: the consensus has legs")
    require(len(counted) >= 2, "v2: a consensus of fewer than two")
    require(min(price(part["bid"]) for part in counted) <= price(course["bid"])
            and price(course["ask"]) <= max(price(part["ask"]) for part in counted), "v2: the consensus is beyond its parts")


def limit(venue, exchanger):
    """By default (.env_dist). CoinGecko makes courses of its own, and rouble rates for others."""
    limits = {"binance": timedelta(seconds=5), "okx": timedelta(seconds=5), "coinbase": timedelta(seconds=5),
              "bybit": timedelta(seconds=7), "kraken": timedelta(seconds=7), "cbr": timedelta(days=15),
              "coingecko": timedelta(seconds=180) if exchanger == "coingecko" else timedelta(minutes=15)}
    require(venue in limits, "v2: a leg of an unknown venue")
    return limits[venue]


def parse(body):
    try:
        answer = json.loads(body, parse_float=Decimal)
    except ValueError:
        raise Wrong("malformed JSON") from None
    require(isinstance(answer, dict), "the document is no object")
    return answer


def price(text):
    require(isinstance(text, str), "v2: a price is no text")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Wrong("v2: a price is no decimal") from None


def moment(text):
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Wrong("v2: a time is not RFC 3339") from None
