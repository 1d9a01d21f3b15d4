"""API keys: who is answered, at every path, on every transport and replica, and after a file is read again."""

import hashlib
import json
import re
import signal
import socket
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

from openapi_document import Document
from push_client import EventStream, WebSocket
from stack import BUILD, ROOT, Service, StackTest, call, wait_for
from test_commands import kurs
from test_openapi import lint
from test_shop_clients import LANGUAGES, rate

SHOP, DESK = "kurs_5f2b8c4e0d9a47e1b3c6", "kurs_a1d7e3f9b2c84d60957e"
LIMIT = 20
EXPLANATION = "/api/v2/exports/bestchange/explain"
PUSHED = ("/api/v2/stream", "/api/v2/ws")
IN_FORCE = "reload: the new configuration is in force"


def digest(key):
    return hashlib.sha256(key.encode()).hexdigest()


def document(*keys, **more):
    return json.dumps({"keys": list(keys), **more})


SHOPS = {"name": "shop", "sha256": digest(SHOP), "scopes": ["read"]}
DESKS = {"name": "desk", "sha256": digest(DESK), "scopes": ["read", "admin"]}


def bearer(key):
    return {"Authorization": f"Bearer {key}"} if key else {}


class KeysTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.file = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "keys.json"
        cls.file.write_text(document({**SHOPS, "per_second": LIMIT}, DESKS))
        cls.settings = {"API_KEYS_FILE": str(cls.file), "EXPORTS_FILE": str(ROOT / "docs" / "exports.json"), "LOG_LEVEL": "debug"}
        super().setUpClass()
        cls.replica = Service(BUILD, {**cls.simulator.settings(), **cls.settings})
        cls.addClassCleanup(cls.replica.stop)
        for service in (cls.service, cls.replica):
            wait_for(lambda asked=service: len(cls.courses(asked)) == 8, [service])

    @classmethod
    def tearDownClass(cls):
        shown = "\n".join([*cls.service.lines, *cls.replica.lines])
        if "http: GET /api/v1/courses" not in shown or "status=429" not in shown:
            raise AssertionError("the log has no requests")
        if any(each in shown for each in (SHOP, DESK, digest(SHOP), digest(DESK))):
            raise AssertionError("the log has a key")
        super().tearDownClass()

    @classmethod
    def courses(cls, service):
        status, _, body = call("GET", service.url + "/api/v2/courses?exchanger=binance", headers=bearer(DESK))
        return [each for each in json.loads(body)["courses"] if each["state"] == "fresh"] if status == 200 else []

    def described(self):
        return Document(call("GET", self.service.url + "/openapi.json")[2].decode())

    def read(self, keys, service=None):
        """The service reads this file again."""
        service = service or self.service
        before = len(service.lines)
        self.file.write_text(keys)
        service.child.send_signal(signal.SIGHUP)
        return before

    def put_in_force(self, keys):
        for service in (self.service, self.replica):
            before = self.read(keys, service)
            wait_for(lambda: any(IN_FORCE in line for line in service.lines[before:]), [service], 40)

    def test_every_path_answers_as_described(self):
        described = self.described()
        secured = 0
        for path, operation in described.operations.items():
            needs_key = bool(operation.get("security"))
            secured += needs_key
            target = described.targets(path)[0] + described.query(path)
            for key, refusal in {None: 401, "kurs_unknown": 401, DESK: None}.items():
                if path in PUSHED and refusal is None:
                    continue
                for service in (self.service, self.replica):
                    status, headers, body = self.get(target, headers=bearer(key), service=service)
                    self.assertEqual(described.complaints(path, status, headers, body), [], f"{target} {key} {body}")
                    if refusal and needs_key:
                        self.assertEqual(status, refusal, target)
                    else:
                        self.assertNotIn(status, (401, 403, 429), target)
        self.assertEqual(secured, 11)
        self.assertEqual(lint(described.text), set())

    def test_a_key_is_for_its_scopes(self):
        described = self.described()
        for key, status in {SHOP: 403, DESK: 200}.items():
            answer = call("GET", self.service.url + EXPLANATION, headers=bearer(key))
            self.assertEqual(answer[0], status, answer)
            self.assertEqual(described.complaints("/api/v2/exports/{name}/explain", *answer), [])

    def test_subscribers_need_a_key_too(self):
        for transport in (EventStream, WebSocket):
            with transport(self.service.url) as refused:
                self.assertEqual(refused.status, 401)
            with transport(self.service.url, headers=bearer(DESK)) as subscribed:
                self.assertEqual(subscribed.next().kind, "snapshot")

    def ask_at_once(self, service, key, count):
        """The statuses of that many requests in one go, and the time from the first to the last."""
        parts = urlsplit(service.url)
        request = f"GET /livez HTTP/1.1\r\nHost: kurs\r\n\r\nHEAD /api/v1/courses HTTP/1.1\r\nHost: kurs\r\nAuthorization: Bearer {key}\r\n\r\n"
        last = "GET /nothing HTTP/1.1\r\nHost: kurs\r\nConnection: close\r\n\r\n"
        began_at = time.time()
        with socket.create_connection((parts.hostname, parts.port), 20) as connection:
            connection.sendall((request * count + last).encode())
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        statuses = [int(each) for each in re.findall(rb"HTTP/1\.1 (\d+)", answer)]
        self.assertEqual((statuses[0:-1:2], statuses[-1]), ([200] * count, 404), "what needs no key is not counted")
        return statuses[1::2], time.time() - began_at

    def test_a_key_has_its_requests_of_each_second_on_each_replica(self):
        described = self.described()
        for service in (self.service, self.replica):
            time.sleep(1.1 - time.time() % 1)  # the beginning of a second
            statuses, took = self.ask_at_once(service, SHOP, 10 * LIMIT)
            self.assertEqual(set(statuses), {200, 429})
            self.assertEqual(statuses[:LIMIT], [200] * LIMIT)
            self.assertLessEqual(statuses.count(200), LIMIT * (int(took) + 2))
            self.assertEqual(set(self.ask_at_once(service, DESK, 10 * LIMIT)[0]), {200}, "the limit is the shop's")
            time.sleep(1.1)
            answers = [self.get("/api/v1/courses", headers=bearer(SHOP), service=service) for _ in range(2)]
            self.assertEqual([answer[0] for answer in answers], [200, 200])
            self.assertEqual(described.complaints("/api/v1/courses", *answers[0]), [])

    def test_what_is_not_the_api_needs_no_key(self):
        for path in ("/", "/docs", "/assets/page.js", "/metrics", "/livez", "/readyz", "/openapi.json", "/api/v2/exports/bestchange"):
            self.assertEqual(self.get(path)[0], 200, path)

    def test_no_spelling_of_a_path_leads_around(self):
        for target in ("/api/v1/courses?x=/livez", "http://kurs.example/api/v1/courses", "/courses/../api/v2/courses",
                       "/api/v2/courses/BTC%2DUSD", "/api/v2/courses/btc-usd", "/livez/../api/v1/courses", "//api/v1/courses"):
            for method in ("GET", "HEAD"):
                self.assertIn(self.get(target, method)[0], (401, 404), target)

    def test_clients_send_their_key(self):
        for language in LANGUAGES:
            with self.subTest(language):
                self.assertEqual(rate(language, self.service.url, key=DESK)["state"], "fresh")
                self.assertIn("needs an API key", rate(language, self.service.url)["reason"])

    def test_a_file_that_is_read_again_revokes_and_opens(self):
        self.addCleanup(self.put_in_force, document({**SHOPS, "per_second": LIMIT}, DESKS))
        with EventStream(self.service.url, headers=bearer(SHOP)) as subscribed:
            subscribed.next()
            self.put_in_force(document(DESKS, anonymous=["read"]))
            subscribed.wait_for_end()
        for service in (self.service, self.replica):
            self.assertTrue(any("API keys: 1, anyone may read without one" in line for line in service.lines))
        for service in (self.service, self.replica):
            statuses = {key: call("GET", service.url + "/api/v1/courses", headers=bearer(key))[0] for key in (None, SHOP, DESK)}
            self.assertEqual(statuses, {None: 200, SHOP: 401, DESK: 200})
            self.assertEqual(call("GET", service.url + EXPLANATION)[0], 401)
        tree = json.loads(call("GET", self.service.url + "/openapi.json")[2])
        self.assertEqual(tree["paths"]["/api/v1/courses"]["get"]["security"], [{"key": []}, {}])

    def test_a_wrong_file_changes_nothing_and_is_not_shown(self):
        before = self.read(document({"name": "shop", "sha256": SHOP, "scopes": ["read"]}))
        wait_for(lambda: any("the current one stays in force" in line for line in self.service.lines[before:]), [self.service])
        self.assertEqual(call("GET", self.service.url + "/api/v1/courses", headers=bearer(DESK))[0], 200)
        checked = kurs("--check", API_KEYS_FILE=str(self.file))
        self.assertEqual(checked.returncode, 2)
        self.assertEqual(kurs("--health", API_KEYS_FILE=str(self.file), HTTP_PORT=str(urlsplit(self.service.url).port)).returncode, 0)
        self.assertIn("keys, number 1, 'sha256' is '(hidden)': must be the SHA-256 of a key", checked.stderr)
        self.file.write_text(document({**SHOPS, "per_second": LIMIT}, DESKS))
        self.assertIn("API keys are valid: 2", kurs("--check", API_KEYS_FILE=str(self.file)).stdout)
        for key in (SHOP, DESK, digest(SHOP), digest(DESK)):
            self.assertNotIn(key, checked.stderr)


if __name__ == "__main__":
    unittest.main()
