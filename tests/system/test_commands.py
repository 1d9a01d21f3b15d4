"""The command line, settings and logs, as an operator meets them."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from stack import BUILD, ROOT, Service, StackTest


def kurs(*arguments, cwd="/", **settings):
    command = [str(Path(BUILD).resolve() / "src" / "kurs"), *arguments]
    environment = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


class CommandsTest(unittest.TestCase):
    def test_help_and_version(self):
        self.assertIn("--print-settings", kurs("--help").stdout)
        self.assertRegex(kurs("--version").stdout, r"^kurs \d+\.\d+\.\d+\n$")
        wrong = kurs("--wrong")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("Usage", wrong.stderr)

    def test_check_accepts_the_defaults(self):
        result = kurs("--check")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("8 directions", result.stdout)

    def test_all_problems_are_reported_at_once(self):
        result = kurs(HTTP_PORT="x", BINANCE_MAX_AGE="5", COINGECKO_PLAN="gold", TRUSTED_CA_FILE="/none",
                      MARKETS_FILE="/none")
        self.assertEqual(result.returncode, 2)
        for name in ("HTTP_PORT", "BINANCE_MAX_AGE", "COINGECKO_PLAN", "TRUSTED_CA_FILE", "MARKETS_FILE"):
            self.assertIn(f"kurs: {name} is ", result.stderr)

    def test_a_wrong_market_map_is_refused_with_every_error(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write('{"venues": {"binance": {}}, "exchangers": ["bybit"], "directions": [{"direction": "BTCUSD"}]}')
            file.flush()
            result = kurs("--check", MARKETS_FILE=file.name)
        self.assertEqual(result.returncode, 2)
        self.assertIn("bybit", result.stderr)
        self.assertIn("BTCUSD", result.stderr)

    def test_a_key_needs_its_plan_and_a_plan_its_key(self):
        self.assertIn("COINGECKO_PLAN", kurs("--check", COINGECKO_API_KEY="k").stderr)
        self.assertIn("COINGECKO_API_KEY", kurs("--check", COINGECKO_PLAN="demo").stderr)

    def test_settings_are_shown_without_secrets_and_the_environment_wins_over_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / ".env").write_text("HTTP_PORT=9000\nLOG_LEVEL=debug\nCOINGECKO_API_KEY=top-secret\n")
            shown = kurs("--print-settings", cwd=folder, HTTP_PORT="9001").stdout
        self.assertIn("HTTP_PORT=9001\n", shown)
        self.assertIn("LOG_LEVEL=debug\n", shown)
        self.assertNotIn("top-secret", shown)

    def test_a_misspelt_setting_is_mentioned(self):
        self.assertIn("BINANCE_MAXAGE", kurs("--check", BINANCE_MAXAGE="5s").stderr)

    def test_every_file_of_the_layout_is_there(self):
        for name in ("CMakeLists.txt", "src", "include", "tests", "README.md", ".env_dist", "CHANGELOG.md"):
            self.assertTrue((ROOT / name).exists(), name)


class RunningTest(StackTest):
    def test_a_busy_port_is_said(self):
        port = self.service.url.rsplit(":", 1)[1]
        result = kurs(HTTP_PORT=port)
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot listen on 127.0.0.1 port " + port, result.stderr)

    def test_json_logs_are_one_object_a_line(self):
        service = Service(BUILD, {**self.simulator.settings(), "LOG_FORMAT": "json"})
        service.wait_for_courses(8)
        service.stop()
        for line in service.lines:
            self.assertEqual(list(json.loads(line)), ["time", "level", "message"])

    def test_a_signal_switches_to_debug_and_back(self):
        self.service.child.send_signal(signal.SIGUSR1)
        self.service.wait_for_line("log level is now debug")
        self.service.courses()
        self.service.wait_for_line("debug .*GET /api/v1/courses")
        self.service.child.send_signal(signal.SIGUSR1)
        self.service.wait_for_line("log level is now info")

    def test_a_new_direction_is_a_line_of_data(self):
        document = (ROOT / "src" / "config" / "markets.json").read_text()
        lines = document.replace(
            '  "directions": [', '  "directions": [\n    {"direction": "SOL-USD", "binance": "SOLUSDT / USDCUSDT", '
            '"coingecko": "solana/usd"},\n    {"direction": "BTC-EUR", "binance": "BTCUSDT / EURUSDT", '
            '"coingecko": "bitcoin/eur"},', 1)
        # BTCUSDT is named before anything says what it is a price of, beside EURUSDT: its pair has to be told.
        lines = lines.replace('"USDCUSDT": {"pair"', '"BTCUSDT": {"pair": "BTC/USDT"}, "USDCUSDT": {"pair"', 1)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(lines)
            file.flush()
            service = Service(BUILD, {**self.simulator.settings(), "MARKETS_FILE": file.name})
            self.addCleanup(service.stop)
            answer = service.wait_for_courses(10, exchanger="binance")
        self.assertEqual([c["direction"] for c in answer["courses"]][:2], ["SOL-USD", "BTC-EUR"])


if __name__ == "__main__":
    unittest.main()
