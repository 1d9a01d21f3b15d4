"""No secret leaves the service: a different word in each setting that is one, every failure that may repeat it, every output."""

import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from stack import BUILD, Service, Simulator, call, wait_for
from test_commands import kurs
from test_quotes import PLAIN, bearer, new_key

from private_postgres import PrivatePostgres
from private_redis import PrivateRedis
from processes import Process
from private_server import free_port

# Readable by everybody, or by clients who have a key.
PAGES = ("/", "/metrics", "/livez", "/readyz", "/docs", "/openapi.json", "/.well-known/jwks.json", "/nothing",
         "/api/v1/courses", "/api/v1/courses?direction=%00", "/api/v2/courses", "/api/v2/courses/BTC-USD/explain",
         "/api/v2/exchangers", "/api/v2/history/BTC-USD?interval=1s", "/api/v2/courses/BTC-USD?at=2026-01-01T00:00:00Z",
         "/api/v2/quotes/0b7c1c2e-8f1b-4d6e-9c55-3f6b1f0a7d21", "/api/v2/convert?from=BTC&to=RUB&amount=1")
CLIENT_KEY = "kurs_marker0client0key0of0a0shop"


def described_secrets():
    groups = json.loads(kurs("--print-settings", "--format=json").stdout)
    return {each["name"] for group in groups for each in group["settings"] if each["is_secret"]}


class SecretsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.simulator = Simulator(BUILD)
        cls.addClassCleanup(cls.simulator.stop)
        cls.postgres = PrivatePostgres(port=0)
        cls.addClassCleanup(cls.postgres.close)
        cls.redis = PrivateRedis()
        cls.addClassCleanup(cls.redis.close)
        cls.redis.call("ACL", "SETUSER", "kurs", "on", ">right", "~*", "+@all")
        private = new_key()
        (cls.folder / "quotes.pem").write_text(private)
        cls.digest = hashlib.sha256(CLIENT_KEY.encode()).hexdigest()
        key = {"name": "shop", "sha256": cls.digest, "scopes": ["read", "quote"], "per_second": 99}
        (cls.folder / "keys.json").write_text(json.dumps({"keys": [key]}))
        cls.secret_settings = cls.make_settings()
        private_lines = [line for line in private.splitlines() if "KEY" not in line]
        # A password in a URL may also be shown with its escapes resolved.
        cls.markers = {"the client's key": [CLIENT_KEY], "its digest": [cls.digest], "the signing key": private_lines,
                       **{name: re.findall(r"marker\w+", value) for name, value in cls.secret_settings.items()}}
        cls.markers["ALERT_SECRET"] = [cls.secret_settings["ALERT_SECRET"].removeprefix("whsec_"), "markerOfAlerts"]

    @classmethod
    def make_settings(cls):
        """Each secret setting, so that it fails: wrong passwords, and proxies that refuse."""
        closed = free_port()
        named = {name: f"http://user:markerOf{name.title().replace('_', '')}@127.0.0.1:{closed}"
                 for name in described_secrets() if name.endswith("_PROXY")}
        return {
            **named,
            "COINGECKO_API_KEY": "markerOfCoinGecko",
            "DATABASE_URL": f"postgresql://kurs:markerOfPostgres@127.0.0.1:{cls.postgres.port}/kurs",
            "REDIS_URL": f"redis://kurs:markerOfRedis@127.0.0.1:{cls.redis.port}/0",
            "ALERT_URL": f"http://127.0.0.1:{closed}/hook/markerOfTheHook",
            "ALERT_SECRET": "whsec_" + base64.b64encode(b"markerOfAlerts" + bytes(16)).decode()}

    def settings(self, **more):
        return {**self.simulator.settings(), "COINGECKO_PLAN": "demo", "LOG_LEVEL": "debug", "ALERT_AFTER": "3s",
                "API_KEYS_FILE": str(self.folder / "keys.json"), "QUOTE_KEYS_FILE": str(self.folder / "quotes.pem"),
                **self.secret_settings, **more}

    def assert_holds_no_secret(self, where, text):
        found = [name for name, words in self.markers.items() for word in words if word in text]
        self.assertEqual(found, [], f"{where}: {[line for line in text.splitlines() if any(w in line for m in found for w in self.markers[m])][:3]}")

    def read_all(self, service):
        for path in PAGES:
            for headers in ({}, bearer(CLIENT_KEY), bearer("kurs_wrong")):
                _, answered, body = call("GET", service.url + path, headers=headers)
                self.assert_holds_no_secret(path, str(answered) + body.decode(errors="replace"))
        _, answered, body = call("POST", service.url + "/api/v2/quotes", PLAIN, headers=bearer(CLIENT_KEY))
        self.assert_holds_no_secret("a quote", str(answered) + body.decode())

    def test_each_secret_setting_has_a_marker(self):
        self.assertEqual(described_secrets(), set(self.secret_settings))
        self.assertEqual([name for name, words in self.markers.items() if not words], [])

    def test_what_runs_shows_none_while_everything_fails(self):
        for log_format in ("text", "json"):
            with self.subTest(log_format):
                service = Service(BUILD, self.settings(LOG_FORMAT=log_format))
                self.addCleanup(service.child.kill)
                for failure in ("redis: calls fail", "history: cannot write", r"feed \w+.*proxy", "alert"):
                    service.wait_for_line(failure)
                self.read_all(service)
                service.child.send_signal(signal.SIGHUP)
                wait_for(lambda: service.has_line("reload"), [service])
                time.sleep(6)  # so that repeated failures and undelivered alerts are logged too
                self.read_all(service)
                arguments = Path(f"/proc/{service.child.pid}/cmdline").read_text()
                service.stop()
                self.assert_holds_no_secret("arguments", arguments)
                self.assert_holds_no_secret("log", "\n".join(service.lines))

    def test_what_runs_shows_none_while_everything_works(self):
        working = {name: "" for name in self.secret_settings if name.endswith("_PROXY")}
        self.redis.call("ACL", "SETUSER", "kurs", ">markerOfRedis")
        self.postgres.query("alter role kurs password 'markerOfPostgres'")
        service = Service(BUILD, self.settings(**working))
        self.addCleanup(service.child.kill)
        wait_for(lambda: call("GET", service.url + "/api/v1/courses", headers=bearer(CLIENT_KEY))[0] == 200, [service])
        wait_for(lambda: service.role() == "leader", [service])
        wait_for(lambda: self.postgres.query("select to_regclass('quotes')")[0][0] is not None, [service])
        self.read_all(service)
        self.postgres.kill()
        self.redis.kill()
        service.wait_for_line("redis: calls fail")
        service.wait_for_line("history: cannot write")
        self.read_all(service)
        self.redis.start()
        self.postgres.start()
        service.stop()
        self.assert_holds_no_secret("log", "\n".join(service.lines))

    def test_commands_show_none(self):
        for arguments in (("--print-settings",), ("--print-settings", "--format=json"), ("--check",), ("--health",),
                          ("--test-alert",), ("migrate",), ("migrate", "--status"), ("migrate", "--grant", "someone")):
            with self.subTest(arguments):
                answer = kurs(*arguments, **self.settings())
                self.assert_holds_no_secret(arguments, answer.stdout + answer.stderr)
                self.assertNotEqual(answer.stdout + answer.stderr, "")

    def test_a_secret_that_is_refused_is_not_shown_either(self):
        for value in ("markerOfRubbish", "markerOfRubbish://user:markerOfRubbish@h:99999/x y", "http://markerOfRubbish?x",
                      "redis://markerOfRubbish@h", "postgresql://a:markerOfRubbish@h:x/y?z=1", 'postgresql://a:x"markerOfRubbish@h/y',
                      "whsec_markerOfRubbish,"):
            with self.subTest(value):
                answer = kurs("--check", **self.settings(**{name: value for name in self.secret_settings}))
                self.assertEqual(answer.returncode, 2)
                self.assertNotIn("OfRubbish", answer.stdout + answer.stderr)
        (self.folder / "bad.json").write_text('{"keys": [{"name": "shop", "sha256": "markerOfRubbish"}]}')
        (self.folder / "bad.pem").write_text("-----BEGIN PRIVATE KEY-----\nmarkerOfRubbish\n-----END PRIVATE KEY-----\n")
        for more in ({"API_KEYS_FILE": str(self.folder / "bad.json")}, {"QUOTE_KEYS_FILE": str(self.folder / "bad.pem")}):
            answer = kurs("--check", **self.settings(**more))
            self.assertEqual(answer.returncode, 2)
            self.assertNotIn("OfRubbish", answer.stdout + answer.stderr)


if __name__ == "__main__":
    unittest.main()
