"""The command line, settings and logs, from an operator's view."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from stack import BUILD, ROOT, Service, Simulator, StackTest, call
from processes import SIMULATOR


PROGRAM = str(Path(BUILD).resolve() / "src" / "kurs")


def kurs(*arguments, cwd="/", **settings):
    environment = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(
        [PROGRAM, *arguments], env=environment, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


def shell(line, **settings):
    """The exit status of a shell line, in which $0 is the program, and its standard error."""
    environment = {"PATH": os.environ["PATH"], **settings}
    result = subprocess.run(
        ["sh", "-c", line, PROGRAM], env=environment, cwd="/", stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    return result.returncode, result.stderr


def descriptors_of(pid):
    """The target of each open descriptor of a process."""
    links = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            links[entry.name] = os.readlink(entry)
    return links


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

    def test_every_setting_is_shown_with_its_default_and_meaning(self):
        groups = json.loads(kurs("--print-settings", "--format=json", HTTP_PORT="9001", REDIS_URL="redis://:top-secret@h").stdout)
        settings = {setting["name"]: setting for group in groups for setting in group["settings"]}
        port = settings["HTTP_PORT"]
        self.assertEqual((port["default"], port["value"], port["is_secret"]), ("8080", "9001", False))
        self.assertTrue(all(setting["help"] and setting["help_ru"] for setting in settings.values()))
        self.assertEqual(settings["REDIS_URL"]["value"], "(hidden)")
        plain = kurs("--print-settings").stdout
        self.assertEqual([line.split("=")[0] for line in plain.splitlines()], list(settings))

    def test_venues_can_be_left_out_and_what_is_lost_is_said(self):
        result = kurs("--check", VENUES="binance,kraken")
        self.assertEqual(result.returncode, 0)
        self.assertIn("valid: 4 directions, ", result.stdout)
        self.assertRegex(result.stderr, r"kurs: VENUES leaves out coingecko, cbr[^:]*: directions not served: BTC-RUB, ")
        for value in ("binence", "cbr"):
            result = kurs("--check", VENUES=value)
            self.assertEqual(result.returncode, 2, value)
            self.assertRegex(result.stderr, f"^kurs: VENUES is '{value}': .* binance, coingecko")
        self.assertIn("and a source of USDC-USD, USDT-USD", kurs("--check", VENUES="binance").stderr)

    def test_a_simulator_replaces_every_venue(self):
        result = kurs("--print-settings", SIMULATOR_HOST="simulator", BINANCE_REST_URL="https://x", COINGECKO_API_KEY="k",
                      COINGECKO_PLAN="demo")
        simulated = subprocess.run([SIMULATOR, "--print-settings", "--public-host", "simulator"], capture_output=True,
                                   text=True, timeout=20, check=True).stdout.splitlines()
        self.assertLess(set(simulated), set(result.stdout.splitlines()))
        self.assertNotIn("https://", result.stdout)
        self.assertNotIn("wss://", result.stdout)
        self.assertIn("all prices are simulated by simulator", kurs("--check", SIMULATOR_HOST="simulator").stderr)

    def test_a_misspelt_setting_is_mentioned(self):
        for command in ("--check", "--print-settings"):
            result = kurs(command, HTTP_PROT="9000", LANGUAGE="en")
            self.assertEqual((result.returncode, result.stderr),
                             (0, "kurs: HTTP_PROT is not a setting; did you mean HTTP_PORT?\n"))

    def test_what_is_wrong_with_the_file_is_said_with_its_line_and_without_its_passwords(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / ".env").write_text(
                '\ufeffHTTP_PORT=9000\nREDIS_URL= # later\nDATABASE_URL="postgresql://u:pa"ss@h/d"\nTIMEOUT=5s\n')
            shown = kurs("--print-settings", cwd=folder)
            checked = kurs("--check", cwd=folder)
        self.assertIn("HTTP_PORT=9000\n", shown.stdout)
        self.assertEqual(checked.returncode, 2)
        for result in (shown, checked):
            self.assertRegex(result.stderr, "(?m)^kurs: .env line 2, REDIS_URL: ")
            self.assertRegex(result.stderr, "(?m)^kurs: .env line 3, DATABASE_URL: ")
            self.assertRegex(result.stderr, "(?m)^kurs: .env: TIMEOUT is not a setting; ")
            self.assertNotIn("ss@h", result.stderr)

    def test_the_variables_of_kubernetes_services_are_no_settings(self):
        result = kurs("--check", HTTP_PORT="tcp://10.0.0.1:80", HTTP_SERVICE_HOST="10.0.0.1",
                      REDIS_PORT="tcp://10.0.0.2:6379", REDIS_SERVICE_HOST="10.0.0.2",
                      KUBERNETES_PORT="tcp://10.0.0.3:443")
        self.assertEqual((result.returncode, result.stderr.count("\n")), (0, 1))
        self.assertIn("HTTP_PORT, REDIS_PORT, REDIS_SERVICE_HOST; ", result.stderr)
        self.assertIn("enableServiceLinks: false", result.stderr)
        self.assertIn("enableServiceLinks: false", (ROOT / "kubernetes" / "deployment.yaml").read_text())

    def test_urls_of_redis_and_postgres_are_checked_without_connecting(self):
        for url in ("redis://localhost/abc", "redis://localhost:0", "redis://localhost?db=1", "http://localhost"):
            self.assertRegex(kurs("--check", REDIS_URL=url).stderr, r"REDIS_URL is '\(hidden\)': .*\nkurs: 1 problem;")
        for url in ("postgresql://h/d?sslmod=require", "postgresql://h/d?sslmode=requir", "postgresql://h:x/d", "h/d"):
            self.assertRegex(
                kurs("--check", DATABASE_URL=url).stderr, r"DATABASE_URL is '\(hidden\)': .*\nkurs: 1 problem;")
        self.assertEqual(
            kurs("--check", REDIS_URL="redis://:p@none/1", DATABASE_URL="postgresql://none/d").returncode, 0)

    def test_output_that_cannot_be_written_is_a_failure(self):
        for command in ("--print-settings", "--help", "--version", "--check"):
            for sink in (">/dev/full", ">&-"):
                status, errors = shell(f'exec "$0" {command} {sink}')
                self.assertEqual((status, errors), (1, "kurs: cannot write to standard output\n"), command + sink)
            self.assertEqual(shell(f'exec "$0" {command} >/dev/null'), (0, ""))

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
        service = Service(BUILD, {**self.simulator.settings(), "LOG_FORMAT": "json", "LOG_LEVL": "debug"})
        service.wait_for_courses(8)
        service.stop()
        for line in service.lines:
            self.assertEqual(list(json.loads(line)), ["time", "level", "message"])
        self.assertTrue(service.has_line('"settings: LOG_LEVL is not a setting; did you mean LOG_LEVEL'))

    def test_a_signal_switches_to_debug_and_back(self):
        self.service.child.send_signal(signal.SIGUSR1)
        self.service.wait_for_line("log level is now debug")
        self.service.courses()
        self.service.wait_for_line("debug .*GET /api/v1/courses")
        self.service.child.send_signal(signal.SIGUSR1)
        self.service.wait_for_line("log level is now info")

    def test_other_signals_are_ignored_with_a_line(self):
        self.service.child.send_signal(signal.SIGUSR2)
        self.service.wait_for_line(f"info signal {int(signal.SIGUSR2)} ignored")
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            self.service.child.send_signal(number)
        self.assertEqual(self.get("/readyz")[0], 200)

    def test_an_ignored_signal_is_not_the_second_one_of_a_stop(self):
        service = Service(BUILD, self.simulator.settings())
        service.wait_for_courses(8)
        service.child.send_signal(signal.SIGTERM)
        service.wait_for_line("stopping: signal 15")
        self.assertEqual(service.stop(signal.SIGHUP), 0)

    def test_standard_descriptors_that_were_closed_are_reserved(self):
        environment = {"PATH": os.environ["PATH"], "HTTP_PORT": "0", **self.simulator.settings()}
        child = subprocess.Popen(["sh", "-c", 'exec "$0" <&- >&- 2>&-', PROGRAM], env=environment, cwd="/")
        self.addCleanup(child.wait)
        self.addCleanup(child.terminate)
        until = time.monotonic() + 60
        while not any(link.startswith("socket:") for link in descriptors_of(child.pid).values()):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        links = descriptors_of(child.pid)
        self.assertEqual([links[number] for number in ("0", "1", "2")], 3 * ["/dev/null"])

    def test_an_ipv6_address_has_brackets_in_its_url(self):
        for address in ("::", "::1"):
            service = Service(BUILD, {**self.simulator.settings(), "HTTP_ADDRESS": address})
            self.addCleanup(service.stop)
            self.assertRegex(service.url, rf"^http://\[{address}\]:\d+$")
            self.assertEqual(call("GET", service.url + "/livez")[0], 200)

    def test_an_ipv6_address_has_brackets_in_the_urls_of_the_simulator(self):
        simulator = Simulator(BUILD, "--address", "::1")
        self.addCleanup(simulator.stop)
        for url in (simulator.control, *simulator.settings()["BINANCE_STREAM_URLS"].split(","),
                    simulator.endpoints["cbr"]):
            self.assertRegex(url, r"^(http|ws)://\[::1\]:\d+")
        self.assertEqual(call("GET", simulator.control + "/healthz")[0], 200)

    def test_a_new_direction_is_a_line_of_data(self):
        document = (ROOT / "src" / "config" / "markets.json").read_text()
        lines = document.replace(
            '  "directions": [', '  "directions": [\n    {"direction": "SOL-USD", "binance": "SOLUSDT * USDT-USD", '
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
