"""What runs the clients for shops, and the servers that stand in for the service."""

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stack import ROOT

LANGUAGES = ("js", "php")
# Verifies each [body, signature, JWK set] of the input.
VERIFY = {
    "js": """
        import { verifyQuote } from "file://%s/clients/js/kurs.mjs";
        let input = "";
        for await (const part of process.stdin) input += part;
        const found = await Promise.allSettled(JSON.parse(input).map((each) => verifyQuote(...each)));
        console.log(JSON.stringify(found.map(({ value, reason }) => value ?? `${reason.state}: ${reason.reason}`)));""" % ROOT,
    "php": """
        require '%s/clients/php/Kurs.php';
        $verify = function (array $each) {
            try { return Kurs::verifyQuote(...$each); } catch (QuoteError $error) { return "$error->state: $error->reason"; }
        };
        echo json_encode(array_map($verify, json_decode(stream_get_contents(STDIN), true)));""" % ROOT}
# Takes each step with one client: lock, read, or let seconds pass.
QUOTES = {
    "js": """
        import { Kurs } from "file://%s/clients/js/kurs.mjs";
        const [url, options, steps] = process.argv.slice(1);
        const kurs = new Kurs(url, JSON.parse(options));
        const now = performance.now.bind(performance);
        let passed = 0;
        performance.now = () => now() + passed;
        const take = {
            lock: (order) => kurs.lockQuote(order), read: ({ id }) => kurs.readQuote(id),
            pass: ({ seconds }) => { passed += 1000 * seconds; },
            lockTogether: (orders) => Promise.all(orders.map((order) => kurs.lockQuote(order))) };
        for (const [kind, details] of JSON.parse(steps)) {
            try { console.log(JSON.stringify(await take[kind](details) ?? null)); }
            catch (error) { console.log(JSON.stringify({ ...error, error: error.name })); }
        }""" % ROOT,
    # In PHP each request has its own client, so a second client uses the file of the first one.
    "php": """
        require '%s/clients/php/Kurs.php';
        [, $url, $options, $steps] = $argv;
        $file = tempnam(sys_get_temp_dir(), 'kurs');
        register_shutdown_function('unlink', $file);
        $client = fn () => new Kurs($url, ...json_decode($options, true), keysFile: $file);
        $kurs = $client();
        $pass = function (int $seconds) use ($file, $client, &$kurs) {
            $kept = json_decode(file_get_contents($file), true);
            $kept['fetched_at'] -= $seconds;
            file_put_contents($file, json_encode($kept));
            $kurs = $client();
        };
        foreach (json_decode($steps, true) as [$kind, $details]) {
            try {
                $found = match ($kind) {
                    'lock' => $kurs->lockQuote(...$details),
                    'read' => $kurs->readQuote(...$details),
                    'pass' => $pass(...$details),
                };
                echo json_encode($found), PHP_EOL;
            } catch (QuoteError | ValueError $error) {
                echo json_encode(['error' => get_class($error)] + get_object_vars($error)), PHP_EOL;
            }
        }""" % ROOT}
# Signs each body, after its header, with its Ed25519 key.
SIGN = """
    import { createPrivateKey, sign } from "node:crypto";
    const [cases] = process.argv.slice(1);
    console.log(JSON.stringify(JSON.parse(cases).map(([key, header, body]) => {
        const encoded = Buffer.from(header).toString("base64url");
        const privateKey = createPrivateKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", ...key } });
        return `${encoded}..${sign(null, Buffer.from(`${encoded}.${body}`), privateKey).toString("base64url")}`;
    })));"""


def command(language, program, *arguments):
    start = ["node", "--input-type=module", "-e", program, "--"] if language == "js" else ["php", "-r", program, "--"]
    return [*start, *map(str, arguments)]


def run(language, program, *arguments, **options):
    """What the program prints, one JSON document a line."""
    done = subprocess.run(command(language, program, *arguments), capture_output=True, text=True, timeout=60, check=False,
                          **options)
    if done.returncode or not done.stdout:
        raise AssertionError(done.stdout + done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def verify(language, cases):
    return run(language, VERIFY[language], input=json.dumps(cases))[0]


def take(language, url, steps, **options):
    return run(language, QUOTES[language], url, json.dumps(options), json.dumps(steps))


def sign(*cases):
    """A detached signature for each key, header and body."""
    return run("js", SIGN, json.dumps(cases))[0]


class Pretender:
    """A server that answers what it is told: a service that is wrong, or a cache in front of one."""

    def __init__(self, make_body, status=200, kind="application/json"):
        self.asked = []  # headers of each request
        self.make_body, self.status, self.kind = make_body, status, kind

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):  # pylint: disable=no-self-argument
                handler.content = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
                self.respond(handler)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def respond(self, handler):
        self.asked.append(dict(handler.headers))
        self.send(handler, self.status, {"Content-Type": self.kind}, self.make_body())

    @staticmethod
    def send(handler, status, headers, body, missing=0):
        """The connection ends before that many bytes of the body are sent."""
        content = body.encode()
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content[:len(content) - missing])

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class QuoteDesk(Pretender):
    """A server of quotes and of the JWK set. For both it has answers, of which it repeats the last one: each is a status, headers
    and a body, or "drop", "cut" or "mute"."""

    def __init__(self, quotes, jwks):
        super().__init__(None)
        self.answers = {True: list(quotes), False: list(jwks)}
        self.requests = {True: [], False: []}  # method, path, headers and body of each
        self.closing = threading.Event()

    @property
    def quotes(self):
        return self.requests[True]

    @property
    def jwks(self):
        return self.requests[False]

    def respond(self, handler):
        is_quote = handler.path.startswith("/api/v2/quotes")
        self.requests[is_quote].append((handler.command, handler.path, dict(handler.headers), handler.content))
        answers = self.answers[is_quote]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == "mute":
            self.closing.wait(30)
        elif answer == "cut":
            self.send(handler, 201, {}, "{ }", missing=1)
        elif answer != "drop":
            self.send(handler, *answer)
        handler.close_connection = True

    def close(self):
        self.closing.set()
        super().close()
