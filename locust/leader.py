"""Which replica of the demo stack leads."""

import re

REDIS_CLI = ("redis-cli", "-n", "1")  # the demo's database: docker-compose.yml


def leader(run_in_redis):
    """The service that holds the lease; None if nobody does, or Redis does not say.

    `run_in_redis` runs a command in Redis' container and returns what it printed, or raises. The lease begins with the
    holder's host, which has its service's name: demo-2-1-1795407913021:1795407915815662.
    """
    try:
        lease = run_in_redis(*REDIS_CLI, "get", "kurs:lease").strip()
    except Exception:  # pylint: disable=broad-except; it may be dead, frozen or not there
        return None
    holder = re.match(r"[a-z]+-\d+", lease)
    return holder and holder[0]
