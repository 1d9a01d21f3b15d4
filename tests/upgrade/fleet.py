"""Three replicas that are replaced one by one, their stores, and what watches them."""

import json
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from history_stack import Database, Witness, moment, now, wait_until
from private_redis import PrivateRedis
from stack import Service, Simulator

NGINX_LIMIT = 1  # seconds for a response before another replica is asked
SETTLED = 6  # seconds that a state is watched
LAG = 500  # milliseconds, as in test_replica_history.py
COURSES = 8


class Wrong(Exception):
    """What ends an upgrade."""


class Replica(Service):
    def __init__(self, release, settings):
        self.release, build = release
        super().__init__(build, settings)


class Front(threading.Thread):
    """A client that asks another replica after a failure or a 503, as nginx does. Both versions in turn."""

    def __init__(self, replicas, turn):
        super().__init__(daemon=True)
        self.replicas, self.turn = replicas, turn
        self.connections, self.versions, self.bodies = {}, {}, {}
        self.counts, self.failures = Counter(), []
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(0.02):
            self.turn += 1
            target = "/api/v2/courses" if self.turn % 2 else "/api/v1/courses"
            start = self.turn // 2
            replicas = list(self.replicas)
            replies = (self.ask(replicas[(start + i) % len(replicas)], target) for i in range(len(replicas)))
            if not any(replies):
                self.fail(f"no replica responds to {target}")
        for connection in self.connections.values():
            connection.close()

    def fail(self, what):
        self.counts["failures"] += 1
        self.failures.append(f"{moment(now())}: {what}")

    def ask(self, replica, target):
        """Whether it responded."""
        connection = self.connections.setdefault(
            replica.url, HTTPConnection(urlsplit(replica.url).netloc, timeout=NGINX_LIMIT))
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException):
            connection.close()
            self.counts["asked again"] += 1
            return False
        if response.status == 503:
            self.counts["asked again"] += 1
            return False
        self.counts[response.status] += 1
        self.check(replica, target, response.status, body)
        return True

    def check(self, replica, target, status, body):
        document = json.loads(body)
        courses = document.get("courses", ())
        if status != 200 or len(courses) != COURSES:
            return self.fail(f"{target}: {status}, {body[:200]}")
        if "/v2/" not in target:
            return None
        if any(course["state"] != "fresh" for course in courses):
            self.fail(f"not fresh: {[(course['direction'], course['reason']) for course in courses if course['state'] != 'fresh']}")
        version = document["version"]
        if version < self.versions.get(replica.url, 0):
            self.fail(f"version {version} after {self.versions[replica.url]} of one replica")
        self.versions[replica.url] = version
        shown = [{name: value for name, value in course.items() if name != "age_ms"} for course in courses]
        if self.bodies.setdefault(version, shown) != shown:
            self.fail(f"two bodies of version {version}")
        return None

    def stop(self):
        self.ended.set()
        self.join(10)


class LogWatch(threading.Thread):
    """Reads the board log in Redis: epochs never decrease and versions always increase, so one replica writes at a time."""

    def __init__(self, redis):
        super().__init__(daemon=True)
        self.redis = redis
        self.last, self.at, self.epoch, self.version = str(now()), None, 0, 0
        self.entries, self.longest_gap, self.failures = Counter(), 0, []
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(0.5):
            lines = self.redis.call("XRANGE", "kurs:view", "(" + self.last, "+").split("\n")
            for i in range(0, len(lines) - 6, 7):
                self.take(lines[i], int(lines[i + 2]), json.loads(lines[i + 6]))

    def take(self, entry, epoch, change):
        at = int(entry.split("-")[0])
        self.longest_gap = max(self.longest_gap, at - (self.at or at))
        if epoch < self.epoch:
            self.failures.append(f"an entry of epoch {epoch} after one of {self.epoch}")
        if change["version"] <= self.version:
            self.failures.append(f"version {change['version']} after {self.version} in the log")
        self.last, self.at, self.epoch, self.version = entry, at, max(epoch, self.epoch), change["version"]
        self.entries[f"format {change.get('format', 'none')}"] += 1

    def stop(self):
        self.ended.set()
        self.join(10)


class Fleet:
    def __init__(self, release):
        self.closing = ExitStack()
        self.fronts, self.log, self.witnesses, self.judged, self.all, self.frozen = [], None, {}, [], [], None
        try:
            self.redis = self.closing.enter_context(PrivateRedis())
            self.postgres = Database()
            self.closing.callback(self.postgres.close)
            self.simulator = Simulator(None)
            self.closing.callback(self.simulator.stop)
            self.replicas = []
            self.closing.callback(lambda: [replica.stop(signal.SIGKILL) for replica in self.replicas])
            for _ in range(3):
                self.replicas.append(self.start(release))
            self.wait_until_in_order()
            self.watch()
        except BaseException:
            self.closing.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.finish()
        self.closing.close()

    def start(self, release):
        replica = Replica(release, {**self.simulator.settings(), "REDIS_URL": self.redis.url, "DATABASE_URL": self.postgres.url})
        self.all.append(replica)
        replica.wait_for_courses(COURSES, exchanger="binance")
        return replica

    def watch(self):
        self.began_at, self.judged = now(), []
        self.log = LogWatch(self.redis)
        self.fronts = [Front(self.replicas, turn) for turn in (0, 3)]
        self.witnesses = {replica: Witness(replica, "binance") for replica in self.replicas}

    def wait_until_in_order(self):
        def is_in_order():
            return sorted(str(replica.role()) for replica in self.replicas) == ["follower", "follower", "leader"]
        wait_until(is_in_order, f"one leader and two followers: {self}")

    def settle(self, what):
        self.wait_until_in_order()
        time.sleep(SETTLED)
        self.wait_until_in_order()
        written = self.postgres.newest_second()
        print(f"  {what}: {self}; history is {(now() - written) / 1000:.0f} s behind", flush=True)

    def __str__(self):
        return ", ".join(f"{replica.release} is {replica.role()}" for replica in self.replicas)

    def migrate(self, release):
        applied = subprocess.run([release[1] / "src" / "kurs", "migrate"], env={"DATABASE_URL": self.postgres.url}, text=True,
                                 capture_output=True, check=True).stdout
        print("  kurs migrate: " + ", ".join(applied.splitlines()), flush=True)

    def replace(self, role, old, new):
        """A replica of the old release, with this role if there is one, by one of the new release. Returns its role."""
        replica = max((each for each in self.replicas if each.release == old[0]), key=lambda each: each.role() == role)
        role = replica.role()
        self.end_witness(replica)
        status = replica.stop()
        if status:
            raise Wrong(f"a replica ended with {status}")
        started = self.start(new)
        self.replicas[self.replicas.index(replica)] = started
        self.witnesses[started] = Witness(started, "binance")
        return role

    def freeze_leader(self):
        """For longer than a lease, so that another leads."""
        leader = next(replica for replica in self.replicas if replica.role() == "leader")
        self.end_witness(leader)
        self.frozen = leader
        leader.child.send_signal(signal.SIGSTOP)
        others = [replica for replica in self.replicas if replica is not leader]
        wait_until(lambda: any(replica.role() == "leader" for replica in others), "another leader")
        leader.child.send_signal(signal.SIGCONT)
        wait_until(lambda: leader.role() == "follower", "the leader that was frozen follows")
        self.witnesses[leader] = Witness(leader, "binance")

    def end_witness(self, replica):
        witness = self.witnesses.pop(replica)
        witness.stop()
        self.judged.append(witness)

    def check_history(self):
        """Every second in which a client saw a change has its row, each row is as it was served, and none is there twice."""
        for replica in list(self.witnesses):
            self.end_witness(replica)
        until = now()
        wait_until(lambda: self.postgres.newest_second() >= until, f"history up to {moment(until)}", limit=30)
        rows = self.postgres.rows("binance")
        written = {(row.direction, row.second) for row in rows}
        newest = self.postgres.newest_second()
        seen, agreed = set(), 0
        for witness in self.judged:
            seen |= {each for each in witness.changed_seconds(lag=LAG) if each[1] <= newest}
            same, differing = witness.compare(rows, lag=LAG)
            agreed += same
            if differing:
                raise Wrong(f"{len(differing)} rows differ from what was served: {differing[0]}")
        missing = sorted((moment(second), direction) for direction, second in seen - written)
        print(f"  history: {len(seen)} seconds of series seen, {len(missing)} missing {missing[:3]}; {agreed} rows compared and right; "
              f"{len(self.postgres.twice_written())} twice", flush=True)
        if missing or self.postgres.twice_written():
            raise Wrong("rows are missing or doubled")

    def finish(self):
        """Ends the clients; returns what failed."""
        watching = [*self.fronts, self.log, *self.witnesses.values()] if self.log else []
        ended_early = [type(each).__name__ for each in watching if not each.is_alive()]
        for each in watching:
            each.stop()
        if not watching:
            return []
        counts = sum((front.counts for front in self.fronts), Counter())
        print(f"  clients: {dict(counts)}; log: {dict(self.log.entries)}, longest gap {self.log.longest_gap} ms", flush=True)
        failures = [failure for front in self.fronts for failure in front.failures] + self.log.failures
        failures += [f"{name} has ended early" for name in ended_early]
        if not self.log.entries or not all(front.counts[200] for front in self.fronts):
            failures.append("a client or the reader of the log has seen nothing")
        failures += [f"log: {line}" for line in self.log_lines("newer format|cannot be read|malformed")]
        # One that was frozen cannot know whether it still leads.
        orderly = [replica for replica in self.all if replica is not self.frozen]
        failures += [f"log: {line}" for replica in orderly for line in replica.lines if "role is standalone" in line]
        self.fronts, self.log, self.witnesses = [], None, {}
        return failures

    def log_lines(self, pattern):
        return [line for replica in self.all for line in replica.lines if re.search(pattern, line)]
