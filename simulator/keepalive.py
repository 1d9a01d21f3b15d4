"""Schedules pings, detects missing pongs and limits what a client sends."""

from collections import deque

REMEMBERED_PINGS = 100


class PongWatch:
    def __init__(self, ping_every, pong_limit, now):
        self.ping_every = ping_every
        self.pong_limit = pong_limit
        self.next_ping = now + ping_every
        self.alive_at = now
        self.unanswered = deque(maxlen=REMEMBERED_PINGS)

    def ping_due(self, now):
        """The payload of the ping to send now, if one is due."""
        if now < self.next_ping:
            return None
        self.next_ping = max(self.next_ping + self.ping_every, now)
        self.unanswered.append(str(now))
        return self.unanswered[-1]

    def pong(self, payload, now):
        """Whether the pong matches one of our pings; only such a pong keeps the connection alive."""
        if payload not in self.unanswered:
            return False
        while self.unanswered.popleft() != payload:
            pass
        self.alive_at = now
        return True

    def is_overdue(self, now):
        return now - self.alive_at >= self.pong_limit


class RollingLimit:
    """Limits the arrivals in every window of one second, not only on average."""

    def __init__(self, most):
        self.most = most
        self.arrivals = deque()

    def arrive(self, now):
        """Counts an arrival. Returns False if the limit is exceeded."""
        while self.arrivals and now - self.arrivals[0] >= 1000:
            self.arrivals.popleft()
        if len(self.arrivals) >= self.most:
            return False
        self.arrivals.append(now)
        return True
