"""Redis responds, but incorrectly: demoted behind its name, without a permission, with another password."""

import asyncio
import threading
import time
import unittest

from stack import BUILD, Poller, Service, Simulator, wait_for

from private_redis import PrivateRedis

FAIL = "redis: calls fail, reason="
RECOVERED = "redis: calls succeed again"


class Name:
    """A port whose new connections lead to `target`; open connections stay where they are."""

    def __init__(self, target):
        self.target = target
        self.port = None
        self._loop = asyncio.new_event_loop()
        listening = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(listening)), daemon=True)
        self._thread.start()
        listening.wait()

    async def _serve(self, listening):
        server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        await server.serve_forever()

    async def _forward(self, reader, writer):
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._copy(reader, back), self._copy(there, writer))

    @staticmethod
    async def _copy(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()


class RefusalsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(BUILD)
        cls.addClassCleanup(cls.simulator.stop)

    def setUp(self):
        self.redis = self.start_redis()
        self.replicas = []

    def start_redis(self):
        redis = PrivateRedis()
        self.addCleanup(redis.close)
        return redis

    def start_replica(self, url):
        replica = Service(BUILD, {**self.simulator.settings(), "REDIS_URL": url})
        self.addCleanup(replica.stop)
        self.replicas.append(replica)
        return replica

    def wait_until(self, condition, limit=30):
        wait_for(condition, self.replicas, limit)

    def wait_for_roles(self, *roles, limit=30):
        self.wait_until(lambda: sorted(str(each.role()) for each in self.replicas) == sorted(roles), limit)

    def reasons(self, replica):
        return [line.split(FAIL)[1] for line in replica.lines if FAIL in line]

    def test_redis_is_demoted_behind_its_name(self):
        primary = self.redis
        second = self.start_redis()
        second.call("REPLICAOF", "127.0.0.1", primary.port)
        self.wait_until(lambda: "master_link_status:up" in second.call("INFO", "replication"))
        name = Name(primary.port)
        for _ in range(2):
            self.start_replica(f"redis://127.0.0.1:{name.port}/0")
        self.wait_for_roles("leader", "follower")

        second.call("REPLICAOF", "NO", "ONE")
        primary.call("REPLICAOF", "127.0.0.1", second.port)
        self.wait_for_roles("standalone", "standalone")
        time.sleep(1)  # while the name still leads to the old server
        name.target = second.port
        self.wait_for_roles("leader", "follower", limit=5)
        self.wait_until(lambda: all(each.has_line(RECOVERED) for each in self.replicas))
        for replica in self.replicas:
            said = self.reasons(replica)
            self.assertTrue(any(reason.startswith("READONLY") for reason in said), said)
            self.assertEqual(len(said), len(set(said)), "each reason once")
        self.wait_until(lambda: "cmd=xread" in second.call("CLIENT", "LIST"))

    def test_a_password_a_right_and_a_memory_limit_are_named(self):
        self.redis.call("ACL", "SETUSER", "kurs", "on", ">right", "~*", "+@all")
        replica = self.start_replica(f"redis://kurs:hunter2@127.0.0.1:{self.redis.port}/0")
        self.wait_for_roles("standalone")
        self.wait_until(lambda: self.reasons(replica))

        self.redis.call("ACL", "SETUSER", "kurs", ">hunter2")
        self.wait_for_roles("leader", limit=5)
        self.wait_until(lambda: replica.has_line(RECOVERED))

        self.redis.call("ACL", "SETUSER", "kurs", "-evalsha", "-eval")
        self.wait_for_roles("standalone")
        self.redis.call("ACL", "SETUSER", "kurs", "+@all")
        self.wait_for_roles("leader", limit=5)
        self.wait_until(lambda: len([line for line in replica.lines if RECOVERED in line]) == 2)

        self.redis.call("CONFIG", "SET", "maxmemory", "1")
        self.wait_for_roles("standalone")
        self.redis.call("CONFIG", "SET", "maxmemory", "0")
        self.wait_for_roles("leader", limit=5)

        said = self.reasons(replica)
        self.assertEqual([reason.split()[0] for reason in said], ["WRONGPASS", "NOPERM", "OOM"], said)
        self.assertFalse(replica.has_line("hunter2"))
        self.assertTrue(all("warn" in line for line in replica.lines if FAIL in line))

    def test_replicas_that_can_renew_the_lease_but_not_publish_serve_their_own_boards(self):
        self.redis.call("ACL", "SETUSER", "kurs", "on", ">right", "~*", "+@all")
        for _ in range(2):
            self.start_replica(f"redis://kurs:right@127.0.0.1:{self.redis.port}/0")
        self.wait_for_roles("leader", "follower")
        self.wait_until(lambda: all(each.courses("?exchanger=binance") for each in self.replicas))
        faults = [
            (("ACL", "SETUSER", "kurs", "-xadd"), ("ACL", "SETUSER", "kurs", "+xadd")),
            (("SET", "kurs:view", "a key of another type"), ("DEL", "kurs:view")),
        ]
        for fault, repair in faults:
            pollers = [Poller(each.courses_url + "?exchanger=binance", self.check_served) for each in self.replicas]
            for poller in pollers:
                poller.start()
            self.redis.call(*fault)
            self.wait_for_roles("standalone", "standalone")
            time.sleep(6)  # longer than Binance's age limit
            self.redis.call(*repair)
            self.wait_for_roles("leader", "follower", limit=10)
            for poller in pollers:
                poller.stop()
                self.assertEqual(poller.failures, [], fault)
                self.assertGreater(poller.statuses[200], 100)

    def check_served(self, _asked_at, status, _headers, body):
        self.assertEqual(status, 200, body)


if __name__ == "__main__":
    unittest.main()
