"""Kraken: version 2 of the WebSocket API (books, tickers, statuses) and the public REST API. Its prices follow the simulated
Binance: a dollar is what the USDC book says."""

from dataclasses import dataclass
from datetime import datetime, timezone
from random import Random
from zlib import crc32

from .. import books
from ..books import BookVenue, Exchange, best, distorted
from ..corruption import Shape
from ..endpoint import RestEndpoint, StreamEndpoint, StreamSession
from ..faults import Kind
from ..messages import Reply, firewall_page
from ..text import ONE, amount_text, dump, load, time_text

DEPTHS = (10, 25, 100, 500, 1000)
CHECKED = 10
HEARTBEAT_EVERY = 1000  # ms
IDLE_PING = 20_000
IDLE_LIMIT = 60_000
REST_BURST = 15  # calls; one more a second
STATUSES = ("maintenance", "cancel_only", "post_only", "limit_only")
PAIR_STATUSES = ("delisted", "cancel_only", "post_only", "limit_only", "reduce_only", "maintenance", "work_in_progress")


@dataclass
class Pair(books.Pair):
    rest: str = ""  # key of the REST API
    base: str = ""  # as the REST API calls it
    quote: str = "ZUSD"

    @property
    def wsname(self):
        return self.symbol.replace("BTC", "XBT")

    @property
    def altname(self):
        return self.wsname.replace("/", "")


def dollar(market):
    return market.mid("USDCUSDT")


def make_pairs():
    return [
        Pair("BTC/USD", 1, ONE // 2, 14, lambda market: market.mid("BTCUSDT") / dollar(market), rest="XXBTZUSD", base="XXBT"),
        Pair("ETH/USD", 2, 4 * ONE, 8, lambda market: market.mid("ETHUSDT") / dollar(market), rest="XETHZUSD", base="XETH"),
        Pair("USDT/USD", 5, 20_000 * ONE, 1, lambda market: 1 / dollar(market), rest="USDTZUSD", base="USDT"),
        Pair("USDC/USD", 4, 20_000 * ONE, 0.05, lambda market: 1.0, rest="USDCUSD", base="USDC")]


def checksum(pair, bids, asks):
    """Of the ten best levels of both sides: digits without point and leading zeros."""
    text = "".join((pair.price(price).replace(".", "").lstrip("0") + amount_text(quantity).replace(".", "").lstrip("0"))
                   for levels in (best(asks, False, CHECKED), best(bids, True, CHECKED)) for price, quantity in levels)
    return crc32(text.encode())


def levels_text(pair, levels):
    return "[" + ",".join(f'{{"price":{pair.price(price)},"qty":{amount_text(quantity)}}}' for price, quantity in levels) + "]"


def book_frame(kind, pair, bids, asks, check, now):
    return (f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{pair.symbol}","bids":{levels_text(pair, bids)},'
            f'"asks":{levels_text(pair, asks)},"checksum":{check},"timestamp":"{time_text(now)}"}}]}}')


def changes(old, new, is_bid, depth):
    """What turns the client's levels into the new ones. A level that an insertion pushes out is not mentioned."""
    shown = dict(best(new, is_bid, depth))
    gone = [(price, 0) for price in old if price not in new]
    changed = [(price, quantity) for price, quantity in shown.items() if old.get(price) != quantity]
    return gone + changed


class KrakenShape(Shape):
    symbol_key = "symbol"

    def body(self, frame):
        return frame["data"][0] if isinstance(frame.get("data"), list) and frame["data"] else frame

    def prices(self, body):
        levels = [level for side in ("bids", "asks") for level in body.get(side, ())]
        return [(level, "price") for level in levels] or [(body, key) for key in ("bid", "ask") if key in body]


class Session(StreamSession):
    def __init__(self, endpoint, peer, line, now):
        super().__init__(endpoint, peer, line, now, IDLE_PING, IDLE_LIMIT)
        self.books = {}  # symbol: depth, and the client's bids and asks
        self.tickers = {}  # symbol: the last prices
        self.has_instruments = False
        self.next_heartbeat = now
        self.number = endpoint.random.getrandbits(63) | 1 << 63
        self.told = None  # statuses
        self.send_status(now)

    # Commands.

    def on_text(self, text, now):
        command = load(text)
        if not isinstance(command, dict) or not isinstance(command.get("method"), str):
            return self.answer(dump({"error": "Malformed request", "success": False}), now)
        method, params = command["method"], command.get("params") or {}
        number = {"req_id": command["req_id"]} if isinstance(command.get("req_id"), int) else {}
        times = {"time_in": time_text(now), "time_out": time_text(now)}
        if method == "ping":
            return self.answer(dump({"method": "pong", **number, **times}), now)
        if method not in ("subscribe", "unsubscribe"):
            return self.answer(dump({"error": "Unsupported method", "method": method, "success": False, **number, **times}), now)
        self.change(method, params, number | times, now)

    def change(self, method, params, members, now):
        channel = params.get("channel")
        if channel == "instrument":
            self.has_instruments = method == "subscribe"
            self.answer(self.success(method, {"channel": channel, "snapshot": True}, members), now)
            if self.has_instruments and params.get("snapshot", True):
                self.send_instruments("snapshot", list(self.exchange.pairs), now)
            return
        if channel not in ("book", "ticker"):
            return self.answer(dump({"error": f"Channel {channel} not supported", "method": method, "success": False, **members}), now)
        depth = params.get("depth", 10)
        for symbol in params.get("symbol") or ():
            if refusal := self.refusal(method, channel, symbol, depth, now):
                self.answer(dump({"error": refusal, "method": method, "success": False, "symbol": symbol, **members}), now)
                continue
            about = {"depth": depth} if channel == "book" else {"event_trigger": params.get("event_trigger", "trades")}
            self.answer(self.success(method, {"channel": channel, **about, "snapshot": True, "symbol": symbol}, members), now)
            self.subscriptions(channel).pop(symbol, None)
            if method == "subscribe":
                self.begin(channel, symbol, depth, now)

    def subscriptions(self, channel):
        return self.books if channel == "book" else self.tickers

    def refusal(self, method, channel, symbol, depth, now):
        if symbol not in self.exchange.pairs or self.take("refuse_subscription", now, symbol):
            return f"Currency pair not supported {symbol}"
        if self.exchange_status(symbol, now) == "delisted":
            return f"Currency pair not supported {symbol}"
        if channel == "book" and depth not in DEPTHS:
            return "Subscription depth not supported"
        if method == "unsubscribe" and symbol not in self.subscriptions(channel):
            return "Subscription Not Found"
        if method == "subscribe" and symbol in self.subscriptions(channel):
            return "Already subscribed"
        return ""

    @staticmethod
    def success(method, result, members):
        return dump({"method": method, "result": result, "success": True, **members})

    def begin(self, channel, symbol, depth, now):
        pair = self.exchange.pairs[symbol]
        if channel == "ticker":
            self.tickers[symbol] = (pair.bid, pair.ask)
            return self.deliver(symbol, self.ticker_frame("snapshot", pair, now), now)
        self.books[symbol] = [depth, {}, {}]
        if not self.take("no_snapshot", now, symbol):
            self.send_book(pair, "snapshot", now)

    # What is sent.

    @property
    def exchange(self):
        return self.endpoint.venue.exchange

    def exchange_status(self, symbol, now):
        return self.endpoint.venue.status_of(symbol, now)

    def on_beat(self, now):
        if now >= self.next_heartbeat:
            self.next_heartbeat = now + HEARTBEAT_EVERY
            if not self.find("no_heartbeat", now):
                self.peer.send('{"channel":"heartbeat"}')
        statuses = self.endpoint.venue.statuses(now)
        if statuses != self.told:
            told, self.told = self.told, statuses
            if told and told[""] != statuses[""]:
                self.send_status(now)
            changed = [symbol for symbol in self.exchange.pairs if told and told[symbol] != statuses[symbol]]
            if changed and self.has_instruments:
                self.send_instruments("update", changed, now)

    def send_status(self, now):
        system = self.endpoint.venue.statuses(now)[""]
        self.peer.send('{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"' + system +
                       f'","api_version":"v2","connection_id":{self.number},"upcoming_maintenance":[],"emergency":[]}}]}}')

    def send_instruments(self, kind, symbols, now):
        pairs = [self.instrument(self.exchange.pairs[symbol], now) for symbol in symbols]
        assets = '{"id":"BTC","status":"enabled","precision":10,"precision_display":5,"borrowable":true}'
        self.peer.send(f'{{"channel":"instrument","type":"{kind}","data":{{"assets":[{assets if kind == "snapshot" else ""}],'
                       f'"pairs":[{",".join(pairs)}]}}}}')

    def instrument(self, pair, now):
        base, quote = pair.symbol.split("/")
        return (f'{{"symbol":"{pair.symbol}","base":"{base}","quote":"{quote}","status":"{self.exchange_status(pair.symbol, now)}",'
                f'"qty_precision":8,"qty_increment":1e-08,"price_precision":{pair.decimals},"cost_precision":5,"marginable":true,'
                f'"has_index":true,"cost_min":0.5,"tick_size":{pair.price(pair.tick)},"price_increment":{pair.price(pair.tick)},'
                '"qty_min":0.0001}')

    def changed(self, pair, now):
        """After a change of the book."""
        if pair.symbol in self.books:
            self.send_book(pair, "update", now)
        if pair.symbol in self.tickers and self.tickers[pair.symbol] != (pair.bid, pair.ask):
            self.tickers[pair.symbol] = (pair.bid, pair.ask)
            self.deliver(pair.symbol, self.ticker_frame("update", pair, now), now, "ticker")

    def send_book(self, pair, kind, now):
        depth, bids, asks = self.books[pair.symbol]
        new_bids, new_asks = self.shown_sides(pair, now)
        changed_bids, changed_asks = changes(bids, new_bids, True, depth), changes(asks, new_asks, False, depth)
        self.books[pair.symbol][1:] = [dict(best(new_bids, True, depth)), dict(best(new_asks, False, depth))]
        if kind == "update" and not changed_bids and not changed_asks:
            return
        check = checksum(pair, new_bids, new_asks)
        if self.take("wrong_checksum", now, pair.symbol):
            check ^= 1
        self.deliver(pair.symbol, book_frame(kind, pair, changed_bids, changed_asks, check, now), now, "book")

    def shown_sides(self, pair, now):
        """The book as the active faults distort it. The checksum is right."""
        return distorted(pair, self.take("cross_book", now, pair.symbol), self.take("empty_book", now, pair.symbol))

    @staticmethod
    def ticker_frame(kind, pair, now):
        last = pair.price(pair.bid)
        return (f'{{"channel":"ticker","type":"{kind}","data":[{{"symbol":"{pair.symbol}","bid":{last},'
                f'"bid_qty":{amount_text(pair.bids[pair.bid])},"ask":{pair.price(pair.ask)},"ask_qty":{amount_text(pair.asks[pair.ask])},'
                f'"last":{last},"volume":1020.88387727,"vwap":{last},"low":{last},"high":{last},"change":0.0,"change_pct":0.00,'
                f'"trades":47535,"timestamp":"{time_text(now)}"}}]}}')

    def deliver(self, symbol, payload, now, stream="book"):
        if self.is_silenced(now, symbol, stream):
            return
        delay = self.delay(now, symbol, stream)
        if not self.send_corrupted(f"{stream} {symbol}", payload, now, symbol, stream, delay):
            self.peer.send(payload, delay)

    def strike(self, fault, now):
        super().strike(fault, now)
        if fault.kind == "lose_subscriptions":
            self.books.pop(fault.symbol, None) if fault.symbol else self.books.clear()
        elif fault.kind == "repeat_snapshot":
            for symbol in self.books:
                self.books[symbol][1:] = [{}, {}]
                self.send_book(self.exchange.pairs[symbol], "snapshot", now)

    def shutdown_notice(self, now):
        return dump({"channel": "status", "type": "update", "data": [{
            "version": "2.0.10", "system": "maintenance", "api_version": "v2", "connection_id": self.number}]})

    def error_frame(self, is_nested):
        return dump({"error": "Malformed request", "success": False}) if is_nested else dump({"Error": "Exceeded msg rate"})


def status_reply(status, _shape, _now):
    if status in (403, 451):
        return firewall_page(status)
    errors = {429: "EAPI:Rate limit exceeded", 503: "EService:Unavailable"}
    reply = Reply(status, dump({"error": [errors.get(status, "EGeneral:Internal error")]}))
    if status == 429:
        reply.headers = {"Retry-After": "5"}
    return reply


class Stream(StreamEndpoint):
    name = "kraken_stream"
    ports = {"kraken-stream-port": 9107, "kraken-stream-port-2": 9108}
    path = "/v2"
    setting = "KRAKEN_STREAM_URLS"
    has_kinds_of_stream = True
    shape = KrakenShape()
    status_reply = staticmethod(status_reply)
    own_faults = (
        Kind("refuse_subscription", symbol=True), Kind("no_snapshot", symbol=True), Kind("wrong_checksum", symbol=True),
        Kind("quiet", symbol=True), Kind("cross_book", symbol=True), Kind("empty_book", ("both", "bids", "asks"), symbol=True), Kind("no_heartbeat"),
        Kind("lose_subscriptions", symbol=True, at_once=True), Kind("repeat_snapshot", at_once=True),
        Kind("system_status", STATUSES), Kind("pair_status", PAIR_STATUSES, symbol=True))

    def __init__(self, world):
        super().__init__(world)
        self.random = Random(world.options.seed + 6)

    def own_refusal(self, request, now):
        return None if request.path == self.path else Reply(404, "Not Found", "text/plain")

    def make_session(self, request, peer, line, now):
        return Session(self, peer, line, now)


# REST.

class Refused(Exception):
    """An error in an answer with status 200."""


class Rest(RestEndpoint):
    name = "kraken_rest"
    ports = {"kraken-rest-port": 9109}
    setting = "KRAKEN_REST_URL"
    status_reply = staticmethod(status_reply)
    own_faults = (Kind("error", ("EService:Unavailable", "EAPI:Rate limit exceeded", "EGeneral:Internal error")),)

    def __init__(self, world):
        super().__init__(world)
        self.calls = 0.0
        self.counted_at = world.clock.now()

    def answer(self, request, now):
        try:
            if error := self.take("error", now):
                raise Refused(error.value)
            self.count(now)
            return Reply(200, f'{{"error":[],"result":{self.result(request, now)}}}')
        except Refused as error:
            return Reply(200, dump({"error": [str(error)]}))

    def count(self, now):
        self.calls = max(self.calls - (now - self.counted_at) / 1000, 0)
        self.counted_at = now
        if self.calls + 1 > REST_BURST:
            raise Refused("EAPI:Rate limit exceeded")
        self.calls += 1

    def result(self, request, now):
        route = request.path.removeprefix("/0/public/") if request.path.startswith("/0/public/") else ""
        if route == "Time":
            return dump({"unixtime": now // 1000, "rfc1123": f"{datetime.fromtimestamp(now // 1000, timezone.utc):%a, %d %b %y %H:%M:%S +0000}"})
        if route == "SystemStatus":
            return dump({"status": self.venue.statuses(now)[""], "timestamp": time_text(now)[:19] + "Z"})
        if route == "Assets":
            return dump({"XXBT": asset("XBT"), "XETH": asset("ETH"), "USDT": asset("USDT"), "USDC": asset("USDC"), "ZUSD": asset("USD")})
        described = {"Ticker": self.ticker, "Depth": self.depth, "AssetPairs": self.asset_pair}.get(route)
        if not described:
            raise Refused("EGeneral:Unknown method")
        pairs = [self.find_pair(name) for name in request.query["pair"].split(",")] if "pair" in request.query else self.pairs
        if route == "Depth" and len(pairs) != 1:
            raise Refused("EGeneral:Invalid arguments")
        return "{" + ",".join(f'"{pair.rest}":{described(pair, request.query, now)}' for pair in pairs) + "}"

    @property
    def pairs(self):
        return [pair for pair in self.venue.exchange.pairs.values() if self.venue.status_of(pair.symbol, self.counted_at) != "delisted"]

    def find_pair(self, name):
        found = next((pair for pair in self.pairs if name in (pair.rest, pair.altname, pair.symbol, pair.wsname)), None)
        if not found:
            raise Refused("EQuery:Unknown asset pair")
        return found

    def ticker(self, pair, _query, _now):
        def side(price, quantity):
            lots = quantity // ONE
            return [price, str(lots), f"{lots}.000"]
        bid, ask = amount_text(pair.bid), amount_text(pair.ask)
        return dump({"a": side(ask, pair.asks[pair.ask]), "b": side(bid, pair.bids[pair.bid]), "c": [bid, "584.25689800"],
                     "v": ["85221528.19729484", "255050800.45003680"], "p": [bid, bid], "t": [11698, 34958], "l": [bid, bid],
                     "h": [ask, ask], "o": amount_text(pair.open)})

    def depth(self, pair, query, now):
        count = int(query["count"]) if query.get("count", "100").isdecimal() else 100
        sides = {"asks": best(pair.asks, False, count), "bids": best(pair.bids, True, count)}
        return dump({name: [[amount_text(price), f"{amount_text(quantity)[:-5]}", now // 1000] for price, quantity in levels]
                     for name, levels in sides.items()})

    def asset_pair(self, pair, _query, now):
        return dump({"altname": pair.altname, "wsname": pair.wsname, "aclass_base": "currency", "base": pair.base,
                     "aclass_quote": "currency", "quote": pair.quote, "lot": "unit", "cost_decimals": 5,
                     "pair_decimals": pair.decimals, "lot_decimals": 8, "lot_multiplier": 1, "leverage_buy": [], "leverage_sell": [],
                     "fees": [[0, 0.4]], "fees_maker": [[0, 0.25]], "fee_volume_currency": "ZUSD", "margin_call": 80,
                     "margin_stop": 40, "ordermin": "0.0001", "costmin": "0.5", "tick_size": pair.price(pair.tick),
                     "status": self.venue.status_of(pair.symbol, now)})


def asset(name):
    return {"aclass": "currency", "altname": name, "decimals": 10, "display_decimals": 5, "status": "enabled"}


class Kraken(BookVenue):
    name = "kraken"
    endpoints = (Stream, Rest)
    known_prices = "Kraken's BTC/USD, ETH/USD, USDT/USD and USDC/USD"

    def __init__(self, world, captures=()):
        super().__init__(world, captures, Exchange(world, 5, make_pairs()))

    def statuses(self, now):
        """The status of every pair, and of the venue under the empty name."""
        system = self.stream.find("system_status", now)
        return {"": system.value if system else "online",
                **{symbol: self.status_of(symbol, now) for symbol in self.exchange.pairs}}

    def status_of(self, symbol, now):
        fault = self.stream.find("pair_status", now, symbol=symbol)
        return fault.value if fault else "online"


VENUE = Kraken
