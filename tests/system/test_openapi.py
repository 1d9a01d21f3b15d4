"""/openapi.json matches what is served: it passes a linter, and every response is checked against it."""

import json
import random
import re
import socket
import subprocess
import tempfile
import time
import unittest
from collections import Counter
from email.message import Message
from pathlib import Path
from urllib.parse import quote, urlsplit

from history_stack import AnsweringTest, moment, now, wait_until
from openapi_document import Document
from push_client import EventStream, WebSocket
from stack import BUILD, ROOT, Service, Simulator, StackTest, call

SPECTRAL = ROOT / "tests" / "npm" / "node_modules" / ".bin" / "spectral"
RULES = ROOT / "tests" / "openapi" / ".spectral.yaml"
STREAM, WEB_SOCKET = "/api/v2/stream", "/api/v2/ws"
DOCUMENTS = ("README.md", "README.ru.md", "docs/api.md")
DOCUMENTED = re.compile(
    r"(?:https?|ws)://127\.0\.0\.1:80\d\d(/[^\s'\"`)]*)"  # in an example
    r"|`(?:GET )?((?:/api/|/courses|/livez|/readyz)[^\s`{]*)`"  # in the text
    r"|^\| `(\?[^`]+)`"  # a row of README's table about /api/v1/courses
    r"|\"(/api/[^\"]+)\"", re.M)
REFUSED = {"/api/v1/courses?exchanger=mtgox"}  # shows an error
POSTED = {"/api/v2/quotes"}  # not by GET
SEED = 5
ASKED = 120  # random requests per operation


def lint(text):
    """The findings of all severities: {(rule, place)}."""
    if not SPECTRAL.exists():
        raise RuntimeError("no spectral: run tests/npm/install")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.json"
        path.write_text(text)
        command = [SPECTRAL, "lint", "--quiet", "-r", RULES, "-f", "json", "--fail-severity", "hint", path]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if result.returncode not in (0, 1):
        raise RuntimeError(f"spectral: {result.stderr}{result.stdout}")
    return {(each["code"], ".".join(map(str, each["path"]))) for each in json.loads(result.stdout or "[]")}


def documented_targets():
    """The requests by GET that the documents show."""
    for name in DOCUMENTS:
        for match in DOCUMENTED.finditer((ROOT / name).read_text()):
            target = next(filter(None, match.groups()))
            if target in POSTED:
                continue
            yield name, "/api/v1/courses" + target if target.startswith("?") else target


def as_headers(lower_case):
    headers = Message()
    for name, value in lower_case.items():
        headers[name] = value
    return headers


class OpenApiTest(StackTest):
    """Responses of one service, checked against its document."""

    @classmethod
    def read_document(cls):
        status, _, body = call("GET", cls.service.url + "/openapi.json")
        if status != 200:
            raise AssertionError(body)
        cls.document = Document(body.decode())

    def check(self, path, answer, context=""):
        status, headers, body = answer
        self.assertEqual(self.document.complaints(path, status, headers, body), [], f"{context or path}: {status} {body}")
        return status

    def ask(self, path, target, expected=None, headers=None):
        answer = self.get(target, headers=headers)
        self.check(path, answer, target)
        if expected:
            self.assertEqual(answer[0], expected, f"{target}: {answer[2]}")
        return answer

    def listen(self, path, query="", **options):
        """The head of a stream or socket, or the whole response if it is neither."""
        transport = EventStream if path == STREAM else WebSocket
        listener = transport(self.service.url, query, **options)
        self.addCleanup(listener.close)
        is_open = listener.status in (101, 200)
        body = None if is_open else listener.read_body()
        self.check(path, (listener.status, as_headers(listener.headers), body), query)
        return listener

    def check_message(self, message):
        schema = {"$ref": "#/components/schemas/PushMessage"}
        self.assertEqual(self.document.faults(message.data, schema), [], message)

    def check_examples(self):
        for place, kind, content in self.document.contents():
            for name, example in content["examples"].items():
                value = self.document.resolve(example)["value"]
                self.assertEqual(self.document.faults(value, content["schema"]), [], f"{place} {name}")
        for path in self.document.operations:
            for place in ("query", "path", "header"):
                for name, parameter in self.document.parameters(path, place).items():
                    for value in self.document.examples(parameter):
                        self.assertEqual(self.document.faults(value, parameter["schema"]), [], name)


class DescribedTest(AnsweringTest, OpenApiTest):
    settings = {"EXPORTS_FILE": str(ROOT / "docs" / "exports.json")}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.wait_for_courses(8, "?exchanger=coingecko")
        cls.read_document()

    def setUp(self):
        self.service.wait_for_courses(8, exchanger="binance")

    # The document itself

    def test_the_linter_finds_nothing(self):
        self.assertEqual(lint(self.document.text), set())

    def test_the_rules_of_the_linter_bite(self):
        tree = json.loads(self.document.text)
        courses = tree["paths"]["/api/v1/courses"]["get"]
        del courses["responses"]["200"]["content"]["application/json"]["examples"]
        del courses["responses"]["503"]["headers"]["Retry-After"]
        courses["responses"]["400"]["content"] = {"application/json": {"schema": {}, "examples": {"X": {"value": 1}}}}
        courses["summary"] = "No sentence"
        courses["responses"]["304"]["headers"]["ETag"] = {"$ref": "#/components/headers/Missing"}
        del tree["paths"]["/livez"]["get"]["responses"]["200"]
        tree["components"]["schemas"]["Alive"].pop("additionalProperties")
        tree["components"]["examples"]["Ready"]["value"]["status"] = "soon"
        tree["components"]["schemas"]["Unused"] = {"type": "string"}
        rules = {rule for rule, _ in lint(json.dumps(tree))}
        self.assertLessEqual({"kurs-examples", "kurs-try-again", "kurs-problem", "kurs-summary", "kurs-success",
                              "kurs-strict", "invalid-ref", "oas3-valid-media-example", "oas3-unused-component"}, rules)

    def test_examples_are_as_their_schemas_say(self):
        self.check_examples()

    def test_what_examples_of_problems_say_is_what_is_said(self):
        asked = 0
        for name, example in self.document.tree["components"]["examples"].items():
            if "x-target" not in example:
                continue
            asked += 1
            status, _, body = self.get(example["x-target"])
            self.assertEqual((status, json.loads(body)), (example["value"]["status"], example["value"]), name)
        self.assertGreaterEqual(asked, 10)

    def test_strictness_finds_a_member_that_is_not_described(self):
        status, headers, body = self.get("/api/v2/courses")
        answer = json.loads(body)
        answer["courses"][0]["legs"][0]["size"] = "1"
        self.assertTrue(self.document.complaints("/api/v2/courses", status, headers, json.dumps(answer).encode()))
        self.assertTrue(self.document.complaints("/api/v2/courses", 418, headers, body))
        del headers["Cache-Control"]
        self.assertTrue(self.document.complaints("/api/v2/courses", status, headers, body))

    # Responses

    def plain_paths(self):
        return [path for path in self.document.operations if path not in (STREAM, WEB_SOCKET)]

    def test_every_example_of_a_parameter_is_accepted(self):
        for path in self.plain_paths():
            for target in self.document.targets(path):
                self.assertIn(self.ask(path, target + self.document.query(path))[0], (200, 307), target)
                for name, parameter in self.document.parameters(path, "query").items():
                    for value in self.document.examples(parameter):
                        text = ",".join(value) if isinstance(value, list) else str(value)
                        status, _, body = self.ask(path, target + self.document.query(path, **{name: text}))
                        self.assertNotIn(status, (400, 404), (target, name, body))

    def test_every_documented_request_is_allowed_by_the_description_and_by_the_service(self):
        targets = Counter()
        for name, target in documented_targets():
            if target in REFUSED or target in ("/", "/docs", "/api/v1/", "/api/v2/"):
                continue
            with self.subTest(f"{name}: {target}"):
                self.assertEqual(self.document.request_faults(target), [])
                if self.document.find_path(target)[0] not in (STREAM, WEB_SOCKET):
                    self.assertNotIn(self.get(target)[0], (400, 404))
            targets[name] += 1
        print(dict(targets))
        self.assertTrue(all(targets[name] >= 10 for name in DOCUMENTS), targets)

    def test_the_description_allows_what_is_understood_and_nothing_else(self):
        understood = ["?direction[]=BTC-USD&direction[]=eth-usd", "?direction[]=BTC-USD,%09ETH-USD&direction=eth-rub", "?exchanger=%20binance%20",
                      "?direction=BTC-USD,ETH-RUB", "?direction=btc-usd", "?direction=Btc-Usd,ETH-USD&directions=eth-rub",
                      "?direction=BTC-USD&direction=ETH-USD", "?exchanger=CoinGecko", "?exchanger=coingeko",
                      "?exchanger=CoinGeko&max_age=900", "?direction=BTC-USD,%20eth-rub", "?max_age=86400000", "?exchanger=BINANCE&exchanger=binance", ""]
        refused = ["?direction=", "?direction=BTC-USD,", "?direction=,BTC-USD", "?direction=BTCUSD", "?direction=BTC-USDT",
                   "?direction=xBTC-USD", "?exchanger=coin", "?exchanger=", "?exchanger=binance,coingecko", "?max_age=0",
                   "?max_age=1.5", "?max_age=86400001", "?colour=red", "?Direction=BTC-USD"]
        for path in ("/api/v1/courses", "/api/v2/courses"):
            for query in understood:
                self.assertEqual((self.document.request_faults(path + query), self.get(path + query)[0]), ([], 200), path + query)
            for query in refused:
                self.assertTrue(self.document.request_faults(path + query), path + query)
                self.assertEqual(self.get(path + query)[0], 400, path + query)
        asked = "/api/v2/convert?from=btc&to=Usd&amount="
        for amount, status in {"0.05": 200, "007.50": 200, "1" + "0" * 14: 200, "0." + "0" * 17 + "1": 200, "0.00": 400, "1e3": 400,
                               "-1": 400, ".5": 400, "1.": 400, "1" + "0" * 15: 400, "0." + "0" * 18 + "1": 400, "": 400,
                               "1&side=buy": 200, "1&side=BUY": 400, "1&colour=red": 400, "1&max_age=0": 400}.items():
            self.assertEqual((bool(self.document.request_faults(asked + amount)), self.get(asked + amount)[0]), (status == 400, status), amount)
        for query in ("", "?from=BTC&to=USD", "?from=BTC&amount=1", "?from=DOGE&to=USD&amount=1", "?from=BTC&to=BTC-USD&amount=1"):
            self.assertTrue(self.document.request_faults("/api/v2/convert" + query), query)
            self.assertEqual(self.get("/api/v2/convert" + query)[0], 400, query)
        for direction, status in {"btc-usd": 200, "Usdttrc-Rub": 200, "BTC-EUR": 400, "BTC-USD,ETH-USD": 400}.items():
            for path in (f"/api/v2/courses/{direction}", f"/api/v2/history/{direction}"):
                self.assertEqual(self.get(path)[0], status, path)
                self.assertEqual(bool(self.document.request_faults(path)), status == 400, path)

    def make_query(self, chance, path):
        """A query that may be valid."""
        def value_of(parameter):
            kind = chance.random()
            if kind < 0.1:
                return chance.choice(["", "x", "-1", "0", "1e3", "%00", "%zz", "BTC", "ключ", "1" * 30, "null", " "])
            value = chance.choice(self.document.examples(parameter))
            schema = self.document.resolve(parameter["schema"])
            items = self.document.resolve(schema.get("items", schema))
            if "enum" in items and kind < 0.7:
                value = chance.choice(items["enum"])
                return "".join(chance.choice((c.lower(), c.upper())) for c in value) if kind < 0.3 else value
            if schema.get("type") == "integer" and kind < 0.7:
                return chance.randint(schema.get("minimum", 0) - 1, min(schema.get("maximum", 10), 3000) + 1)
            if schema.get("format") == "date-time" and kind < 0.7:
                return moment(now() - chance.randint(-60, 3600) * 1000 * chance.choice((1, 24)))
            return ",".join(value) if isinstance(value, list) else value

        parameters = list(self.document.parameters(path, "query").items())
        chosen = chance.choices(parameters, k=chance.choice((0, 1, 1, 2, 2, 3))) if parameters else []
        required = [each for each in parameters if each[1].get("required")]
        if required and chance.random() < 0.8:
            chosen = required + [each for each in chosen if each not in required]
        query = [f"{name}={quote(str(value_of(parameter)), safe='%,')}" for name, parameter in chosen]
        if chance.random() < 0.05:
            query.append(chance.choice(["colour=red", "Direction=BTC-USD", "&", "=", "a=b=c"]))
        return "?" + "&".join(query) if query else ""

    def make_target(self, chance, path):
        directions = self.document.tree["components"]["schemas"]["Direction"]["enum"]
        wrong = ["BTC-EUR", "btc_usd", "%20", "%zz", "BTC-USD%2F", "BTC-USD/x", "x" * 300]
        direction = chance.choice(directions) if chance.random() < 0.85 else chance.choice(wrong)
        name = chance.choice(["bestchange", "bestchange.xml", "none", "bestchange.json"])
        return path.replace("{direction}", direction).replace("{name}", name) + self.make_query(chance, path)

    def test_answers_to_random_requests_are_described(self):
        chance = random.Random(SEED)
        for path in self.plain_paths():
            statuses = Counter()
            for _ in range(ASKED):
                headers = {"Accept": chance.choice(["*/*", "text/csv", "application/json"])}
                target = self.make_target(chance, path)
                status = self.ask(path, target, headers=headers)[0]
                statuses[status] += 1
                if status in (200, 503) and path.startswith("/api/"):  # the other paths ignore a query
                    self.assertEqual(self.document.request_faults(target), [], target)
            print(f"{path}: {dict(sorted(statuses.items()))}")
            if self.document.parameters(path, "query") and path != "/courses":
                self.assertGreater(min(statuses[200], statuses[400]), ASKED // 10, statuses)

    def test_answers_to_random_subscribers_are_described(self):
        chance = random.Random(SEED)
        for path in (STREAM, WEB_SOCKET):
            statuses = Counter()
            for _ in range(40):
                listener = self.listen(path, self.make_query(chance, path))
                statuses[listener.status] += 1
                if listener.status in (101, 200):
                    message = listener.next(1)
                    if message:
                        self.check_message(message)
                listener.close()
            print(f"{path}: {dict(sorted(statuses.items()))}")
            self.assertGreater(min(statuses[400], statuses[101] + statuses[200]), 3)

    def test_a_posted_export_is_described(self):
        path, target = "/api/v2/exports/{name}", "/api/v2/exports/cms"
        for headers, name, status in (({"X-Authorization": "Hc3nV8sPq5Ym2WtD"}, target, 200), ({}, target, 404),
                                      ({}, "/api/v2/exports/iex", 405), ({}, "/api/v2/exports/iex?a=b", 405)):
            answer = self.get(name, "POST", headers)
            self.assertEqual((answer[0], self.document.complaints(path, *answer, "POST")), (status, []), (name, answer[2]))

    def test_other_methods_are_refused_as_described(self):
        for path in self.document.operations:
            for method in ("POST", "DELETE", "OPTIONS", "PATCH"):
                answer = self.get(self.document.targets(path)[0], method)
                self.assertEqual(self.check(path, answer), 405, path)
                self.assertEqual("HEAD" in answer[1]["Allow"], path not in (STREAM, WEB_SOCKET), path)

    def test_head_is_as_get_without_the_body(self):
        for path in self.plain_paths():
            target = self.document.targets(path)[0]
            status, headers, body = self.get(target, "HEAD")
            self.assertEqual((body, status), (b"", self.get(target)[0]))
            self.assertEqual(self.document.complaints(path, status, headers, None), [], path)

    def test_what_is_known_already_is_not_sent_again(self):
        for path in ("/api/v1/courses", "/openapi.json"):
            def ask_again(path=path):
                tag = self.get(path)[1]["ETag"]
                return self.ask(path, path, headers={"If-None-Match": tag})[0] == 304
            wait_until(ask_again, f"a 304 of {path}")

    def test_a_metrics_format_that_is_not_spoken_is_refused(self):
        example = self.document.tree["components"]["examples"]["NotAcceptable"]
        _, _, body = self.ask("/metrics", "/metrics", 406, {"Accept": example["summary"].removeprefix("Accept: ")})
        self.assertEqual(json.loads(body), example["value"])

    # History

    def test_moments_and_pages_of_history_are_described(self):
        since = moment(now() - 3600_000)
        page = f"/api/v2/history/BTC-USD?interval=1s&limit=3&from={since}"
        path = "/api/v2/history/{direction}"
        wait_until(lambda: len(json.loads(self.ask(path, page)[2])["candles"]) == 3 and self.get(page)[1]["Link"], "four candles")
        pages = 0
        target = page
        while target and pages < 3:
            _, headers, body = self.ask(path, target, 200)
            _, table, lines = self.ask(path + "/candles.csv", target.replace("?", "/candles.csv?"), 200)
            self.assertEqual(lines.count(b"\r\n"), 1 + len(json.loads(body)["candles"]))
            target = json.loads(body)["next"]
            self.assertEqual(headers["Link"], f'<{target}>; rel="next"' if target else None)
            self.assertEqual((table["Link"] or "").split("?")[0], "</api/v2/history/BTC-USD/candles.csv" if target else "")
            pages += 1
        path = "/api/v2/courses/{direction}"
        states = Counter()
        for age in (2, 3, 4, 3600, 86400):
            for exchanger in ("", "&exchanger=coingecko", "&max_age=1"):
                answer = self.get(f"/api/v2/courses/BTC-RUB?at={moment(now() - age * 1000)}{exchanger}")
                if self.check(path, answer) == 200:
                    states[json.loads(answer[2])["course"]["state"]] += 1
        self.assertTrue(states["fresh"] and states["unavailable"], states)
        path = "/api/v2/courses/{direction}/explain"
        for age in (3, 86400):
            told = json.loads(self.ask(path, f"/api/v2/courses/BTC-RUB/explain?at={moment(now() - age * 1000)}", 200)[2])
            self.assertEqual([each["state"] for each in told["exchangers"]][0], "fresh" if age == 3 else "unavailable")
            self.assertEqual(told["refused"] is None, age != 3)

    # Requests refused by the parser

    def send(self, request, limit=15):
        parts = urlsplit(self.service.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=limit) as client:
            client.sendall(request)
            answer = b""
            while data := client.recv(65536):
                answer += data
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        return int(lines[0].split()[1]), as_headers(dict(line.split(": ", 1) for line in lines[1:])), body

    def test_requests_that_are_too_much_are_refused_as_described(self):
        target = b"GET /api/v1/courses HTTP/1.1\r\nHost: x\r\n"
        for name, request in {
            "LargeBody": target + b"Content-Length: 20000\r\n\r\n",
            "LongTarget": b"GET /api/v1/courses?direction=" + b"x" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            "LargeHeader": target + b"Cookie: " + b"x" * 10000 + b"\r\n\r\n",
            "MalformedRequest": b"GET /api/v1/courses\r\n\r\n",
            "SlowRequest": target,
        }.items():
            answer = self.send(request)
            self.check("/api/v1/courses", answer, name)
            self.assertEqual(json.loads(answer[2]), self.document.tree["components"]["examples"][name]["value"])

    # Push

    def test_a_page_of_another_host_is_refused_as_described(self):
        listener = WebSocket(self.service.url, headers={"Origin": "https://elsewhere.example"})
        self.addCleanup(listener.close)
        body = listener.read_body()
        self.assertEqual(self.check(WEB_SOCKET, (listener.status, as_headers(listener.headers), body)), 403)
        self.assertEqual(json.loads(body), self.document.tree["components"]["examples"]["ForeignPage"]["value"])

    def test_all_that_is_pushed_is_described_also_when_it_falls_silent(self):
        """Both exchangers stop: courses change, go stale, and then nothing happens."""
        listeners = [self.listen(path, "?exchanger=binance") for path in (STREAM, WEB_SOCKET)]
        active = self.listen(STREAM)
        kinds = Counter()

        def hear(listener, until):
            while not until():
                message = listener.next(1)
                if message:
                    self.check_message(message)
                    kinds[message.kind] += 1
                    states.update(course["state"] for course in message.data.get("courses", []))

        states = Counter()
        for listener in listeners:
            begun_at = sum(kinds.values())
            hear(listener, lambda begun_at=begun_at: sum(kinds.values()) >= begun_at + 20)
        self.simulator.fault("binance_stream", "mute")
        until = time.monotonic() + 40
        hear(active, lambda: states["stale"] or time.monotonic() > until or kinds["snapshot"] >= 4)
        for listener in listeners:
            beats = kinds["heartbeat"]
            hear(listener, lambda beats=beats: kinds["heartbeat"] > beats or time.monotonic() > until)
        self.assertTrue(kinds["snapshot"] and kinds["changes"] and kinds["heartbeat"] >= 2, kinds)
        self.assertTrue(states["fresh"] and states["stale"], states)
        for target in ("", "/BTC-USD"):
            path = "/api/v2/courses" + ("/{direction}" if target else "")
            self.ask(path, f"/api/v2/courses{target}?exchanger=binance", 503)
        self.ask("/api/v1/courses", "/api/v1/courses?exchanger=binance", 503)
        self.ask("/api/v2/exchangers", "/api/v2/exchangers", 200)


class BareTest(OpenApiTest):
    """No values, no history, and at most one subscriber."""

    def setUp(self):
        self.start({**self.simulator.settings(), "PUSH_CLIENTS": "1"})

    def start(self, settings):
        for endpoint in self.simulator.endpoints.keys() - {"control", "ca", "settings"}:
            self.simulator.fault(endpoint, "refuse", **({"value": 503} if endpoint.endswith("stream") else {}))
        service = Service(BUILD, settings)
        self.addCleanup(service.stop)
        type(self).service = service
        self.read_document()

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(BUILD)
        cls.addClassCleanup(cls.simulator.stop)

    def test_refusals_of_a_service_that_knows_nothing_are_described(self):
        for path, target in {"/api/v1/courses": "/api/v1/courses", "/api/v2/courses": "/api/v2/courses?max_age=3",
                             "/api/v2/courses/{direction}": "/api/v2/courses/ETH-RUB", "/readyz": "/readyz"}.items():
            self.ask(path, target, 503)
        self.ask("/api/v2/exchangers", "/api/v2/exchangers", 200)
        no_history = self.document.tree["components"]["examples"]["NoHistory"]["value"]
        for path, target in {"/api/v2/history/{direction}": "/api/v2/history/BTC-USD",
                             "/api/v2/courses/{direction}": "/api/v2/courses/BTC-USD?at=2026-11-22T10:00:00Z"}.items():
            _, headers, body = self.ask(path, target, 503)
            self.assertEqual((json.loads(body), headers["Retry-After"]), (no_history, None))

    def test_one_subscriber_too_many_is_refused_as_described(self):
        first = self.listen(STREAM)
        self.check_message(first.next())
        for path in (STREAM, WEB_SOCKET):
            second = self.listen(path)
            self.assertEqual(second.status, 503)

    def test_the_document_of_another_market_map_is_as_right(self):
        markets = {"venues": {"coingecko": {}}, "exchangers": ["coingecko"],
                   "directions": [{"direction": "SOL-EUR", "allowance": "none", "coingecko": "solana/eur"}]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(markets, file)
            file.flush()
            self.start({**self.simulator.settings(), "MARKETS_FILE": file.name})
        schemas = self.document.tree["components"]["schemas"]
        self.assertEqual((schemas["Direction"]["enum"], schemas["Exchanger"]["enum"]), (["SOL-EUR"], ["coingecko"]))
        self.assertEqual(lint(self.document.text), set())
        self.check_examples()
        for query, status in {"?direction=sol-eur,SOL-EUR&exchanger=CoinGeko": 503, "?direction=BTC-USD": 400, "?exchanger=binance": 400}.items():
            target = "/api/v1/courses" + query
            self.assertEqual((self.get(target)[0], bool(self.document.request_faults(target))), (status, status == 400), target)


if __name__ == "__main__":
    unittest.main()
