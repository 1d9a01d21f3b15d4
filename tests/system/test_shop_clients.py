"""The clients for PHP and JavaScript read the service's rates, and refuse what is not fresh, whoever answers it. They lock
quotes, and refuse what the service has not signed."""

import json
import subprocess
import time
import unittest
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from shop_client import LANGUAGES, Pretender, QuoteDesk, command, run, sign, take, verify
from stack import ROOT, StackTest, call, wait_for

RATE = {
    "js": """
        import { Kurs } from "file://%s/clients/js/kurs.mjs";
        const [url, direction, options] = process.argv.slice(1);
        try { console.log(JSON.stringify(await new Kurs(url, JSON.parse(options)).rate(direction))); }
        catch (error) { console.log(JSON.stringify({ error: error.name, state: error.state, reason: error.reason })); }""" % ROOT,
    "php": """
        require '%s/clients/php/Kurs.php';
        [, $url, $direction, $options] = $argv;
        try { echo json_encode((new Kurs($url, ...json_decode($options, true)))->rate($direction)); }
        catch (RateError $error) {
            echo json_encode(['error' => 'RateError', 'state' => $error->state, 'reason' => $error->reason]);
        }""" % ROOT}
FOLLOW = {
    "js": """
        import { Kurs } from "file://%s/clients/js/kurs.mjs";
        const [url, count] = process.argv.slice(1);
        let left = Number(count);
        for await (const rate of new Kurs(url).follow(["BTC-USD"])) {
            console.log(JSON.stringify(rate));
            if (--left === 0) process.exit();
        }""" % ROOT,
    "php": """
        require '%s/clients/php/Kurs.php';
        [, $url, $count] = $argv;
        foreach ((new Kurs($url))->follow(['BTC-USD']) as $rate) {
            echo json_encode($rate), "\\n";
            if (--$count === 0) exit;
        }""" % ROOT}
# The key and the signature of RFC 8037, appendix A.
SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
POINT = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
ATTACHED = ("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
            ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
# A detached signature of the same key.
SIGNED = '{"id":"q1","in":"1","out":"78.9412"}'
HEADER = {"alg": "EdDSA", "b64": False, "crit": ["b64"], "kid": "2026-01"}
SIGNATURE = ("eyJhbGciOiJFZERTQSIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il0sImtpZCI6IjIwMjYtMDEifQ"
             "..Q-PNP1Iu1yyY-N-dezM2ogAsZHaUPfN4Rab9z6Nx6RsN3JLdvsQ_fhtzgKD3OcIHVlC4GsgptJlsO6Dj1RCICA")
KEY = {"kty": "OKP", "crv": "Ed25519", "x": POINT, "kid": "2026-01", "use": "sig", "alg": "EdDSA"}
JWKS = {"keys": [KEY]}
ORDER = {"direction": "btc-rub", "side": "sell", "amount": "0.050", "ttl": 60}
LOCK = ("lock", ORDER)
ITEM = {"name": "bestchange", "from": "BTC", "to": "SBPRUB", "city": "MSK"}
UUID = "0b7c1c2e-8f1b-4d6e-9c55-3f6b1f0a7d21"


def compact(document):
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def changed(document, **members):
    """Without the members that are None."""
    return {name: value for name, value in {**document, **members}.items() if value is not None}


def sign_all(*cases):
    """Signatures of RFC 8037's key for headers and bodies."""
    return sign(*([{"d": SEED, "x": POINT}, compact(header), body] for header, body in cases))


def rate(language, url, direction="BTC-USD", **options):
    return run(language, RATE[language], url, direction, json.dumps(options))[0]


def moment(seconds):
    """A time that many seconds from now."""
    at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def answer(as_of=0.0, observed_at=-1.0, fresh_until=4.0):
    course = {"direction": "BTC-USD", "state": "fresh", "reason": None, "bid": "64000", "value": "64000.5", "ask": "64001",
              "observed_at": moment(observed_at), "age_ms": 1000, "fresh_until": moment(fresh_until), "legs": []}
    return {"version": 1, "exchanger": "binance", "as_of": moment(as_of), "courses": [course]}


class RefusalTest(unittest.TestCase):
    def pretend(self, make_body, **details):
        pretender = Pretender(make_body, **details)
        self.addCleanup(pretender.close)
        return pretender

    def expect(self, state, make_body, options=None, **details):
        pretender = self.pretend(make_body, **details)
        for language in LANGUAGES:
            with self.subTest(language):
                found = rate(language, pretender.url, **options or {})
                self.assertEqual((found.get("error"), found["state"]), ("RateError", state), found)

    def test_what_is_fresh_is_read(self):
        pretender = self.pretend(lambda: json.dumps(answer()))
        for language in LANGUAGES:
            self.assertEqual(rate(language, pretender.url, maxAge=4)["value"], "64000.5")

    def test_what_is_not_fresh_is_refused(self):
        self.expect("stale", lambda: json.dumps(answer(fresh_until=-0.01)))
        self.expect("stale", lambda: json.dumps(answer(observed_at=-2.5)), {"maxAge": 2})
        self.expect("old", lambda: json.dumps(answer(as_of=-20)))
        self.expect("old", lambda: json.dumps(answer(as_of=20, fresh_until=24)))
        self.expect("old", lambda: json.dumps({**answer(), "as_of": "yesterday"}))

    def test_what_is_no_rate_is_refused(self):
        self.expect("failed", lambda: "<html>504</html>", status=504)
        self.expect("failed", lambda: json.dumps({"detail": "no"}), status=400)
        self.expect("failed", lambda: "null")
        self.expect("failed", lambda: json.dumps({"courses": "BTC-USD"}))
        for language in LANGUAGES:
            self.assertEqual(rate(language, "http://127.0.0.1:1")["state"], "failed")

    def test_a_stream_that_ends_is_resumed_and_its_last_rate_expires(self):
        def body():
            message = {"event": "snapshot", **answer(fresh_until=1.0)}
            return f"retry: 1500\n\nevent: snapshot\nid: 17\ndata: {json.dumps(message)}\n\n"
        pretender = self.pretend(body, kind="text/event-stream")
        for language in LANGUAGES:
            with self.subTest(language):
                begun = len(pretender.asked)
                done = subprocess.run(command(language, FOLLOW[language], pretender.url, 3), capture_output=True, text=True,
                                      timeout=30, check=True)
                values = [json.loads(line)["value"] for line in done.stdout.splitlines()]
                # PHP has no second thread that could tell.
                self.assertEqual(values, ["64000.5", None, "64000.5"] if language == "js" else ["64000.5"] * 3)
                self.assertEqual([headers.get("Last-Event-ID") for headers in pretender.asked[begun:begun + 2]], [None, "17"])


class SignatureTest(unittest.TestCase):
    def check(self, expected, *cases):
        for language in LANGUAGES:
            for case, found in zip(cases, verify(language, cases), strict=True):
                with self.subTest(language, case=case):
                    if isinstance(expected, str):
                        self.assertRegex(str(found), f"^unverified: .*{expected}")
                    else:
                        self.assertEqual(found, expected)

    def check_headers(self, expected, *headers):
        self.check(expected, *([SIGNED, signature, JWKS] for signature in sign_all(*((header, SIGNED) for header in headers))))

    def test_a_quote_is_returned_if_its_signature_is_of_its_bytes(self):
        self.assertEqual(sign_all((HEADER, SIGNED)), [SIGNATURE])
        self.check(json.loads(SIGNED), [SIGNED, SIGNATURE, JWKS])
        keys = [{**KEY, "kid": "2025-12"}, changed(KEY, use=None, alg=None)]
        self.check(json.loads(SIGNED), [SIGNED, SIGNATURE, {"keys": keys}])
        city = '{"city":"Санкт-Петербург"}'
        self.check(json.loads(city), [city, *sign_all((HEADER, city)), JWKS])

    def test_other_bytes_are_refused(self):
        self.check("not of these bytes", *([body, SIGNATURE, JWKS] for body in (
            SIGNED.replace("78", "79"), SIGNED + "\n", " " + SIGNED, "\ufeff" + SIGNED, "", "not JSON")))
        other_header = sign_all(({**HEADER, "typ": "JOSE"}, SIGNED))[0].split("..")[0]
        self.check("not of these bytes", [SIGNED, f"{other_header}..{SIGNATURE.split('..')[1]}", JWKS])

    def test_a_header_of_another_kind_is_refused_whoever_signed_it(self):
        self.check_headers("another kind", *(changed(HEADER, alg=alg) for alg in (
            None, "none", "HS256", "ES256", "Ed25519", "eddsa", ["EdDSA"])))
        self.check_headers("another kind", *(changed(HEADER, crit=crit) for crit in (
            None, [], "b64", ["exp"], ["b64", "exp"], ["b64", "b64"], [["b64"]])))
        self.check_headers("another kind", *(changed(HEADER, b64=b64) for b64 in (None, True, 0, "false")))
        self.check_headers("another kind", *(changed(HEADER, kid=kid) for kid in (None, 1, ["2026-01"])))
        encoded, _, signature = ATTACHED.split(".")
        self.check("another kind", ["Example of Ed25519 signing", f"{encoded}..{signature}", JWKS])

    def test_what_is_no_detached_signature_is_refused(self):
        header, signature = SIGNATURE.split("..")
        self.check("malformed", *([SIGNED, each, JWKS] for each in (
            "", ".", "..", header, f"{header}.", f"{header}..", f"..{signature}", f"{header}.e30.{signature}", f"{SIGNATURE}.",
            f"{SIGNATURE}==", SIGNATURE[:-1], f"{SIGNATURE}A", f"{SIGNATURE}, {SIGNATURE}", f"bm90IEpTT04..{signature}",
            SIGNATURE.replace("-", "+"), f"{SIGNATURE}\n", f"{header}=..{signature}", ATTACHED)))

    def test_one_key_has_to_have_the_kid(self):
        self.check("0 keys", *([SIGNED, SIGNATURE, jwks] for jwks in (
            {}, {"keys": []}, {"keys": None}, {"keys": [None, "2026-01"]}, {"keys": [{**KEY, "kid": "2026-02"}]},
            {"keys": [changed(KEY, kid=None)]})))
        self.check("2 keys", *([SIGNED, SIGNATURE, {"keys": [KEY, other]}] for other in (KEY, {**KEY, "kty": "RSA"})))

    def test_a_key_of_another_kind_is_refused(self):
        self.check("not an Ed25519 key", *([SIGNED, SIGNATURE, {"keys": [changed(KEY, **members)]}] for members in (
            {"kty": "EC"}, {"kty": "oct"}, {"kty": None}, {"crv": "X25519"}, {"crv": "Ed448"}, {"crv": None}, {"use": "enc"},
            {"alg": "ES256"}, {"x": None}, {"x": 1}, {"x": POINT[:-2]}, {"x": POINT + "AA"}, {"x": POINT + "="})))
        self.check("not of these bytes", [SIGNED, SIGNATURE, {"keys": [{**KEY, "x": POINT.replace("1", "2", 1)}]}])


class QuoteTests:
    """What a client does with quotes, in each language."""

    language = ""

    @classmethod
    def setUpClass(cls):
        # Its clock differs from this one by years.
        quote = {
            "id": UUID, "locked_at": "2020-11-30T10:00:00.120Z", "expires_at": "2020-11-30T10:01:00.120Z", "direction": "BTC-RUB",
            "side": "sell", "give": {"asset": "BTC", "amount": "0.05"}, "get": {"asset": "RUB", "amount": "385123.45"}, "export": None}
        cls.body = compact(quote)
        cls.item_body = compact({**quote, "export": {**ITEM, "in": "1", "out": "7702469", "fees": []}})
        kids = ("2026-01", "2026-02", "2026-03")
        *signatures, cls.item_signature = sign_all(*(({**HEADER, "kid": kid}, cls.body) for kid in kids), (HEADER, cls.item_body))
        cls.signatures = dict(zip(kids, signatures))

    def locked(self, kid="2026-01", at="2020-11-30T10:00:00.250Z", body=None):
        return 201, changed({"Kurs-Signature": self.signatures.get(kid), "Kurs-Time": at}), body or self.body

    def locked_item(self):
        return 201, {**self.locked()[1], "Kurs-Signature": self.item_signature}, self.item_body

    @staticmethod
    def keys(*kids, cache="public, max-age=60"):
        return 200, changed({"Cache-Control": cache}), compact({"keys": [{**KEY, "kid": kid} for kid in kids or ("2026-01",)]})

    @staticmethod
    def problem(status, detail):
        return status, {"Content-Type": "application/problem+json"}, compact({"status": status, "detail": detail})

    def take(self, *steps, quotes=None, jwks=None, **options):
        """A service of these answers, and what a client found there in each step."""
        desk = QuoteDesk(quotes or [self.locked()], jwks or [self.keys()])
        self.addCleanup(desk.close)
        return desk, take(self.language, desk.url, steps, **options)

    def expect(self, state, reason, step=LOCK, **answers):
        """The service, and the error that the client found."""
        desk, [found] = self.take(step, **answers)
        self.assertEqual((found.get("error"), found.get("state")), ("QuoteError", state), found)
        self.assertRegex(found["reason"], reason)
        return desk, found

    def test_a_quote_is_locked_and_read(self):
        other = ("lock", {**ORDER, "export": ITEM, "idempotencyKey": "order-17"})
        quotes = [self.locked(), self.locked_item(), self.locked()]
        desk, found = self.take(LOCK, other, ("read", {"id": UUID}), quotes=quotes, key="kurs_secret", exchanger="kraken")
        plain = {"quote": json.loads(self.body), "body": self.body, "signature": self.signatures["2026-01"]}
        item = {"quote": json.loads(self.item_body), "body": self.item_body, "signature": self.item_signature}
        self.assertEqual(found, [{**each, "jwks": JWKS, "remaining": 59.87} for each in (plain, item, plain)])
        locking = ("POST", "/api/v2/quotes")
        self.assertEqual([request[:2] for request in desk.quotes], [locking, locking, ("GET", f"/api/v2/quotes/{UUID}")])
        self.assertEqual([json.loads(body) for *_, body in desk.quotes[:2]],
                         [{**ORDER, "exchanger": "kraken"}, {**ORDER, "export": ITEM}])
        first, second, third = (headers for _, _, headers, _ in desk.quotes)
        self.assertEqual({headers["Authorization"] for headers in (first, second, third)}, {"Bearer kurs_secret"})
        self.assertEqual(first["Content-Type"], "application/json")
        self.assertEqual((second["Idempotency-Key"], third.get("Idempotency-Key")), ('"order-17"', None))

    def test_an_order_has_a_key_of_its_own(self):
        desk, _ = self.take(LOCK, LOCK)
        names = {headers["Idempotency-Key"] for _, _, headers, _ in desk.quotes}
        self.assertEqual(len(names), 2)
        for name in names:
            self.assertRegex(name, '^"[0-9a-f-]{32,36}"$')

    def test_the_services_clock_decides_what_remains(self):
        times = ("2020-11-30T10:00:00.120Z", "2020-11-30T10:01:00.120Z", "2020-12-01T10:01:00.120Z")
        _, found = self.take(LOCK, LOCK, LOCK, quotes=[self.locked(at=at) for at in times])
        self.assertEqual([each["remaining"] for each in found], [60, 0, -86400])
        for at in (None, "soon"):
            self.expect("failed", "no Kurs-Time", quotes=[self.locked(at=at)])

    def test_an_order_is_repeated_once_with_its_key(self):
        failures = ("drop", "cut", "mute", self.problem(503, "stale"), (502, {}, "<html>"))
        quotes = [answer for failure in failures for answer in (failure, self.locked())]
        desk, found = self.take(*[LOCK] * len(failures), quotes=quotes, timeout=0.5)
        self.assertEqual([each.get("body") for each in found], [self.body] * len(failures), found)
        sent = [(headers["Idempotency-Key"], body) for _, _, headers, body in desk.quotes]
        self.assertEqual(sent[::2], sent[1::2])
        self.assertEqual(len(set(sent)), len(failures))

    def test_an_order_is_not_repeated_again(self):
        order = ("lock", {**ORDER, "idempotencyKey": "order-17"})
        desk, error = self.expect("failed", "BTC-RUB is stale", order, quotes=[self.problem(503, "BTC-RUB is stale")])
        self.assertEqual((error["status"], error["idempotencyKey"], len(desk.quotes)), (503, "order-17", 2))
        desk, error = self.expect("failed", "no answer", quotes=["drop"])
        self.assertEqual((error["status"], len(desk.quotes)), (0, 2))
        self.assertEqual(desk.quotes[1][2]["Idempotency-Key"], f'"{error["idempotencyKey"]}"')

    def test_a_refusal_is_not_repeated(self):
        for state, status in (("refused", 400), ("refused", 422), ("failed", 429), ("failed", 500)):
            desk, error = self.expect(state, "^no$", quotes=[self.problem(status, "no")])
            self.assertEqual((error["status"], len(desk.quotes), len(desk.jwks)), (status, 1, 0))
        desk, error = self.expect("refused", "unknown", ("read", {"id": "a/b"}), quotes=[self.problem(404, "unknown")])
        self.assertEqual((desk.quotes[0][1], error["idempotencyKey"]), ("/api/v2/quotes/a%2Fb", None))

    def test_a_redirection_is_not_followed(self):
        desk, _ = self.expect("failed", "no answer|307", quotes=[(307, {"Location": "/.well-known/jwks.json"}, "")])
        self.assertEqual(desk.jwks, [])

    def test_what_is_not_signed_is_not_parsed(self):
        other = self.body.replace("385123", "985123")
        for quote in (self.locked(body=other), self.locked(body="not JSON"), self.locked(kid=None)):
            desk, error = self.expect("unverified", "signature", quotes=[quote])
            self.assertEqual(len(desk.quotes), 1)
            self.assertTrue(error["idempotencyKey"])

    def test_a_quote_of_another_request_is_refused(self):
        for member in ({"direction": "ETH-RUB"}, {"side": "buy"}, {"amount": "0.5"}, {"ttl": 61}, {"export": ITEM}):
            self.expect("unverified", "another request", ("lock", {**ORDER, **member}))
        others = ({"name": "shop"}, {"from": "USDTTRC20"}, {"to": "CASHRUB"}, {"city": "SPB"}, {"city": None})
        for order in (ORDER, *({**ORDER, "export": {**ITEM, **other}} for other in others)):
            self.expect("unverified", "another request", ("lock", order), quotes=[self.locked_item()])
        self.expect("unverified", "another quote", ("read", {"id": UUID.replace("0", "1")}))

    def test_a_key_adds_no_header(self):
        names = ("", "a b", "a" * 65, "a\r\nAuthorization: b", "a\n", 'a"', "a\\", "ключ")
        desk, found = self.take(*(("lock", {**ORDER, "idempotencyKey": name}) for name in names))
        error = {"js": "RangeError", "php": "ValueError"}[self.language]
        self.assertEqual([each.get("error") for each in found], [error] * len(names))
        self.assertEqual(desk.quotes, [])

    def test_the_keys_are_kept_for_their_cache_age(self):
        for cache, age in (("public, max-age=60", 60), (None, 300), ("max-age=0", 30), ("max-age=99999", 3600)):
            steps = (LOCK, ("read", {"id": UUID}), ("pass", {"seconds": age - 10}), LOCK, ("pass", {"seconds": 11}), LOCK)
            _, found = self.take(*steps, jwks=[self.keys(cache=cache), self.keys("2025-12")])
            self.assertEqual([each and each.get("state", "locked") for each in found],
                             ["locked", "locked", None, "locked", None, "unverified"], cache)

    def test_a_new_key_is_looked_for_with_a_pause(self):
        quotes = [self.locked(), self.locked("2026-02"), self.locked("2026-02"), self.locked("2026-03")]
        jwks = [self.keys(cache="max-age=3000"), self.keys("2026-01", "2026-02", cache="max-age=3000")]
        desk, found = self.take(LOCK, LOCK, ("pass", {"seconds": 31}), *[LOCK] * 6, quotes=quotes, jwks=jwks)
        self.assertEqual([each and each.get("state", "locked") for each in found],
                         ["locked", "unverified", None, "locked", *["unverified"] * 5])
        self.assertEqual(found[1]["reason"], "0 keys have the kid 2026-02")
        self.assertEqual([key["kid"] for key in found[3]["jwks"]["keys"]], ["2026-01", "2026-02"])
        self.assertEqual(len(desk.jwks), 2)

    def test_keys_that_cannot_be_read_are_not_kept(self):
        wrong = ((404, {}, "{}"), (200, {}, "<html>"), (200, {}, '{"keys":1}'))
        desk, found = self.take(*[LOCK] * 5, jwks=[*wrong, "drop", self.keys()])
        self.assertEqual([each.get("state", "locked") for each in found], ["failed", "failed", "failed", "locked", "locked"])
        self.assertEqual((len(desk.quotes), len(desk.jwks)), (5, 5))
        self.assertRegex(found[0]["reason"], "JWK set.*404")


class JavaScriptQuoteTest(QuoteTests, unittest.TestCase):
    language = "js"

    def test_orders_of_one_moment_ask_for_the_keys_once(self):
        desk, [found] = self.take(("lockTogether", [ORDER] * 5))
        self.assertEqual(([each["body"] for each in found], len(desk.jwks)), ([self.body] * 5, 1))


class PhpQuoteTest(QuoteTests, unittest.TestCase):
    language = "php"


class ServiceTest(StackTest):
    def test_a_rate_is_the_services(self):
        self.service.wait_for_courses(8)
        for language in LANGUAGES:
            found = rate(language, self.service.url, "btc-rub", exchanger="kraken", maxAge=600)
            self.assertEqual((found["direction"], found["exchanger"], found["state"]), ("BTC-RUB", "kraken", "fresh"))
            self.assertLess(Decimal(found["bid"]), Decimal(found["ask"]))

    def test_a_dead_exchanger_is_refused_with_the_services_reason(self):
        self.service.wait_for_courses(8, "?exchanger=kraken")
        self.addCleanup(self.simulator.clear)
        self.simulator.fault("kraken_stream", "mute")
        self.simulator.fault("kraken_rest", "refuse")
        path = "/api/v2/courses/BTC-USD?exchanger=kraken"
        wait_for(lambda: call("GET", self.service.url + path)[0] == 503, [self.service], 30)
        for language in LANGUAGES:
            found = rate(language, self.service.url, exchanger="kraken")
            self.assertEqual((found["error"], found["state"]), ("RateError", "stale"))
            self.assertIn("limit", found["reason"])

    def test_a_stream_is_followed(self):
        for language in LANGUAGES:
            begun = time.monotonic()
            done = subprocess.run(command(language, FOLLOW[language], self.service.url, 5), capture_output=True, text=True,
                                  timeout=60, check=True)
            rates = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual(len(rates), 5)
            self.assertTrue(all(each["direction"] == "BTC-USD" and each["value"] for each in rates), rates)
            print(f"{language}: five rates in {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    unittest.main()
