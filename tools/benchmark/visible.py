"""From a frame of a venue to the first answer with its price (tests/bench/visible.cpp), standalone and with a shared board."""

import json
import subprocess
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from private_redis import PrivateRedis
from processes import Service, Simulator

from .cores import CLIENT_CORE, SERVER_CORE, pinned

PRICES = ("64000.00", "64030.00")  # in turn: less than what venues may differ by
# The simulated venues move together: the frames of other streams would be taken before the request.
ALONE = {"VENUES": "binance,coingecko,cbr"}
PAUSES = {"standalone": 0.02, "shared": 0.083}  # between prices, longer than one takes to be visible
PRICES_OF = {"standalone": 1000, "shared": 150}


def pin(simulator, number):
    bid = PRICES[number % 2]
    simulator.pin({"BTCUSDT": {"bid": bid, "ask": bid[:-1] + "1"}})


def measure_one(build, kind):
    with ExitStack() as stack:
        redis = stack.enter_context(PrivateRedis()) if kind == "shared" else None
        with pinned(CLIENT_CORE):
            simulator = Simulator(build)
            stack.callback(simulator.stop)
            command = [build / "tests/bench/visible", str(urlsplit(simulator.endpoints["binance_stream"][0]).port)]
            between = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            stack.callback(between.kill)
        url = f"ws://127.0.0.1:{between.stdout.readline().strip()}"
        pin(simulator, 0)
        settings = {**simulator.settings(), **ALONE, "BINANCE_STREAM_URLS": url, "BINANCE_CONNECTIONS": "1"}
        with pinned(SERVER_CORE):
            service = Service(build, settings | ({"REDIS_URL": redis.url} if redis else {}))
            stack.callback(service.stop)
        service.wait_for_courses(8, exchanger="binance")
        between.stdin.write(f"{urlsplit(service.url).port}\n")
        between.stdin.flush()
        for number in range(1, PRICES_OF[kind]):
            time.sleep(PAUSES[kind])
            pin(simulator, number)
        between.stdin.close()
        return json.loads(between.stdout.readline())


def measure(options):
    return {kind: measure_one(options.build, kind) for kind in PAUSES}
