"""The nginx configuration in front of a service: nginx's own responses look like those of Kurs."""

import hashlib
import json
import socket
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from stack import ROOT, StackTest, call, wait_for

from private_nginx import NGINX, ORIGIN, Nginx
from private_postgres import PrivatePostgres


def dechunked(body):
    """The content of a chunked body."""
    content = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        content, body = content + rest[:int(size, 16)], rest[int(size, 16) + 2:]
    return content


def wait_for_status(ask, status):
    found = []
    wait_for(lambda: found.append(ask()) or found[-1][0] == status, [])
    return found[-1]


@unittest.skipUnless(NGINX, "nginx is not installed")
class NginxTest(StackTest):
    settings = {"CORS_ALLOW_ORIGIN": ORIGIN, "EXPORTS_FILE": str(ROOT / "docs" / "exports.json")}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.wait_for_courses(8, exchanger="binance")
        cls.nginx = Nginx(urlsplit(cls.service.url).netloc)
        cls.addClassCleanup(cls.nginx.stop)

    def send(self, text):
        """Status, headers and body of the response to these bytes."""
        with socket.create_connection(("127.0.0.1", self.nginx.port), 10) as connection:
            connection.sendall(text.encode("latin-1"))
            answer = b""
            try:
                while piece := connection.recv(65536):
                    answer += piece
            except ConnectionResetError:  # nginx has not read all of an oversized request
                pass
        head, _, body = answer.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        headers = {}
        for name, value in (field.split(": ", 1) for field in fields):
            headers.setdefault(name, []).append(value)
        return int(line.split()[1]), headers, body

    def ask(self, path, method="GET", version="HTTP/1.1", headers=""):
        return self.send(f"{method} {path} {version}\r\nHost: kurs.example\r\nConnection: close\r\n{headers}\r\n")

    def check_problem(self, answer, status):
        code, headers, body = answer
        self.assertEqual(code, status, (headers, body))
        self.assertEqual(headers["Content-Type"], ["application/problem+json"])
        document = json.loads(body)
        self.assertEqual((document["type"], document["status"]), ("about:blank", status))
        self.assertTrue(document["title"] and document["detail"].endswith("."), document)
        for name, value in {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
                            "Access-Control-Allow-Origin": ORIGIN,
                            "Access-Control-Expose-Headers": "ETag, Retry-After"}.items():
            self.assertEqual(headers[name], [value])
        self.assertEqual(len(headers["X-Request-Id"]), 1)
        return headers

    def test_an_export_is_compressed_and_its_tag_is_known_again(self):
        path = "/api/v2/exports/source.xml"
        status, headers, body = self.ask(path, headers="Accept-Encoding: gzip\r\n")
        self.assertEqual((status, headers["Content-Type"], headers["Content-Encoding"]), (200, ["application/xml"], ["gzip"]))
        self.assertIn("Accept-Encoding", ", ".join(headers["Vary"]))
        self.assertTrue(zlib.decompress(dechunked(body), wbits=31).startswith(b"<?xml"))
        _, plain, _ = self.ask(path)
        self.assertNotIn("Content-Encoding", plain)
        self.assertTrue(plain["Last-Modified"][0].endswith(" GMT"))
        for tag in (headers["ETag"][0], plain["ETag"][0]):
            self.assertIn(self.ask(path, headers=f"If-None-Match: {tag}\r\n")[0], (200, 304))  # rates change
        self.assertEqual(self.ask(path, headers="If-None-Match: *\r\n")[0], 304)

    def test_versions_that_are_not_served(self):
        for version in ("HTTP/3.0", "HTTP/2.0", "HTTP/9.9"):
            with self.subTest(version):
                self.check_problem(self.ask("/api/v1/courses", version=version), 505)

    def test_methods_that_nginx_refuses_by_itself_have_their_allow(self):
        for path, allowed in {"/api/v1/courses": "GET, HEAD, OPTIONS", "/": "GET, HEAD, OPTIONS",
                              "/api/v2/stream?max_age=3": "GET, OPTIONS", "/api/v2/ws": "GET, OPTIONS",
                              "/api/v2/exports/source.xml": "GET, HEAD, POST, OPTIONS", "/api/v2/exports/source/explain": "GET, HEAD, OPTIONS",
                              "/api/v2/courses/BTC-USD": "GET, HEAD, OPTIONS"}.items():
            with self.subTest(path):
                by_kurs = self.check_problem(self.ask(path, "DELETE"), 405)
                for method in ("TRACE", "CONNECT"):
                    by_nginx = self.check_problem(self.ask(path, method), 405)
                    self.assertEqual((by_nginx["Allow"], by_kurs["Allow"]), ([allowed], [allowed]))

    def test_what_is_no_request(self):
        for text, status in {
            "nonsense\r\n\r\n": 400,
            "GET /api/v1/courses?direction=BTC-USD, ETH-USD HTTP/1.1\r\nHost: k\r\n\r\n": 400,
            "GET / HTTP/1.1\r\n\r\n": 400,
            "CONNECT kurs.example:443 HTTP/1.1\r\nHost: kurs.example:443\r\n\r\n": 400,
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n": 400,
            "GET / HTTP/1.1\r\nHost: k\r\nConnection: close\r\nTransfer-Encoding: chunked foo, identity\r\n\r\n": 501,
            "GET / HTTP/1.1\r\nHost: k\r\nContent-Length: 1, 2\r\n\r\n": 400,
            "GET / HTTP/1.1\r\nHost: k\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n": 413,
            "GET /" + "a" * 20000 + " HTTP/1.1\r\nHost: k\r\n\r\n": 414,
            "GET / HTTP/1.1\r\nHost: k\r\nX-Long: " + "a" * 20000 + "\r\n\r\n": 431,
        }.items():
            with self.subTest(text[:60]):
                self.check_problem(self.send(text), status)

    def test_paths_that_nginx_does_not_pass_on(self):
        for path in ("/api/v1", "/api/v2", "/assets", "/api", "/metrics", "/livez", "/problems/404.json", "/none/",
                     "/api/v1?x=1"):
            with self.subTest(path):
                self.check_problem(self.ask(path), 404)

    def test_a_slash_too_many_is_redirected(self):
        for path in ("/docs", "/courses", "/openapi.json", "/api/v1/courses", "/api/v2/courses/BTC-USD", "/api/v2/stream"):
            with self.subTest(path):
                status, headers, _ = self.ask(path + "/?max_age=3")
                self.assertEqual((status, headers["Location"]), (307, [path + "?max_age=3"]))

    def test_a_client_of_http_1_0_is_served_with_and_without_a_host(self):
        for host in ("", "Host: kurs.example\r\n", "Host: [::1]:8000\r\n"):
            with self.subTest(host):
                self.assertEqual(self.send(f"GET /api/v1/courses HTTP/1.0\r\n{host}\r\n")[0], 200)

    def test_a_price_is_kept_by_no_cache(self):
        for path, kept in {"/api/v1/courses": "no-cache, max-age=0", "/api/v2/courses": "no-store"}.items():
            self.assertEqual(self.ask(path)[1]["Cache-Control"], [kept])


@unittest.skipUnless(NGINX, "nginx is not installed")
class KeysBehindNginxTest(StackTest):
    """What Kurs says of a key is not replaced by what nginx says of an address."""

    @classmethod
    def setUpClass(cls):
        file = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "keys.json"
        digest = hashlib.sha256(b"key-of-the-shop").hexdigest()
        desk = hashlib.sha256(b"key-of-the-desk").hexdigest()
        file.write_text(json.dumps({"keys": [{"name": "shop", "sha256": digest, "scopes": ["read"], "per_second": 1},
                                             {"name": "desk", "sha256": desk, "scopes": ["quote"], "per_second": 100}]}))
        signing = file.with_name("quotes.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", signing], check=True)
        cls.postgres = PrivatePostgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.settings = {"API_KEYS_FILE": str(file), "EXPORTS_FILE": str(ROOT / "docs" / "exports.json"),
                        "QUOTE_KEYS_FILE": str(signing), "DATABASE_URL": cls.postgres.url, "CORS_ALLOW_ORIGIN": "https://shop.example"}
        super().setUpClass()
        cls.nginx = Nginx(urlsplit(cls.service.url).netloc)
        cls.addClassCleanup(cls.nginx.stop)

    def ask(self, path, key=None):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        status, headers, body = call("GET", f"http://127.0.0.1:{self.nginx.port}{path}", headers=headers)
        return status, headers, json.loads(body)

    def test_nginx_refuses_an_address_in_its_own_words(self):
        strict = Nginx(urlsplit(self.service.url).netloc, RATE_LIMIT="1r/s", RATE_BURST="1")
        self.addCleanup(strict.stop)
        for path in ("/api/v2/exchangers", "/api/v2/stream", "/courses"):
            status, headers, body = wait_for_status(lambda asked=path: call("GET", f"http://127.0.0.1:{strict.port}{asked}"), 429)
            self.assertIn("from this client", json.loads(body)["detail"])
            self.assertEqual((headers["Retry-After"], headers["Content-Type"]), ("1", "application/problem+json"))

    def test_refusals_pass(self):
        path = "/api/v2/exchangers"
        self.assertEqual(self.ask(path)[1]["WWW-Authenticate"], 'Bearer realm="kurs"')
        self.assertIn("is unknown", self.ask(path, "key-of-the-shoq")[2]["detail"])
        self.assertIn("is not for this path", self.ask("/api/v2/exports/bestchange/explain", "key-of-the-shop")[2]["detail"])
        limited = wait_for_status(lambda: self.ask(path, "key-of-the-shop"), 429)
        self.assertIn('The API key "shop" is limited to 1 requests per second.', limited[2]["detail"])
        self.assertEqual(limited[1]["Retry-After"], "1")
        wait_for_status(lambda: self.ask(path, "key-of-the-shop"), 200)

    def test_a_quote_is_locked_through_nginx(self):
        url = f"http://127.0.0.1:{self.nginx.port}"
        headers = {"Authorization": "Bearer key-of-the-desk", "Idempotency-Key": "order-1"}
        order = {"direction": "BTC-USD", "side": "sell", "amount": "0.05", "ttl": 60}
        status, found, body = wait_for_status(lambda: call("POST", url + "/api/v2/quotes", order, headers=headers), 201)
        self.assertIn("Kurs-Signature", " ".join(found.get_all("Access-Control-Expose-Headers")))
        self.assertRegex(found["Kurs-Signature"], r"^\S+\.\.\S+$")
        status, read, same = call("GET", url + found["Location"], headers=headers)
        self.assertEqual((status, same, read["Kurs-Signature"]), (200, body, found["Kurs-Signature"]))
        self.assertEqual(call("POST", url + "/api/v2/quotes", order, headers=headers)[1]["Idempotent-Replayed"], "true")
        status, keys, _ = call("GET", url + "/.well-known/jwks.json")
        self.assertEqual((status, keys["Content-Type"]), (200, "application/jwk-set+json"))
        status, refused, _ = call("GET", url + "/api/v2/quotes", headers=headers)
        self.assertEqual((status, refused["Allow"]), (405, "POST, OPTIONS"))
        status, refused, body = call("POST", url + "/api/v2/quotes", {**order, "ttl": "x" * 17_000}, headers=headers)
        self.assertEqual((status, refused["Content-Type"]), (413, "application/problem+json"), body)



if __name__ == "__main__":
    unittest.main()
