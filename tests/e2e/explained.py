"""Keeps what the service explained at the worst moment of a drill: when the course was oldest, or not served at all."""

import json
import threading
from http.client import HTTPConnection, HTTPException

PATH = "/api/v2/courses/BTC-USD/explain"
EVERY = 0.25  # seconds
NEVER = 10**9  # age of a course that is not served


class Explainer(threading.Thread):
    """Asks until it is stopped. What is not answered is not judged here: Client does that."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address = address
        self.worst = None
        self.greatest_age = -1
        self.ended = threading.Event()
        self.start()

    def stop(self):
        self.ended.set()
        self.join(10)
        return self.worst

    def run(self):
        while not self.ended.wait(EVERY):
            try:
                connection = HTTPConnection(*self.address, timeout=2)
                connection.request("GET", PATH)
                self.note(json.load(connection.getresponse()))
            except (OSError, HTTPException, ValueError):
                continue
            finally:
                connection.close()

    def note(self, explanation):
        course = explanation["served"]["course"]
        age = course["age_ms"] if course["value"] is not None else NEVER
        if age > self.greatest_age:
            self.greatest_age, self.worst = age, explanation


def prices(quote):
    return f"{quote['bid']} / {quote['ask']}, {quote['age_ms'] / 1000:.1f} s old"


def tree(explanation):
    """The explanation as lines of text."""
    served = explanation["served"]
    lines = [f"{explanation['as_of']} {explanation['direction']}: {served['course']['value']} of {served['exchanger']}, "
             f"active since {served['since']}: {served['reason']}"]
    for each in explanation["exchangers"]:
        quote = each["quote"]
        lines.append(f"  {each['exchanger']}: {each['state']}" + (f", {prices(quote)}" if quote else "")
                     + (f". {each['reason']}" if each["reason"] else ""))
        lines += [f"    {leg['venue']} {leg['symbol']} {prices(leg)}" for leg in (quote["legs"] if quote else ())]
    for rate in explanation["reference_rates"] or ():
        sources = ", ".join(f"{each['source']} {each['value']} ({each['state']})" for each in rate["sources"])
        lines.append(f"  {rate['reference_rate']}: {sources}")
    lines += [f"  refused: {each['venue']} {each['symbol']} {each['reason']}, {each['times']} times"
              for each in explanation["refused"] or ()]
    lines.append("  next: " + ", ".join(f"{each['exchanger']} ({each['fresh']} fresh)" for each in explanation["next"] or ()))
    return "\n".join(lines)
