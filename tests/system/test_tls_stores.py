"""TLS to Redis and Postgres: certificates and host names are verified, and nothing crosses the wire in plain text."""

import sys
import tempfile
import unittest
from pathlib import Path

from interceptor import Interceptor
from stack import BUILD, ROOT, Service, Simulator, call, wait_for

from history_stack import Database, HISTORY
from private_redis import PrivateRedis
from private_server import free_port

sys.path.insert(0, str(ROOT))
from simulator.certificates import Authority  # noqa: E402

# What Kurs says of Redis, and libpq of Postgres.
WRONG = {"expired": ("certificate expired", "certificate verify failed"),
         "misnamed": ("host name mismatch", "does not match host name"),
         "strange": ("unknown issuer", "certificate verify failed")}


class TlsStoresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.folder.chmod(0o755)
        authority = Authority()
        cls.write("ca", authority.pem)
        cls.write("good", authority.identity(["localhost"]))
        cls.write("expired", authority.identity(["localhost"], -30, -1))
        cls.write("misnamed", authority.identity(["other.example"]))
        cls.strange = Authority()
        cls.write("strange", cls.strange.identity(["localhost"]))
        cls.simulator = Simulator(BUILD)
        cls.addClassCleanup(cls.simulator.stop)

    @classmethod
    def write(cls, name, pem):
        (cls.folder / f"{name}.pem").write_bytes(pem)

    def file(self, name):
        return str(self.folder / f"{name}.pem")

    def start(self, **settings):
        service = Service(BUILD, {**self.simulator.settings(), "TRUSTED_CA_FILE": self.file("ca"), **settings})
        self.addCleanup(service.stop)
        return service

    def start_redis(self):
        self.port = free_port()
        redis = PrivateRedis(settings={
            "port": 0, "tls-port": self.port, "tls-cert-file": self.file("good"), "tls-key-file": self.file("good"),
            "tls-ca-cert-file": self.file("ca"), "tls-auth-clients": "no", "requirepass": ""})
        self.addCleanup(redis.close)
        redis.call("ACL", "SETUSER", "kurs", "on", ">marker-password", "~*", "+@all")
        return redis

    def redis_url(self, port=None, scheme="rediss"):
        return f"{scheme}://kurs:marker-password@localhost:{port or self.port}/0"

    def start_replicas(self, url, count=2):
        return [self.start(REDIS_URL=url) for _ in range(count)]

    def wait_for_roles(self, replicas, *roles):
        wait_for(lambda: sorted(str(each.role()) for each in replicas) == sorted(roles), replicas)

    def test_replicas_share_a_redis_with_tls_and_nothing_is_plain(self):
        redis = self.start_redis()
        wire = Interceptor(("127.0.0.1", self.port))
        replicas = self.start_replicas(self.redis_url(wire.port))
        self.wait_for_roles(replicas, "leader", "follower")
        for each in replicas:
            each.wait_for_courses(8, exchanger="binance")
        redis.kill()
        self.wait_for_roles(replicas, "standalone", "standalone")
        redis.start()
        redis.call("ACL", "SETUSER", "kurs", "on", ">marker-password", "~*", "+@all")
        self.wait_for_roles(replicas, "leader", "follower")
        leader = next(each for each in replicas if each.role() == "leader")
        follower = next(each for each in replicas if each is not leader)
        leader.stop()
        wait_for(lambda: follower.role() == "leader", replicas)
        self.assertGreater(len(wire.read), 10_000)
        for plain in (b"marker-password", b"kurs:", b"BTC-USD"):
            self.assertNotIn(plain, wire.read)
        lines = redis.call("CLIENT", "LIST")
        self.assertLess(lines.count("\n"), 10, "a connection for commands and one for reads, not one for each")

    def test_redis_with_a_wrong_certificate_is_not_believed(self):
        redis = self.start_redis()
        replica, = self.start_replicas(self.redis_url(), 1)
        self.wait_for_roles([replica], "leader")
        for name, (words, _) in WRONG.items():
            with self.subTest(name):
                redis.call("CONFIG", "SET", "tls-cert-file", self.file(name), "tls-key-file", self.file(name))
                redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                replica.wait_for_line(f"redis: calls fail, reason=TLS: {words}")
                self.wait_for_roles([replica], "standalone")
                replica.wait_for_courses(8, exchanger="binance")
                redis.call("CONFIG", "SET", "tls-cert-file", self.file("good"), "tls-key-file", self.file("good"))
                self.wait_for_roles([replica], "leader")

    def test_redis_behind_a_man_in_the_middle_gets_no_password(self):
        self.start_redis()
        middle = Interceptor(("127.0.0.1", self.port), self.strange.context(["localhost"]))
        replica, = self.start_replicas(self.redis_url(middle.port), 1)
        replica.wait_for_line("redis: calls fail, reason=TLS: unknown issuer")
        self.wait_for_roles([replica], "standalone")
        self.assertGreater(middle.connections, 0)
        self.assertEqual(middle.read, b"")

    def test_tls_and_plain_text_do_not_meet(self):
        self.start_redis()
        plain = PrivateRedis()
        self.addCleanup(plain.close)
        for url in (self.redis_url(plain.port), self.redis_url(scheme="redis")):
            replica, = self.start_replicas(url, 1)
            replica.wait_for_line("redis: calls fail")
            self.wait_for_roles([replica], "standalone")
            self.assertFalse(replica.has_line("marker-password"))

    def test_postgres_is_verified_in_full(self):
        postgres = Database(port=0, settings={"ssl": "on", "ssl_cert_file": "server.pem", "ssl_key_file": "server.pem"},
                            files={"server.pem": (self.folder / "good.pem").read_bytes()})
        self.addCleanup(postgres.close)
        url = postgres.url.replace("127.0.0.1", "localhost") + f"?sslmode=verify-full&sslrootcert={self.file('ca')}"
        service = self.start(DATABASE_URL=url)
        wait_for(lambda: call("GET", service.url + HISTORY)[0] == 200, [service])
        wait_for(lambda: postgres.count_quotes() > 0, [service])
        encrypted = postgres.query("select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) "
                                   "where application_name = 'kurs' and client_addr is not null")
        self.assertEqual(encrypted, [["t"]])
        for name, (_, words) in WRONG.items():
            with self.subTest(name):
                (postgres.data / "server.pem").write_bytes((self.folder / f"{name}.pem").read_bytes())
                postgres.query("select pg_reload_conf()")
                other = self.start(DATABASE_URL=url)
                other.wait_for_line(f"history: cannot write, .*{words}")
                other.wait_for_courses(8, exchanger="binance")
                self.assertNotEqual(call("GET", other.url + HISTORY)[0], 200)
                other.stop()


if __name__ == "__main__":
    unittest.main()
