"""Binance spot: the market streams on two ports, and the REST API."""

import re
from collections import deque
from random import Random

from .. import websocket
from ..corruption import Shape
from ..endpoint import RestEndpoint, StreamEndpoint, StreamSession
from ..faults import Kind
from ..messages import Reply, firewall_page
from ..keepalive import RollingLimit
from ..market import Book, Instrument, Market, delisted, pegged, trading
from ..pins import best_prices
from ..replay import CapturedFrame
from ..text import ONE, Rejected, amount, amount_text, approximate, dump, load, parse_period
from ..venue import Option, Venue

INSTRUMENTS = (
    trading("BTC", "USDT", "0.01", "64117.99", "4.5", 20, 150),
    trading("ETH", "USDT", "0.01", "2612.34", "30", 10, 12),
    pegged("USDC", "USDT", "0.00001", "1.0001", "250000", 5, 1),
    trading("SOL", "USDT", "0.01", "151.27", "400", 8, 1.2),
    trading("BNB", "USDT", "0.01", "611.08", "25", 7, 3),
    trading("EUR", "USDT", "0.0001", "1.0868", "20000", 5, 0.8),
    trading("XRP", "USDT", "0.0001", "0.5307", "30000", 6, 0.9),
    delisted("BTC", "RUB", "3862000", "1"),
    delisted("ETH", "RUB", "184500.0", "0.1"),
    delisted("USDT", "RUB", "88.41", "0.01"))
QUOTES_OF_CAPTURES = ("USDT", "BUSD", "BTC", "ETH", "EUR", "BRL", "USD")

TICKER_EVERY = 1000  # ms, as everything here
MOST_TO_CATCH_UP = 1000
LONGEST_LATENESS = 15_000
MOST_PAST_EVENTS = 20_000  # more in that time only if prices move a hundred times as fast
DAY = 86_400_000
INBOUND_PER_SECOND = 5
SLOWEST_FREE_PING = 1000  # with such frequent pings, which tests use, the client's pongs alone would exceed the limit
MOST_STREAMS = 1024
WEIGHT_LIMIT = 6000
REFUSALS_BEFORE_BAN = 10


def split_symbol(symbol):
    """Base and quote of a symbol in a capture."""
    for quote in QUOTES_OF_CAPTURES:
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return symbol[:-len(quote)], quote
    raise Rejected(f"--replay: the quote of '{symbol}' is unknown")


# Payloads.

def book_event(listing, now):
    book = listing.book
    bid, ask = amount_text(book.bid), amount_text(book.ask)
    payload = (f'{{"u":{book.update_id},"s":"{listing.symbol}","b":"{bid}","B":"{amount_text(book.bid_quantity)}",'
               f'"a":"{ask}","A":"{amount_text(book.ask_quantity)}"}}')
    return Event(listing.symbol, "bookTicker", payload, now, (book.update_id, bid, ask))


def quote_volume(listing):
    mean = approximate(listing.open + listing.last.price) / 2
    return f"{approximate(listing.volume) * mean:.8f}"


def average_price(listing):
    return listing.book.bid // 2 + listing.book.ask // 2


def range_members(listing):
    return {"o": amount_text(listing.open), "h": amount_text(listing.high), "l": amount_text(listing.low),
            "v": amount_text(listing.volume), "q": quote_volume(listing)}


def mini_ticker(listing, now):
    return {"e": "24hrMiniTicker", "E": now, "s": listing.symbol, "c": amount_text(listing.last.price),
            **range_members(listing)}


def ticker(listing, now):
    book, last = listing.book, listing.last
    change = last.price - listing.open
    return {"e": "24hrTicker", "E": now, "s": listing.symbol, "p": amount_text(change),
            "P": f"{100 * change / listing.open:.3f}", "w": amount_text(average_price(listing)),
            "x": amount_text(listing.open), "c": amount_text(last.price), "Q": amount_text(last.quantity),
            "b": amount_text(book.bid), "B": amount_text(book.bid_quantity), "a": amount_text(book.ask),
            "A": amount_text(book.ask_quantity), **range_members(listing), "O": now - DAY, "C": now,
            "F": last.id - 500_000, "L": last.id, "n": 500_001}


def average(listing, now):
    return {"e": "avgPrice", "E": now, "s": listing.symbol, "i": "5m", "w": amount_text(average_price(listing)),
            "T": listing.last.at}


def trades(listing, trade):
    """A trade of its own, aggregated and single."""
    price = {"p": amount_text(trade.price), "q": amount_text(trade.quantity)}
    end = {"T": trade.at, "m": trade.buyer_is_maker, "M": True}
    return ({"e": "aggTrade", "E": trade.at, "s": listing.symbol, "a": trade.id, **price, "f": trade.id, "l": trade.id, **end},
            {"e": "trade", "E": trade.at, "s": listing.symbol, "t": trade.id, **price, **end})


def levels(changed, is_best_first):
    return [[amount_text(price), amount_text(quantity)] for price, quantity in sorted(changed.items(), reverse=is_best_first)]


def depth_update(listing, now):
    """The levels that changed since the last one; None if there are none."""
    changes = listing.take_changes()
    if not changes:
        return None
    first, last, bids, asks = changes
    return {"e": "depthUpdate", "E": now, "s": listing.symbol, "U": first, "u": last, "b": levels(bids, True),
            "a": levels(asks, False)}


def in_microseconds(payload):
    document = load(payload)
    if not isinstance(document, dict) or "e" not in document:
        return payload  # a bookTicker has no time
    for key in ("E", "T", "O", "C"):
        if isinstance(document.get(key), int):
            document[key] *= 1000
    return dump(document)


def with_event_time(payload, now):
    """All other bytes stay the same."""
    return re.sub(r'("E":)\d+', rf"\g<1>{now}", payload)


def with_later_update_id(payload, shift):
    return re.sub(r'("u":)(\d+)', lambda match: match[1] + str(int(match[2]) + shift), payload)


def parse_book(payload):
    book = load(payload)
    if not isinstance(book, dict) or not isinstance(book.get("u"), int):
        raise Rejected('bookTicker without an integer "u"')
    for key in "bBaA":
        if not isinstance(book.get(key), str):
            raise Rejected(f'bookTicker without a text "{key}"')
    return Book(book["u"], *(amount(book[key]) for key in "bBaA"))


def read_captured_frame(text, offset):
    """One message of a combined stream."""
    frame = load(text)
    if frame is None:
        raise Rejected("not JSON")
    if not isinstance(frame, dict) or not isinstance(frame.get("stream"), str):
        raise Rejected('not a frame of a combined stream: no "stream"')
    _, key, rest = text.partition('"data":')
    payload = rest[:rest.rfind("}")]
    if not key or not payload:
        raise Rejected('no "data" in the frame')
    if load(payload) is None:
        raise Rejected('"data" must be the last member of the frame')
    symbol, _, kind = frame["stream"].partition("@")
    if kind == "bookTicker":
        parse_book(payload)
    return CapturedFrame(offset, symbol.upper(), kind, frame["stream"], payload)


class Event:
    """One message of one stream, before any client's envelope. `book`: update id, bid and ask of a bookTicker."""

    __slots__ = ("symbol", "kind", "name", "payload", "at", "book", "prepared")

    def __init__(self, symbol, kind, payload, at, book=None, name=None):
        self.symbol, self.kind, self.payload, self.at, self.book = symbol, kind, payload, at, book
        self.name = name or f"{symbol.lower()}@{kind}"
        self.prepared = {}

    def frame(self, is_combined):
        """Prepared once for all clients."""
        found = self.prepared.get(is_combined)
        if found is None:
            found = self.prepared[is_combined] = websocket.frame(enveloped(is_combined, self.name, self.payload).encode())
        return found


def enveloped(is_combined, name, payload):
    return f'{{"stream":{dump(name)},"data":{payload}}}' if is_combined else payload


class Feed:
    """Decides when which message is due: the walk, what comes once a second, and the replay."""

    def __init__(self, market, replay, options, seed, now, publish):
        self.market, self.replay, self.options, self.publish = market, replay, options, publish
        self.random = Random(seed + 1)
        self.schedules = {}  # symbol: [next book, next tickers]
        phase = 0
        for listing in market.listings.values():
            if listing.instrument.is_trading:
                phase = (phase + 37) % TICKER_EVERY  # spreads the symbols over different milliseconds
                self.schedules[listing.symbol] = [now, now + phase]

    def advance(self, now):
        for frame, shift in self.replay.due(now):
            self.play(frame, shift, now)
        finished = set() if self.options.replay_hold else self.replay.finished_symbols()
        for symbol, schedule in self.schedules.items():
            listing = self.market.listings[symbol]
            # A pinned symbol of a capture also walks: its prices are fixed, its quantities change.
            walks = not listing.is_replayed or listing.is_pinned
            schedule[0] = max(schedule[0], now - MOST_TO_CATCH_UP)
            while walks and schedule[0] <= now:
                self.step(listing, now)
                schedule[0] += self.pause(listing.instrument)
            if schedule[1] <= now:
                schedule[1] += ((now - schedule[1]) // TICKER_EVERY + 1) * TICKER_EVERY
                # A symbol whose capture has no book has no price to confirm.
                if listing.last.price > 0 and (walks or symbol in finished):
                    self.publish_tickers(listing, now)
                self.publish_depth(listing, now)

    def pause(self, instrument):
        rate = max(instrument.books_per_second, 1) * self.options.speed
        return 1000 / rate * (0.4 + 1.2 * self.random.random())

    def step(self, listing, now):
        trade = self.market.step(listing, now)
        self.show(listing, now)
        for each in trades(listing, trade) if trade else ():
            self.publish(Event(listing.symbol, each["e"], dump(each), now))

    def show(self, listing, now):
        self.publish(book_event(listing, now))

    def play(self, frame, shift, now):
        listing = self.market.listings[frame.symbol]
        if listing.is_pinned:
            return
        payload, shown = frame.payload, None
        if frame.kind == "bookTicker":
            payload = with_later_update_id(payload, shift) if shift else payload
            self.market.replay_book(listing, parse_book(payload), now)
            told = load(payload)
            shown = (told["u"], told["b"], told["a"])
        elif not self.options.replay_original_time:
            payload = with_event_time(payload, now)
        self.publish(Event(frame.symbol, frame.kind, payload, now, shown, frame.stream))

    def publish_tickers(self, listing, now):
        self.publish(Event(listing.symbol, "miniTicker", dump(mini_ticker(listing, now)), now))
        if not listing.is_replayed:
            self.publish(Event(listing.symbol, "ticker", dump(ticker(listing, now)), now))
            self.publish(Event(listing.symbol, "avgPrice", dump(average(listing, now)), now))

    def publish_depth(self, listing, now):
        update = depth_update(listing, now)
        if update:
            self.publish(Event(listing.symbol, "depth", dump(update), now))


# Commands of clients.

WELL_FORMED = re.compile(
    r"[^@]+@(bookTicker|miniTicker|ticker|aggTrade|trade|blockTrade|avgPrice|referencePrice|depth.*|kline_.*)|![^@]+@arr(@.*)?")


class Subscriptions:
    """The subscription of one connection. `names`: in the order of subscription, each once."""

    def __init__(self, names=(), is_combined=False, has_microseconds=False):
        self.names = dict.fromkeys(names)
        self.is_combined = is_combined
        self.has_microseconds = has_microseconds


def parse_stream_request(request):
    """/ws, /ws/a/b, /stream and /stream?streams=a/b with their timeUnit. None for any other path."""
    if request.path == "/stream":
        names = request.query.get("streams", "")
    elif request.path == "/ws" or request.path.startswith("/ws/"):
        names = request.path[4:]
    else:
        return None
    # Names in a URL are not checked: an unknown one connects and delivers nothing.
    wanted = [name for name in names.split("/") if name][:MOST_STREAMS]
    return Subscriptions(wanted, request.path == "/stream",
                         request.query.get("timeUnit") in ("MICROSECOND", "microsecond"))


def flat_error(code, message, **more):
    return dump({"code": code, "msg": message, **more})


def answer_command(text, subscriptions):
    """Executes a command of the client and returns the response to send."""
    command = load(text)
    if command is None:
        return flat_error(3, "Invalid JSON: expected value at line 1 column 1")
    if not isinstance(command, dict) or "method" not in command:
        return flat_error(2, f"Invalid request: missing field `method` at line 1 column {len(text)}")
    method, params, number = command["method"], command.get("params", []), command.get("id")
    commands = {"SUBSCRIBE": change_streams, "UNSUBSCRIBE": change_streams, "SET_PROPERTY": handle_property,
                "GET_PROPERTY": handle_property, "LIST_SUBSCRIPTIONS": list_subscriptions}
    if not isinstance(method, str) or method not in commands:
        return flat_error(2, f"Invalid request: unknown variant `{method}`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, "
                             "`LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 28")
    is_valid_id = number is None or isinstance(number, int) or (isinstance(number, str) and len(number) <= 36)
    if "id" not in command or isinstance(number, bool) or not is_valid_id:
        return flat_error(2, "Invalid request: request ID must be an unsigned integer")
    return commands[method](method, params if isinstance(params, list) else [params], number, subscriptions)


def success(result, number):
    return dump({"result": result, "id": number})


def change_streams(method, params, number, subscriptions):
    names = dict(subscriptions.names)
    for name in params:
        if not isinstance(name, str) or not WELL_FORMED.fullmatch(name):
            return dump({"error": {"code": 2, "msg": "Invalid request: invalid stream"}, "id": number})
        if method == "SUBSCRIBE":
            names[name] = None
        else:
            names.pop(name, None)
    if len(names) > MOST_STREAMS:
        return dump({"error": {"code": 4, "msg": "Too many subscriptions"}, "id": number})
    subscriptions.names = names
    return success(None, number)


def handle_property(method, params, number, subscriptions):
    sets = method == "SET_PROPERTY"
    if len(params) > (2 if sets else 1):
        return flat_error(2, "Invalid request: too many parameters")
    if not params or not isinstance(params[0], str):
        return flat_error(2, "Invalid request: property name must be a string")
    if params[0] != "combined":
        return flat_error(0, "Unknown property", id=number)
    if not sets:
        return success(subscriptions.is_combined, number)
    if len(params) < 2 or not isinstance(params[1], bool):
        return flat_error(1, "Invalid value type: expected Boolean")
    subscriptions.is_combined = params[1]
    return success(None, number)


def list_subscriptions(_method, params, number, subscriptions):
    if params:
        return flat_error(2, "Invalid request: too many parameters")
    return success(list(subscriptions.names), number)


# The stream.

UPDATE_IDS_BACK = {"duplicate_u": 0, "reordered_u": 3}
OWN_CORRUPTIONS = ("crossed", *UPDATE_IDS_BACK, "microseconds")
PRICE_KEYS = {"24hrMiniTicker": "c", "24hrTicker": "cba", "trade": "p", "aggTrade": "p", "avgPrice": "w"}


class BinanceShape(Shape):
    @staticmethod
    def is_book(body):
        return "u" in body and "e" not in body

    def prices(self, body):
        if body.get("e") == "depthUpdate":
            return [(level, 0) for side in "ba" for level in body[side]]
        keys = "ba" if self.is_book(body) else PRICE_KEYS.get(body.get("e"), "")
        return [(body, key) for key in keys if key in body]

    def units_per_second(self, time):
        return 1_000_000 if time > 100_000_000_000_000 else 1000

    def corrupt(self, corruption, body, last_update_id):
        if corruption not in OWN_CORRUPTIONS:
            return None
        if corruption == "crossed" and isinstance(body.get("a"), str):
            ask = amount(body["a"])
            body["b"] = amount_text(ask + ask // 100)
        elif corruption == "microseconds" and "E" in body:
            body["E"] *= 1000
        elif corruption in UPDATE_IDS_BACK and self.is_book(body) and last_update_id > 0:
            body["u"] = last_update_id - UPDATE_IDS_BACK[corruption]
        else:
            return False
        return True


class Session(StreamSession):
    pong_timeout = (1008, "Pong timeout")

    def __init__(self, endpoint, peer, line, now, subscriptions):
        options = endpoint.world.options
        super().__init__(endpoint, peer, line, now, options.ping_every, options.pong_limit)
        self.pongs_are_free = options.ping_every < SLOWEST_FREE_PING
        self.subscriptions = subscriptions
        self.inbound = RollingLimit(INBOUND_PER_SECOND)
        self.expires_at = now + options.lifetime

    def enveloped(self, name, payload):
        return enveloped(self.subscriptions.is_combined, name, payload)

    def count_inbound(self, now):
        if self.inbound.arrive(now):
            return True
        self.peer.close(1008, "Too many requests")
        return False

    def on_text(self, text, now):
        if self.count_inbound(now):
            self.answer(answer_command(text, self.subscriptions), now)

    def on_ping(self, now):
        self.count_inbound(now)

    def on_pong(self, payload, now):
        if not (self.pongs.pong(payload, now) and self.pongs_are_free):
            self.count_inbound(now)

    def on_beat(self, now):
        if now >= self.expires_at:
            self.peer.close(1001)

    def shutdown_notice(self, now):
        return self.enveloped("!serverShutdown", dump({"e": "serverShutdown", "E": now}))

    def error_frame(self, is_nested):
        if is_nested:
            return dump({"error": {"code": 2, "msg": "Invalid request: invalid stream"}, "id": 2})
        return flat_error(3, "Invalid JSON: expected value at line 1 column 1")

    def deliver(self, event, now, is_faultless=False):
        """Sends the event if it is subscribed and no fault prevents it. Returns whether it was sent unchanged."""
        if event.name not in self.subscriptions.names:
            return False
        place = (now, event.symbol, event.kind)
        delay, payload = 0, event.payload
        if not is_faultless:
            if self.is_silenced(*place):
                return False
            delay = max(0, self.delay(*place, kinds=("slow", "late")) - (now - event.at))
            if self.send_corrupted(event.name, self.in_unit(payload), *place, delay=delay):
                return False
            payload = self.payload_of(event, place)
            if payload is None:
                return False
        elif self.frozen:
            self.frozen.pop(event.name, None)
        if payload is event.payload and not self.subscriptions.has_microseconds:
            self.peer.push(event.frame(self.subscriptions.is_combined), delay)
        else:
            self.peer.send(self.enveloped(event.name, self.in_unit(payload)), delay)
        if event.book:
            self.last_update_ids[event.symbol] = event.book[0] if payload is event.payload else parse_book(payload).update_id
        return payload == event.payload

    def in_unit(self, payload):
        return in_microseconds(payload) if self.subscriptions.has_microseconds else payload

    def payload_of(self, event, place):
        """None if the log does not reach back to the book that a fault asks for."""
        fault = event.book and self.take("old_book", *place)
        if not fault:
            return event.payload
        return self.endpoint.world.books.find(event.symbol, fault.since - fault.milliseconds)


def status_reply(status, _shape, now):
    """The documented bodies."""
    messages = {
        418: (-1003, f"Way too much request weight used; IP banned until {now + 120_000}. Please use WebSocket Streams for "
                     "live updates to avoid bans."),
        429: (-1003, "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket "
                     "Streams for live updates to avoid polling the API."),
        504: (-1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."),
        503: (-1008, "Server is currently overloaded.")}
    restricted = ('{\n  "code": 0,\n  "msg": "Service unavailable from a restricted location according to \'b. Eligibility\' '
                  'in https://www.binance.com/en/terms. Please contact customer service if you believe you received this '
                  'message in error."\n}')
    if status == 403:
        return firewall_page(status)
    code, message = messages.get(status, (-1000, "An unknown error occurred while processing the request."))
    retry_after = {418: {"Retry-After": "120"}, 429: {"Retry-After": "7"}}.get(status, {})
    body = restricted if status == 451 else dump({"code": code, "msg": message})
    return Reply(status, body, "application/json;charset=UTF-8", retry_after)


class Stream(StreamEndpoint):
    name = "binance_stream"
    ports = {"binance-stream-port": 9101, "binance-stream-port-2": 9102}
    setting = "BINANCE_STREAM_URLS"
    has_kinds_of_stream = True
    own_faults = (Kind("late", ("7000",), "milliseconds"), Kind("old_book", ("10000",), "milliseconds", symbol=True))
    own_corruptions = OWN_CORRUPTIONS
    shape = BinanceShape()
    status_reply = staticmethod(status_reply)

    def __init__(self, world):
        super().__init__(world)
        self.past = deque(maxlen=MOST_PAST_EVENTS)
        self.sent = {}  # symbol: the last book that reached a client unchanged

    def own_refusal(self, request, now):
        return None if parse_stream_request(request) else Reply(404, "Not Found", "text/plain")

    def make_session(self, request, peer, line, now):
        self.venue.replay.start_once(now)
        session = Session(self, peer, line, now, parse_stream_request(request))
        # A client that connects to a delayed venue receives events from before it connected.
        late = self.find("late", now, line)
        for event in self.past if late else ():
            if event.at >= now - late.milliseconds:
                session.deliver(event, now)
        return session

    def publish(self, event):
        now = event.at
        if event.book:
            self.world.books.note(event.symbol, *event.book, event.payload, now)
        self.past.append(event)
        while self.past[0].at < now - LONGEST_LATENESS:
            self.past.popleft()
        is_faultless = self.name not in self.world.faults.endpoints
        was_sent = False
        for session in self.sessions:
            was_sent = session.deliver(event, now, is_faultless) or was_sent
        if was_sent and event.book:
            self.sent[event.symbol] = event.book


# REST.

class WeightBudget:
    """The request weight that an address has used in this minute, and the ban if it exceeds the limit repeatedly."""

    def __init__(self):
        self.minute = self.used = self.refused = self.banned_until = 0
        self.ban_seconds = 60

    def charge(self, weight, now):
        """0, or the status of the refusal, and the seconds to wait."""
        if now // 60_000 != self.minute:
            self.minute, self.used, self.refused = now // 60_000, 0, 0
        if now < self.banned_until:
            return 418, (self.banned_until - now) // 1000 + 1
        self.used += weight
        if self.used <= WEIGHT_LIMIT:
            return 0, 0
        self.refused += 1
        if self.refused <= REFUSALS_BEFORE_BAN:
            return 429, ((self.minute + 1) * 60_000 - now) // 1000 + 1
        self.ban_seconds *= 2  # the first ban lasts two minutes, each following one twice as long
        self.banned_until = now + self.ban_seconds * 1000
        return 418, self.ban_seconds


SYMBOL = "[A-Z0-9-_.]{1,20}"
LEGAL = {"symbol": f"^{SYMBOL}$", "symbols": rf'^\[("{SYMBOL}"(,"{SYMBOL}"){{0,}}){{0,1}}\]$'}
OVER_SYMBOLS = ("symbol", "symbols", "symbolStatus")
ROUTES = {"ping": (), "time": (), "exchangeInfo": ("symbol", "symbols"), "avgPrice": ("symbol",),
          "ticker/price": OVER_SYMBOLS, "ticker/bookTicker": OVER_SYMBOLS}


class ApiError(Exception):
    """Code and message."""


def check_parameters(request, known):
    if request.repeated:
        raise ApiError(-1101, f"Duplicate values for parameter '{request.repeated}'.")
    read = sum(name in known for name in request.query)
    if read < len(request.query):
        raise ApiError(-1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent "
                              f"'{len(request.query)}'.")
    for name, value in request.query.items():
        if not value:
            raise ApiError(-1105, f"Parameter '{name}' was empty.")
    if request.query.get("symbolStatus", "TRADING") not in ("TRADING", "HALT", "BREAK"):
        raise ApiError(-1122, "Invalid symbolStatus.")
    for name, legal in LEGAL.items():
        if name in request.query and not re.fullmatch(legal, request.query[name]):
            raise ApiError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def weight_of(route, query):
    if route == "exchangeInfo":
        return 20
    if route.startswith("ticker/"):
        return 2 if "symbol" in query else 4
    return 2 if route == "avgPrice" else 1


def describe(listing, status):
    instrument = listing.instrument
    is_trading = status == "TRADING"
    price_filter = {"filterType": "PRICE_FILTER", "minPrice": amount_text(instrument.tick),
                    "maxPrice": "1000000.00000000", "tickSize": amount_text(instrument.tick)}
    lot_size = {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"}
    return {"symbol": listing.symbol, "status": status, "baseAsset": instrument.base, "baseAssetPrecision": 8,
            "quoteAsset": instrument.quote, "quotePrecision": 8, "quoteAssetPrecision": 8,
            "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"], "icebergAllowed": True, "isSpotTradingAllowed": is_trading,
            "isMarginTradingAllowed": is_trading, "filters": [price_filter, lot_size], "permissions": [],
            "permissionSets": [["SPOT", "MARGIN"]], "defaultSelfTradePreventionMode": "NONE",
            "allowedSelfTradePreventionModes": ["NONE"]}


def price_of(listing):
    return {"symbol": listing.symbol, "price": amount_text(listing.last.price)}


def book_of(listing):
    book = listing.book
    return {"symbol": listing.symbol, "bidPrice": amount_text(book.bid), "bidQty": amount_text(book.bid_quantity),
            "askPrice": amount_text(book.ask), "askQty": amount_text(book.ask_quantity)}


def average_of(listing):
    return {"mins": 5, "price": amount_text(average_price(listing)), "closeTime": listing.last.at}


class Rest(RestEndpoint):
    name = "binance_rest"
    ports = {"binance-rest-port": 9103}
    setting = "BINANCE_REST_URL"
    own_faults = (Kind("break", symbol=True),)
    status_reply = staticmethod(status_reply)

    def __init__(self, world):
        super().__init__(world)
        self.budget = WeightBudget()

    def answer(self, request, now):
        route = request.path.removeprefix("/api/v3/") if request.path.startswith("/api/v3/") else ""
        refused, seconds = self.budget.charge(weight_of(route, request.query), now)
        if refused:
            reply = status_reply(refused, "", now)
            reply.headers["Retry-After"] = str(seconds)
        elif route not in ROUTES:
            reply = Reply(404, "<html><body><h2>404 Not found</h2></body></html>", "text/html")
        else:
            reply = Reply(type="application/json;charset=UTF-8")
            try:
                check_parameters(request, ROUTES[route])
                reply.body = dump(self.document(route, request.query, now))
            except ApiError as error:
                reply.status, reply.body = 400, dump({"code": error.args[0], "msg": error.args[1]})
        used = str(self.budget.used)
        reply.headers |= {"X-MBX-USED-WEIGHT": used, "X-MBX-USED-WEIGHT-1M": used,
                          "Cache-Control": "no-cache, no-store, must-revalidate"}
        return reply

    def document(self, route, query, now):
        if route == "ping":
            return {}
        if route == "time":
            return {"serverTime": now}
        if route == "avgPrice" and "symbol" not in query:
            raise ApiError(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
        listings = self.select(query)
        if route == "exchangeInfo":
            return self.exchange_info(listings, now)
        fits = [each for each in listings if query.get("symbolStatus") in (None, self.status_of(each, now))]
        describe_one = {"avgPrice": average_of, "ticker/price": price_of, "ticker/bookTicker": book_of}[route]
        if "symbol" not in query:
            return [describe_one(listing) for listing in fits]
        if not fits:
            raise ApiError(-1220, "The symbol's status does not match the requested symbolStatus.")
        return describe_one(fits[0])

    def select(self, query):
        """The listings that a request asks for."""
        listings = self.venue.market.listings
        if "symbol" in query and "symbols" in query:
            raise ApiError(-1128, "Combination of optional parameters invalid.")
        if "symbol" in query:
            names = [query["symbol"]]
        else:
            names = load(query["symbols"]) if "symbols" in query else list(listings)
            if not names:
                raise ApiError(-1100, "Illegal characters found in parameter 'symbols'; legal range is "
                                      f"'{LEGAL['symbols']}'.")
        if any(name not in listings for name in names):
            raise ApiError(-1121, "Invalid symbol.")
        return [listings[name] for name in names]

    def status_of(self, listing, now):
        is_broken = not listing.instrument.is_trading or self.find("break", now, symbol=listing.symbol)
        return "BREAK" if is_broken else "TRADING"

    def exchange_info(self, listings, now):
        limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": WEIGHT_LIMIT},
                  {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 300_000}]
        return {"timezone": "UTC", "serverTime": now, "rateLimits": limits, "exchangeFilters": [],
                "symbols": [describe(listing, self.status_of(listing, now)) for listing in listings]}


class Binance(Venue):
    name = "binance"
    endpoints = (Stream, Rest)
    options = (
        Option("ping-every", "TIME", 20_000, parse_period, "Binance stream (20s)"),
        Option("pong-limit", "TIME", 60_000, parse_period, "Binance stream (60s)"),
        Option("lifetime", "TIME", DAY, parse_period, "of a Binance stream connection (24h)"))
    known_prices = "Binance symbols of exchangeInfo"
    read_frame = staticmethod(read_captured_frame)

    def __init__(self, world, captures=()):
        super().__init__(world, captures)
        self.stream, self.rest = self.endpoints
        now = world.clock.now()
        self.market = world.market = Market(INSTRUMENTS, world.options.seed, now)
        self.list_captured(now)
        self.feed = Feed(self.market, self.replay, world.options, world.options.seed, now, self.stream.publish)

    def list_captured(self, now):
        """Symbols of a capture do not walk: they start from their first recorded book."""
        firsts = {}
        for frame in (frame for frames in self.replay.tracks for frame in frames):
            firsts.setdefault(frame.symbol, None)
            if frame.kind == "bookTicker" and firsts[frame.symbol] is None:
                firsts[frame.symbol] = parse_book(frame.payload)
        for symbol, book in firsts.items():
            book = book or Book()
            bid = book.bid or ONE
            instrument = Instrument(*split_symbol(symbol), tick=1, start=bid, lot=100 * ONE, floor=1, ceiling=bid * 100)
            self.market.take_from_capture(instrument, book, now)

    def advance(self, now):
        self.feed.advance(now)

    def price_change(self, name, wanted, now):
        if name not in self.market.listings:
            return None
        if wanted is None:
            return lambda: self.market.release(name)
        bid, ask = best_prices(name, wanted)
        if bid >= ask:
            raise Rejected(f"{name}: the bid must be below the ask")

        def pin():
            self.market.pin(name, bid, ask, now)
            listing = self.market.listings[name]
            if listing.instrument.is_trading:
                self.feed.show(listing, now)
        return pin

    def state(self):
        return {"books": {symbol: dict(zip("uba", book)) for symbol, book in sorted(self.stream.sent.items())}}


VENUE = Binance
