"""The roles of Postgres that docker/postgres/10-kurs.sh makes: the replicas' can serve, and cannot change the schema."""

import hashlib
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from history_stack import HISTORY, SECOND, Database, HistoryTest, now, wait_until
from stack import ROOT, call
from test_commands import kurs
from test_quotes import KEY, PLAIN, bearer, new_key

SCRIPT = ROOT / "docker" / "postgres" / "10-kurs.sh"
# A row of the current second may be written again.
ROWS = "select * from quotes where second < now() - interval '3 seconds'"
FUNCTIONS = "drop function make_partition(date), drop_partition(text); delete from schema_migrations where version = 4"


class Server(Database):
    """As in the container: the superuser is postgres. The database kurs is the script's."""

    superuser = "postgres"

    def __init__(self):
        super().__init__(port=0)
        self.query("drop database kurs", database="postgres")

    def role_url(self, role):
        return f"postgresql://{role}:of-{role}@127.0.0.1:{self.port}/kurs"

    def make_roles(self):
        environment = {"PATH": os.environ["PATH"], "PGHOST": str(self.folder), "PGPORT": str(self.port),
                       "KURS_OWNER_PASSWORD": "of-kurs_owner", "KURS_PASSWORD": "of-kurs"}
        subprocess.run(["sh", "-e", str(SCRIPT)], env=environment, check=True)

    def try_as(self, role, sql):
        """The error, or nothing."""
        command = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={sql}", self.role_url(role)]
        return subprocess.run(command, text=True, capture_output=True, check=False).stderr


class ServingRoleTest(HistoryTest):
    def setUp(self):
        super().setUp()
        self.postgres = Server()
        self.addCleanup(self.postgres.close)
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "quotes.pem").write_text(new_key())
        key = {"name": "shop", "sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": ["read", "quote"], "per_second": 99}
        (folder / "keys.json").write_text(json.dumps({"keys": [key]}))
        self.files = {"API_KEYS_FILE": str(folder / "keys.json"), "QUOTE_KEYS_FILE": str(folder / "quotes.pem")}

    def migrate(self, role="kurs_owner", grants_to="kurs"):
        return kurs("migrate", "--grant", grants_to, DATABASE_URL=self.postgres.role_url(role))

    def set_up_roles(self):
        self.postgres.make_roles()
        migrated = self.migrate()
        self.assertEqual((migrated.returncode, migrated.stderr), (0, ""))
        self.assertIn("the role kurs can serve", migrated.stdout)

    def start_serving(self):
        return self.start(self.postgres.role_url("kurs"), **self.files)

    def read(self, service, path):
        status, _, body = call("GET", service.url + path, headers=bearer())
        self.assertEqual(status, 200, (path, body))
        return json.loads(body)

    def assert_serves(self, service):
        """What takes Postgres: history in each form, and quotes. Nothing failed meanwhile."""
        wait_until(lambda: call("GET", service.url + HISTORY, headers=bearer())[0] == 200, "an answer of history")
        for interval in ("1s", "1m", "1h"):
            path = f"/api/v2/history/BTC-USD?interval={interval}"
            wait_until(lambda: self.read(service, path)["candles"], f"candles of {interval}")
        first = self.read(service, "/api/v2/history/BTC-USD?interval=1s")["candles"][0]["time"]
        self.read(service, f"/api/v2/courses/BTC-USD?at={first}")
        self.read(service, f"/api/v2/courses/BTC-USD/explain?at={first}")
        named = {**bearer(), "Idempotency-Key": "order-1"}
        status, _, body = call("POST", service.url + "/api/v2/quotes", PLAIN, headers=named)
        self.assertEqual(status, 201, body)
        self.assertEqual(call("POST", service.url + "/api/v2/quotes", PLAIN, headers=named)[2], body)
        self.assertEqual(self.read(service, f"/api/v2/quotes/{json.loads(body)['id']}"), json.loads(body))
        self.assertFalse(service.has_line("(error|critical) "), "\n".join(service.lines[-20:]))

    def test_it_serves_everything_and_drops_what_is_too_old(self):
        self.set_up_roles()
        self.assertEqual(self.postgres.try_as("kurs_owner", "select make_partition('2020-01-01')"), "")
        service = self.start_serving()
        self.assert_serves(service)
        wait_until(lambda: not self.postgres.has_table("quote_packs_2020_01_01"), "the day of 2020 is dropped")

    def test_it_cannot_change_the_schema_nor_what_is_written_once(self):
        self.set_up_roles()
        for sql in (
                "create table x (id int)", "create temporary table quote_packs (id int)", "create schema x",
                "create view x as select 1", "create function x() returns int language sql return 1", "create role x",
                "create database x", "alter table quote_packs add column x int", "alter table locked_quotes rename to x",
                "alter table series disable trigger all", "alter function make_partition(date) set search_path = x",
                "create or replace function make_partition(day date) returns void language sql as 'select'",
                "drop table locked_quotes", "drop view quotes", "drop schema public", "drop database kurs",
                "truncate quote_packs", "create index on series (venue)", "comment on table series is 'x'",
                "grant select on series to public", "reassign owned by kurs_owner to kurs", "set role kurs_owner",
                "set role postgres", "copy series to program 'true'", "select pg_read_file('PG_VERSION')",
                "delete from schema_migrations", "insert into schema_migrations values (99, 'x', 'x')",
                "update locked_quotes set body = 'x'", "delete from locked_quotes", "update active_changes set reason = 'x'",
                "delete from quote_packs", "delete from series", "delete from retention",
                "select drop_partition('locked_quotes')", "select drop_partition('quote_packs')",
                "select make_partition(null)"):
            with self.subTest(sql):
                self.assertRegex(self.postgres.try_as("kurs", sql),
                                 "permission denied|must be|query returned no rows|no privileges were granted|null")

    def test_a_step_that_is_pending_is_left_to_the_owner(self):
        self.set_up_roles()
        self.postgres.query(FUNCTIONS)
        service = self.start_serving()
        service.wait_for_line("history: cannot write, .*0004_serving_role.sql is pending, and this role may not change the schema")
        refused = self.migrate("kurs")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("run kurs migrate with the role that owns it", refused.stderr)
        self.assertEqual(self.migrate().returncode, 0)
        service.wait_for_line("history: writing again")

    def test_a_role_that_could_change_the_schema_gets_no_rights(self):
        self.set_up_roles()
        self.postgres.query("create role member in role kurs_owner; create role maker; grant create on schema public to maker;"
                            "create role builder; grant create on database kurs to builder")
        for role, words in (("kurs_owner", "may act as"), ("postgres", "may act as"), ("member", "may act as"),
                            ("maker", "may create tables"), ("builder", "may create schemas"), ("nobody", "does not exist")):
            with self.subTest(role):
                refused = self.migrate(grants_to=role)
                self.assertEqual(refused.returncode, 1, refused.stdout)
                self.assertIn(f"the role {role} {words}", refused.stderr)
        rights = str(self.postgres.query("select relacl from pg_class where relname = 'routes'"))
        self.assertEqual([role for role in ("member", "maker", "builder") if role in rights], [])

    def test_an_installation_of_one_role_is_upgraded_while_it_serves_and_loses_nothing(self):
        self.postgres.query("create role kurs login password 'of-kurs'", "postgres")
        for database in ("kurs", "kurs_demo"):
            self.postgres.query(f"create database {database} owner kurs", "postgres")
        self.assertEqual(kurs("migrate", DATABASE_URL=self.postgres.role_url("kurs")).returncode, 0)
        service = self.start_serving()
        self.assert_serves(service)
        self.assertEqual(self.postgres.try_as("kurs", FUNCTIONS), "", "as version 3 left it")
        before = wait_until(lambda: self.postgres.query(ROWS), "rows of seconds that have ended")
        locked = self.postgres.query("select * from locked_quotes")
        self.set_up_roles()
        self.set_up_roles()  # may be repeated
        upgraded_at = now()
        after = {tuple(row) for row in self.postgres.query(ROWS)}
        self.assertEqual([row for row in before if tuple(row) not in after], [])
        self.assertEqual(self.postgres.query("select * from locked_quotes"), locked)
        self.wait_until_written(self.postgres, upgraded_at + 2 * SECOND)
        self.assert_serves(service)
        self.assertEqual(self.postgres.query("select count(*) from pg_class where relowner = 'kurs'::regrole"), [["0"]])
        self.assertRegex(self.postgres.try_as("kurs", "drop table locked_quotes"), "must be owner")


if __name__ == "__main__":
    unittest.main()
