"""History through PgBouncer in transaction mode, where clients share Postgres sessions."""

import os
import signal
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from history_stack import HISTORY, HistoryTest, now, wait_for_history
from stack import BUILD, call

from private_postgres import as_server_user
from private_server import free_port
from processes import Process

CONFIGURATION = """
[databases]
kurs = host={folder} port={postgres_port} user=kurs dbname=kurs
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
"""


class PgBouncer:
    """PgBouncer in front of a private Postgres, which is removed with it."""

    def __init__(self, postgres, sessions):
        self.port = free_port()
        self.url = f"postgresql://kurs@127.0.0.1:{self.port}/kurs"
        configuration = postgres.folder / f"pgbouncer-{self.port}.ini"
        configuration.write_text(CONFIGURATION.format(
            folder=postgres.folder, postgres_port=postgres.port, port=self.port, sessions=sessions))
        self._server = Process(as_server_user(["pgbouncer", str(configuration)]), cwd=postgres.data)
        self._server.wait_for_line("process up")

    def query(self, sql):
        """As another client of the same sessions."""
        command = ["psql", "--no-psqlrc", "--quiet", "--csv", "--tuples-only", f"--command={sql}", self.url]
        return subprocess.run(command, text=True, capture_output=True, check=True).stdout

    def close(self):
        self._server.stop(signal.SIGTERM)


class PgBouncerTest(HistoryTest):
    def setUp(self):
        super().setUp()
        self.postgres = self.make_postgres()

    def start_pooler(self, sessions):
        pooler = PgBouncer(self.postgres, sessions)
        self.addCleanup(pooler.close)
        return pooler

    @staticmethod
    def command(pooler, *words):
        environment = {**os.environ, "DATABASE_URL": pooler.url, "REDIS_URL": ""}
        return subprocess.run([f"{BUILD}/src/kurs", *words], env=environment, cwd="/", text=True,
                              capture_output=True, check=False)

    def test_other_clients_keep_their_settings(self):
        pooler = self.start_pooler(sessions=1)
        # Those of plpgsql appear with their defaults once a function in it has run in the session.
        settings = "select name, setting from pg_settings where name not like 'plpgsql.%' order by name"
        before = pooler.query(settings)
        self.assertIn("statement_timeout,0\n", before)
        service = self.start(pooler.url)
        service.wait_for_courses(8, exchanger="binance")
        wait_for_history(service)
        self.wait_until_written(self.postgres, now())
        for _ in range(20):
            self.assertEqual(call("GET", service.url + HISTORY)[0], 200)
            self.assertEqual(pooler.query(settings), before)
        self.wait_until_written(self.postgres, now() + 1000)
        self.assertEqual(pooler.query("select count(*) from pg_prepared_statements"), "0\n")
        self.assertEqual(service.stop(), 0)
        self.assertEqual(pooler.query("select count(*) from pg_locks where locktype = 'advisory'"), "0\n")
        self.assertEqual(pooler.query(settings), before)
        self.assert_candles_are_right(self.postgres)

    def test_a_statement_of_another_client_may_take_longer_than_ours(self):
        pooler = self.start_pooler(sessions=1)
        service = self.start(pooler.url)
        service.wait_for_courses(8, exchanger="binance")
        wait_for_history(service)
        self.assertEqual(pooler.query("select pg_sleep(11)"), "\n", "our limits are 2 s and 10 s")
        self.wait_until_written(self.postgres, now())

    def test_replicas_that_start_together_migrate_once(self):
        pooler = self.start_pooler(sessions=2)
        with ThreadPoolExecutor(4) as replicas:
            ended = list(replicas.map(lambda _: self.command(pooler, "migrate"), range(4)))
        self.assertEqual([each.returncode for each in ended], [0] * 4, ended)
        applied = [line for each in ended for line in each.stdout.splitlines() if line.startswith("applied ")]
        self.assertGreater(len(applied), 0)
        self.assertEqual(len(applied), len(set(applied)))
        self.assertEqual(self.command(pooler, "migrate", "--status").returncode, 0)

    def test_a_session_that_is_ended_by_hand_is_named(self):
        service = self.start(self.postgres.url)
        service.wait_for_courses(8, exchanger="binance")
        self.wait_until_written(self.postgres, now())
        self.postgres.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kurs'")
        service.wait_for_line("history: cannot write, .*, reason=FATAL:  terminating connection due to "
                              "administrator command")
        service.wait_for_line("history: writing again")


if __name__ == "__main__":
    unittest.main()
