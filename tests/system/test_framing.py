"""Where requests end, against llhttp, the parser of Node: two servers that divide the same bytes differently can be made to
answer a request that neither was asked (request smuggling). Kurs may refuse more; it may not accept more."""

import os
import random
import re
import subprocess
import unittest
from collections import Counter

from stack import BUILD, ROOT

CASES = int(os.environ.get("KURS_RANDOM_CASES", "100000")) // 2

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"}
LINES = ["GET / HTTP/1.1", "GET /a?b=c HTTP/1.1", "HEAD / HTTP/1.1", "POST /p HTTP/1.1", "OPTIONS * HTTP/1.1", "GET / HTTP/1.0",
         "POST /p HTTP/1.0", "PUT /x HTTP/1.1", "DELETE /x HTTP/1.1"]
ODD_LINES = ["GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/2.0", "GET / HTTP/1.2", "GET / http/1.1", "get / HTTP/1.1", "GET /",
             "GET / HTTP/1.1\rX: y", " GET / HTTP/1.1", "GET\t/\tHTTP/1.1", "GET / HTTP/01.1", "GET / HTTP/1.10", "GET /\xe9 HTTP/1.1",
             "FOO / HTTP/1.1", "CONNECT a:1 HTTP/1.1", "GET http://k/ HTTP/1.1", "GET / HTTP/1.1\0", "GET /a b HTTP/1.1"]
HEADERS = ["Host: k", "Accept: */*", "X-A: b", "Connection: keep-alive", "Connection: close", "Empty:", "X-L: " + "v" * 200]
FRAMING = ["Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 0"]
ODD_FRAMING = [
    "Content-Length: 5, 5", "Content-Length: 5,6", "Content-Length: +5", "Content-Length: -5", "Content-Length: 05", "Content-Length: 0x5",
    "Content-Length: 5 5", "Content-Length: ", "Content-Length: 5;", "Content-Length: 18446744073709551621", "Content-Length:\t5\t",
    "Content-Length : 5", "Content-Length\t: 5", " Content-Length: 5", "Content-Length: 5\r\n 5", "Content_Length: 5", "Content-Length: 1e0",
    "Content-Length:5\x0b", "content-length: 5", "CONTENT-LENGTH: 5",
    "Transfer-Encoding : chunked", "Transfer-Encoding: Chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: xchunked",
    "Transfer-Encoding:\tchunked", "Transfer-Encoding:\x0bchunked", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked;q=1",
    "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: chu\r\n nked", "Transfer_Encoding: chunked", "\tTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\0", "Transfer-Encoding: ,chunked", "Transfer-Encoding:", "Trailer: X", "TE: trailers",
    "Upgrade: websocket\r\nConnection: Upgrade", "Upgrade: h2c", "Connection: Content-Length", "Proxy-Connection: keep-alive",
    "Connection: keep-alive, close", "Expect: 100-continue", "X: a\nContent-Length: 5", "X: a\rContent-Length: 5", ": empty", "no-colon", "X\0: y"]
BODIES = ["", "hello", "5\r\nhello\r\n0\r\n\r\n", "0\r\n\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n"]
ODD_BODIES = [
    "5;a=\"b;\r\n\"\r\nhello\r\n0\r\n\r\n", "05\r\nhello\r\n00\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n",
    "5\nhello\n0\n\n", "5\r\nhello0\r\n\r\n", "5\r\nhelloxx0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "g\r\n", "\r\n0\r\n\r\n",
    "10000000000000005\r\nhello\r\n0\r\n\r\n", "5\r\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n", "5;\nx\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n0\r\n X\r\n\r\n", "5;\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\r\n", "A\r\n0123456789\r\n0\r\n\r\n", "a;b\r\n0123456789\r\n0;c\r\n\r\n"]
BYTES = [b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b";", b",", b"\0", b"\x0b", b"\x80", b"0", b"5", b"\x7f", b"GET ", b"\r\n\r\n"]


def random_request(chance):
    is_odd = chance.random() < 0.5
    line = chance.choice(ODD_LINES if is_odd and chance.random() < 0.2 else LINES)
    headers = [*chance.sample(HEADERS, chance.randint(0, 3)), "Host: k"][-3:]
    for _ in range(chance.choice([0, 1, 1, 1, 2])):
        headers.insert(chance.randint(0, len(headers)), chance.choice(ODD_FRAMING if is_odd and chance.random() < 0.6 else FRAMING))
    headers = list(dict.fromkeys(headers)) if chance.random() < 0.9 else headers
    end = "\n" if is_odd and chance.random() < 0.1 else "\r\n"
    body = chance.choice(ODD_BODIES if is_odd and chance.random() < 0.4 else BODIES)
    return end.join([line, *headers, "", body])


def random_stream(chance):
    stream = "".join(random_request(chance) for _ in range(chance.randint(1, 3))).encode("latin1")
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        at = chance.randint(0, len(stream))
        stream = stream[:at] + chance.choice(BYTES) + stream[at + chance.choice([0, 1]):]
    return stream


def split(chance, stream):
    """The stream in pieces, as the network may deliver it."""
    cuts = sorted(chance.randint(0, len(stream)) for _ in range(chance.choice([0, 0, 1, 2, 5])))
    return " ".join(part.hex() for begin, end in zip([0, *cuts], [*cuts, len(stream)]) if (part := stream[begin:end]))


def read(answer):
    """The requests with the offsets where they end, and what becomes of the rest."""
    words = answer.split()
    requests = [tuple(words[i:i + 4]) for i in range(0, len(words) - 1, 4)]
    return requests, words[-1]


def run(command, lines):
    found = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True, cwd=ROOT)
    answers = [read(line) for line in found.stdout.splitlines()]
    assert len(answers) == len(lines)
    return answers


def of_kurs(lines):
    return run([os.path.join(BUILD, "tests", "server", "framing_lines")], lines)


def of_llhttp(lines):
    return run(["node", "tests/system/llhttp_lines.mjs"], lines)


def name(request):
    return bytes.fromhex(request[0]).decode("latin1")


def is_usual_target(text):
    """Others are answered by 400 or 404."""
    return re.fullmatch(rb"(\*|/|[a-z]+://)[!-~]*", bytes.fromhex(text)) is not None


def is_allowed(head, body):
    """Where llhttp refuses what RFC 9110 and RFC 9112 allow, and the end of the message is beyond doubt: one length that is
    given more than once (RFC 9112, 6.3), a tab after it, an empty element beside chunked (RFC 9110, 5.6.1 and 5.6.3), or a blank
    beside the semicolon of a chunk extension (RFC 9112, 7.1.1)."""
    head = re.sub(rb"\r\n[ \t]+", b" ", head)
    lengths = [value.strip(b" \t") for value in b",".join(re.findall(rb"(?i)\r\ncontent-length:([^\r\n]*)", head)).split(b",")]
    codings = [value.strip(b" \t").lower()
               for value in b",".join(re.findall(rb"(?i)\r\ntransfer-encoding:([^\r\n]*)", head)).split(b",")]
    if [coding for coding in codings if coding] == [b"chunked"]:
        return lengths == [b""] and (len(codings) > 1 or re.search(rb"[ \t];|;[ \t]", body) is not None)
    return codings == [b""] and all(length.isdigit() and int(length) == len(body) for length in lengths)


# Shapes by which one server hides a request from another one, and whether Kurs answers the request.
HEAD = "POST /p HTTP/1.1\r\nHost: k\r\n"
SHAPES = {
    "a length and chunks": (HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", False),
    "chunks and a length": (HEAD + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", False),
    "two lengths": (HEAD + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", False),
    "two lengths in one line": (HEAD + "Content-Length: 5, 6\r\n\r\nhello!", False),
    "a length with a sign": (HEAD + "Content-Length: +5\r\n\r\nhello", False),
    "a length that overflows": (HEAD + "Content-Length: 18446744073709551621\r\n\r\nhello", False),
    "a blank before the colon": (HEAD + "Content-Length : 5\r\n\r\nhello", False),
    "a tab before the colon": (HEAD + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", False),
    "a header that begins with a blank": ("GET / HTTP/1.1\r\n Content-Length: 5\r\nHost: k\r\n\r\nhello", False),
    "an encoding that is no list": (HEAD + "Transfer-Encoding: chunked foo\r\n\r\n0\r\n\r\n", False),
    "chunked before another encoding": (HEAD + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", False),
    "chunked twice": (HEAD + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", False),
    "chunked in two lines": (HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", False),
    "an encoding that resembles chunked": (HEAD + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", False),
    "a vertical tab before the encoding": (HEAD + "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n", False),
    "an encoding in HTTP/1.0": ("POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", False),
    "lines that end with LF": ("POST /p HTTP/1.1\nHost: k\nContent-Length: 5\n\nhello", False),
    "a header hidden behind a CR": (HEAD + "X: a\rContent-Length: 5\r\n\r\nhello", False),
    "a header hidden behind an LF": (HEAD + "X: a\nContent-Length: 5\r\n\r\nhello", False),
    "a zero byte in a name": (HEAD + "X\0: a\r\n\r\n", False),
    "a chunk size with 0x": (HEAD + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", False),
    "a chunk size with a sign": (HEAD + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", False),
    "a chunk size that overflows": (HEAD + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n", False),
    "a chunk longer than its size": (HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloxx0\r\n\r\n", False),
    "a chunk that ends with LF": (HEAD + "Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n", False),
    "two versions": ("GET / HTTP/1.1 HTTP/1.1\r\nHost: k\r\n\r\n", False),
    "a chunk extension": (HEAD + "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", True),
    "a length in a trailer": (HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n", False),
    "a length and one of another name": (HEAD + "Content_Length: 9\r\nContent-Length: 5\r\n\r\nhello", True),
}


class FramingTest(unittest.TestCase):
    def judge(self, stream, ours, our_end, theirs, their_end):
        """How the two agree. A difference that could hide a request fails the test."""
        shown = f"Kurs: {ours} {our_end}; llhttp: {theirs} {their_end}\n{stream}"
        begin = 0
        for number, request in enumerate(ours):
            other = theirs[number] if number < len(theirs) else None
            end = int(request[3].split("@")[1])
            message, begin = stream[begin:end], end
            if other != request:
                # llhttp has a list of methods and tunnels after CONNECT; Kurs answers each with 405.
                if name(request) not in METHODS:
                    return "other method"
                if other is None and their_end == "refused" and not is_usual_target(request[1]):
                    return "other target"
                head, _, body = message.lstrip(b"\r\n").partition(b"\r\n\r\n")
                if other and request[:3] == other[:3] and request[3].split("@")[1] == other[3].split("@")[1]:
                    # In HTTP/1.0 close wins, and an upgrade to an unknown protocol is ignored (RFC 9110, 7.8).
                    if request[3].startswith("close") or re.search(rb"(?i)\r\nupgrade:", head):
                        return "closed earlier or later"
                if other is None and their_end == "refused" and is_allowed(head, body):
                    return "allowed by RFC 9112"
                self.fail(shown)
        if our_end == "open":
            self.assertEqual((len(theirs), their_end), (len(ours), "open"), shown)
        if len(theirs) == len(ours) and our_end == their_end:
            return "equal"
        return "stricter" if our_end == "refused" else "undecided for longer"

    def compare(self, streams, chance):
        lines = [split(chance, stream) for stream in streams]
        kinds = Counter(self.judge(stream, *ours, *theirs)
                        for stream, ours, theirs in zip(streams, of_kurs(lines), of_llhttp(lines)))
        print(f"{len(streams)} streams: {dict(kinds)}")
        return kinds

    def test_random_streams(self):
        chance = random.Random(20261130)
        kinds = self.compare([random_stream(chance) for _ in range(CASES)], chance)
        self.assertGreater(kinds["equal"], CASES // 2)

    def test_random_streams_of_valid_requests_are_divided_alike(self):
        chance = random.Random(20261201)
        streams = []
        for _ in range(CASES // 10):
            parts = [(f"{line}\r\nHost: k\r\n{framing}\r\n\r\n{body}") for line in chance.choices(LINES[:5], k=3)
                     for framing, body in [chance.choice([("X: y", ""), ("Content-Length: 5", "hello"), ("Content-Length: 0", ""),
                                                          *(("Transfer-Encoding: chunked", chunks) for chunks in BODIES[2:])])]]
            streams.append("".join(parts).encode())
        self.assertEqual(self.compare(streams, chance), {"equal": len(streams)})
        lines = [split(chance, stream) for stream in streams]
        self.assertEqual({(len(requests), end) for requests, end in of_kurs(lines)}, {(3, "open")})

    def test_shapes_that_hide_requests_are_refused(self):
        names = list(SHAPES)
        hidden = "GET /hidden HTTP/1.1\r\nHost: k\r\n\r\n"
        streams = [(SHAPES[name][0] + hidden).encode("latin1") for name in names]
        self.compare(streams, random.Random(1))
        for name, (requests, end) in zip(names, of_kurs([stream.hex() for stream in streams])):
            expected = (2, "open") if SHAPES[name][1] else (0, "refused")
            self.assertEqual((len(requests), end), expected, name)


if __name__ == "__main__":
    unittest.main()
