"""Reads /metrics, for the system tests."""

import re

from stack import call

SERIES = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Page:
    """A snapshot of the page: a number per series."""

    def __init__(self, service):
        status, self.headers, body = call("GET", service.url + "/metrics")
        assert status == 200, (status, body)
        self.text = body.decode()
        self.series = {}
        self.families = set()
        for line in self.text.splitlines():
            if line.startswith("# TYPE "):
                self.families.add(line.split()[2])
            if line.startswith("#"):
                continue
            name, labels, value = SERIES.match(line).groups()
            key = (name, frozenset(LABEL.findall(labels or "")))
            assert key not in self.series, f"twice: {line}"
            self.series[key] = float(value)

    def sum(self, name, **labels):
        """The sum of all series with these labels; None if there is none."""
        found = [value for (its, its_labels), value in self.series.items()
                 if its == name and labels.items() <= dict(its_labels).items()]
        return sum(found) if found else None

    def labels(self, name, label):
        """The values of a label."""
        return {dict(labels)[label] for its, labels in self.series if its == name}
