"""The clients for PHP and JavaScript read the service's rates, and refuse what is not fresh, whoever answers it."""

import json
import subprocess
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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
LANGUAGES = tuple(RATE)


def command(language, program, *arguments):
    start = ["node", "--input-type=module", "-e", program, "--"] if language == "js" else ["php", "-r", program, "--"]
    return [*start, *map(str, arguments)]


def rate(language, url, direction="BTC-USD", **options):
    done = subprocess.run(command(language, RATE[language], url, direction, json.dumps(options)), capture_output=True, text=True,
                          timeout=30, check=False)
    if done.returncode or not done.stdout:
        raise AssertionError(done.stdout + done.stderr)
    return json.loads(done.stdout)


def moment(seconds):
    """A time that many seconds from now."""
    at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def answer(as_of=0.0, observed_at=-1.0, fresh_until=4.0):
    course = {"direction": "BTC-USD", "state": "fresh", "reason": None, "bid": "64000", "value": "64000.5", "ask": "64001",
              "observed_at": moment(observed_at), "age_ms": 1000, "fresh_until": moment(fresh_until), "legs": []}
    return {"version": 1, "exchanger": "binance", "as_of": moment(as_of), "courses": [course]}


class Pretender:
    """A server that answers what it is told: a service that is wrong, or a cache in front of one."""

    def __init__(self, make_body, status=200, kind="application/json"):
        self.asked = []  # headers of each request

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):  # pylint: disable=no-self-argument
                self.asked.append(dict(handler.headers))
                body = make_body().encode()
                handler.send_response(status)
                handler.send_header("Content-Type", kind)
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


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
