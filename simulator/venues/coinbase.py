"""Coinbase Exchange: the public WebSocket feed (level2_batch, heartbeat, ticker) and the public REST API. Its prices follow the
simulated Binance: a dollar is what the USDC book says."""

from datetime import datetime, timedelta
from random import Random

from ..books import NumberedExchange, NumberedPair as Pair, NumberedVenue, best, changes
from ..corruption import Shape
from ..endpoint import RestEndpoint, StreamEndpoint, StreamSession
from ..faults import Kind
from ..keepalive import RollingLimit
from ..messages import Reply, firewall_page
from ..text import ONE, amount_text, dump, load, time_text

UPDATES_EVERY = 50  # ms
HEARTBEAT_EVERY = 1000
SUBSCRIBE_LIMIT = 5000
CACHED_FOR = 2000  # by the REST API
CALLS_PER_SECOND = 15
MESSAGES_PER_SECOND = 100
FAR_LEVELS = 20_000  # of each side, of a large snapshot
PADDING = 3_000_000  # likewise
NEVER = 10 ** 12
CHANNELS = {"level2_batch": "level2_50", "heartbeat": "heartbeat", "ticker": "ticker"}  # as the venue calls them
LOGIN_CHANNELS = ("level2", "level3", "full")
FLAGS = ("trading_disabled", "cancel_only", "post_only", "limit_only", "auction_mode")
STATUSES = ("offline", "internal", "delisted")


def make_pairs():
    def dollar(market):
        return market.mid("USDCUSDT")
    return [
        Pair("BTC-USD", 2, ONE // 2, 14, lambda market: market.mid("BTCUSDT") / dollar(market)),
        Pair("ETH-USD", 2, 4 * ONE, 8, lambda market: market.mid("ETHUSDT") / dollar(market)),
        Pair("USDT-USD", 5, 20_000 * ONE, 1, lambda market: 1 / dollar(market)),
        Pair("BTC-USDT", 2, ONE // 8, 0.5, lambda market: market.mid("BTCUSDT"))]


def level(pair, price, size):
    return [pair.price(price), amount_text(size)]


class CoinbaseShape(Shape):
    symbol_key = "product_id"

    def prices(self, body):
        levels = [(each, 0) for side in ("bids", "asks") for each in body.get(side, ())]
        return levels or [(each, 1) for each in body.get("changes", ())]

    def shift_time(self, body, seconds):
        if "time" not in body:
            return False
        moved = datetime.fromisoformat(body["time"][:-1]) + timedelta(seconds=seconds)
        body["time"] = moved.isoformat(timespec="microseconds") + "Z"
        return True


class Session(StreamSession):
    def __init__(self, endpoint, peer, line, now):
        super().__init__(endpoint, peer, line, now, NEVER, NEVER)
        self.books = {}  # symbol: the client's bids and asks, and when they were sent; None: without a snapshot
        self.heartbeats = {}  # symbol: when the next is due
        self.tickers = {}  # symbol: the last prices
        self.opened_at = now
        self.has_subscribed = False
        self.limit = RollingLimit(MESSAGES_PER_SECOND)

    # Commands.

    def on_text(self, text, now):
        if not self.limit.arrive(now):
            return self.peer.close(1008)
        command = load(text)
        kind = command.get("type") if isinstance(command, dict) else None
        if kind not in ("subscribe", "unsubscribe"):
            return self.refuse("Malformed JSON" if kind is None else f"Type {kind} not supported", now, "Invalid message")
        products, channels = command.get("product_ids") or [], command.get("channels") or []
        if refusal := kind == "subscribe" and self.refusal(products, channels, now):
            return self.refuse(refusal, now)
        for channel in channels:
            for symbol in products:
                self.change(kind, channel, symbol, now)
        self.answer(self.subscriptions(), now)
        self.has_subscribed = True

    def refusal(self, products, channels, now):
        """A wrong product or channel refuses the whole message."""
        if not channels:
            return "No channels provided"
        for channel in channels:
            if channel in LOGIN_CHANNELS or (channel == "level2_batch" and self.take("login", now)):
                return ("level2, level3, and full channels now require authentication. "
                        "https://docs.cloud.coinbase.com/exchange/docs/websocket-auth")
            if channel not in CHANNELS:
                return f"{channel} is not a valid channel"
        for symbol in products:
            is_gone = symbol not in self.exchange.pairs or self.endpoint.venue.state_of(symbol, now) == "absent"
            if is_gone or self.take("refuse_subscription", now, symbol):
                return f"{symbol} is not a valid product"
        return ""

    def refuse(self, reason, now, message="Failed to subscribe"):
        self.answer(dump({"type": "error", "message": message, "reason": reason}), now)

    def change(self, kind, channel, symbol, now):
        subscribed = self.of(channel)
        if kind == "unsubscribe":
            return subscribed.pop(symbol, None)
        pair = self.exchange.pairs[symbol]
        if channel == "level2_batch":
            self.books[symbol] = None
            if not self.take("no_snapshot", now, symbol):
                self.send_snapshot(pair, now)
        elif channel == "heartbeat":
            self.heartbeats.setdefault(symbol, now + self.endpoint.random.randrange(HEARTBEAT_EVERY))
        else:
            self.tickers[symbol] = None
            self.send_ticker(pair, now)

    def of(self, channel):
        return {"level2_batch": self.books, "heartbeat": self.heartbeats, "ticker": self.tickers}[channel]

    def subscriptions(self):
        """All of the connection."""
        named = [{"name": name, "product_ids": list(self.of(channel)), "account_ids": None}
                 for channel, name in CHANNELS.items() if self.of(channel)]
        return dump({"type": "subscriptions", "channels": named})

    # What is sent.

    @property
    def exchange(self):
        return self.endpoint.venue.exchange

    def on_beat(self, now):
        if not self.has_subscribed and now - self.opened_at >= SUBSCRIBE_LIMIT:
            self.peer.close(1008)
        for symbol, sent in self.books.items():
            if sent and now >= sent[2] + UPDATES_EVERY:
                self.send_update(self.exchange.pairs[symbol], now)
        for symbol, due in self.heartbeats.items():
            if now >= due:
                self.heartbeats[symbol] = now + HEARTBEAT_EVERY
                pair = self.exchange.pairs[symbol]
                self.deliver("heartbeat", pair, {"type": "heartbeat", "sequence": pair.number, "last_trade_id": 1_081_862_674,
                                                 "product_id": symbol, "time": time_text(now)}, now)

    def changed(self, pair, now):
        """After a change of the book. Updates follow in batches."""
        if pair.symbol in self.tickers:
            self.send_ticker(pair, now)

    def send_snapshot(self, pair, now):
        bids, asks = self.endpoint.venue.shown(pair, now)
        self.books[pair.symbol] = dict(bids), dict(asks), now
        sides = {"asks": best(asks, False, None), "bids": best(bids, True, None)}
        if self.find("large_snapshot", now, pair.symbol):
            sides["asks"] += [(pair.ask * 2 + i * pair.tick, ONE) for i in range(FAR_LEVELS)]
            sides["bids"] += [(pair.bid // pair.tick // 2 * pair.tick - i * pair.tick, ONE) for i in range(FAR_LEVELS)]
        body = {name: [level(pair, *each) for each in levels if each[0] > 0] for name, levels in sides.items()}
        if self.find("large_snapshot", now, pair.symbol):
            body["pad"] = "x" * PADDING
        self.deliver("level2_batch", pair, {"type": "snapshot", "product_id": pair.symbol, **body}, now)

    def send_update(self, pair, now):
        bids, asks = self.endpoint.venue.shown(pair, now)
        old_bids, old_asks, _ = self.books[pair.symbol]
        self.books[pair.symbol] = dict(bids), dict(asks), now
        changed = [[side, *level(pair, *each)] for side, old, new in (("buy", old_bids, bids), ("sell", old_asks, asks))
                   for each in changes(old, new)]
        if changed and not self.take("lose_update", now, pair.symbol):
            self.deliver("level2_batch", pair, {"type": "l2update", "product_id": pair.symbol, "changes": changed,
                                                "time": time_text(now)}, now)

    def send_ticker(self, pair, now):
        """A trade with every new top."""
        top = pair.bid, pair.ask
        if self.tickers[pair.symbol] == top:
            return
        self.tickers[pair.symbol] = top
        bid, ask = (pair.price(price) for price in top)
        self.deliver("ticker", pair, {
            "type": "ticker", "sequence": pair.number, "product_id": pair.symbol, "price": bid, "open_24h": pair.price(pair.open),
            "volume_24h": "245532.79269678", "low_24h": bid, "high_24h": ask, "volume_30d": "9788783.60117027", "best_bid": bid,
            "best_bid_size": amount_text(pair.bids[pair.bid]), "best_ask": ask, "best_ask_size": amount_text(pair.asks[pair.ask]),
            "side": "sell", "time": time_text(now), "trade_id": 370_843_401, "last_size": "0.10000000"}, now)

    def deliver(self, channel, pair, body, now):
        if self.is_silenced(now, pair.symbol, channel):
            return
        delay = self.delay(now, pair.symbol, channel)
        payload = dump(body)
        if not self.send_corrupted(f"{body['type']} {pair.symbol}", payload, now, pair.symbol, channel, delay):
            self.peer.send(payload, delay)

    def strike(self, fault, now):
        super().strike(fault, now)
        if fault.kind == "lose_subscriptions":
            for subscribed in (self.books, self.heartbeats, self.tickers):
                subscribed.pop(fault.symbol, None) if fault.symbol else subscribed.clear()
            if fault.value == "told":
                self.peer.send(self.subscriptions())

    def shutdown_notice(self, now):
        """The venue announces none: a frame of another channel."""
        return dump({"type": "status", "products": [], "currencies": []})

    def error_frame(self, is_nested):
        return dump({"type": "error", "message": "ErrSlowConsume"} | ({"reason": "internal"} if is_nested else {}))


def status_reply(status, _shape, _now):
    messages = {429: "Public rate limit exceeded", 500: "Internal server error", 503: "Service Unavailable", 401: "Unauthorized."}
    return Reply(status, dump({"message": messages[status]})) if status in messages else firewall_page(status)


class Stream(StreamEndpoint):
    name = "coinbase_stream"
    ports = {"coinbase-stream-port": 9116, "coinbase-stream-port-2": 9117}
    setting = "COINBASE_STREAM_URLS"
    has_kinds_of_stream = True
    shape = CoinbaseShape()
    status_reply = staticmethod(status_reply)
    own_faults = (
        Kind("refuse_subscription", symbol=True), Kind("login"), Kind("no_snapshot", symbol=True), Kind("large_snapshot", symbol=True),
        Kind("quiet", symbol=True), Kind("bookless_events", symbol=True), Kind("lose_update", symbol=True),
        Kind("cross_book", symbol=True), Kind("empty_book", ("both", "bids", "asks"), symbol=True),
        Kind("lose_subscriptions", ("silently", "told"), symbol=True, at_once=True), Kind("state", STATUSES + FLAGS + ("absent",), symbol=True))

    def __init__(self, world):
        super().__init__(world)
        self.random = Random(world.options.seed + 9)

    def own_refusal(self, request, now):
        return None if request.path == "/" else Reply(404, "Not Found", "text/plain")

    def make_session(self, request, peer, line, now):
        return Session(self, peer, line, now)


class Rest(RestEndpoint):
    name = "coinbase_rest"
    ports = {"coinbase-rest-port": 9118}
    setting = "COINBASE_REST_URL"
    status_reply = staticmethod(status_reply)
    own_faults = (Kind("old_book", symbol=True),)

    def __init__(self, world):
        super().__init__(world)
        self.limit = RollingLimit(CALLS_PER_SECOND)
        self.cache = {}  # symbol: its book and when it was read

    def answer(self, request, now):
        if not self.limit.arrive(now):
            return status_reply(429, "", now)
        found = self.find_answer(request, now)
        return Reply(404, dump({"message": "NotFound"})) if found is None else Reply(200, dump(found))

    def find_answer(self, request, now):
        venue = self.venue
        pairs = {symbol: pair for symbol, pair in venue.exchange.pairs.items() if venue.state_of(symbol, now) != "absent"}
        _, *route = request.path.split("/")
        if route == ["time"]:
            return {"iso": time_text(now)[:-4] + "Z", "epoch": now / 1000}
        if route == ["products"]:
            return [venue.product(pair, now) for pair in pairs.values()]
        if route[0] != "products" or route[1] not in pairs:
            return None
        pair = pairs[route[1]]
        if len(route) == 2:
            return venue.product(pair, now)
        return {"book": self.book, "ticker": self.ticker}[route[2]](pair, now) if route[2] in ("book", "ticker") else None

    def book(self, pair, now):
        """From a cache, with the time at which it was read."""
        is_old = self.find("old_book", now, symbol=pair.symbol)
        cached = self.cache.get(pair.symbol)
        if not cached or (now - cached[1] >= CACHED_FOR and not is_old):
            sides = zip(("bids", "asks"), self.venue.shown(pair, now), (True, False))
            levels = {name: [[*level(pair, *each), 3] for each in best(side, is_bid, 1)] for name, side, is_bid in sides}
            body = {**levels, "sequence": pair.number, "auction_mode": False, "auction": None, "time": time_text(now)}
            cached = self.cache[pair.symbol] = body, now
        return {**cached[0], "time": time_text(now)} if is_old else cached[0]

    @staticmethod
    def ticker(pair, now):
        bid, ask = pair.price(pair.bid), pair.price(pair.ask)
        return {"ask": ask, "bid": bid, "volume": "53602.03940154", "trade_id": 86_326_522, "price": bid, "size": "0.00698254",
                "time": time_text(now)}


class Coinbase(NumberedVenue):
    name = "coinbase"
    endpoints = (Stream, Rest)
    pin = "coinbase:"
    known_prices = "coinbase:BTC-USD, coinbase:ETH-USD, coinbase:USDT-USD and coinbase:BTC-USDT"

    def __init__(self, world, captures=()):
        super().__init__(world, captures, NumberedExchange(world, 9, make_pairs()))

    def advance(self, now):
        super().advance(now)
        for pair in self.exchange.pairs.values():
            if self.stream.find("bookless_events", now, symbol=pair.symbol):
                self.exchange.count(pair)

    def state_of(self, symbol, now):
        fault = self.stream.find("state", now, symbol=symbol)
        return fault.value if fault else "online"

    def product(self, pair, now):
        state = self.state_of(pair.symbol, now)
        return {"id": pair.symbol, "base_currency": pair.base, "quote_currency": pair.quote, "quote_increment": pair.price(pair.tick),
                "base_increment": "0.00000001", "display_name": f"{pair.base}-{pair.quote}", "min_market_funds": "1",
                "margin_enabled": False, "fx_stablecoin": False, "max_slippage_percentage": "0.02000000",
                **{flag: flag == state for flag in FLAGS}, "status": state if state in STATUSES else "online", "status_message": ""}


VENUE = Coinbase
