"""OKX: version 5 of the public WebSocket API (bbo-tbt, books, tickers, instruments) and the public REST API. Its prices follow
the simulated Binance."""

from collections import deque
from random import Random

from ..books import NumberedExchange, NumberedPair as Pair, NumberedVenue, best, changes
from ..corruption import Shape
from ..endpoint import RestEndpoint, StreamEndpoint, StreamSession
from ..faults import Kind
from ..keepalive import RollingLimit
from ..messages import Reply, status_page
from ..text import ONE, amount_text, dump, load

DEPTH = 400
BOOKS_EVERY = 100  # ms
REPEAT_AFTER = 60_000
CUT_AFTER = 30_000
REQUESTS_PER_HOUR = 480
CALLS_PER_SECOND = 20
STATES = ("suspend", "preopen", "test", "absent")
NEVER = 10 ** 12
ERRORS = {"50011": (429, "Too Many Requests"), "50013": (429, "Systems are busy. Please try again later."),
          "50001": (503, "Service temporarily unavailable. Please try again later."),
          "50026": (500, "System error. Try again later")}


def make_pairs():
    dollar = "USDCUSDT"
    return [
        Pair("BTC-USDT", 1, ONE // 2, 14, lambda market: market.mid("BTCUSDT")),
        Pair("ETH-USDT", 2, 4 * ONE, 8, lambda market: market.mid("ETHUSDT")),
        Pair("USDC-USDT", 4, 20_000 * ONE, 0.2, lambda market: market.mid(dollar)),
        Pair("BTC-USDC", 1, ONE // 4, 4, lambda market: market.mid("BTCUSDT") / market.mid(dollar)),
        Pair("ETH-USDC", 2, 2 * ONE, 2, lambda market: market.mid("ETHUSDT") / market.mid(dollar)),
        Pair("USDT-USD", 5, 20_000 * ONE, 0.5, lambda market: 1 / market.mid(dollar))]


def levels_text(pair, levels):
    return [[pair.price(price), amount_text(quantity).rstrip("0").rstrip("."), "0", "1" if quantity else "0"] for price, quantity in levels]


class OkxShape(Shape):
    """The members of the frame's first data."""

    def prices(self, body):
        data = body["data"][0] if isinstance(body.get("data"), list) and body["data"] else {}
        return [(level, 0) for side in ("bids", "asks") for level in data.get(side, ())]

    def shift_time(self, body, seconds):
        data = body["data"][0]
        data["ts"] = str(int(data["ts"]) + seconds * 1000)
        return True

    def corrupt(self, corruption, body, last_update_id):
        if corruption != "utf8_symbol":
            return None
        body["arg"]["instId"] = "\u5e01\u5b89-USDT"
        return True


class Session(StreamSession):
    def __init__(self, endpoint, peer, line, now):
        super().__init__(endpoint, peer, line, now, NEVER, NEVER)
        self.connection = f"{endpoint.random.getrandbits(32):08x}"
        self.requests = deque()
        self.tops = {}  # symbol: the last top and when it was sent
        self.tickers = {}  # symbol: the last prices
        self.books = {}  # symbol: the client's bids and asks, number, and when they were sent
        self.has_instruments = False
        self.told = endpoint.venue.states(now)
        self.delivered_at = now

    # Commands.

    def on_text(self, text, now):
        if text == "ping":
            self.delivered_at = now
            return self.answer("pong", now)
        command = load(text)
        operation = command.get("op") if isinstance(command, dict) else None
        if not isinstance(operation, str) or not isinstance(command.get("args"), list):
            return self.error("60012", f"Invalid request: {text}", {}, now)
        number = {"id": command["id"]} if isinstance(command.get("id"), str) else {}
        if operation not in ("subscribe", "unsubscribe"):
            return self.error("60019", f"Invalid op: {operation}", number, now)
        while self.requests and now - self.requests[0] >= 3_600_000:
            self.requests.popleft()
        self.requests.append(now)
        if len(self.requests) > REQUESTS_PER_HOUR:
            return self.error("60014", "Requests too frequent", number, now)
        for arg in command["args"]:
            self.change(operation, arg if isinstance(arg, dict) else {}, number, now)

    def change(self, operation, arg, number, now):
        channel, symbol = arg.get("channel"), arg.get("instId", "")
        if not self.is_known(operation, channel, symbol, now):
            return self.error("60018", f"Subscribe failed, wrong URL or channel:{channel},instId:{symbol} doesn't exist.", number, now)
        self.answer(dump({**number, "event": operation, "arg": arg, "connId": self.connection}), now)
        if channel == "instruments":
            self.has_instruments = operation == "subscribe"
        elif operation == "unsubscribe":
            self.subscriptions(channel).pop(symbol, None)
        elif channel == "books":
            self.books[symbol] = None
            if not self.take("no_snapshot", now, symbol):
                self.send_snapshot(self.exchange.pairs[symbol], now)
        else:
            self.subscriptions(channel)[symbol] = None
            self.send_tops(self.exchange.pairs[symbol], now)

    def is_known(self, operation, channel, symbol, now):
        if channel == "instruments":
            return True
        if channel not in ("bbo-tbt", "books", "tickers") or symbol not in self.exchange.pairs:
            return False
        is_gone = self.endpoint.venue.states(now)[symbol] == "absent"
        return operation == "unsubscribe" or not (is_gone or self.take("refuse_subscription", now, symbol, channel))

    def subscriptions(self, channel):
        return {"bbo-tbt": self.tops, "books": self.books, "tickers": self.tickers}[channel]

    def error(self, code, message, number, now):
        self.answer(dump({**number, "event": "error", "code": code, "msg": message, "connId": self.connection}), now)

    # What is sent.

    @property
    def exchange(self):
        return self.endpoint.venue.exchange

    def shown(self, pair, now):
        return self.endpoint.venue.shown(pair, now)

    def on_beat(self, now):
        for symbol, sent in self.books.items():
            pair = self.exchange.pairs[symbol]
            if sent and now >= sent[3] + BOOKS_EVERY and (sent[2] != pair.number or now >= sent[3] + REPEAT_AFTER):
                self.send_update(pair, now)
        for symbol, sent in self.tops.items():
            if sent and now >= sent[1] + REPEAT_AFTER:
                self.tops[symbol] = None
                self.send_tops(self.exchange.pairs[symbol], now)
        states = self.endpoint.venue.states(now)
        if states != self.told:
            told, self.told = self.told, states
            changed = [symbol for symbol in states if states[symbol] != told[symbol] and states[symbol] != "absent"]
            if changed and self.has_instruments:
                self.send({"channel": "instruments", "instType": "SPOT"},
                          [self.endpoint.venue.instrument(self.exchange.pairs[symbol], now) for symbol in changed])
        if now - self.delivered_at >= CUT_AFTER:
            self.peer.close(4004)

    def changed(self, pair, now):
        """After a change of the book. `books` follows in its own time."""
        self.send_tops(pair, now)

    def send_tops(self, pair, now):
        bids, asks = self.shown(pair, now)
        bid, ask = best(bids, True, 1), best(asks, False, 1)
        if pair.symbol in self.tops and (not self.tops[pair.symbol] or self.tops[pair.symbol][0] != (bid, ask)):
            self.tops[pair.symbol] = (bid, ask), now
            self.deliver("bbo-tbt", pair, self.entry(pair, bid, ask, pair.changed_at, seqId=pair.number), now)
        if pair.symbol in self.tickers and self.tickers[pair.symbol] != (bid, ask) and bid and ask:
            self.tickers[pair.symbol] = bid, ask
            self.deliver("tickers", pair, self.endpoint.venue.ticker(pair, bid[0], ask[0]), now)

    def send_snapshot(self, pair, now):
        bids, asks = self.shown(pair, now)
        self.books[pair.symbol] = dict(bids), dict(asks), pair.number, now
        self.deliver("books", pair, self.entry(pair, best(bids, True, DEPTH), best(asks, False, DEPTH), now,
                                               seqId=pair.number, prevSeqId=-1), now, action="snapshot")

    def send_update(self, pair, now):
        bids, asks = self.shown(pair, now)
        old_bids, old_asks, previous, _ = self.books[pair.symbol]
        self.books[pair.symbol] = dict(bids), dict(asks), pair.number, now
        if self.take("gap", now, pair.symbol):
            return
        self.deliver("books", pair, self.entry(pair, changes(old_bids, bids), changes(old_asks, asks), now,
                                               seqId=pair.number, prevSeqId=previous), now, action="update")

    @staticmethod
    def entry(pair, bids, asks, at, **numbers):
        return {"asks": levels_text(pair, asks), "bids": levels_text(pair, bids), "ts": str(at), **numbers}

    def deliver(self, channel, pair, entry, now, **more):
        if self.is_silenced(now, pair.symbol, channel):
            return
        self.delivered_at = now
        delay = self.delay(now, pair.symbol, channel)
        payload = dump({"arg": {"channel": channel, "instId": pair.symbol}, **more, "data": [entry]})
        if not self.send_corrupted(f"{channel} {pair.symbol}", payload, now, pair.symbol, channel, delay):
            self.peer.send(payload, delay)

    def send(self, arg, data):
        self.peer.send(dump({"arg": arg, "data": data}))

    def strike(self, fault, now):
        super().strike(fault, now)
        if fault.kind == "lose_subscriptions":
            for channel in (self.tops, self.books, self.tickers):
                channel.pop(fault.symbol, None) if fault.symbol else channel.clear()

    def shutdown_notice(self, now):
        return dump({"event": "notice", "code": "64008", "connId": self.connection,
                     "msg": "The connection will soon be closed for a service upgrade. Please reconnect."})

    def error_frame(self, is_nested):
        return dump({"event": "error", "code": "64007" if is_nested else "60012", "msg": "Internal error", "connId": self.connection})


def status_reply(status, shape, now):
    code = next((code for code, (of, _) in ERRORS.items() if of == status), None)
    return failure(code, status) if code else status_page(status, shape, now)


def failure(code, status=200):
    message = ERRORS.get(code, (200, "Instrument ID, Instrument ID code or Spread ID doesn't exist."))[1]
    return Reply(status, dump({"code": code, "msg": message, "data": []}))


class Stream(StreamEndpoint):
    name = "okx_stream"
    ports = {"okx-stream-port": 9110, "okx-stream-port-2": 9111}
    path = "/ws/v5/public"
    setting = "OKX_STREAM_URLS"
    has_kinds_of_stream = True
    shape = OkxShape()
    own_faults = (
        Kind("refuse_subscription", symbol=True, stream=True), Kind("no_snapshot", symbol=True), Kind("gap", symbol=True),
        Kind("quiet", symbol=True), Kind("cross_book", symbol=True), Kind("empty_book", ("both", "bids", "asks"), symbol=True),
        Kind("lose_subscriptions", symbol=True, at_once=True), Kind("restart_numbers", symbol=True, at_once=True),
        Kind("state", STATES, symbol=True))

    def __init__(self, world):
        super().__init__(world)
        self.random = Random(world.options.seed + 8)

    def own_refusal(self, request, now):
        return None if request.path == self.path else Reply(404, "Not Found", "text/plain")

    def make_session(self, request, peer, line, now):
        return Session(self, peer, line, now)

    def strike(self, fault, now):
        if fault.kind == "restart_numbers":
            for pair in self.venue.exchange.pairs.values():
                pair.number = 3 if fault.symbol in ("", pair.symbol) else pair.number
        super().strike(fault, now)


class Rest(RestEndpoint):
    name = "okx_rest"
    ports = {"okx-rest-port": 9112}
    setting = "OKX_REST_URL"
    status_reply = staticmethod(status_reply)
    own_faults = (Kind("error", ("50011", "50013", "50001", "50026", "51001")),)

    def __init__(self, world):
        super().__init__(world)
        self.limit = RollingLimit(CALLS_PER_SECOND)

    def answer(self, request, now):
        if error := self.take("error", now):
            return failure(error.value)
        if not self.limit.arrive(now):
            return failure("50011", 429)
        data = self.data(request, now)
        return failure("51001") if data is None else Reply(200, dump({"code": "0", "msg": "", "data": data}))

    def data(self, request, now):
        route, venue = request.path.removeprefix("/api/v5/"), self.venue
        states = venue.states(now)
        pairs = [pair for pair in venue.exchange.pairs.values() if states[pair.symbol] != "absent"]
        named = next((pair for pair in pairs if pair.symbol == request.query.get("instId")), None)
        if route == "public/time":
            return [{"ts": str(now)}]
        if route == "public/instruments":
            return [venue.instrument(pair, now) for pair in pairs]
        if route == "market/tickers":
            return [venue.ticker(pair, *(best(side, is_bid, 1)[0] for side, is_bid in ((pair.bids, True), (pair.asks, False))))
                    for pair in pairs]
        if route != "market/books" or not named:
            return None
        depth = int(request.query["sz"]) if request.query.get("sz", "1").isdecimal() and "sz" in request.query else 1
        bids, asks = venue.shown(named, now)
        return [Session.entry(named, best(bids, True, depth), best(asks, False, depth), named.changed_at, seqId=named.number)]


class Okx(NumberedVenue):
    name = "okx"
    endpoints = (Stream, Rest)
    known_prices = "OKX's BTC-USDT, ETH-USDT, USDC-USDT, BTC-USDC, ETH-USDC and USDT-USD"

    def __init__(self, world, captures=()):
        super().__init__(world, captures, NumberedExchange(world, 7, make_pairs()))

    def states(self, now):
        faults = {symbol: self.stream.find("state", now, symbol=symbol) for symbol in self.exchange.pairs}
        return {symbol: fault.value if fault else "live" for symbol, fault in faults.items()}

    def instrument(self, pair, now):
        return {"instType": "SPOT", "instId": pair.symbol, "baseCcy": pair.base, "quoteCcy": pair.quote, "instIdCode": None,
                "tickSz": pair.price(pair.tick), "lotSz": "0.00000001", "minSz": "0.00001", "ruleType": "normal", "expTime": "",
                "listTime": "1548133413000", "state": self.states(now)[pair.symbol]}

    @staticmethod
    def ticker(pair, bid, ask):
        last, opened = pair.price(bid[0]), pair.price(pair.open)
        return {"instType": "SPOT", "instId": pair.symbol, "last": last, "lastSz": "0.1", "askPx": pair.price(ask[0]),
                "askSz": amount_text(ask[1]), "bidPx": last, "bidSz": amount_text(bid[1]), "open24h": opened, "high24h": last,
                "low24h": opened, "sodUtc0": opened, "sodUtc8": opened, "volCcy24h": "229576048.73", "vol24h": "3601.1585121",
                "ts": str(pair.changed_at)}


VENUE = Okx
