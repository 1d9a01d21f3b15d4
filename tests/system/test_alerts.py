"""Alerts: what is sent, how it is signed, and that each is sent once whatever dies."""

import base64
import hashlib
import hmac
import json
import signal
import threading
import time
import unittest
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stack import BUILD, ROOT, Service, Simulator, call, wait_for
from test_commands import kurs

from private_redis import PrivateRedis

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
OTHER_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY4"
AFTER = 3


def signature(secret, identity, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()


class Receiver:
    """A webhook that records what it is sent. It answers with the statuses that it is told, then with 204. The status "hang"
    answers nothing until the receiver closes."""

    def __init__(self):
        self.statuses = []
        self.attempts = []  # (time, headers, body, answered status)
        self.closing = threading.Event()
        self.lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):  # pylint: disable=no-self-argument
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                with self.lock:
                    status = self.statuses.pop(0) if self.statuses else 204
                    self.attempts.append((time.time(), handler.headers, body, status))
                if status == "hang":
                    self.closing.wait(60)
                    return
                handler.send_response(status)
                handler.send_header("Content-Length", "0")
                handler.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks/kurs"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def accepted(self):
        """(id, body) of each attempt that was answered with 2xx."""
        with self.lock:
            return [(headers["webhook-id"], json.loads(body)) for _, headers, body, status in self.attempts
                    if status != "hang" and 200 <= status < 300]

    def named(self, kind, state="begun"):
        return [(identity, body["data"]) for identity, body in self.accepted() if (body["type"], body["data"]["state"]) == (kind, state)]

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


class AlertsTest(unittest.TestCase):
    def setUp(self):
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        self.simulator = Simulator(BUILD)
        self.addCleanup(self.simulator.stop)

    def settings(self, **more):
        return {**self.simulator.settings(), "ALERT_URL": self.receiver.url, "ALERT_SECRET": SECRET, "ALERT_AFTER": f"{AFTER}s", **more}

    def start(self, **more):
        service = Service(BUILD, self.settings(**more))
        self.addCleanup(self.stop_if_running, service)
        return service

    @staticmethod
    def stop_if_running(service):
        if service.child.poll() is None:
            service.stop()

    def silence_kraken(self):
        self.simulator.fault("kraken_stream", "mute")
        self.simulator.fault("kraken_rest", "refuse")

    def silence_binance(self):
        self.simulator.fault("binance_stream", "mute")
        self.simulator.fault("binance_rest", "refuse")

    def wait_for_alert(self, kind, services, state="begun", count=1, limit=40):
        wait_for(lambda: len(self.receiver.named(kind, state)) >= count, services, limit)
        return self.receiver.named(kind, state)

    def test_a_failover_and_a_lost_venue_are_told_with_signatures(self):
        service = self.start(EXPORTS_FILE=str(ROOT / "docs" / "exports.json"), ALERT_SECRET=f"{OTHER_SECRET},{SECRET}")
        service.wait_for_courses(8, exchanger="binance")
        time.sleep(6)
        self.assertNotIn("exchanger.changed", {body["type"] for _, body in self.receiver.accepted()}, "a start is no failover")
        self.silence_binance()
        (_, lost), = self.wait_for_alert("venue.lost", [service])
        self.assertEqual((lost["subject"], lost["text"], lost["until"]), ("binance", "binance has no fresh data.", None))
        self.assertIn("binance", lost["reason"])
        changed = self.wait_for_alert("exchanger.changed", [service])
        self.assertNotEqual(changed[0][1]["subject"], "binance")
        self.simulator.clear()
        (identity, ended), = self.wait_for_alert("venue.lost", [service], "ended")
        self.assertEqual((identity, ended["since"]), (f"{self.receiver.named('venue.lost')[0][0]}-ended", lost["since"]))
        self.assertIsNotNone(ended["until"])
        for _, headers, body, _ in self.receiver.attempts:
            identity, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
            expected = " ".join(signature(secret, identity, timestamp, body) for secret in (OTHER_SECRET, SECRET))
            self.assertEqual(headers["webhook-signature"], expected)
            self.assertLess(abs(int(timestamp) - time.time()), 120)
            self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(max(Counter(identity for identity, _ in self.receiver.accepted()).values()), 1)
        log = "\n".join(service.lines)
        self.assertRegex(log, r"alerts: delivered, id=\S+, what=venue.lost begun, subject=binance, attempt=1")
        self.assertNotIn("whsec", log)
        self.assertNotIn("/hooks/", log)

    def test_a_receiver_that_fails_hangs_and_answers_500_accepts_each_once(self):
        self.receiver.statuses = [500, "hang"]
        service = self.start(ALERT_LANGUAGE="ru")
        service.wait_for_courses(8, exchanger="binance")
        self.silence_kraken()
        wait_for(lambda: any(status == 500 for *_, status in self.receiver.attempts), [service])
        port = self.receiver.server.server_address[1]
        accepted = self.wait_for_alert("venue.lost", [service], limit=120)
        self.assertEqual([data["subject"] for _, data in accepted], ["kraken"])
        self.assertEqual(accepted[0][1]["text"], "От площадки kraken нет свежих данных.")
        attempts = [headers["webhook-id"] for _, headers, _, _ in self.receiver.attempts]
        self.assertEqual(set(attempts), {accepted[0][0]}, "one message only")
        self.assertEqual(len(attempts), 3)
        log = "\n".join(service.lines)
        for reason in ("status 500", "response timed out"):
            self.assertIn(f"reason={reason}", log)
        self.assertIn(f"alerts: sent to 127.0.0.1:{port}", log)

    def test_three_replicas_send_each_message_once(self):
        redis = PrivateRedis()
        self.addCleanup(redis.close)
        replicas = [self.start(REDIS_URL=redis.url) for _ in range(3)]
        for replica in replicas:
            replica.wait_for_courses(8, exchanger="binance")
        self.silence_kraken()
        self.wait_for_alert("venue.lost", replicas)
        time.sleep(2 * AFTER)
        self.simulator.clear()
        self.wait_for_alert("venue.lost", replicas, "ended")
        time.sleep(2)
        counts = Counter(each for each, _ in self.receiver.accepted())
        self.assertEqual(set(counts.values()), {1}, counts)
        about = Counter((body["type"], body["data"]["state"], body["data"]["subject"]) for _, body in self.receiver.accepted())
        self.assertEqual(set(about.values()), {1}, about)

    def test_each_is_told_once_by_three_replicas_one_of_which_dies(self):
        redis = PrivateRedis()
        self.addCleanup(redis.close)
        replicas = [self.start(REDIS_URL=redis.url) for _ in range(3)]
        for replica in replicas:
            replica.wait_for_courses(8, exchanger="binance")
        self.receiver.statuses = [500]
        self.silence_kraken()
        self.wait_until_attempted("venue.lost", replicas)
        leader = next(replica for replica in replicas if replica.role() == "leader")
        leader.stop(signal.SIGKILL)  # before the next attempt
        replicas.remove(leader)
        (identity, data), = self.wait_for_alert("venue.lost", replicas)
        self.assertEqual(data["subject"], "kraken")
        self.silence_binance()
        self.wait_for_alert("exchanger.changed", replicas)
        self.wait_for_alert("venue.lost", replicas, count=2)
        second = next(replica for replica in replicas if replica.role() == "leader")
        second.stop(signal.SIGKILL)
        replicas.remove(second)
        wait_for(lambda: replicas[0].role() == "leader", replicas)
        time.sleep(2 * AFTER + 6)
        self.simulator.clear()
        self.wait_for_alert("venue.lost", replicas, "ended", count=2)
        told = defaultdict(set)
        for each, body in self.receiver.accepted():
            told[body["type"], body["data"]["state"], body["data"]["subject"]].add(each)
        self.assertEqual({key: len(ids) for key, ids in told.items() if key[0] == "venue.lost"},
                         {("venue.lost", state, venue): 1 for state in ("begun", "ended") for venue in ("kraken", "binance")})
        counts = Counter(each for each, _ in self.receiver.accepted())
        print(f"{len(counts)} messages, accepted more than once: {[each for each, count in counts.items() if count > 1]}")
        about_kraken = {headers["webhook-id"] for _, headers, body, _ in self.receiver.attempts
                        if (json.loads(body)["type"], json.loads(body)["data"]["subject"], json.loads(body)["data"]["state"])
                        == ("venue.lost", "kraken", "begun")}
        self.assertEqual(about_kraken, {identity}, "the attempt that was answered with 500 had the same id")
        for key, ids in told.items():
            self.assertEqual(len(ids), len({each for each in ids if each.endswith("-ended") == (key[1] == "ended")}))
            if key[0] == "exchanger.changed":
                self.assertTrue(all(each.startswith("active-") for each in ids), ids)
                self.assertEqual(len({each.split("-")[1] for each in ids}), len(ids), "no replica tells of it by itself")

    def wait_until_attempted(self, kind, services):
        wait_for(lambda: any(json.loads(body)["type"] == kind for _, _, body, _ in list(self.receiver.attempts)), services)

    def test_the_command_sends_a_test(self):
        sent = kurs("--test-alert", ALERT_URL=self.receiver.url, ALERT_SECRET=SECRET)
        self.assertEqual(sent.returncode, 0, sent.stderr)
        (identity, body), = self.receiver.accepted()
        self.assertEqual((body["type"], body["data"]["text"]), ("test", "This is a test."))
        self.assertIn(identity, sent.stdout)
        for status in (302, 401):
            self.receiver.statuses = [status]
            refused = kurs("--test-alert", ALERT_URL=self.receiver.url, ALERT_SECRET=SECRET)
            self.assertEqual((refused.returncode, f"status {status}" in refused.stderr), (1, True), refused.stderr)
        for settings, rule in (({}, "ALERT_URL"), ({"ALERT_URL": self.receiver.url}, "ALERT_SECRET"),
                               ({"ALERT_URL": self.receiver.url, "ALERT_SECRET": "whsec_c2hvcnQ="}, "must be whsec_ and base64")):
            wrong = kurs("--test-alert", **settings)
            self.assertEqual(wrong.returncode, 2)
            self.assertIn(rule, wrong.stderr)
            self.assertNotIn("c2hvcnQ", wrong.stderr)

    def test_a_reload_goes_on_with_what_was_told(self):
        service = self.start()
        service.wait_for_courses(8, exchanger="binance")
        self.silence_kraken()
        (identity, _), = self.wait_for_alert("venue.lost", [service])
        before = len(service.lines)
        service.child.send_signal(signal.SIGHUP)
        wait_for(lambda: any("the new configuration is in force" in line for line in service.lines[before:]), [service], 60)
        time.sleep(2 * AFTER)
        self.assertEqual([each for each, _ in self.receiver.named("venue.lost")], [identity])
        self.simulator.clear()
        (ended, _), = self.wait_for_alert("venue.lost", [service], "ended")
        self.assertEqual(ended, f"{identity}-ended")


if __name__ == "__main__":
    unittest.main()
