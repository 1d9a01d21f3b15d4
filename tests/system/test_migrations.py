"""The history schema: applied once however many start, reported by a command, and never mixed up."""

import signal
import threading
import unittest

from history_stack import Database, HistoryTest, wait_for_history, wait_until
from stack import BUILD, ROOT, Service
from test_commands import kurs

FILES = sorted(path.name for path in (ROOT / "migrations").glob("*.sql"))
TABLES = "select table_name from information_schema.tables where table_schema = 'public' order by 1"
BAD_LINES = (" error ", " critical ", "history: cannot write", "history: still cannot write")


class MigrationsTest(HistoryTest):
    """One Postgres for all tests, a database per test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = Database()
        cls.addClassCleanup(cls.postgres.close)
        cls.made = 0

    def make_database(self):
        type(self).made += 1
        name = f"kurs{self.made}"
        self.postgres.query(f"create database {name}", database="postgres")
        return name

    def applied(self, name):
        return self.postgres.query("select version, name from schema_migrations order by version", name)

    def count_rows(self, name):
        is_there = self.postgres.query("select to_regclass('quotes')", name)[0][0] is not None
        return int(self.postgres.query("select count(*) from quotes", name)[0][0]) if is_there else 0

    def migrate(self, name, *arguments):
        return kurs("migrate", *arguments, DATABASE_URL=self.postgres.name_url(name))

    def test_replicas_that_start_together_apply_each_migration_once(self):
        for _ in range(10):
            name = self.make_database()
            services = self.start_together(2, name)
            for service in services:
                service.wait_for_courses(8, exchanger="binance")
                wait_until(lambda: self.count_rows(name) > 0, "something is written")
                wait_for_history(service)
            self.assertEqual(self.applied(name), [[str(i + 1), file] for i, file in enumerate(FILES)])
            for service in services:
                self.assertEqual(service.stop(), 0, "\n".join(service.lines[-20:]))
                bad = [line for line in service.lines if any(word in line for word in BAD_LINES)]
                self.assertEqual(bad, [])
        print(f"10 empty databases, 2 replicas each: {len(FILES)} migration applied once each, 20 logs without an error")

    def start_together(self, count, name):
        services = []
        settings = {**self.simulator.settings(), "DATABASE_URL": self.postgres.name_url(name)}
        ready = threading.Barrier(count)

        def start():
            ready.wait()
            services.append(Service(BUILD, settings))

        threads = [threading.Thread(target=start) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for service in services:
            self.addCleanup(self.end, service)
        self.assertEqual(len(services), count)
        return services

    def test_commands_that_run_together_apply_each_migration_once(self):
        name = self.make_database()
        results = []
        threads = [threading.Thread(target=lambda: results.append(self.migrate(name))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([(result.returncode, result.stderr) for result in results], [(0, "")] * 6)
        said = [line for result in results for line in result.stdout.splitlines() if line.startswith("applied ")]
        self.assertEqual(sorted(said), [f"applied {file}" for file in FILES])
        print(f"6 commands at once: {said} said once in all")

    def test_the_command_applies_what_is_pending_and_tells_so(self):
        name = self.make_database()
        before = self.migrate(name, "--status")
        self.assertEqual(before.returncode, 3, before.stderr)
        self.assertEqual([line.split() for line in before.stdout.splitlines()], [[file, "pending"] for file in FILES])
        self.assertEqual(self.postgres.query(TABLES, name), [], "a question changes nothing")

        first = self.migrate(name)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        for file in FILES:
            self.assertIn(f"applied {file}\n", first.stdout)
        after = self.migrate(name, "--status")
        self.assertEqual(after.returncode, 0, after.stderr)
        for file in FILES:
            self.assertRegex(after.stdout, rf"{file}  applied \d{{4}}-\d\d-\d\dT")

        tables, applied = self.postgres.query(TABLES, name), self.applied(name)
        second = self.migrate(name)
        self.assertEqual((second.returncode, second.stderr), (0, ""))
        self.assertNotIn("applied ", second.stdout)
        self.assertEqual((self.postgres.query(TABLES, name), self.applied(name)), (tables, applied))

    def test_wrong_usage_and_a_database_that_is_not_there_are_told_apart(self):
        self.assertEqual(kurs("migrate").returncode, 2)
        self.assertIn("DATABASE_URL", kurs("migrate").stderr)
        self.assertEqual(kurs("migrate", "--wrong", DATABASE_URL="postgresql://x/y").returncode, 2)
        self.assertEqual(kurs("migrate", DATABASE_URL="mysql://u:secret@x/y").returncode, 2)
        for arguments in ((), ("--status",)):
            missing = self.migrate("nowhere", *arguments)
            self.assertEqual(missing.returncode, 1)
            self.assertIn("nowhere", missing.stderr)
            self.assertEqual(len(missing.stderr.splitlines()), 1, missing.stderr)
        away = kurs("migrate", DATABASE_URL="postgresql://kurs:top-secret@127.0.0.1:1/kurs")
        self.assertEqual(away.returncode, 1)
        self.assertNotIn("top-secret", away.stderr + away.stdout)

    def test_a_database_that_does_not_fit_is_refused_and_courses_are_served_all_the_same(self):
        for what, change, words in (
            ("an edited migration", "update schema_migrations set checksum = 'x' || checksum where version = 1",
             ("0001_history.sql", "changed")),
            ("a newer schema",
             "insert into schema_migrations (version, name, checksum) values (999, '0999_x.sql', 'x')",
             ("999", "newer")),
        ):
            with self.subTest(what):
                name = self.make_database()
                self.assertEqual(self.migrate(name).returncode, 0)
                self.postgres.query(change, name)
                for arguments in ((), ("--status",)):
                    refused = self.migrate(name, *arguments)
                    self.assertEqual(refused.returncode, 1, refused.stdout)
                    for word in words:
                        self.assertIn(word, refused.stderr)
                self.check_service_without_history(name, words)

    def check_service_without_history(self, name, words):
        service = self.start(self.postgres.name_url(name))
        service.wait_for_courses(8, exchanger="binance")
        line = service.wait_for_line(r"error .*history: cannot write, .*").string
        for word in words:
            self.assertIn(word, line)
        path = "/api/v2/history/BTC-USD"
        for question in (path, path + "?interval=1s&limit=3"):
            self.problem(service, question)
        self.problem(service, "/api/v2/courses/BTC-USD?at=2026-01-01T00:00:00Z")
        service.child.send_signal(signal.SIGUSR1)
        service.wait_for_line("debug .*history: still cannot write")
        self.assertEqual(service.stop(), 0)
        said = [each for each in service.lines if "history: cannot write" in each]
        self.assertEqual(len(said), 1, said)
        self.assertEqual(self.postgres.query("select count(*) from quotes", name), [["0"]])
        print(f"refused once: {line[25:]}")


if __name__ == "__main__":
    unittest.main()
