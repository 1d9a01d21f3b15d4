"""Cross rates to the last digit, against an independent computation with Python's decimal and fractions."""

import os
import random
import subprocess
import unittest
from decimal import ROUND_DOWN, Decimal, getcontext
from fractions import Fraction

from stack import BUILD, rounded

getcontext().prec = 200
BOOKS = int(os.environ.get("KURS_RANDOM_BOOKS", "20000"))
CUT = Decimal("0.000000000000000001")


def to_decimal(fraction):
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def random_book(chance):
    digits = chance.choice([2, 4, 8, 11, 14, 18])
    magnitude = chance.choice([-6, -2, 0, 1, 4, 6])
    bid = Decimal(chance.randint(1, 10**9)).scaleb(magnitude - 9).quantize(Decimal(1).scaleb(-digits), ROUND_DOWN)
    bid = max(bid, Decimal(1).scaleb(-digits))
    spread = Decimal(chance.randint(0, 1000)).scaleb(-digits)
    return bid, bid + spread


class ExactnessTest(unittest.TestCase):
    def test_random_books_with_inverted_legs_and_both_sides(self):
        chance = random.Random(20261123)
        routes = []
        for _ in range(BOOKS):
            routes.append([(*random_book(chance), chance.random() < 0.5) for _ in range(chance.randint(1, 4))])
        lines = "\n".join(" ".join(f"{bid:f} {ask:f} {int(inverted)}" for bid, ask, inverted in legs) for legs in routes)
        tool = os.path.join(BUILD, "tests", "cross_rate_lines")
        answers = subprocess.run([tool], input=lines + "\n", capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual(len(answers), BOOKS)
        compared = 0
        for legs, answer in zip(routes, answers):
            low = high = Fraction(1)
            for bid, ask, inverted in legs:
                low *= 1 / Fraction(ask) if inverted else Fraction(bid)
                high *= 1 / Fraction(bid) if inverted else Fraction(ask)
            exact = [to_decimal(low), to_decimal((low + high) / 2), to_decimal(high)]
            if exact[0] < CUT:
                self.assertEqual(answer, "not_positive")
                continue
            if exact[2] > Decimal(2**128 - 1).scaleb(-18):
                self.assertEqual(answer, "overflow")
                continue
            expected = [value.quantize(CUT, ROUND_DOWN) for value in exact]
            expected.append(rounded(expected[1]))
            self.assertEqual([Decimal(text) for text in answer.split()], expected, (legs, answer))
            compared += 1
        self.assertGreater(compared, BOOKS * 0.8)
        print(f"{compared} of {BOOKS} random routes equal to the last digit")


if __name__ == "__main__":
    unittest.main()
