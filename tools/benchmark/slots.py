"""What BOARD_SLOT and BOARD_DELAY cost and give: three replicas and one Redis, with the delays of networks between them.

From a frame to the answer of every replica (tests/bench/visible.cpp, tests/bench/relay.cpp), and the CPU time of the
processes without requests.
"""

import json
import random
import re
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from bench_ticks import count_ticks
from private_redis import PrivateRedis
from private_server import processes_in
from processes import Service, Simulator, call

from .cores import CLIENT_CORE, SERVER_CORE, pinned
from .figures import summary
from .visible import ALONE, pin

SLOTS = ((5, 10), (10, 20), (20, 40), (50, 100))  # slot and delay in milliseconds
NETWORKS = (0, 200, 1000, 5000)  # microseconds in each direction
REPLICAS = 3
ROUNDS = 3
PRICES = 100  # of each slot, network and round
PINGS = 300
SETTLING = 2.0
CPU_SECONDS = 12


def settings_of(slot, delay):
    return {"BOARD_SLOT": f"{slot}ms", "BOARD_DELAY": f"{delay}ms"}


def start_replicas(stack, build, settings):
    with pinned(SERVER_CORE):
        replicas = []
        for _ in range(REPLICAS):
            replicas.append(Service(build, settings))
            stack.callback(replicas[-1].stop)
    for replica in replicas:
        replica.wait_for_courses(8, exchanger="binance")
    return replicas


def start_on_its_own_core(stack, *command):
    """A program that prints its port, and obeys its standard input."""
    with pinned(CLIENT_CORE):
        child = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stack.callback(child.wait)
    stack.callback(child.kill)
    return child, int(child.stdout.readline())


def tell(child, number):
    child.stdin.write(f"{number}\n")
    child.stdin.flush()


def entries_of(replica):
    """Entries that a replica has received, and those of them that were late."""
    page = call("GET", replica.url + "/metrics")[2].decode()
    return [float(re.search(rf"^kurs_board_{name}_total (\S+)$", page, re.MULTILINE)[1]) for name in ("entries", "late_entries")]


def ping(port):
    """Microseconds of round trips to Redis."""
    took = []
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(PINGS):
            begun_at = time.perf_counter()
            client.sendall(b"PING\r\n")
            client.recv(64)
            took.append((time.perf_counter() - begun_at) * 1e6)
    return sorted(took)


def measure_relay(build):
    """By how much a direction takes longer than its delay, p50 and p99."""
    errors = {}
    with ExitStack() as stack:
        redis = stack.enter_context(PrivateRedis())
        relay, port = start_on_its_own_core(stack, build / "tests/bench/relay", str(redis.port))
        with pinned(CLIENT_CORE):
            direct = median(ping(redis.port))
            for network in NETWORKS:
                tell(relay, network)
                took = ping(port)
                errors[network] = [(took[int(share * PINGS)] - direct) / 2 - network for share in (0.5, 0.99)]
    return errors


def measure_latency(build, slot, delay):
    """By network."""
    found = {}
    with ExitStack() as stack:
        with pinned(SERVER_CORE):
            redis = stack.enter_context(PrivateRedis())
        relay, redis_port = start_on_its_own_core(stack, build / "tests/bench/relay", str(redis.port))
        with pinned(CLIENT_CORE):
            simulator = Simulator(build)
            stack.callback(simulator.stop)
        stream = urlsplit(simulator.endpoints["binance_stream"][0]).port
        between, port = start_on_its_own_core(stack, build / "tests/bench/visible", str(stream), str(REPLICAS))
        pin(simulator, 0)
        replicas = start_replicas(stack, build, {
            **simulator.settings(), **ALONE, **settings_of(slot, delay), "BINANCE_CONNECTIONS": "1",
            "BINANCE_STREAM_URLS": f"ws://127.0.0.1:{port}", "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"})
        time.sleep(SETTLING)
        for replica in replicas:
            tell(between, urlsplit(replica.url).port)
        for network in NETWORKS:
            tell(relay, network)
            time.sleep(SETTLING)
            tell(between, 0)
            between.stdout.readline()
            before = [entries_of(replica) for replica in replicas]
            for number in range(PRICES):
                # In no step with the slots, and after the last price is visible.
                time.sleep((slot + delay + 40) / 1000 + random.random() * 0.05)
                pin(simulator, number)
            time.sleep(0.3)
            tell(between, 0)
            found[network] = json.loads(between.stdout.readline())
            counts = [[now - then for now, then in zip(entries_of(replica), earlier)]
                      for replica, earlier in zip(replicas, before)]
            found[network]["late"] = sum(late for _, late in counts) / sum(taken for taken, _ in counts)
    return found


def on_cpu(pids):
    """Seconds that all threads have run."""
    return sum(int(stat.read_text(encoding="ascii").split()[0])
               for pid in pids for stat in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def counts_of(replicas):
    """Entries and ticks: the leader alone has ticks."""
    return {"entries": entries_of(replicas[0])[0], "ticks": sum(map(count_ticks, replicas))}


def processes_of(replicas, redis):
    leader = next(replica for replica in replicas if replica.role() == "leader")
    follower = next(replica for replica in replicas if replica is not leader)
    return {"leader": [leader.child.pid], "follower": [follower.child.pid], "Redis": processes_in(redis.data)}


def measure_costs(build, speed):
    """By slot: shares of a core without requests, at the usual ticks, and what an entry takes in Redis.

    All run at the same time, so that what else the machine does falls upon all of them.
    """
    with ExitStack() as stack:
        groups, servers = {}, {}
        for each in SLOTS:
            with pinned(CLIENT_CORE):
                simulator = Simulator(build, "--speed", str(speed))
                stack.callback(simulator.stop)
            with pinned(SERVER_CORE):
                servers[each] = stack.enter_context(PrivateRedis())
            settings = {**simulator.settings(), **settings_of(*each), "REDIS_URL": servers[each].url}
            groups[each] = start_replicas(stack, build, settings)
        time.sleep(2 * SETTLING)
        processes = {each: processes_of(groups[each], servers[each]) for each in SLOTS}
        found = {each: [] for each in SLOTS}
        for _ in range(ROUNDS):
            before = {each: ({name: on_cpu(pids) for name, pids in processes[each].items()}, counts_of(groups[each]))
                      for each in SLOTS}
            begun_at = time.monotonic()
            time.sleep(CPU_SECONDS)
            for each, (cpu, counts) in before.items():
                took = time.monotonic() - begun_at
                window = {name: (on_cpu(pids) - cpu[name]) / took for name, pids in processes[each].items()}
                window |= {name: (count - counts[name]) / took for name, count in counts_of(groups[each]).items()}
                view = servers[each].call("MEMORY", "USAGE", "kurs:view"), servers[each].call("XLEN", "kurs:view")
                window["bytes"] = int(view[0]) / int(view[1])
                found[each].append(window)
        return found


def summaries(rounds):
    """Of each figure."""
    return {name: summary([each[name] for each in rounds]) for name in rounds[0]}


def measure(options):
    latencies = {each: [] for each in SLOTS}
    errors = measure_relay(options.build)
    costs = measure_costs(options.build, options.speed)
    for _ in range(ROUNDS):
        for each in random.sample(SLOTS, len(SLOTS)):
            latencies[each].append(measure_latency(options.build, *each))
    return {"relay": errors, "rounds": ROUNDS, "prices": PRICES,
            "latencies": [{"slot": slot, "delay": delay, "network": network,
                           **summaries([found[network] for found in latencies[slot, delay]])}
                          for slot, delay in SLOTS for network in NETWORKS],
            "costs": [{"slot": slot, "delay": delay, **summaries(costs[slot, delay])} for slot, delay in SLOTS]}
