"""The pages and push through nginx: their own policy, no buffering, upgrades, and nothing else."""

import asyncio
import gzip
import json
import unittest
import urllib.error
import urllib.request

import websockets
from composed import REPLICAS, ROOT, running, wait_until

LIMIT = 20  # seconds


def setUpModule():
    global STACK, BASE
    STACK = running()
    BASE = f"127.0.0.1:{STACK.port}"


def get(path, **headers):
    request = urllib.request.Request(f"http://{BASE}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read()


def events(answer):
    """The events of a stream as they arrive: kind, id, message."""
    kind = number = message = None
    for line in answer:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "id":
            number = int(value)
        elif name == "data":
            message = json.loads(value)
        elif not name and message is not None:
            yield kind, number, message
            kind = number = message = None


def listen(path="/api/v2/stream", **headers):
    return urllib.request.urlopen(urllib.request.Request(f"http://{BASE}{path}", headers=headers), timeout=LIMIT)


class PagesTest(unittest.TestCase):
    def test_pages_come_with_their_own_policy_and_nothing_else_may_load_anything(self):
        for path in ("/", "/docs", "/assets/page.js"):
            with self.subTest(path):
                status, headers, _ = get(path)
                self.assertEqual(status, 200)
                self.assertEqual(len(headers.get_all("Content-Security-Policy")), 1)
                self.assertIn("script-src 'self'", headers["Content-Security-Policy"])
                self.assertEqual(headers.get_all("Referrer-Policy"), ["no-referrer"])
        for path in ("/api/v1/courses", "/openapi.json", "/assets/none.js", "/none"):
            with self.subTest(path):
                self.assertEqual(get(path)[1].get_all("Content-Security-Policy"),
                                 ["default-src 'none'; frame-ancestors 'none'"])

    def test_files_come_whole_compressed_and_only_once(self):
        content = (ROOT / "web/vendor/swagger-ui-bundle.js").read_bytes()
        compressed = {"Accept-Encoding": "gzip"}
        _, headers, body = get("/assets/swagger-ui-bundle.js", **compressed)
        self.assertEqual(headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(body), content)
        self.assertEqual(get("/assets/swagger-ui-bundle.js", **compressed, **{"If-None-Match": headers["ETag"]})[0], 304)

    def test_all_files_of_a_page_may_be_asked_for_at_once(self):
        names = [path.name for path in (ROOT / "web").glob("*.js")]
        statuses = [get(f"/assets/{name}")[0] for name in names * 3]
        self.assertEqual(set(statuses), {200})

    def test_the_document_of_the_api_is_there(self):
        status, _, body = get("/openapi.json")
        self.assertEqual(status, 200)
        self.assertTrue({"/api/v1/courses", "/api/v2/courses"} <= json.loads(body)["paths"].keys())

    def test_what_is_for_operators_stays_inside(self):
        for path in ("/metrics", "/livez", "/readyz"):
            self.assertEqual(get(path)[0], 404, path)


class PushTest(unittest.TestCase):
    def test_what_nginx_refuses_is_a_problem_document_here_too(self):
        for path in ("/api/v2/stream", "/api/v2/ws"):
            status, headers, body = get(path, **{"Content-Length": str(1 << 20)})
            self.assertEqual((status, headers["Content-Type"]), (413, "application/problem+json"), path)
            self.assertEqual(json.loads(body)["status"], 413)

    def test_events_come_as_they_happen(self):
        with listen() as answer:
            self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
            self.assertIsNone(answer.headers["Content-Encoding"])
            found = events(answer)
            kind, first, message = next(found)
            self.assertEqual((kind, len(message["courses"])), ("snapshot", 8))
            numbers = [first] + [number for _, number, _ in (next(found) for _ in range(20)) if number]
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_no_event_is_held_back_for_others(self):
        """A standby is polled rarely, so after this event it takes minutes to fill a buffer."""
        with listen("/api/v2/stream?exchanger=coingecko&direction=USDTTRC-USD") as answer:
            self.assertEqual(next(events(answer))[0], "snapshot")

    def test_who_comes_back_goes_on_where_he_was_whichever_replica_answers(self):
        with listen() as answer:
            known = next(events(answer))[1]
        for _ in range(2 * len(REPLICAS)):
            with listen(**{"Last-Event-ID": str(known)}) as answer:
                kind, number, _ = next(event for event in events(answer) if event[1])
            self.assertEqual(kind, "changes")
            self.assertGreater(number, known)
            known = number

    def test_the_same_comes_by_web_socket(self):
        async def hear():
            async with websockets.connect(f"ws://{BASE}/api/v2/ws?direction=BTC-USD", origin=f"http://{BASE}") as socket:
                return [json.loads(await asyncio.wait_for(socket.recv(), LIMIT)) for _ in range(3)]

        first, *rest = asyncio.run(hear())
        self.assertEqual(first["event"], "snapshot")
        self.assertEqual([course["direction"] for course in first["courses"]], ["BTC-USD"])
        self.assertTrue(all(each["version"] >= first["version"] for each in rest))

    def test_a_page_of_others_may_not_listen_and_without_an_upgrade_there_is_none(self):
        async def hear():
            async with websockets.connect(f"ws://{BASE}/api/v2/ws", origin="http://other.example"):
                pass

        with self.assertRaises(websockets.InvalidStatusCode) as raised:
            asyncio.run(hear())
        self.assertEqual(raised.exception.status_code, 403)
        self.assertEqual(get("/api/v2/ws")[0], 426)

    def test_a_frozen_replica_takes_no_listener_for_long(self):
        """The client reconnects within fifteen seconds and is served by another replica."""
        replica = next(name for name in REPLICAS if name != STACK.leader())
        self.addCleanup(STACK.settle)  # a client that returns to a replica that was away gets a snapshot
        self.addCleanup(STACK.thaw, replica)
        STACK.docker("pause", replica)

        def is_told():
            try:
                with listen() as answer:
                    return next(events(answer))[0] == "snapshot"
            except (urllib.error.URLError, OSError, StopIteration):
                return False
        for _ in range(4):
            wait_until(is_told, "a listener is told", limit=60)


if __name__ == "__main__":
    unittest.main()
