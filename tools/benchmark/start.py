"""From the start of the process to its first answer with all courses."""

import http.client
import time
from urllib.parse import urlsplit

from processes import Service, Simulator

from .figures import summary


def measure(options):
    simulator = Simulator(options.build)
    try:
        return {"seconds": summary([measure_one(options.build, simulator) for _ in range(options.rounds)])}
    finally:
        simulator.stop()


def measure_one(build, simulator):
    begun_at = time.monotonic()
    service = Service(build, simulator.settings())
    try:
        parts = urlsplit(service.url)
        client = http.client.HTTPConnection(parts.hostname, parts.port)
        while True:
            client.request("GET", "/api/v1/courses")
            answer = client.getresponse()
            if answer.read().count(b'"direction"') == 8:
                return time.monotonic() - begun_at
            time.sleep(0.002)
    finally:
        service.stop()
