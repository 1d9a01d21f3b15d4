"""What fails in a soak: venues, stores and replicas, drawn at random."""

import signal
import time
from contextlib import contextmanager

STREAMS = ("binance", "kraken", "okx", "bybit", "coinbase", "coingecko")
REST = ("cbr", *(f"{venue}_rest" for venue in STREAMS))
# Not `oversized`: a connection keeps the memory of its largest frame or body, and a replica opens connections when it leads.
CORRUPTIONS = ("garbage", "truncated", "binary", "fragmented", "unknown_event", "extra_keys", "null_price", "zero_price",
               "negative_price", "nan_price", "long_price", "jump", "utf8_symbol")
OF_STREAMS = [("mute", None), ("blackhole", None), ("no_accept", None), ("refuse", 503), ("cut", "rst"), ("cut", 1006), ("slow", 2000),
              ("server_shutdown", 2000), ("error_frame", "nested"), ("delay_ack", 3000), ("lose_ack", None),
              *(("corrupt", value) for value in CORRUPTIONS)]
OF_REST = [("never", None), ("refuse", None), ("status", 503), ("status", 429), ("slow_headers", 3000), ("slow_body", 3000),
           ("cut_body", None), ("wrong_length", None), ("garbage", None), ("truncated", None), ("html", None)]
STORES = ("Redis is killed", "Redis is frozen", "Postgres is killed", "Postgres is frozen", "the last replica is killed",
          "the last replica is stopped", "all replicas read their configuration again")
WARM_UP = len(STORES)


def draw(chance, number):
    """One to three faults of venues, and every other time one of a store or a replica. The first rounds have each of the latter, because
    what takes memory for the first time belongs to the warm-up."""
    faults = []
    for _ in range(chance.randint(1, 3)):
        endpoint, kinds = chance.choice([*((f"{venue}_stream", OF_STREAMS) for venue in STREAMS), *((name, OF_REST) for name in REST)])
        faults.append((endpoint, *chance.choice(kinds)))
    store = chance.choice(STORES) if chance.random() < 0.5 else None
    return faults, STORES[number] if number < WARM_UP else store


def describe(faults, store):
    texts = [f"{endpoint} {fault}" + (f" {value}" if value is not None else "") for endpoint, fault, value in faults]
    return ", ".join([*texts, *([store] if store else [])])


@contextmanager
def broken(stack, faults, store):
    """While this lasts, the faults do."""
    for endpoint, fault, value in faults:
        stack.simulator.fault(endpoint, fault, **({} if value is None else {"value": value}))
    server = {"Redis": stack.redis, "Postgres": stack.postgres}.get(store.split()[0]) if store else None
    if server:
        server.kill() if "killed" in store else server.freeze()
    elif store and "last replica" in store:
        stack.replace_last(signal.SIGKILL if "killed" in store else signal.SIGTERM)
    elif store:
        for replica in stack.replicas:
            replica.child.send_signal(signal.SIGHUP)
    yield
    stack.simulator.clear()
    if server:
        server.start() if "killed" in store else server.thaw()
    time.sleep(1)
