"""SIGHUP: settings and market map are read again, and no client notices anything but the new rates."""

import contextlib
import http.client
import json
import signal
import tempfile
import threading
import time
import unittest
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from history_stack import SECOND, Database, Witness, now, second_of, wait_for_history, wait_until
from metrics_page import Page
from push_client import EventStream
from stack import BUILD, FEW_VENUES, ROOT, Service, Simulator, call

from private_redis import PrivateRedis

MAP = (ROOT / "src" / "config" / "markets.json").read_text()
TEN = MAP.replace('"directions": [', '"directions": [{"direction": "SOL-USD", "binance": "SOLUSDT * USDT-USD", '
                  '"coingecko": "solana/usd"}, {"direction": "BTC-EUR", "binance": "BTCUSDT / EURUSDT", '
                  '"coingecko": "bitcoin/eur"},', 1).replace(
                      '"USDCUSDT": {"pair"', '"BTCUSDT": {"pair": "BTC/USDT"}, "USDCUSDT": {"pair"', 1)
IN_FORCE = "reload: the new configuration is in force"


class Client(threading.Thread):
    """Asks every 20 ms on one connection, and says what failed."""

    def __init__(self, url, path="/api/v2/courses", keeps_connection=True):
        super().__init__(daemon=True)
        self.address = urlsplit(url).netloc
        self.path = path
        self.keeps_connection = keeps_connection
        self.failures, self.answers, self.version = [], 0, 0
        self.ended = threading.Event()

    def run(self):
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=10)) as connection:
            self.ask(connection)

    def ask(self, connection):
        connection.connect()
        first = connection.sock
        while not self.ended.wait(0.02):
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                self.check(answer.status, answer.read())
            except (OSError, http.client.HTTPException) as failure:
                self.failures.append(repr(failure))
            if not self.keeps_connection:
                connection.close()
            elif connection.sock is not first:
                self.failures.append("the connection was closed")
                first = connection.sock

    def check(self, status, body):
        self.answers += 1
        if status != 200:
            self.failures.append((status, body[:200]))
            return
        answer = json.loads(body, parse_float=Decimal)
        if answer["version"] < self.version:
            self.failures.append(f"version {answer['version']} after {self.version}")
        self.version = answer["version"]
        btc = [course for course in answer["courses"] if course["direction"] == "BTC-USD"]
        if not btc or btc[0]["value"] is None:
            self.failures.append(f"BTC-USD is not served by {answer['exchanger']} at {answer['as_of']}: {btc}")

    def stop(self):
        self.ended.set()
        self.join(10)


class ReloadBase(unittest.TestCase):
    def setUp(self):
        self.simulator = Simulator(BUILD)
        self.addCleanup(self.simulator.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.market = self.folder / "markets.json"
        self.market.write_text(MAP)
        self.set()
        self.clients = []

    def set(self, **settings):
        settings = {"VENUES": FEW_VENUES, **settings}
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def start(self, **settings):
        service = Service(BUILD, {**self.simulator.settings(), "MARKETS_FILE": str(self.market), **settings},
                          cwd=str(self.folder))
        self.addCleanup(lambda: self.assertEqual(service.stop(), 0))
        return service

    def load(self, *urls):
        """Clients of all kinds, which `check_clients` stops."""
        for url in urls or [self.service.url]:
            self.clients += [Client(url), Client(url, "/api/v2/courses?direction=BTC-USD"),
                             Client(url, "/api/v2/courses?exchanger=coingecko"), Client(url, keeps_connection=False)]
        for client in self.clients:
            client.start()

    def check_clients(self):
        wait_until(lambda: all(client.answers > 20 for client in self.clients), "clients that ask on")
        for client in self.clients:
            client.stop()
            self.assertEqual(client.failures[:3] + client.failures[-1:], [], client.path)

    def reload(self, service=None, times=1):
        service = service or self.service
        service.child.send_signal(signal.SIGHUP)
        wait_until(lambda: sum(IN_FORCE in line for line in service.lines) == times, f"{times} reloads")

    def courses(self, url=None):
        return json.loads(call("GET", (url or self.service.url) + "/api/v2/courses")[2])["courses"]

    def directions(self, url=None):
        return [course["direction"] for course in self.courses(url)]

    def is_served(self, url, direction):
        return any(course["direction"] == direction and course["value"] for course in self.courses(url))

    @staticmethod
    def is_live(url, exchanger):
        """Whether all of the exchanger's connections are live and its rates served."""
        status, _, body = call("GET", url + "/api/v2/exchangers")
        lines = [line for each in json.loads(body)["exchangers"] if each["exchanger"] == exchanger
                 for line in each["lines"] if line["name"].startswith(exchanger + "/")] if status == 200 else []
        served = call("GET", f"{url}/api/v1/courses?exchanger={exchanger}")[0] == 200
        return served and len(lines) == 2 and all(line["state"] == "live" for line in lines)


class ReloadTest(ReloadBase):
    def setUp(self):
        super().setUp()
        self.service = self.start()
        self.service.wait_for_courses(8, exchanger="binance")

    def test_a_new_map_is_served_and_no_request_fails(self):
        self.load()
        stream = EventStream(self.service.url)
        self.addCleanup(stream.close)
        self.market.write_text(TEN)
        self.reload()
        stream.wait_for_end()
        self.assertEqual(self.directions()[:2], ["SOL-USD", "BTC-EUR"])
        self.service.wait_for_courses(10, exchanger="binance")
        self.market.write_text(MAP)
        self.reload(times=2)
        self.assertEqual(len(self.directions()), 8)
        self.check_clients()

    def test_venues_are_read_again_and_a_lost_one_is_a_failover(self):
        self.load()
        self.set(VENUES="coingecko,cbr", LOG_FORMAT="json")
        self.reload()
        self.service.wait_for_line("reload: LOG_FORMAT changes only at a restart")
        self.assertEqual(self.service.wait_for_courses(8)["exchanger"], "coingecko")
        self.assertEqual(call("GET", self.service.courses_url + "?exchanger=binance")[0], 400)
        failovers = json.loads(call("GET", self.service.url + "/api/v2/exchangers")[2])
        self.assertIn("new configuration", json.dumps(failovers))
        self.check_clients()

    def test_an_invalid_map_is_rejected_with_all_its_errors(self):
        self.load()
        self.market.write_text(TEN.replace("SOLUSDT * USDT-USD", "SOLUSDT / NOTHING").replace('"5s"', '"soon"'))
        self.set(VENUES="binanse")
        self.service.child.send_signal(signal.SIGHUP)
        self.service.wait_for_line("reload: the new configuration is invalid; the current one stays in force")
        errors = [line for line in self.service.lines if " error settings: " in line]
        self.assertGreaterEqual(len(errors), 2, errors)
        self.assertEqual(len(self.directions()), 8)
        self.set()
        self.market.write_text(TEN)
        self.reload()
        self.assertEqual(len(self.directions()), 10)
        self.check_clients()

    def test_a_configuration_that_serves_less_is_rejected(self):
        self.load()
        self.market.write_text(TEN.replace("bitcoin/usd", "bitcoyn/usd"))
        self.service.child.send_signal(signal.SIGHUP)
        missing = self.service.wait_for_line("does not serve within 30 s; the current one stays in force, missing: (.*)")
        self.assertIn("coingecko BTC-USD", missing.group(1))
        self.assertEqual(len(self.directions()), 8)
        self.check_clients()

    def test_twenty_reloads_in_a_row_leave_nothing_behind(self):
        self.load()
        for times in range(1, 21):
            self.reload(times=times)
        wait_until(lambda: self.connections() <= 2 * 2 + len(self.clients) + 6, "the feeds of replaced graphs end")
        self.check_clients()

    def connections(self):
        """Open sockets of the service."""
        folder = Path(f"/proc/{self.service.child.pid}/fd")
        links = []
        for entry in folder.iterdir():
            try:
                links.append(str(entry.readlink()))
            except FileNotFoundError:
                continue
        return sum(link.startswith("socket:") for link in links)

    def test_a_stop_amid_a_reload_is_orderly(self):
        self.market.write_text(MAP.replace("bitcoin/usd", "bitcoyn/usd"))
        self.service.child.send_signal(signal.SIGHUP)
        self.service.wait_for_line("reload: preparing")
        began = time.monotonic()
        self.assertEqual(self.service.stop(), 0)
        self.assertLess(time.monotonic() - began, 15)


class StoresTest(ReloadBase):
    """With a Postgres, or with a Redis and a second replica."""

    def test_rows_wait_for_postgres_across_a_reload(self):
        postgres = Database()
        self.addCleanup(postgres.close)
        service = self.start(DATABASE_URL=postgres.url)
        service.wait_for_courses(8, exchanger="binance")
        wait_for_history(service)
        witness = Witness(service, "binance")
        wait_until(lambda: postgres.count_quotes() > 48, "two seconds of rows")
        postgres.freeze()
        wait_until(lambda: self.waiting(service) > 48, "rows that wait")
        before = self.waiting(service)
        self.reload(service)
        self.assertGreaterEqual(self.waiting(service), before, "the rows of the previous configuration count")
        wait_until(lambda: self.waiting(service) > before + 24, "rows of both configurations")
        for times in (2, 3):
            self.reload(service, times=times)
        # Three configurations wait for the database, so a fourth reload waits too.
        service.child.send_signal(signal.SIGHUP)
        service.wait_for_line("reload: waits for the rows of earlier configurations")
        postgres.thaw()
        wait_until(lambda: sum(IN_FORCE in line for line in service.lines) == 4, "the fourth reload")
        until = now() + SECOND
        wait_until(lambda: (postgres.newest_second() or 0) >= second_of(until), "rows of the fourth configuration")
        witness.stop()
        self.assertEqual(service.stop(), 0)
        rows = postgres.rows()
        seconds = {row.second for row in rows if (row.venue, row.direction) == ("binance", "BTC-USD")}
        missing = [second for second in range(second_of(witness.since) + SECOND, second_of(witness.until) - SECOND, SECOND)
                   if second not in seconds]
        self.assertEqual(missing, [])
        self.assertEqual(postgres.query("select reason from active_changes where venue = ''"), [["stopped"]])

    @staticmethod
    def waiting(service):
        return Page(service).sum("kurs_archive_waiting_rows")

    def start_replicas(self):
        """A leader and a follower under load."""
        redis = PrivateRedis()
        self.addCleanup(redis.close)
        replicas = [self.start(REDIS_URL=redis.url) for _ in range(2)]
        for replica in replicas:
            wait_until(lambda url=replica.url: self.is_live(url, "kraken") and self.is_live(url, "binance"), "live feeds")
        self.load(*[replica.url for replica in replicas])
        return replicas

    def test_replicas_are_reloaded_one_after_another(self):
        replicas = self.start_replicas()
        self.market.write_text(TEN)
        for replica in replicas:
            self.reload(replica)
        for replica in replicas:
            wait_until(lambda url=replica.url: len(self.directions(url)) == 10 and self.is_served(url, "SOL-USD"), "SOL-USD")
        self.check_clients()

    def test_replicas_reject_a_configuration_that_does_not_serve(self):
        """Although the leader's rates would be there: its own feeds fail."""
        replicas = self.start_replicas()
        self.set(KRAKEN_PROXY="http://127.0.0.1:1")
        for replica in replicas:
            replica.child.send_signal(signal.SIGHUP)
        for replica in replicas:
            missing = replica.wait_for_line("does not serve within 30 s; the current one stays in force, missing: (.*)")
            self.assertIn("kraken", missing.group(1))
        self.check_clients()


if __name__ == "__main__":
    unittest.main()
