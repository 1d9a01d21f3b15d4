"""Three replicas share one board through Redis, while clients check what each of them shows."""

import json
import signal
import threading
import time
import unittest

from history_stack import milliseconds
from push_client import EventStream
from stack import BUILD, Poller, Service, Simulator, call, wait_for

from private_redis import PrivateRedis

MAX_AGE = 5.0
TOLERANCE = 0.3
# Milliseconds. Three sanitized builds on a busy machine may need more than the default to receive every entry in time.
DELAY = 100


class ReplicasTest(unittest.TestCase):
    def setUp(self):
        self.simulator = Simulator(BUILD)
        self.addCleanup(self.simulator.stop)
        self.redis = PrivateRedis()
        self.addCleanup(self.redis.close)
        self.replicas = [self.start_replica() for _ in range(3)]
        for replica in self.replicas:
            replica.wait_for_courses(8, exchanger="binance")

    def start_replica(self):
        replica = Service(BUILD, {**self.simulator.settings(), "REDIS_URL": self.redis.url, "BOARD_DELAY": f"{DELAY}ms"})
        self.addCleanup(self.end, replica)
        return replica

    @staticmethod
    def end(replica):
        if replica.child.poll() is None:
            replica.child.send_signal(signal.SIGCONT)
            replica.stop()

    def wait_until(self, condition, limit=30):
        wait_for(condition, self.replicas, limit)

    def with_role(self, role, replicas=None):
        return [replica for replica in replicas or self.replicas if replica.role() == role]

    def wait_for_one_leader(self, replicas):
        self.wait_until(lambda: len(self.with_role("leader", replicas)) == 1
                        and len(self.with_role("follower", replicas)) == len(replicas) - 1)

    def watch(self, replicas):
        """Polls each replica: every response is fresh, complete, and not of an earlier version than the one
        before."""
        watch = Watch(replicas)
        self.addCleanup(watch.stop)
        return watch

    def finish(self, watch):
        watch.stop()
        failures = [failure for poller in watch.pollers for failure in poller.failures]
        print(f"{self.id().split('.')[-1]}: {[poller.statuses for poller in watch.pollers]}, "
              f"oldest value {watch.oldest:.2f} s, longest without change {watch.longest_quiet:.2f} s")
        self.assertEqual(failures[:3], [])
        self.assertTrue(all(set(poller.statuses) <= {200} for poller in watch.pollers))

    def test_one_leads_and_equal_versions_have_equal_bodies(self):
        self.wait_for_one_leader(self.replicas)
        bodies = {}
        lock = threading.Lock()
        differing = []

        def check(_asked_at, status, _headers, body):
            document = json.loads(body)
            shown = [{k: v for k, v in course.items() if k != "age_ms"} for course in document["courses"]]
            with lock:
                known = bodies.setdefault(document["version"], shown)
                if known != shown:
                    differing.append((document["version"], known, shown))

        pollers = [Poller(replica.url + "/api/v2/courses", check, every=0.005) for replica in self.replicas]
        for poller in pollers:
            poller.start()
        time.sleep(5)
        for poller in pollers:
            poller.stop()
        self.assertEqual([poller.failures[:1] for poller in pollers], [[], [], []])
        self.assertEqual(differing[:1], [])
        asked = sum(sum(poller.statuses.values()) for poller in pollers)
        print(f"{asked} answers of three replicas, {len(bodies)} versions, none with two bodies")
        connections = self.simulator.state()["connections"]["binance_stream"]["open"]
        self.assertLessEqual(connections, 2, "only the leader listens to the venues")

    def test_a_client_that_changes_replicas_never_sees_an_earlier_version(self):
        self.wait_for_one_leader(self.replicas)
        newest = 0
        steps_back = []
        until = time.monotonic() + 5
        count = 0
        while time.monotonic() < until:
            for replica in self.replicas:
                version = json.loads(call("GET", replica.url + "/api/v2/courses")[2])["version"]
                count += 1
                if version < newest:
                    steps_back.append((newest, version))
                newest = max(newest, version)
        print(f"{count} requests in turn to three replicas, {len(steps_back)} versions smaller than one seen before")
        self.assertEqual(steps_back[:3], [])

    def test_the_leader_is_killed(self):
        self.wait_for_one_leader(self.replicas)
        leader = self.with_role("leader")[0]
        others = [replica for replica in self.replicas if replica is not leader]
        watch = self.watch(others)
        leader.child.kill()
        self.wait_for_one_leader(others)
        watch.wait_for_changes(20)
        self.finish(watch)

    def test_the_leader_is_frozen_and_thawed(self):
        self.wait_for_one_leader(self.replicas)
        leader = self.with_role("leader")[0]
        others = [replica for replica in self.replicas if replica is not leader]
        watch = self.watch(others)
        leader.child.send_signal(signal.SIGSTOP)
        self.wait_for_one_leader(others)
        watch.wait_for_changes(20)
        leader.child.send_signal(signal.SIGCONT)
        self.wait_for_one_leader(self.replicas)
        self.assertIsNot(self.with_role("leader")[0], leader)
        leader.wait_for_courses(8, exchanger="binance")
        watch.wait_for_changes(20)
        self.finish(watch)

    def test_one_that_leads_again_begins_with_what_was_served(self):
        self.wait_for_one_leader(self.replicas)
        first = self.with_role("leader")[0]
        others = [replica for replica in self.replicas if replica is not first]
        first.child.send_signal(signal.SIGSTOP)
        self.wait_for_one_leader(others)
        first.child.send_signal(signal.SIGCONT)
        self.wait_for_one_leader(self.replicas)
        time.sleep(MAX_AGE + 1)  # everything that it knew as the leader is stale by then
        watch = self.watch([first])
        for replica in others:
            replica.child.kill()
        self.wait_for_one_leader([first])
        watch.wait_for_changes(20)
        self.finish(watch)

    def test_binance_dies_and_no_replica_has_nothing_to_serve(self):
        self.wait_for_one_leader(self.replicas)
        self.replicas[0].wait_for_courses(8, "?exchanger=coingecko", exchanger="coingecko")
        watch = self.watch(self.replicas)
        self.simulator.fault(endpoint="binance_stream", fault="refuse")
        self.simulator.fault(endpoint="binance_stream", fault="cut", value="rst")

        def is_left(replica):
            return json.loads(call("GET", replica.url + "/api/v2/courses")[2]).get("exchanger") == "coingecko"
        self.wait_until(lambda: all(map(is_left, self.replicas)))
        time.sleep(1)
        self.finish(watch)

    def test_redis_is_killed_and_comes_back(self):
        self.go_on_without_redis(self.redis.kill, self.redis.start)

    def test_redis_is_frozen_and_thawed(self):
        self.go_on_without_redis(self.redis.freeze, self.redis.thaw)

    def go_on_without_redis(self, take_away, bring_back):
        self.wait_for_one_leader(self.replicas)
        watch = self.watch(self.replicas)
        take_away()
        self.wait_until(lambda: len(self.with_role("standalone")) == 3)
        watch.wait_for_changes(20)
        bring_back()
        self.wait_for_one_leader(self.replicas)
        watch.wait_for_changes(20)
        self.finish(watch)

    def test_what_a_replica_on_its_own_tells_is_resumed_nowhere(self):
        """No other replica knows its versions, so every client that was or gets connected starts with a
        snapshot."""
        self.wait_for_one_leader(self.replicas)
        replica = self.replicas[0]

        def first(known):
            with EventStream(replica.url, last_event_id=known) as stream:
                return stream.next()

        def is_resumed():
            return first(first(None).id).kind == "changes"
        self.wait_until(is_resumed)
        with EventStream(replica.url) as stream:
            known = stream.next().id
            self.redis.stop()
            self.wait_until(lambda: replica.role() == "standalone")
            self.assertIn("", (stream.next_of("changes").id for _ in range(100)))
        self.assertEqual(first(known)[:2], ("snapshot", ""))
        self.redis.start()
        self.wait_for_one_leader(self.replicas)
        self.wait_until(is_resumed)

    def test_a_replica_starts_without_redis_and_joins_later(self):
        self.redis.stop()
        self.wait_until(lambda: len(self.with_role("standalone")) == 3)
        late = self.start_replica()
        late.wait_for_courses(8, exchanger="binance")
        self.replicas.append(late)
        self.redis.start()
        self.wait_for_one_leader(self.replicas)

    def test_a_leader_that_stops_in_order_hands_over_at_once(self):
        self.wait_for_one_leader(self.replicas)
        leader = self.with_role("leader")[0]
        others = [replica for replica in self.replicas if replica is not leader]
        watch = self.watch(others)
        self.assertEqual(leader.stop(), 0)
        self.wait_for_one_leader(others)
        watch.wait_for_changes(20)
        self.finish(watch)


class Watch:
    """Clients of several replicas, each checking version 2 of one."""

    def __init__(self, replicas):
        self.oldest = 0.0
        self.longest_quiet = 0.0
        self.pollers = []
        self.seen = []
        for replica in replicas:
            seen = {"version": 0, "shown": [], "at": time.monotonic(), "changes": 0}
            self.seen.append(seen)
            poller = Poller(replica.url + "/api/v2/courses?direction=BTC-USD,ETH-USD,USDTTRC-USD", self.checker(seen))
            self.pollers.append(poller)
            poller.start()

    def checker(self, seen):
        def check(_asked_at, status, _headers, body):
            assert status == 200, body
            document = json.loads(body)
            version = document["version"]
            assert version >= seen["version"], f"version {version} after {seen['version']}"
            now = time.monotonic()
            self.longest_quiet = max(self.longest_quiet, now - seen["at"])
            # A version is the beginning of its slot, and no replica serves it earlier than the delay later.
            ahead = version / 1000 - (milliseconds(document["as_of"]) - DELAY)
            assert ahead <= 0, f"version {version} is served {ahead} ms before its moment"
            seen["version"] = version  # it grows with time, whether anything has changed or not
            shown = [course["observed_at"] for course in document["courses"]]
            if shown != seen["shown"]:
                seen.update(shown=shown, at=now, changes=seen["changes"] + 1)
            for course in document["courses"]:
                assert course["state"] == "fresh", course
                if document["exchanger"] == "binance":
                    self.oldest = max(self.oldest, course["age_ms"] / 1000)
                    assert course["age_ms"] < (MAX_AGE + TOLERANCE) * 1000, course
        return check

    def wait_for_changes(self, count):
        wanted = [seen["changes"] + count for seen in self.seen]
        until = time.monotonic() + 30
        while any(seen["changes"] < most for seen, most in zip(self.seen, wanted)):
            if time.monotonic() > until:
                raise AssertionError(f"too few changes: {self.seen}, wanted {wanted}")
            time.sleep(0.02)

    def stop(self):
        for poller in self.pollers:
            poller.stop()


if __name__ == "__main__":
    unittest.main()
