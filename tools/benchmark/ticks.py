"""What ticks cost, without requests: bench_ticks with the six exchangers."""

import bench_ticks

SPEEDS = (3.5, 16, 40)
SECONDS = 10


def measure(options):
    return [bench_ticks.measure(options.build, speed, SECONDS) for speed in SPEEDS]
