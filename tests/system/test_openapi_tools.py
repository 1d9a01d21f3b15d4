"""/openapi.json as the tools of others read it: linters, generators of clients, a proxy that validates."""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from http.client import HTTPConnection
from pathlib import Path

from history_stack import Database
from openapi_document import Document
from stack import ROOT, StackTest, call, wait_for
from test_openapi import DOCUMENTS, REFUSED, STREAM, WEB_SOCKET, documented_targets
from test_quotes import PLAIN, new_key

from private_server import free_port

NPM = ROOT / "tests" / "npm" / "node_modules"
SOURCES = ROOT / "tests" / "openapi"
CLIENTS = ("openapi_fetch", "hey_api", "orval")
KEY, SECRET = "kurs_5f2b8c4e0d9a47e1b3c6", "Hc3nV8sPq5Ym2WtD"
BEARER = {"Authorization": f"Bearer {KEY}"}
ASKED = re.compile(r"http: (\w+) (\S+) status=(\d+)")
# Prism follows redirects, and does not pass upgrades on.
NOT_OF_PRISM = {"/courses", WEB_SOCKET}


class ToolsTest(StackTest):
    """One service with everything that the document can describe: keys, quotes, exports and history."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(dir=NPM))  # where the packages are found
        cls.folder = Path(folder)
        shutil.copytree(SOURCES / "clients", cls.folder, dirs_exist_ok=True)
        keys = {"name": "all", "sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": ["read", "quote", "admin"], "per_second": 100_000}
        (cls.folder / "keys.json").write_text(json.dumps({"keys": [keys]}))
        (cls.folder / "quotes.pem").write_text(new_key())
        postgres = Database()
        cls.addClassCleanup(postgres.close)
        cls.settings = {"API_KEYS_FILE": f"{folder}/keys.json", "QUOTE_KEYS_FILE": f"{folder}/quotes.pem", "DATABASE_URL": postgres.url,
                        "BINANCE_MAX_AGE": "60s",  # the generators take the processor
                        "EXPORTS_FILE": str(ROOT / "docs" / "exports.json"), "LOG_LEVEL": "debug"}
        super().setUpClass()
        cls.wait_for_data()
        cls.document = Document(call("GET", cls.service.url + "/openapi.json")[2].decode())
        (cls.folder / "openapi.json").write_text(cls.document.text)

    @classmethod
    def wait_for_data(cls):
        for path in ("/api/v2/history/BTC-USD", "/api/v2/courses?exchanger=coingecko", "/api/v2/courses/BTC-RUB"):
            wait_for(lambda path=path: call("GET", cls.service.url + path, headers=BEARER)[0] == 200, [cls.service], 60)

    def run_tool(self, *command, status=0):
        result = subprocess.run([str(NPM / ".bin" / command[0]), *command[1:]], cwd=self.folder, capture_output=True, text=True,
                                timeout=300, check=False)
        self.assertEqual(result.returncode, status, f"{command[0]}:\n{result.stdout}{result.stderr}")
        return result.stdout

    # Linters; test_openapi has Spectral.

    def find_faults(self, tree, status):
        (self.folder / "linted.json").write_text(json.dumps(tree))
        found = self.run_tool("redocly", "lint", "--config", str(SOURCES / "redocly.yaml"), "--format", "json", "linted.json", status=status)
        return {each["ruleId"] for each in json.loads(found)["problems"]}

    def test_redocly_finds_nothing_and_would_find_faults(self):
        tree = json.loads(self.document.text)
        self.assertEqual(self.find_faults(tree, 0), set())
        tree["paths"]["/api/v2/courses/{direction}"]["get"]["parameters"].pop(0)
        tree["paths"]["/livez"]["get"]["operationId"] = "get_readiness"
        tree["components"]["schemas"]["Problem"]["type"] = "text"
        self.assertLessEqual({"path-parameters-defined", "operation-operationId-unique", "struct"}, self.find_faults(tree, 1))

    # Generated clients

    def calls_of(self, lines):
        """{(method, path of the document): the statuses} of the requests in the log."""
        calls = {}
        for method, target, status in ASKED.findall("\n".join(lines)):
            path = self.document.find_path(target)
            self.assertIsNotNone(path, target)
            calls.setdefault((method, path[0]), set()).add(int(status))
        return calls

    def test_generated_clients_compile_strictly_and_call_every_operation(self):
        self.run_tool("openapi-typescript", "openapi.json", "-o", "service.ts")
        self.run_tool("openapi-ts", "-i", "openapi.json", "-o", "hey", "-c", "@hey-api/client-fetch")
        self.run_tool("orval", "--config", "./orval.config.cjs")
        self.run_tool("tsc")
        self.run_tool("esbuild", *(f"{name}.ts" for name in CLIENTS), "--bundle", "--platform=node", "--format=esm", "--outdir=built")
        # Without an upgrade, which fetch cannot ask for, a WebSocket is refused.
        expected = {each: 426 if each[1] == WEB_SOCKET else int(min(operation["responses"])) for each, operation in self.document.calls.items()}
        for name in CLIENTS:
            with self.subTest(name):
                self.wait_for_data()
                begun = len(self.service.lines)
                result = subprocess.run(["node", self.folder / "built" / f"{name}.js", self.service.url, KEY], capture_output=True,
                                        text=True, timeout=60, check=False)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

                def missing(begun=begun):
                    calls = self.calls_of(self.service.lines[begun:])
                    return {each for each, status in expected.items() if status not in calls.get(each, ())}
                wait_for(lambda: not missing() or print(missing()), [self.service], 10)
        print(f"{len(expected)} operations were called by {', '.join(CLIENTS)}")

    # A proxy that validates requests and responses

    def start_prism(self):
        port = free_port()
        prism = subprocess.Popen([NPM / ".bin" / "prism", "proxy", "openapi.json", self.service.url, "--port", str(port), "--errors"],
                                 cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(prism.wait)
        self.addCleanup(prism.kill)
        self.prism = port

        def is_listening():
            try:
                return self.through("/livez")[0] == 200
            except ConnectionRefusedError:
                return False
        wait_for(is_listening, [self.service], 60)

    def through(self, target, method="GET", body=None, limit=30, **headers):
        connection = HTTPConnection("127.0.0.1", self.prism, timeout=limit)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, target, text, {**BEARER, **({"Content-Type": "application/json"} if body else {}), **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def test_a_validating_proxy_lets_the_documented_requests_pass_and_no_malformed_ones(self):
        self.start_prism()
        documented = {target for _, target in documented_targets()} - REFUSED - {"/", "/docs", "/api/v1/", "/api/v2/"}
        passed = 0
        for target in sorted(documented):
            path, _ = self.document.find_path(target)
            if path in NOT_OF_PRISM:
                continue
            with self.subTest(target):
                if path == STREAM:  # Prism waits for the end of a response
                    begun = len(self.service.lines)
                    self.assertRaises(TimeoutError, self.through, target, limit=2)
                    wait_for(lambda begun=begun: (("GET", STREAM) in self.calls_of(self.service.lines[begun:])), [self.service])
                else:
                    status, body = self.through(target)
                    self.assertIn(status, (200, 503), body)
            passed += 1
        for query in ("?direction=btc-usd,%20Eth-Rub%20", "?direction[]=BTC-USD&direction[]=eth-usd", "?directions=BTC-USD,+ETH-USD",
                      "?direction%5B0%5D=BTC-USD", "?exchanger=CoinGeko"):
            self.assertEqual(self.through("/api/v1/courses" + query)[0], 200, query)
        self.assertEqual(self.through("/api/v2/quotes", "POST", PLAIN)[0], 201)
        self.assertEqual(self.through("/api/v2/exports/cms", "POST", **{"X-Authorization": SECRET})[0], 200)
        for name in ("source.xml", "iex.json", "jsons.Zk4qT9wLr2XvB7mN"):
            self.assertEqual(self.through(f"/api/v2/exports/{name}")[0], 200, name)
        print(f"{passed} requests of {', '.join(DOCUMENTS)} passed")
        self.assertGreater(passed, 20)
        for target in (*REFUSED, "/api/v1/courses?direction=BTCUSD", "/api/v2/courses?max_age=0",
                       "/api/v2/convert?from=BTC&to=USD", "/api/v2/history/BTC-EUR/candles.csv", "/api/v2/history/BTC-USD?interval=2h"):
            self.assertEqual(self.through(target)[0], 422, target)
        self.assertEqual(self.through("/api/v2/quotes", "POST", {**PLAIN, "ttl": "long"})[0], 422)


if __name__ == "__main__":
    unittest.main()
