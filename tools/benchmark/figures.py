"""Medians and their spread."""

from statistics import median


def summary(values):
    return {"median": median(values), "least": min(values), "most": max(values)}


def ratio(windows, name, other, figure):
    """Of two servers' figures, within each round."""
    return summary([window[name][figure] / window[other][figure] if window[other][figure] else 0.0 for window in windows])

