"""Time in whole milliseconds since 1970."""

import time


class WallClock:
    """Wall time that never jumps: the time of day at startup plus the monotonic time since."""

    def __init__(self):
        self.offset = time.time() - time.monotonic()

    def now(self):
        return int((self.offset + time.monotonic()) * 1000)
