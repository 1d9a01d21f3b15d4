"""A recording of what the simulated venues send, for tests/bench/pipeline.cpp."""

import shutil
import tempfile
import time
from pathlib import Path

from processes import Service, Simulator

SECONDS = 13  # of which the first three fill the board
WITH_KEY = {"COINGECKO_PLAN": "analyst", "COINGECKO_API_KEY": "pro-key"}  # with which CoinGecko has a stream


def record(build, speed, target):
    """All venues of a simulator, as the service hears them. Repeats the same prices each time."""
    simulator = Simulator(build, "--speed", str(speed), "--coingecko-every", "1s")
    try:
        with tempfile.TemporaryDirectory() as folder:
            service = Service(build, {**simulator.settings(), **WITH_KEY, "RECORD_FILE": f"{folder}/tape"})
            try:
                service.wait_for_courses(8)
                time.sleep(SECONDS)
            finally:
                service.stop()
            shutil.copyfile(next(Path(folder).iterdir()), target)
    finally:
        simulator.stop()
    return target
