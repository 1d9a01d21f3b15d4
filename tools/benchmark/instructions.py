"""Instructions a request, a frame and a change (tools/count_instructions.py), beside the floor's."""

import count_instructions

from .servers import Kurs, fetch


def measure(options):
    kurs = Kurs(options.build, 1)
    try:
        response = b"".join(fetch(kurs.url))
    finally:
        kurs.stop()
    return {"floor": count_instructions.count_floor(options.build, response), **count_instructions.count(options.build)}
