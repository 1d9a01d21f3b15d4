"""Every row of the version 1 contract, tested from outside, and the arithmetic of version 2."""

import json
import math
import socket
import unittest
from fractions import Fraction
from urllib.parse import urlsplit

from stack import BUILD, DIRECTIONS, DOLLAR, Service, StackTest, call

COURSES = "/api/v1/courses"


class ContractTest(StackTest):
    settings = {"CORS_ALLOW_ORIGIN": "https://shop.example"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.wait_for_courses(8, exchanger="binance")

    def courses(self, query, expected=200):
        status, headers, body = self.get(COURSES + query)
        self.assertEqual(status, expected, body)
        return json.loads(body), headers

    def directions(self, query):
        return [course["direction"] for course in self.courses(query)[0]["courses"]]

    def problem(self, path, status, method="GET"):
        code, headers, body = self.get(path, method)
        self.assertEqual(code, status, body)
        self.assertEqual(headers["Content-Type"], "application/problem+json")
        self.assertEqual(headers["Cache-Control"], "no-store")
        if method != "HEAD":
            document = json.loads(body)
            self.assertEqual(document["status"], status)
            self.assertTrue(document["title"] and document["detail"].endswith("."), document)
            return document["detail"], headers
        return "", headers

    def test_all_directions_in_their_order(self):
        answer, headers = self.courses("")
        self.assertEqual([course["direction"] for course in answer["courses"]], DIRECTIONS)
        self.assertEqual(list(answer), ["exchanger", "courses"])
        self.assertEqual(headers["Content-Type"], "application/json")
        for course in answer["courses"]:
            self.assertEqual(list(course), ["direction", "value"])
            self.assertGreater(course["value"], 0)

    def test_values_are_plain_numbers_of_at_most_eight_decimals(self):
        body = self.get(COURSES)[2].decode()
        for text in body.split('"value":')[1:]:
            number = text[: text.index("}")]
            self.assertRegex(number, r"^\d+(\.\d{1,8})?$")
            self.assertFalse("." in number and number.endswith("0"), number)

    def test_directions_by_list_repeat_case_and_alias(self):
        self.assertEqual(self.directions("?direction=btc-usd"), ["BTC-USD"])
        self.assertEqual(self.directions("?direction=ETH-USD,BTC-USD"), ["BTC-USD", "ETH-USD"])
        self.assertEqual(self.directions("?direction=ETH-USD&direction=BTC-USD&direction=eth-usd"), ["BTC-USD", "ETH-USD"])
        self.assertEqual(self.directions("?directions=USDTTRC-rub&direction=Btc%2DUsd"), ["BTC-USD", "USDTTRC-RUB"])

    def test_directions_as_people_and_libraries_write_lists(self):
        for query in ("direction=BTC-USD,%20ETH-USD", "direction=BTC-USD,+ETH-USD", "direction[]=BTC-USD&direction[]=ETH-USD",
                      "direction%5B0%5D=ETH-USD&direction%5B1%5D=BTC-USD"):
            with self.subTest(query):
                self.assertEqual(self.directions("?" + query), ["BTC-USD", "ETH-USD"])

    def test_exchanger_can_be_pinned_in_any_case_and_by_its_other_spelling(self):
        self.assertEqual(self.courses("?exchanger=CoinGecko")[0]["exchanger"], "coingecko")
        self.assertEqual(self.courses("?exchanger=coingeko")[0]["exchanger"], "coingecko")
        self.assertEqual(self.courses("?exchanger=binance")[0]["exchanger"], "binance")

    def test_max_age_tightens_and_never_loosens(self):
        self.assertEqual(len(self.directions("?max_age=9&exchanger=binance&direction=BTC-USD")), 1)
        self.assertEqual(len(self.directions("?max_age=86400&exchanger=binance&direction=BTC-USD")), 1)
        # The rouble leg comes from CoinGecko's cache, which is usually older than a second.
        self.assertLessEqual(len(self.directions("?max_age=4&exchanger=binance")), 8)

    def test_unknown_or_malformed_values_are_400_and_say_what_to_change(self):
        for query, words in {
            "?direction=BTC-EUR": "BTC-USD",
            "?direction=": "direction",
            "?direction=BTC-USD,,ETH-USD": "direction",
            "?direction=BTCUSD": "BTC-USD",
            "?exchanger=mtgox": "binance",
            "?exchanger=": "binance",
            "?exchanger=binance&exchanger=coingecko": "exchanger",
            "?max_age=0": "max_age",
            "?max_age=-1": "max_age",
            "?max_age=1.5": "max_age",
            "?max_age=soon": "max_age",
            "?max_age=99999999999999999999": "max_age",
            "?max_age=5&max_age=6": "max_age",
            "?colour=red": "colour",
            "?direction=%zz": "percent",
            "?Direction=BTC-USD": "Direction",
            "?format=csv": "candles.csv",
        }.items():
            with self.subTest(query):
                detail, _ = self.problem(COURSES + query, 400)
                self.assertIn(words.lower(), detail.lower())

    def test_unknown_paths_are_404(self):
        for path in ("/api", "/api/v1/courses//", "/api/v1/Courses", "/api/v3/courses", "/courses/x", "/..%2fetc"):
            with self.subTest(path):
                self.problem(path, 404)

        detail, _ = self.problem(COURSES + "/BTC-USD", 404)
        self.assertIn("/api/v1/courses?direction=BTC-USD", detail)

    def test_a_slash_at_the_end_is_redirected(self):
        for path in (COURSES, "/courses", "/docs", "/livez", "/api/v2/courses/BTC-USD", "/api/v2/stream"):
            with self.subTest(path):
                status, headers, _ = self.get(path + "/?max_age=3")
                self.assertEqual((status, headers["Location"]), (307, path + "?max_age=3"))

    def test_wrong_methods_are_405_with_allow(self):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            _, headers = self.problem(COURSES, 405, method)
            self.assertIn("GET", headers["Allow"])
            self.assertIn("HEAD", headers["Allow"])

    def test_head_is_get_without_a_body(self):
        status, headers, body = self.get(COURSES + "?direction=BTC-USD", "HEAD")
        self.assertEqual((status, body), (200, b""))
        self.assertGreater(int(headers["Content-Length"]), 50)
        self.assertTrue(headers["ETag"])
        self.problem(COURSES + "?x=1", 400, "HEAD")

    def test_prices_are_not_taken_from_a_cache_without_asking(self):
        for path, kept in {COURSES: "no-cache, max-age=0", COURSES + "?exchanger=mtgox": "no-store", "/courses": "no-store",
                           "/api/v2/courses": "no-store", "/api/v2/courses/BTC-USD": "no-store"}.items():
            self.assertEqual(self.get(path)[1].get_all("Cache-Control"), [kept], path)

    def test_etag_changes_exactly_when_the_body_does(self):
        seen = {}
        for _ in range(200):
            _, headers, body = self.get(COURSES + "?direction=BTC-USD")
            self.assertEqual(seen.setdefault(headers["ETag"], body), body)
        self.assertEqual(len(set(seen.values())), len(seen))

    def test_if_none_match_gives_304(self):
        # 0.9999 / 1.0002 and 1.0001 / 1.0001
        self.simulator.pin({"USDCUSDT": {"bid": "1.0001", "ask": "1.0002"}, **DOLLAR})
        self.addCleanup(self.simulator.pin, dict.fromkeys(("USDCUSDT", *DOLLAR)))
        path = COURSES + "?exchanger=binance&direction=USDTTRC-USD"
        tag = ""
        for _ in range(500):
            _, headers, body = self.get(path)
            if b"0.99985003" in body:
                tag = headers["ETag"]
                break
        self.assertRegex(tag, r'^"[^"]+"$')
        self.assertEqual(headers["Cache-Control"], "no-cache, max-age=0")
        for value in (tag, "W/" + tag, '"other", ' + tag, "*"):
            status, headers, body = self.get(path, headers={"If-None-Match": value})
            self.assertEqual((status, body, headers["ETag"]), (304, b"", tag), value)
        for value in ('"other"', tag + " " + tag, tag + ", x"):
            self.assertEqual(self.get(path, headers={"If-None-Match": value})[0], 200, value)

    def test_the_old_path_redirects_with_its_query(self):
        status, headers, _ = self.get("/courses?direction=BTC-USD&max_age=3")
        self.assertEqual(status, 307)
        self.assertEqual(headers["Location"], "/api/v1/courses?direction=BTC-USD&max_age=3")

    def test_cors_is_as_set(self):
        _, headers, _ = self.get(COURSES)
        self.assertEqual(headers["Access-Control-Allow-Origin"], "https://shop.example")
        status, headers, _ = self.get(COURSES, "OPTIONS")
        self.assertEqual(status, 204)
        self.assertIn("GET", headers["Access-Control-Allow-Methods"])
        allowed = headers["Access-Control-Allow-Headers"].lower().split(", ")
        for name in ("Accept", "Cache-Control", "Content-Type", "If-None-Match", "Last-Event-ID", "*"):
            self.assertIn(name.lower(), allowed)

    def convert(self, query, directions):
        """A conversion, and the legs that version 2 shows of the same version of the board."""
        for _ in range(500):
            legs = json.loads(self.get("/api/v2/courses?exchanger=binance&direction=" + ",".join(directions))[2])
            status, _, body = self.get("/api/v2/convert?exchanger=binance&" + query)
            self.assertEqual(status, 200, body)
            told = json.loads(body)
            if told["version"] == legs["version"]:
                return told, {course["direction"]: course["legs"] for course in legs["courses"]}
        raise AssertionError("the board changes between any two requests")

    def test_a_conversion_is_the_exact_product_of_the_legs_rounded_once(self):
        for query, steps, places in (("from=BTC&to=RUB&amount=0.05", [("BTC-RUB", False)], 2),
                                     ("from=rub&to=usdttrc&amount=1000.01", [("USDTTRC-RUB", True)], 6),
                                     ("from=BTC&to=ETH&amount=1.234567890123456789", [("BTC-USD", False), ("ETH-USD", True)], 8)):
            for side in ("sell", "buy"):
                with self.subTest(query, side=side):
                    told, legs = self.convert(f"{query}&side={side}", [direction for direction, _ in steps])
                    rate = Fraction(1)
                    for direction, is_inverse in steps:
                        for leg in legs[direction]:
                            divides = leg["inverted"] != is_inverse
                            price = Fraction(leg["bid" if (side == "sell") != divides else "ask"])
                            rate *= 1 / price if divides else price
                    steps_of_last_place = Fraction(told["amount"]) * rate * 10**places
                    count = math.floor(steps_of_last_place) if side == "sell" else math.ceil(steps_of_last_place)
                    self.assertEqual(Fraction(told["result"]), Fraction(count, 10**places))
                    self.assertEqual(Fraction(told["rate"]), Fraction(math.floor(rate * 10**18), 10**18))
                    self.assertEqual([(course["direction"], course["inverted"]) for course in told["courses"]], steps)

    def raw(self, request):
        """Everything received until the service closes the connection."""
        parts = urlsplit(self.service.url)
        with socket.create_connection((parts.hostname, parts.port), 10) as connection:
            connection.sendall(request.encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def test_requests_that_others_could_read_otherwise_are_refused_and_the_connection_ends(self):
        for lines in ("Host: a b", "Host: user@k", "Host: k:65536", "Host: [::1", "Host: k\r\nHost: k",
                      "Host: k\r\nTransfer-Encoding: chunked foo, identity", "Host: k\r\nConnection: close foo",
                      "Host: k\r\nUpgrade: websocket foo"):
            with self.subTest(lines):
                answer = self.raw(f"GET /livez HTTP/1.1\r\n{lines}\r\n\r\n0\r\n\r\n")
                self.assertTrue(answer.startswith("HTTP/1.1 400 "), answer)
                self.assertEqual(answer.count("\r\nContent-Length: "), 1, answer)
        self.assertIn(" 400 ", self.raw("GET /livez HTTP/1.0\r\nHost: k\r\nHost: k\r\n\r\n"))

    def test_a_whole_url_is_a_target_whatever_the_case_of_its_scheme(self):
        for scheme in ("http", "HTTP", "Http", "https"):
            self.assertIn(" 200 ", self.raw(f"GET {scheme}://K/livez HTTP/1.1\r\nHost: k\r\nConnection: Close\r\n\r\n"))

    def test_close_wins_over_keep_alive(self):
        for options in ("keep-alive, close", "close, keep-alive", "Keep-Alive\r\nConnection: CLOSE"):
            answer = self.raw(f"GET /livez HTTP/1.0\r\nConnection: {options}\r\n\r\nGET /livez HTTP/1.0\r\n\r\n")
            self.assertEqual(answer.count("HTTP/1.1 200 "), 1, answer)

    def test_a_frame_behind_a_refused_handshake_is_not_answered(self):
        for path in ("/api/v2/ws?colour=red", "/api/v2/ws?exchanger=mtgox", "/nothing"):
            answer = self.raw(f"GET {path} HTTP/1.1\r\nHost: k\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x01\x02")
            self.assertEqual(answer.count("HTTP/1.1 "), 1, answer)
            self.assertIn("\r\nConnection: close\r\n", answer)

    def test_probes(self):
        self.assertEqual(self.get("/livez")[0], 200)
        status, _, body = self.get("/readyz")
        self.assertEqual((status, json.loads(body)["status"]), (200, "ready"))


class NothingFreshTest(StackTest):
    """All venues refuse: no value may be invented."""

    def test_503_says_why_and_when_to_come_back(self):
        for endpoint in self.simulator.endpoints.keys() - {"control", "ca", "settings"}:
            self.simulator.fault(endpoint, "refuse", **({"value": 503} if endpoint.endswith("stream") else {}))
        # A separate service that never received a value.
        service = Service(BUILD, self.simulator.settings())
        self.addCleanup(service.stop)
        for path in ("/api/v1/courses", "/api/v1/courses?exchanger=binance", "/readyz"):
            status, headers, body = call("GET", service.url + path)
            self.assertEqual(status, 503, body)
            if path != "/readyz":
                self.assertGreaterEqual(int(headers["Retry-After"]), 1)
                self.assertEqual(headers["Content-Type"], "application/problem+json")
                self.assertEqual(headers["Cache-Control"], "no-store")
            else:
                self.assertTrue(json.loads(body)["reasons"])
        self.assertEqual(call("GET", service.url + "/livez")[0], 200)


if __name__ == "__main__":
    unittest.main()
