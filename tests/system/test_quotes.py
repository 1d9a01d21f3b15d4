"""Locked quotes: their amounts, what they survive, who can check them."""

import base64
import hashlib
import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from history_stack import milliseconds, now
from openapi_document import Document
from shop_client import LANGUAGES, QUOTES as STEPS, run, take
from stack import BUILD, ROOT, Service, Simulator, call, wait_for
from test_openapi import lint

from private_postgres import PrivatePostgres
from private_redis import PrivateRedis

KEY, READER = "kurs_5f2b8c4e0d9a47e1b3c6", "kurs_a1d7e3f9b2c84d60957e"
QUOTES, KEYS = "/api/v2/quotes", "/.well-known/jwks.json"
IN_FORCE = "reload: the new configuration is in force"
PLACES = {"RUB": 2, "USD": 2, "BTC": 8, "ETH": 8, "USDTTRC": 6, "USDTERC": 6}
PLAIN = {"direction": "BTC-RUB", "side": "sell", "amount": "0.05", "ttl": 60}
COUNT = int(os.environ.get("KURS_QUOTES", "2000"))
SEED = 11


def bearer(key=KEY):
    return {"Authorization": f"Bearer {key}"}


def new_key():
    return subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], check=True, capture_output=True, text=True).stdout


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def places(asset):
    return Decimal(1).scaleb(-PLACES[asset])


class Client:
    """One connection to one replica at a time. `ask` returns None if there was no answer."""

    def __init__(self):
        self.connection = None
        self.url = None

    def ask(self, url, method, path, body=None, headers=None):
        if self.connection is None or self.url != url:
            self.close()
            parts = urlsplit(url)
            self.connection, self.url = HTTPConnection(parts.hostname, parts.port, timeout=10), url
        try:
            self.connection.request(method, path, body, {**bearer(), "Content-Type": "application/json", **(headers or {})})
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, HTTPException):
            self.close()
            return None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class QuotesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.signing_file = folder / "quotes.pem"
        cls.signing = [new_key()]
        cls.signing_file.write_text(cls.signing[0])
        keys = [{"name": "desk", "sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": ["read", "quote"], "per_second": 100000},
                {"name": "shop", "sha256": hashlib.sha256(READER.encode()).hexdigest(), "scopes": ["read"]}]
        (folder / "keys.json").write_text(json.dumps({"keys": keys}))
        cls.simulator = Simulator(BUILD)
        cls.addClassCleanup(cls.simulator.stop)
        cls.postgres = PrivatePostgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.redis = PrivateRedis()
        cls.addClassCleanup(cls.redis.close)
        cls.settings = {
            **cls.simulator.settings(), "API_KEYS_FILE": str(folder / "keys.json"), "REDIS_URL": cls.redis.url,
            "QUOTE_KEYS_FILE": str(cls.signing_file), "EXPORTS_FILE": str(ROOT / "docs" / "exports.json"),
            "DATABASE_URL": cls.postgres.url}
        cls.replicas = []
        cls.addClassCleanup(lambda: [each.stop() for each in cls.replicas])
        for _ in range(3):
            cls.replicas.append(cls.start())
        wait_for(lambda: cls.is_ready(cls.replicas), cls.replicas, 60)

    @classmethod
    def start(cls):
        return Service(BUILD, cls.settings)

    @classmethod
    def is_ready(cls, services):
        return all(call("GET", each.url + "/readyz")[0] == 200 for each in services)

    def service(self):
        return self.replicas[0]

    def lock(self, body, service=None, name=None, **headers):
        if name:
            headers["Idempotency-Key"] = name
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        client = Client()
        answer = client.ask((service or self.service()).url, "POST", QUOTES, data, headers)
        client.close()
        self.assertIsNotNone(answer)
        return answer

    def locked(self, body, **options):
        status, headers, text = self.lock(body, **options)
        self.assertEqual(status, 201, text)
        return headers, json.loads(text)

    def described(self):
        return Document(call("GET", self.service().url + "/openapi.json")[2].decode())

    def published(self):
        return json.loads(call("GET", self.service().url + KEYS)[2])

    def test_amounts_are_the_exact_product_rounded_in_the_exchangers_favour(self):
        described, chance = self.described(), random.Random(SEED)
        for _ in range(150):
            base, quote = chance.sample(list(PLACES), 2)
            side = chance.choice(["sell", "buy"])
            amount = Decimal(chance.randrange(1, 10 ** 6)) * places(base) * 10 ** chance.randrange(0, 4)
            body = {"direction": f"{base}-{quote}", "side": side, "amount": f"{amount:f}", "ttl": 30,
                    "exchanger": chance.choice(["binance", "kraken", "consensus"])}
            answer = self.lock(body)
            self.assertEqual(described.complaints(QUOTES, *answer), [], answer[2])
            read = json.loads(answer[2])
            if answer[0] == 400:
                self.assertIn("worth less than", read["detail"])
                continue
            if answer[0] == 503:
                self.assertEqual(body["exchanger"], "consensus", read)
                continue
            self.assertEqual(answer[0], 201, answer[2])
            factors = [(leg["bid"], leg["ask"], leg["inverted"]) for leg in read["legs"]] or [
                (each["bid"], each["ask"], each["inverted"]) for each in read["courses"]]
            exact = Decimal(1)
            for bid, ask, inverted in factors:
                price = Decimal(bid if (side == "sell") != inverted else ask)
                exact = exact / price if inverted else exact * price
            given, got = (base, quote) if side == "sell" else (quote, base)
            fixed, other = ("give", "get") if side == "sell" else ("get", "give")
            self.assertEqual((read["give"]["asset"], read["get"]["asset"]), (given, got))
            self.assertEqual(Decimal(read[fixed]["amount"]), amount)
            rounded = (exact * amount).quantize(places(quote), ROUND_DOWN if side == "sell" else ROUND_UP)
            self.assertEqual(Decimal(read[other]["amount"]), rounded, read)
            self.assertLess(abs(Decimal(read["rate"]) - exact), Decimal("1e-17"))
            self.assertEqual(milliseconds(read["expires_at"]) - milliseconds(read["locked_at"]), 30_000)

    def test_an_item_of_an_export_has_its_published_price(self):
        service = self.service()
        body = {"direction": "USDTTRC-RUB", "side": "sell", "amount": "250", "ttl": 60,
                "export": {"name": "bestchange", "from": "USDTTRC20", "to": "SBPRUB"}}
        _, quote = self.locked(body)
        item = quote["export"]
        rate = Decimal(item["out"]) / Decimal(item["in"])
        self.assertEqual(Decimal(quote["get"]["amount"]), (250 * rate).quantize(places("RUB"), ROUND_DOWN))
        markup = Decimal(quote["markup"].rstrip("%")) / 100
        self.assertGreater(markup, 0)
        exact = Decimal(quote["base_rate"]) * (1 - markup)
        self.assertLessEqual(rate, exact)
        self.assertLess(exact - rate, Decimal("0.01"))
        published = call("GET", service.url + "/api/v2/exports/bestchange")[2].decode()
        self.assertIn("<from>USDTTRC20</from><to>SBPRUB</to>", published)
        status, _, refused = self.lock({**body, "amount": "1"})
        self.assertEqual(status, 400, refused)
        self.assertIn("The smallest order is", refused.decode())

    def test_answers_are_as_described(self):
        described = self.described()
        self.assertEqual(lint(described.text), set())
        for url in (each.url for each in self.replicas):
            answers = {
                "locked": (QUOTES, call("POST", url + QUOTES, PLAIN, headers=bearer())),
                "no key": (QUOTES, call("POST", url + QUOTES, PLAIN)),
                "another scope": (QUOTES, call("POST", url + QUOTES, PLAIN, headers=bearer(READER))),
                "malformed": (QUOTES, call("POST", url + QUOTES, {**PLAIN, "ttl": 901}, headers=bearer())),
                "unknown": (QUOTES + "/{id}", call("GET", f"{url}{QUOTES}/0b7c1c2e-8f1b-4d6e-9c55-3f6b1f0a7d21", headers=bearer())),
                "keys": (KEYS, call("GET", url + KEYS)),
                "another type": (QUOTES, call("POST", url + QUOTES, PLAIN, headers={**bearer(), "Content-Type": "text/plain"})),
                "too long": (QUOTES, self.lock(b'{"direction":"' + b"x" * 20_000 + b'"}')),
            }
            self.assertEqual({name: answer[0] for name, (_, answer) in answers.items()},
                             {"locked": 201, "no key": 401, "another scope": 403, "malformed": 400, "unknown": 404,
                              "keys": 200, "another type": 415, "too long": 413})
            for name, (path, answer) in answers.items():
                self.assertEqual(described.complaints(path, *answer), [], f"{name}: {answer[2]}")

    def test_a_request_is_answered_once_on_every_replica(self):
        described, body = self.described(), json.dumps(PLAIN).encode()
        headers, first = self.locked(body, name='"order-1"')
        self.assertIsNone(headers["Idempotent-Replayed"])
        for service in self.replicas:
            status, replayed, text = answer = self.lock(body, service, name="order-1")
            self.assertEqual((status, json.loads(text), replayed["Idempotent-Replayed"]), (201, first, "true"))
            self.assertEqual(replayed["Kurs-Signature"], headers["Kurs-Signature"])
            self.assertEqual(described.complaints(QUOTES, *answer), [])
            answer = self.lock({**PLAIN, "ttl": 61}, service, name="order-1")
            self.assertEqual(answer[0], 422)
            self.assertNotIn(first["id"].encode(), answer[2])
            self.assertEqual(described.complaints(QUOTES, *answer), [])
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda i: self.lock(body, self.replicas[i % 3], name="order-2"), range(24)))
        self.assertEqual({status for status, _, _ in answers}, {201})
        self.assertEqual(len({text for _, _, text in answers}), 1, "requests of one name at once")

    def test_an_expired_quote_is_read_and_replayed_as_it_was(self):
        headers, quote = self.locked({**PLAIN, "ttl": 1}, name="short")
        left = milliseconds(quote["expires_at"]) - milliseconds(headers["Kurs-Time"])
        self.assertTrue(0 < left <= 1000, left)
        time.sleep(1.1)
        _, replayed = self.locked({**PLAIN, "ttl": 1}, name="short", service=self.replicas[1])
        self.assertEqual(replayed, quote)
        status, read, text = call("GET", f"{self.replicas[2].url}{QUOTES}/{quote['id']}", headers=bearer())
        self.assertEqual((status, json.loads(text)), (200, quote))
        self.assertLess(milliseconds(quote["expires_at"]), milliseconds(read["Kurs-Time"]), "the service's clock says so")
        self.assertLess(abs(milliseconds(read["Kurs-Time"]) - now()), 2000)

    def test_nothing_is_confirmed_while_postgres_is_away(self):
        described = self.described()
        self.postgres.kill()
        try:
            status, _, text = answer = self.lock(PLAIN, name="while-away")
            self.assertEqual((status, described.complaints(QUOTES, *answer)), (503, []), text)
            self.assertEqual(call("GET", self.service().courses_url, headers=bearer())[0], 200, "rates are served")
        finally:
            self.postgres.start()
        _, quote = self.locked(PLAIN, name="while-away")
        self.assertEqual(self.lock(PLAIN, name="while-away")[0], 201)
        rows = self.postgres.query("select count(*) from locked_quotes where idempotency_key = 'while-away'")
        self.assertEqual(rows, [["1"]])
        self.assertLess(now() - milliseconds(quote["locked_at"]), 10_000, "it is a new one: nothing had been confirmed")
        self.check_frozen_postgres(described)

    def check_frozen_postgres(self, described):
        self.postgres.freeze()
        try:
            began_at = time.monotonic()
            answer = self.lock(PLAIN)
            self.assertEqual((answer[0], described.complaints(QUOTES, *answer)), (503, []))
            self.assertLess(time.monotonic() - began_at, 5)
        finally:
            self.postgres.thaw()

    def test_without_a_database_quotes_are_refused(self):
        alone = Service(BUILD, {**self.settings, "DATABASE_URL": "", "REDIS_URL": ""})
        self.addCleanup(alone.stop)
        wait_for(lambda: self.is_ready([alone]), [alone])
        wait_for(lambda: call("GET", alone.courses_url, headers=bearer())[0] == 200, [alone])
        answer = self.lock(PLAIN, alone)
        self.assertEqual(answer[0], 503)
        self.assertIn("without a database", answer[2].decode())
        self.assertEqual(self.described().complaints(QUOTES, *answer), [])

    def test_the_clients_lock_read_and_check_quotes(self):
        order = {"direction": "BTC-RUB", "side": "buy", "amount": "0.01", "ttl": 60}
        for language in LANGUAGES:
            locked = take(language, self.service().url, [["lock", order]], key=KEY)[0]
            self.assertEqual(locked["quote"]["get"], {"asset": "BTC", "amount": "0.01"}, locked)
            read = take(language, self.replicas[1].url, [["read", {"id": locked["quote"]["id"]}]], key=KEY)[0]
            self.assertEqual(read["quote"], locked["quote"])
            self.assertTrue(50 < read["remaining"] < locked["remaining"] <= 60, (read["remaining"], locked["remaining"]))

    def test_a_client_whose_clock_is_off_by_a_day_knows_how_long_a_quote_holds(self):
        for days in (-1, 1):
            shift = f"const today = Date.now; Date.now = () => today() + {days} * 86400000;\n"
            order = {"direction": "BTC-RUB", "side": "buy", "amount": "0.01", "ttl": 60}
            locked = run("js", shift + STEPS["js"], self.service().url, json.dumps({"key": KEY}), json.dumps([["lock", order]]))[0]
            self.assertTrue(55 < locked["remaining"] <= 60, locked)

    def check_by_openssl(self, quote, jwks):
        header, signature = quote["signature"].split("..")
        kid = json.loads(decoded(header))["kid"]
        jwk = next(each for each in jwks["keys"] if each["kid"] == kid)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            (path / "key").write_bytes(bytes.fromhex("302a300506032b6570032100") + decoded(jwk["x"]))
            (path / "input").write_bytes(header.encode() + b"." + quote["body"])
            (path / "signature").write_bytes(decoded(signature))
            command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", path / "key", "-rawin", "-in",
                       path / "input", "-sigfile", path / "signature"]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0

    @staticmethod
    def count_right_by_node(quotes, jwks):
        lines = [json.dumps({"jwks": jwks})] + [
            json.dumps({"body": base64.b64encode(each["body"]).decode(), "signature": each["signature"]}) for each in quotes]
        command = ["node", str(Path(__file__).with_name("verify_quotes.mjs"))]
        return int(subprocess.run(command, input="\n".join(lines), check=True, capture_output=True, text=True, timeout=120).stdout)

    def replace_replicas(self, ended):
        """Kills one replica after the other, and starts another one in its place."""
        turn = 0
        while not ended.wait(2):
            victim = self.replicas[turn % 3]
            victim.stop(signal.SIGKILL)
            self.replicas[turn % 3] = self.start()
            wait_for(lambda: self.is_ready(self.replicas), self.replicas, 60)
            turn += 1
        return turn

    def lock_many(self, numbers, confirmed, counts):
        client, chance = Client(), random.Random(SEED + numbers[0])
        for number in numbers:
            body = json.dumps({**PLAIN, "amount": f"0.0{number + 1}"}).encode()
            for _ in range(200):
                url = chance.choice(self.replicas).url
                answer = client.ask(url, "POST", QUOTES, body, {"Idempotency-Key": f"many-{number}"})
                status = answer[0] if answer else "no answer"
                counts[status] += 1
                if status == 201:
                    confirmed[number] = {"body": answer[2], "signature": answer[1]["Kurs-Signature"]}
                    break
                time.sleep(0.05)
        client.close()

    def read_many(self, numbers, confirmed, wrong):
        client, chance = Client(), random.Random(SEED + numbers[0])
        for number in numbers:
            quote = confirmed[number]
            path = f"{QUOTES}/{json.loads(quote['body'])['id']}"
            answer = client.ask(chance.choice(self.replicas).url, "GET", path)
            if not answer or (answer[0], answer[2], answer[1]["Kurs-Signature"]) != (200, quote["body"], quote["signature"]):
                wrong.append((number, answer))
        client.close()

    def test_many_quotes_are_confirmed_and_readable_whatever_dies(self):
        """Replicas are killed while quotes are locked."""
        confirmed, counts, ended, wrong = {}, Counter(), threading.Event(), []
        jwks = {each["kid"]: each for each in self.published()["keys"]}
        parts = [range(first, COUNT, 6) for first in range(6)]
        with ThreadPoolExecutor(8) as pool:
            killing = pool.submit(self.replace_replicas, ended)
            locking = [pool.submit(self.lock_many, part, confirmed, counts) for part in parts]
            for each in locking:
                each.result()
            ended.set()
            killed = killing.result()
            print(f"{len(confirmed)} of {COUNT} quotes, replicas killed: {killed}, answers: {dict(counts)}")
            self.assertEqual(len(confirmed), COUNT)
            self.assertGreater(killed, 0)
            for each in [pool.submit(self.read_many, part, confirmed, wrong) for part in parts]:
                each.result()
        self.assertEqual(wrong, [])
        self.assertEqual(len({json.loads(each["body"])["id"] for each in confirmed.values()}), COUNT)
        rows = self.postgres.query("select count(*), count(distinct idempotency_key) from locked_quotes where idempotency_key like 'many-%'")
        self.assertEqual(rows, [[str(COUNT), str(COUNT)]])
        quotes = list(confirmed.values())
        self.assertEqual(self.count_right_by_node(quotes, {"keys": list(jwks.values())}), COUNT)

    def test_signatures_are_right_while_the_key_is_replaced(self):
        jwks = {each["kid"]: each for each in self.published()["keys"]}
        confirmed, counts = {}, Counter()
        with ThreadPoolExecutor(1) as pool:
            rotating = pool.submit(self.rotate, jwks)
            number = 0
            while not rotating.done():
                self.lock_many([100_000 + number], confirmed, counts)
                number += 1
            rotating.result()
            self.lock_many([100_000 + number], confirmed, counts)
        quotes = list(confirmed.values())
        signers = {json.loads(decoded(each["signature"].split("..")[0]))["kid"] for each in quotes}
        self.assertEqual(len(signers), 2, "both keys have signed")
        self.assertEqual(set(counts), {201})
        known = {"keys": list(jwks.values())}
        self.assertEqual(self.count_right_by_node(quotes, known), len(quotes))
        for quote in quotes[:3] + quotes[-3:]:
            self.assertTrue(self.check_by_openssl(quote, known))
            self.assertFalse(self.check_by_openssl({**quote, "body": quote["body"] + b" "}, known))
        self.assertEqual([each["kid"] for each in self.published()["keys"]],
                         [json.loads(decoded(quotes[-1]["signature"].split("..")[0]))["kid"]])

    def rotate(self, jwks):
        """Publishes a new key beside the old one, lets it sign, and removes the old one."""
        lines = {}
        old, new = self.signing[-1], new_key()
        self.signing.append(new)
        for keys in (old + new, new + old, new):
            self.signing_file.write_text(keys)
            for service in self.replicas:
                lines[service] = len(service.lines)
                service.child.send_signal(signal.SIGHUP)
            for service in self.replicas:
                wait_for(lambda asked=service: any(IN_FORCE in line for line in asked.lines[lines[asked]:]), [service], 60)
            for each in self.published()["keys"]:
                jwks[each["kid"]] = each


if __name__ == "__main__":
    unittest.main()
