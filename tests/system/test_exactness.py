"""Decimal text, cross rates and conversions to the last digit, against an independent computation with Python's decimal
and its integers, which have no limit."""

import os
import random
import re
import subprocess
import unittest
from decimal import ROUND_DOWN, Decimal, getcontext

from stack import BUILD, rounded

getcontext().prec = 250
CASES = int(os.environ.get("KURS_RANDOM_CASES", "100000"))
CUT = Decimal("0.000000000000000001")
LARGEST = Decimal(2**128 - 1).scaleb(-18)
LONGEST = 64  # characters of a number, as Rate documents it


def compute(lines):
    tool = os.path.join(BUILD, "tests", "arithmetic_lines")
    answers = subprocess.run([tool], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    answers = answers.stdout.splitlines()
    assert len(answers) == len(lines)
    return answers


def cut(numerator, denominator, places=18, is_up=False):
    """The quotient with so many decimals, rounded once."""
    steps, rest = divmod(numerator * 10**places, denominator)
    return Decimal(steps + (is_up and rest > 0)).scaleb(-places)


def in_units(rate):
    return int(rate.scaleb(18))


def random_rate(chance):
    """Any number of units is as likely to have few bits as many."""
    return Decimal(chance.getrandbits(chance.randint(1, 128)) or 1).scaleb(-18)


def random_book(chance):
    if chance.random() < 0.3:
        return sorted((random_rate(chance), random_rate(chance)))
    digits = chance.choice([2, 4, 8, 11, 14, 18])
    magnitude = chance.choice([-6, -2, 0, 1, 4, 6])
    bid = Decimal(chance.randint(1, 10**9)).scaleb(magnitude - 9).quantize(Decimal(1).scaleb(-digits), ROUND_DOWN)
    bid = max(bid, Decimal(1).scaleb(-digits))
    spread = Decimal(chance.randint(0, 1000)).scaleb(-digits)
    return bid, bid + spread


def random_legs(chance, most):
    return [(*random_book(chance), chance.random() < 0.5) for _ in range(chance.randint(1, most))]


def written(legs):
    return " ".join(f"{bid:f} {ask:f} {int(inverted)}" for bid, ask, inverted in legs)


def product(legs):
    """Of the bids and of the asks, as quotients; an inverted leg uses the other side of its book."""
    low, high = [1, 1], [1, 1]
    for bid, ask, inverted in legs:
        for quotient, rate in ((low, ask if inverted else bid), (high, bid if inverted else ask)):
            quotient[inverted] *= in_units(rate)
            quotient[not inverted] *= 10**18
    return low, high


def expected_rate(value):
    """A rate and its rounding, or why there is none."""
    rate = value.quantize(CUT, ROUND_DOWN)
    if rate == 0:
        return "not_positive"
    return "overflow" if rate > LARGEST else [rate, rounded(rate)]


def read(answer):
    return [Decimal(text) for text in answer.split()] if answer[0].isdigit() else answer


def random_text(chance):
    """Mostly a number, with zeros, signs and exponents where they are and are not allowed."""
    digits = "".join(chance.choice("0123456789" if chance.random() < 0.7 else "009") for _ in range(chance.randint(0, 24)))
    if chance.random() < 0.05:
        digits = digits * 4
    point = chance.randint(0, len(digits))
    text = digits[:point] + chance.choice([".", ".", ".", "", ".."]) + digits[point:]
    if chance.random() < 0.3:
        text += chance.choice("eE") + chance.choice(["", "", "+", "-", "+-", "--"]) + str(chance.randint(0, 70))
    if chance.random() < 0.1:
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice(" +-_x,٣e.") + text[at:]
    return text


class ExactnessTest(unittest.TestCase):
    def test_decimal_text(self):
        chance = random.Random(20261130)
        plain = re.compile(r"[0-9]+(\.[0-9]+)?")
        number = re.compile(r"(-?)([0-9]+(?:\.[0-9]+)?)(?:[eE]([+-]?[0-9]+))?")
        texts = [random_text(chance) for _ in range(CASES // 2)]
        answers = compute([f"{verb} {text}" for text in texts for verb in ("parse", "number")])
        accepted = refused = 0
        for text, as_plain, as_number in zip(texts, answers[::2], answers[1::2]):
            matched = plain.fullmatch(text)
            if matched and len(text) <= LONGEST and len((matched[1] or ".")[1:]) <= 18:
                self.assertEqual(read(as_plain), expected_rate(Decimal(text)), text)
            else:
                self.assertIn(as_plain, ("malformed", "overflow"), text)
            matched = number.fullmatch(text)
            if not matched:
                self.assertIn(as_number, ("malformed", "overflow"), text)
                continue
            # Rate documents no number of more than 64 characters; exponents beyond 40 and -60 are not computed.
            exponent = int(matched[3] or 0)
            if matched[1] or len(matched[2]) > LONGEST or not -60 <= exponent <= 40:
                self.assertIn(as_number, ("not_positive", "overflow", "malformed"), text)
                refused += 1
            else:
                self.assertEqual(read(as_number), expected_rate(Decimal(text)), text)
                accepted += as_number[0].isdigit()
        self.assertGreater(accepted, CASES // 10)
        print(f"{len(answers)} texts: {accepted} numbers equal, {refused} negative or beyond what is computed")

    def test_cross_rates(self):
        chance = random.Random(20261123)
        routes = [random_legs(chance, 6) for _ in range(CASES)]
        compared = 0
        for legs, answer in zip(routes, compute(["cross " + written(legs) for legs in routes])):
            low, high = product(legs)
            mid = low[0] * high[1] + high[0] * low[1], 2 * low[1] * high[1]
            expected = [cut(*low), cut(*mid), cut(*high)]
            if expected[2] > LARGEST and expected[0] > 0:
                self.assertEqual(answer, "overflow", legs)
            elif expected[0] == 0:
                self.assertEqual(answer, "not_positive", legs)
            else:
                self.assertEqual(read(answer), [*expected, rounded(expected[1])], legs)
                compared += 1
        self.assertGreater(compared, CASES // 3)
        print(f"{compared} of {CASES} random routes equal to the last digit")

    def test_conversions(self):
        chance = random.Random(20261201)
        asked = [(chance.choice(["sell", "buy"]), chance.randint(0, 18), random_rate(chance), random_legs(chance, 12))
                 for _ in range(CASES // 2)]
        lines = [f"convert {side} {places} {amount:f} {written(legs)}" for side, places, amount, legs in asked]
        compared = 0
        for (side, places, amount, legs), answer in zip(asked, compute(lines)):
            numerator, denominator = product(legs)[side == "buy"]
            rate = cut(numerator, denominator)
            result = cut(numerator * in_units(amount), denominator * 10**18, places, side == "buy")
            if rate > LARGEST or result > LARGEST:
                self.assertEqual(answer, "overflow", (side, places, amount, legs))
                continue
            found = [Decimal(0) if text == "-" else Decimal(text) for text in answer.split()]
            self.assertEqual(found, [rate, result], (side, places, amount, legs))
            compared += 1
        self.assertGreater(compared, CASES // 8)
        print(f"{compared} of {len(asked)} random conversions equal to the last digit")


if __name__ == "__main__":
    unittest.main()
