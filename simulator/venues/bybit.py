"""Bybit: version 5 of the public WebSocket and REST APIs, spot. Its prices follow the simulated Binance."""

from dataclasses import dataclass, field
from random import Random

from ..corruption import Shape
from ..endpoint import RestEndpoint, StreamEndpoint, StreamSession
from ..faults import Kind
from ..keepalive import RollingLimit
from ..messages import Reply, firewall_page
from ..pins import whole_ticks
from ..text import ONE, amount_text, dump, load
from ..venue import Venue

DEPTHS = (1, 50)
LEVELS = 60  # of each side
MOST_ARGUMENTS = 10  # of a request
REPEAT_AFTER = 3000  # ms without a change of the top
IDLE_LIMIT = 600_000  # ms without a message of the client
NEVER = 10 ** 12
REST_LIMIT = 120  # calls a second; the venue counts 600 in five
PIN = "bybit:"
ERRORS = {"10006": "Too many visits!", "10016": "Internal server error.", "10009": "IP has been banned.", "10001": "params error"}


@dataclass
class Pair:
    base: str
    quote: str
    decimals: int  # of prices
    lot: int  # a typical quantity
    changes_per_second: float
    bids: dict = field(default_factory=dict)  # price to quantity
    asks: dict = field(default_factory=dict)
    shown: dict = field(default_factory=dict)  # depth: the levels of both sides as they were last sent
    update_ids: dict = field(default_factory=dict)  # by depth
    sequences: dict = field(default_factory=dict)  # of the last frame of each depth
    changed_at: dict = field(default_factory=dict)  # likewise
    distortion: tuple = ()
    pinned: tuple | None = None
    due: float = 0

    @property
    def symbol(self):
        return self.base + self.quote

    @property
    def tick(self):
        return ONE // 10 ** self.decimals

    @property
    def bid(self):
        return max(self.bids)

    @property
    def ask(self):
        return min(self.asks)

    def written(self, levels):
        return [[amount_text(price)[:self.decimals - 8 or None], amount_text(quantity)[:-2] if quantity else "0"]
                for price, quantity in levels]


def make_pairs():
    return {pair.symbol: pair for pair in (
        Pair("BTC", "USDT", 1, ONE, 20), Pair("ETH", "USDT", 2, 10 * ONE, 12), Pair("USDC", "USDT", 4, 50_000 * ONE, 1))}


def best(pair, depth):
    """The levels of both sides as the pair's distortion shows them."""
    bids, asks = pair.bids, pair.asks
    if "crossed" in pair.distortion:
        bids = {pair.ask + 2 * pair.tick: pair.lot, **bids}
    bids = {} if {"both", "bids"} & set(pair.distortion) else bids
    asks = {} if {"both", "asks"} & set(pair.distortion) else asks
    return [dict(sorted(side.items(), reverse=is_bid)[:depth]) for side, is_bid in ((bids, True), (asks, False))]


def changes(old, new):
    """A level that is no longer shown has the quantity 0."""
    return [(price, 0) for price in old if price not in new] + [
        (price, quantity) for price, quantity in new.items() if old.get(price) != quantity]


def book_frame(pair, depth, kind, sides, now):
    """The members in the order of the real frames: `ts` before `type`."""
    bids, asks = (dump(pair.written(side)) for side in sides)
    return (f'{{"topic":"orderbook.{depth}.{pair.symbol}","ts":{now},"type":"{kind}","data":{{"s":"{pair.symbol}","b":{bids},"a":{asks},'
            f'"u":{pair.update_ids[depth]},"seq":{pair.sequences[depth]}}},"cts":{pair.changed_at[depth]}}}')


class Exchange:
    """The books of all pairs, which follow the simulated Binance or a test's prices."""

    def __init__(self, world):
        self.world = world
        self.random = Random(world.options.seed + 7)
        self.sequence = 112_000_000_000 + self.random.randrange(10 ** 9)
        self.pairs = make_pairs()
        for pair in self.pairs.values():
            pair.update_ids = {depth: self.random.randrange(10 ** 7, 10 ** 8) for depth in DEPTHS}
            self.move(pair)
            self.changed(pair, world.clock.now())

    def move(self, pair):
        """The next book. Half of the changes leave the top alone."""
        bid, ask = pair.pinned or self.walked(pair)
        pair.bids = self.side(pair, pair.bids, bid, -pair.tick)
        pair.asks = self.side(pair, pair.asks, ask, pair.tick)
        side = self.random.choice((pair.bids, pair.asks))
        changed = 0 if self.random.random() < 0.5 else self.random.randrange(1, LEVELS)
        levels = list(side)  # a bid near zero has few below it
        side[levels[min(changed, len(levels) - 1)]] = self.quantity(pair)

    def walked(self, pair):
        bid = int(self.world.market.mid(pair.symbol) * ONE) // pair.tick * pair.tick
        return bid, bid + pair.tick

    def side(self, pair, old, top, step):
        return {price: old.get(price) or self.quantity(pair) for price in range(top, top + step * LEVELS, step) if price > 0}

    def quantity(self, pair):
        return max(int(pair.lot * 2 * self.random.random()) // 100, 1) * 100

    def changed(self, pair, now, skipped=0):
        """Numbers the book, and returns the frames of the depths that have changed."""
        self.sequence += self.random.randrange(1, 300)
        frames = {}
        for depth in DEPTHS:
            new = best(pair, depth)
            old = pair.shown.get(depth)
            if new == old:
                continue
            pair.shown[depth] = new
            pair.update_ids[depth] += 1 + skipped
            pair.sequences[depth], pair.changed_at[depth] = self.sequence, now
            is_whole = depth == 1 or not old
            sides = [side.items() for side in new] if is_whole else [changes(*pairs) for pairs in zip(old, new)]
            frames[depth] = book_frame(pair, depth, "snapshot" if is_whole else "delta", sides, now)
        return frames

    def snapshot(self, pair, depth, now):
        return book_frame(pair, depth, "snapshot", [side.items() for side in pair.shown[depth]], now)

    def restart(self, now):
        """The service begins to count its messages anew."""
        for pair in self.pairs.values():
            self.sequence += 1
            for depth in DEPTHS:
                pair.update_ids[depth], pair.sequences[depth], pair.changed_at[depth] = 1, self.sequence, now

    def due(self, now, speed):
        """The pairs whose next change is due."""
        for pair in self.pairs.values():
            while pair.due <= now:
                pause = 1000 / (pair.changes_per_second * speed) * (0.4 + 1.2 * self.random.random())
                pair.due = max(pair.due, now - 1000) + pause
                yield pair


class BybitShape(Shape):
    symbol_key = "s"

    def body(self, frame):
        self.frame = frame
        return frame["data"]

    def prices(self, body):
        return [(level, 0) for side in ("b", "a") for level in body[side]]

    def shift_time(self, _body, seconds):
        for key in ("ts", "cts"):
            self.frame[key] += seconds * 1000
        return True


class Session(StreamSession):
    def __init__(self, endpoint, peer, line, now):
        super().__init__(endpoint, peer, line, now, NEVER, NEVER)
        self.topics = {}  # depth and symbol: when the last frame was sent
        self.heard_at = now
        self.number = f"{endpoint.random.getrandbits(64):x}-{line}"

    # Commands.

    def on_text(self, text, now):
        self.heard_at = now
        command = load(text)
        operation = command.get("op") if isinstance(command, dict) else None
        number = {"req_id": str(command["req_id"])} if operation and "req_id" in command else {}
        if operation == "ping":
            return self.answer(dump({"success": True, "ret_msg": "pong", "conn_id": self.number, **number, "op": "ping"}), now)
        arguments = command.get("args") if operation in ("subscribe", "unsubscribe") else None
        refusal = self.refusal(arguments, now)
        self.answer(dump({"success": not refusal, "ret_msg": refusal or operation, "conn_id": self.number, **number,
                          "op": operation or ""}), now)
        for topic in [] if refusal else map(self.parse, arguments):
            self.topics.pop(topic, None)
            if operation == "subscribe":
                self.begin(*topic, now)

    def parse(self, topic):
        """Depth and pair; None if there is no such topic."""
        kind, _, rest = topic.partition(".") if isinstance(topic, str) else ("", "", "")
        depth, _, symbol = rest.partition(".")
        is_known = kind == "orderbook" and depth in map(str, DEPTHS) and symbol in self.exchange.pairs
        return (int(depth), symbol) if is_known else None

    def refusal(self, arguments, now):
        if not isinstance(arguments, list) or not arguments:
            return "error:request is malformed"
        if len(arguments) > MOST_ARGUMENTS:
            return "args size >10"
        for topic in arguments:
            parsed = self.parse(topic)
            if not parsed or self.take("refuse_subscription", now, parsed[1]):
                return f"error:handler not found,topic:{topic}"
        return ""

    def begin(self, depth, symbol, now):
        self.topics[depth, symbol] = now
        self.deliver(symbol, depth, self.exchange.snapshot(self.exchange.pairs[symbol], depth, now), now)

    # What is sent.

    @property
    def exchange(self):
        return self.endpoint.venue.exchange

    def on_ping(self, now):
        self.heard_at = now

    def on_beat(self, now):
        if now - self.heard_at >= IDLE_LIMIT:
            self.peer.drop()
        for (depth, symbol), sent_at in self.topics.items():
            is_due = depth == 1 and now - sent_at >= REPEAT_AFTER
            if is_due and not self.find("no_repeat", now, symbol):
                self.topics[depth, symbol] = now
                self.deliver(symbol, depth, self.exchange.snapshot(self.exchange.pairs[symbol], depth, now), now)

    def send_frames(self, symbol, frames, now):
        for depth, frame in frames.items():
            if (depth, symbol) in self.topics:
                self.topics[depth, symbol] = now
                self.deliver(symbol, depth, frame, now)

    def deliver(self, symbol, depth, payload, now):
        stream = f"orderbook.{depth}"
        if self.is_silenced(now, symbol, stream):
            return
        delay = self.delay(now, symbol, stream)
        if not self.send_corrupted(f"{stream}.{symbol}", payload, now, symbol, stream, delay):
            self.peer.send(payload, delay)

    def strike(self, fault, now):
        super().strike(fault, now)
        if fault.kind == "lose_subscriptions":
            self.topics = {topic: sent_at for topic, sent_at in self.topics.items() if fault.symbol not in ("", topic[1])}
        elif fault.kind == "restart_service":
            for depth, symbol in list(self.topics):
                self.begin(depth, symbol, now)

    def shutdown_notice(self, now):
        """The venue announces none to this connection: a topic of its own, elsewhere, tells of maintenance."""
        return dump({"topic": "system.status", "ts": now, "data": [{"title": "", "state": "ongoing", "serviceTypes": [5], "product": [2]}]})

    def error_frame(self, is_nested):
        return dump({"success": False, "ret_msg": "error:request is malformed", "conn_id": self.number, "op": "" if is_nested else "auth"})


def status_reply(status, _shape, _now):
    return firewall_page(status) if status in (403, 451) else Reply(status, f"<html>{status}</html>", "text/html")


class Stream(StreamEndpoint):
    name = "bybit_stream"
    ports = {"bybit-stream-port": 9113, "bybit-stream-port-2": 9114}
    path = "/v5/public/spot"
    setting = "BYBIT_STREAM_URLS"
    has_kinds_of_stream = True
    shape = BybitShape()
    status_reply = staticmethod(status_reply)
    own_faults = (
        Kind("refuse_subscription", symbol=True), Kind("no_repeat", symbol=True), Kind("quiet", symbol=True), Kind("skip_update", symbol=True),
        Kind("cross_book", symbol=True), Kind("empty_book", ("both", "bids", "asks"), symbol=True),
        Kind("lose_subscriptions", symbol=True, at_once=True), Kind("restart_service", at_once=True))

    def __init__(self, world):
        super().__init__(world)
        self.random = Random(world.options.seed + 8)

    def own_refusal(self, request, now):
        return None if request.path == self.path else Reply(404, "Not Found", "text/plain")

    def make_session(self, request, peer, line, now):
        return Session(self, peer, line, now)

    def strike(self, fault, now):
        if fault.kind == "restart_service":
            self.venue.exchange.restart(now)
        super().strike(fault, now)


# REST.

class Refused(Exception):
    """A code in a response with status 200."""


class Rest(RestEndpoint):
    name = "bybit_rest"
    ports = {"bybit-rest-port": 9115}
    setting = "BYBIT_REST_URL"
    status_reply = staticmethod(status_reply)
    own_faults = (Kind("code", tuple(ERRORS)), Kind("old_book", symbol=True), Kind("not_trading", symbol=True))

    def __init__(self, world):
        super().__init__(world)
        self.limit = RollingLimit(REST_LIMIT)
        self.last_books = {}  # what a stale cache returns

    def answer(self, request, now):
        if not self.limit.arrive(now):
            return Reply(403, "403, access too frequent", "text/html")
        code, message, result = 0, "OK", "{}"
        try:
            if fault := self.take("code", now):
                raise Refused(int(fault.value), ERRORS[fault.value])
            result = self.result(request, now)
        except Refused as error:
            code, message = error.args
        return Reply(200, f'{{"retCode":{code},"retMsg":"{message}","result":{result},"retExtInfo":{{}},"time":{now}}}')

    def result(self, request, now):
        route = request.path.removeprefix("/v5/market/") if request.path.startswith("/v5/market/") else ""
        if route == "time":
            return dump({"timeSecond": str(now // 1000), "timeNano": f"{now}000000"})
        described = {"tickers": self.ticker, "instruments-info": self.instrument}.get(route)
        if request.query.get("category") != "spot" or (route != "orderbook" and not described):
            raise Refused(10001, "Illegal category")
        pairs = [pair for pair in self.venue.exchange.pairs.values() if not self.find("not_trading", now, symbol=pair.symbol)]
        if "symbol" in request.query or route == "orderbook":
            pairs = [pair for pair in pairs if pair.symbol == request.query.get("symbol")]
            if not pairs:
                raise Refused(10001, "Not supported symbols")
        if route == "orderbook":
            return self.book(pairs[0], int(request.query.get("limit", "1")), now)
        return '{"category":"spot","list":[' + ",".join(map(described, pairs)) + "]}"

    def book(self, pair, limit, now):
        """A book of 1000 levels, with the number of the newest change and an update id of its own."""
        exchange = self.venue.exchange
        numbers = {"u": 230_704, "seq": exchange.sequence, "cts": max(pair.changed_at.values())}
        if pair.symbol not in self.last_books or not self.find("old_book", now, symbol=pair.symbol):
            self.last_books[pair.symbol] = best(pair, limit), numbers
        (bids, asks), numbers = self.last_books[pair.symbol]
        return dump({"s": pair.symbol, "a": pair.written(asks.items()), "b": pair.written(bids.items()), "ts": now, **numbers})

    @staticmethod
    def ticker(pair):
        (bid, bid_quantity), (ask, ask_quantity) = ((pair.written(side.items()) or [["", ""]])[0] for side in best(pair, 1))
        return dump({"symbol": pair.symbol, "bid1Price": bid, "bid1Size": bid_quantity, "ask1Price": ask, "ask1Size": ask_quantity,
                     "lastPrice": bid, "prevPrice24h": bid, "price24hPcnt": "0", "highPrice24h": ask, "lowPrice24h": bid,
                     "turnover24h": "243765620.65899866", "volume24h": "11801.27771", "usdIndexPrice": bid})

    @staticmethod
    def instrument(pair):
        return dump({"symbolId": 9, "symbol": pair.symbol, "baseCoin": pair.base, "quoteCoin": pair.quote, "innovation": "0",
                     "status": "Trading", "marginTrading": "utaOnly", "stTag": "0",
                     "lotSizeFilter": {"basePrecision": "0.000001", "quotePrecision": "0.0000001", "minOrderAmt": "5"},
                     "priceFilter": {"tickSize": pair.written([(pair.tick, 0)])[0][0]}, "symbolType": ""})


class Bybit(Venue):
    name = "bybit"
    endpoints = (Stream, Rest)
    known_prices = "Bybit's " + ", ".join(PIN + symbol for symbol in make_pairs())

    def __init__(self, world, captures=()):
        super().__init__(world, captures)
        self.stream, self.rest = self.endpoints
        self.exchange = Exchange(world)

    def advance(self, now):
        for pair in self.exchange.due(now, self.world.options.speed):
            if not self.stream.find("quiet", now, symbol=pair.symbol):
                self.exchange.move(pair)
                self.show(pair, now)
        for pair in self.exchange.pairs.values():
            emptied = self.stream.find("empty_book", now, symbol=pair.symbol)
            distortion = (emptied.value,) if emptied else ()
            distortion += ("crossed",) if self.stream.find("cross_book", now, symbol=pair.symbol) else ()
            if distortion != pair.distortion:
                pair.distortion = distortion
                self.show(pair, now)

    def show(self, pair, now):
        frames = self.exchange.changed(pair, now, 1 if self.stream.take("skip_update", now, symbol=pair.symbol) else 0)
        for session in self.stream.sessions:
            session.send_frames(pair.symbol, frames, now)

    def price_change(self, name, wanted, now):
        pair = self.exchange.pairs.get(name.removeprefix(PIN)) if name.startswith(PIN) else None
        if not pair:
            return None
        prices = None if wanted is None else whole_ticks(name, wanted, pair)

        def change():
            pair.pinned = prices
            self.exchange.move(pair)
            self.show(pair, now)
        return change

    def state(self):
        return {"bybit": {pair.symbol: {"bid": amount_text(pair.bid), "ask": amount_text(pair.ask)}
                          for pair in self.exchange.pairs.values()}}


VENUE = Bybit
