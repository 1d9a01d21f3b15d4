"""The user of Redis that docker/redis/start makes for replicas: it suffices for everything that they do, and for no more."""

import os
import re
import subprocess
import tempfile
import unittest
from unittest import mock

from stack import BUILD, ROOT, Service, Simulator, wait_for

from private_redis import PrivateRedis

START = ROOT / "docker" / "redis" / "start"


class GuardedRedis(PrivateRedis):
    program = ["sh", str(START)]


class RedisRightsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(BUILD)
        cls.addClassCleanup(cls.simulator.stop)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        passwords = {"REDISCLI_AUTH": "of-operators", "KURS_PASSWORD": "of-replicas", "TMPDIR": folder.name}
        environment = mock.patch.dict(os.environ, passwords)
        environment.start()
        cls.addClassCleanup(environment.stop)
        cls.redis = GuardedRedis()
        cls.addClassCleanup(cls.redis.close)
        cls.replicas = []

    def start(self):
        service = Service(BUILD, {**self.simulator.settings(),
                                  "REDIS_URL": f"redis://kurs:of-replicas@127.0.0.1:{self.redis.port}/1"})
        self.addCleanup(service.child.kill)
        self.replicas.append(service)
        return service

    def try_as_replica(self, *words):
        """What Redis answers to a replica."""
        command = ["redis-cli", "-p", str(self.redis.port), "--user", "kurs", *words]
        answer = subprocess.run(command, env={**os.environ, "REDISCLI_AUTH": "of-replicas"}, text=True,
                                capture_output=True, check=True)
        return answer.stdout.strip()

    def commands_called(self):
        return set(re.findall(r"^cmdstat_([a-z]+)", self.redis.call("INFO", "commandstats"), re.M))

    def test_replicas_do_everything_with_it_and_need_each_command(self):
        granted = set(re.findall(r"\+([a-z]+)\b", START.read_text().partition("user kurs")[2]))
        self.redis.call("CONFIG", "RESETSTAT")
        self.redis.call("ACL", "LOG", "RESET")
        first, second = self.start(), self.start()
        wait_for(lambda: {first.role(), second.role()} == {"leader", "follower"}, self.replicas)
        leader, follower = (first, second) if first.role() == "leader" else (second, first)
        for each in self.replicas:
            each.wait_for_courses(8, exchanger="binance")
        # The snapshot, which a replica that joins starts from.
        wait_for(lambda: self.redis.call("-n", "1", "EXISTS", "kurs:snapshot") == "1", self.replicas)
        third = self.start()
        third.wait_for_courses(8, exchanger="binance")
        wait_for(lambda: third.role() == "follower", self.replicas)
        leader.child.kill()
        rest = [each for each in self.replicas if each is not leader]
        wait_for(lambda: sorted(each.role() for each in rest) == ["follower", "leader"], rest)
        for each in rest:
            each.wait_for_courses(8, exchanger="binance")
        successor = next(each for each in rest if each.role() == "leader")
        self.assertEqual(successor.stop(), 0)
        for each in self.replicas:
            self.assertFalse(each.has_line("redis: calls fail"), "\n".join(each.lines[-20:]))
        self.assertEqual(self.redis.call("ACL", "LOG"), "")
        self.assertEqual(granted - self.commands_called(), set(), "granted without need")
        print(f"needed and granted: {' '.join(sorted(granted))}")

    def test_other_commands_and_other_keys_are_refused(self):
        for words in (["FLUSHALL"], ["FLUSHDB"], ["CONFIG", "GET", "*"], ["CONFIG", "SET", "dir", "/"], ["KEYS", "*"],
                      ["SCAN", "0"], ["ACL", "LIST"], ["ACL", "WHOAMI"], ["SHUTDOWN"], ["MONITOR"],
                      ["REPLICAOF", "127.0.0.1", "1"], ["MODULE", "LIST"], ["SAVE"], ["CLIENT", "LIST"], ["INFO"],
                      ["SCRIPT", "FLUSH"], ["FUNCTION", "LIST"], ["PUBLISH", "kurs:x", "x"], ["SUBSCRIBE", "x"],
                      ["RENAME", "kurs:lease", "kurs:x"], ["EVAL", "return redis.call('FLUSHALL')", "0"]):
            with self.subTest(words):
                self.assertRegex(self.try_as_replica(*words), "NOPERM|has no permissions|can't run this command")
        for words in (["GET", "others"], ["SET", "others", "1"], ["DEL", "kurs"], ["XREAD", "STREAMS", "others", "0"],
                      ["MGET", "kurs:lease", "others"], ["EVAL", "return redis.call('GET', KEYS[1])", "1", "others"],
                      ["EVAL", "return redis.call('SET', 'others', '1')", "0"]):
            with self.subTest(words):
                self.assertRegex(self.try_as_replica(*words), "NOPERM|access .*keys")
        self.assertEqual(self.redis.call("EXISTS", "others"), "0")

    def test_nobody_is_let_in_without_a_password(self):
        for user in ("default", "kurs", "nobody"):
            command = ["redis-cli", "-p", str(self.redis.port), "--user", user, "--pass", "guessed", "PING"]
            answer = subprocess.run(command, text=True, capture_output=True, check=False)
            self.assertNotIn("PONG", answer.stdout)
        environment = {name: value for name, value in os.environ.items() if name != "REDISCLI_AUTH"}
        answer = subprocess.run(["redis-cli", "-p", str(self.redis.port), "PING"], env=environment, text=True,
                                capture_output=True, check=False)
        self.assertIn("NOAUTH", answer.stdout)

    def test_the_passwords_are_not_among_the_arguments_of_the_process(self):
        arguments = subprocess.run(["ps", "-e", "-o", "args"], text=True, capture_output=True, check=True).stdout
        self.assertNotIn("of-replicas", arguments)
        self.assertNotIn("of-operators", arguments)


if __name__ == "__main__":
    unittest.main()
