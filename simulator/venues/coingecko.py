"""CoinGecko: the stream of the paid plans and the REST API of both hosts. Its prices follow the simulated Binance."""

from datetime import datetime, timezone
from random import Random

from ..corruption import Shape
from ..endpoint import RestEndpoint, StreamEndpoint, StreamSession
from ..faults import Kind
from ..messages import Reply
from ..pins import decimal_text
from ..text import dump, load, parse_duration, parse_period
from ..venue import Option, Venue

COINS = {"bitcoin": ("btc", "Bitcoin"), "ethereum": ("eth", "Ethereum"), "tether": ("usdt", "Tether"),
         "usd-coin": ("usdc", "USDC"), "solana": ("sol", "Solana")}
BOOKS = {"bitcoin": "BTCUSDT", "ethereum": "ETHUSDT", "solana": "SOLUSDT"}
CURRENCIES = ("usd", "rub", "eur")
PAIRS = [(coin, currency) for coin in COINS for currency in CURRENCIES]
SUPPORTED_CURRENCIES = ["btc", "eth", "ltc", "bch", "bnb", "usd", "aed", "eur", "gbp", "jpy", "rub", "try", "xau"]
PLAN = {"plan": "Analyst", "rate_limit_request_per_minute": 500, "monthly_call_credit": 500_000,
        "current_total_monthly_calls": 32, "current_remaining_monthly_calls": 499_968,
        "api_key_rate_limit_request_per_minute": 500, "api_key_monthly_call_credit": 500_000,
        "api_key_current_total_monthly_calls": 8}

STALE_SECONDS = 7200  # how far the fault `stale_time` backdates a price
HEARTBEAT_EVERY = 3000  # ms
MOST_SUBSCRIPTIONS = 100
MOST_IDS = 515
CACHE = {"pro": 20_000, "demo": 60_000, "": 60_000}  # ms


class Quotes:
    """The dollar price of tether follows from the USDC book, all other prices follow from that."""

    def __init__(self, world):
        self.world = world
        self.pinned = {}

    def price(self, pair):
        """A JSON number in full precision. None for an unknown coin or currency."""
        if pair not in PAIRS:
            return None
        if pair in self.pinned:
            return self.pinned[pair]
        coin, currency = pair
        price = self.in_dollars(coin) / self.dollars_for_one(currency)
        # The decimals that 17 digits of a double leave.
        return f"{price:.{min(max(16 - len(f'{price:.0f}'), 8), 14)}f}"

    def in_dollars(self, coin):
        pinned = self.pinned.get((coin, "usd"))
        if pinned:
            return float(pinned)
        if coin == "usd-coin":
            return 1
        if coin == "tether":
            return 1 / self.world.market.mid("USDCUSDT")
        return self.world.market.mid(BOOKS[coin]) * self.in_dollars("tether")

    def dollars_for_one(self, currency):
        if currency == "rub":
            return 1 / self.world.rouble.market
        if currency == "eur":
            return self.world.market.mid("EURUSDT") * self.in_dollars("tether")
        return 1


# Keys.

def key_of(request):
    """The plan that a header or parameter claims, and the key. Without a key the plan is empty."""
    for plan in ("pro", "demo"):
        key = request.headers.get(f"x-cg-{plan}-api-key") or request.query.get(f"x_cg_{plan}_api_key")
        if key:
            return plan, key
    return "", ""


def is_of_plan(key, plan):
    """A key that begins with "demo" or "pro" belongs to that plan, any other to both."""
    return not key.startswith(("demo", "pro")) or key.startswith("pro") == (plan == "pro")


def error_reply(status, code, message):
    return json_reply({"status": {"error_code": code, "error_message": message}}, status)


def json_reply(document, status=200):
    return Reply(status, document if isinstance(document, str) else dump(document), "application/json; charset=utf-8")


def status_reply(status, shape, now):
    if status == 403:
        return json_reply({"error": "Your plan does not have access to this endpoint"}, status)
    if status == 401:
        return error_reply(status, 401, "API Key Missing")
    if status != 429:
        return error_reply(status, status, "Service error")
    if shape == "ratelimit_reset":
        reset = datetime.fromtimestamp(now // 1000 + 60, timezone.utc).strftime("%Y-%m-%d %H:%M:%S +0000")
        return Reply(status, headers={"x-ratelimit-reset": reset})
    if shape == "throttled":
        return Reply(status, "Throttled", "text/plain")
    if shape == "html":
        return Reply(status, "<!DOCTYPE html><html><head><title>Access denied | api.coingecko.com used Cloudflare to restrict "
                             "access</title></head></html>", "text/html")
    if shape == "empty":
        return json_reply("", status)
    reply = error_reply(status, 429, "You've exceeded the Rate Limit. Please visit https://www.coingecko.com/en/api/pricing to "
                                     "subscribe to our API plans for higher rate limits.")
    reply.headers = {"Retry-After": "60"}
    return reply


# The stream.

class CoinGeckoShape(Shape):
    time_key = "t"
    symbol_key = "i"

    def prices(self, body):
        return [(body, "p")] if "p" in body else []


def code_frame(code, message):
    return dump({"code": code, "message": message})


def texts(items):
    return [item for item in items if isinstance(item, str)] if isinstance(items, list) else []


class Session(StreamSession):
    def __init__(self, endpoint, peer, line, now):
        options = endpoint.world.options
        super().__init__(endpoint, peer, line, now, options.coingecko_ping_every, options.coingecko_pong_limit)
        self.update_every = options.coingecko_every
        self.next_heartbeat = now + HEARTBEAT_EVERY
        self.is_subscribed = False
        self.next_updates = {}  # pair: time
        self.greet(now)

    def greet(self, now):
        unauthorized = self.take("unauthorized", now)
        if unauthorized:
            if unauthorized.value == "disconnect":
                self.peer.send(dump({"type": "disconnect", "reason": "unauthorized", "reconnect": False}))
            self.peer.close(1008, "unauthorized")
            return
        chance = self.endpoint.random.getrandbits
        number = f"{chance(32):08x}-6c1d-4a55-9e5f-{chance(48):012x}"
        if not self.take("welcome_only", now):
            self.peer.send(dump({"code": 3000, "message": "Connection established", "uuid": number}))
        self.peer.send(dump({"type": "welcome", "sid": number}))

    def on_text(self, text, now):
        frame = load(text)
        identifier = frame.get("identifier") if isinstance(frame, dict) else None
        if not isinstance(identifier, str) or "command" not in frame:
            return self.answer(code_frame(4000, "Invalid message"), now)
        channel, command = load(identifier), frame["command"]
        if not isinstance(channel, dict) or channel.get("channel") != "CGSimplePrice":
            self.answer(dump({"type": "reject_subscription", "identifier": identifier}), now)
        elif command == "subscribe":
            self.is_subscribed = True
            is_code = self.take("confirm_code", now)
            self.answer(code_frame(2000, "Subscription is successful") if is_code else
                        dump({"type": "confirm_subscription", "identifier": identifier}), now)
        elif command == "unsubscribe":
            self.next_updates.clear()
            self.is_subscribed = False
            self.answer(code_frame(2000, "Unsubscription is successful for all tokens"), now)
        elif command == "message" and self.is_subscribed and isinstance(frame.get("data"), str):
            self.on_message(load(frame["data"]), now)
        else:
            self.answer(code_frame(4000, "Invalid message"), now)

    def on_message(self, message, now):
        if not isinstance(message, dict) or "coin_id" not in message:
            return self.answer(code_frame(4000, "Invalid data"), now)
        coins = texts(message["coin_id"])
        if message.get("action") == "unset_tokens":
            return self.unset_tokens(coins, now)
        currencies = texts(message.get("vs_currencies", ["usd"]))
        self.set_tokens([(coin, currency) for coin in coins for currency in currencies], now)

    def set_tokens(self, pairs, now):
        if self.take("replace_tokens", now):
            self.next_updates.clear()
        is_old = self.find("old_acks", now)
        for pair in pairs:
            if len(self.next_updates) >= MOST_SUBSCRIPTIONS and pair not in self.next_updates:
                return self.answer(code_frame(4001, "Subscription limit exceeded"), now)
            self.next_updates.setdefault(pair, now + self.endpoint.random.random() * self.update_every)
            self.answer(code_frame(2000, f"Subscription is successful for {pair[0]}" if is_old else
                                   f"Subscribed to {pair[0]} in {pair[1]}"), now)

    def unset_tokens(self, coins, now):
        for coin in coins:
            self.next_updates = {pair: at for pair, at in self.next_updates.items() if pair[0] != coin}
            self.answer(code_frame(2000, f"Unsubscription is successful for {coin}"), now)

    def on_beat(self, now):
        if self.peer.has_ended:
            return
        if now >= self.next_heartbeat:
            self.next_heartbeat = now + HEARTBEAT_EVERY
            self.peer.send(dump({"type": "ping", "message": now // 1000}))
        for pair, at in self.next_updates.items():
            if at <= now:
                self.next_updates[pair] = max(at + self.update_every, now)
                self.send_update(pair, now)

    def show(self, pair, now):
        """Sends the current price at once if this client is subscribed to the pair."""
        if pair in self.next_updates:
            self.send_update(pair, now)

    def send_update(self, pair, now):
        price = self.endpoint.venue.quotes.price(pair)
        symbol = "/".join(pair)
        # An unknown coin is acknowledged but delivers nothing.
        if price is None or self.is_silenced(now, symbol):
            return
        payload = self.update(pair, price, symbol, now)
        delay = self.delay(now, symbol)
        if not self.send_corrupted(symbol, payload, now, symbol, delay=delay):
            self.peer.send(payload, delay)

    def update(self, pair, price, symbol, now):
        """One update of the C1 channel, with keys in random order, in the form that the active faults require."""
        chance = self.endpoint.random
        value = float(price)
        members = ['"c":"C1"', f'"i":"{pair[0]}"', f'"p":{self.price_in_form(price, symbol, now)}',
                   f'"pp":{chance.uniform(-2, 2):.13f}', f'"m":{value * 19.7e6:.5f}', f'"v":{value * 4.8e5:.2f}',
                   f'"t":{self.time_in_form(symbol, now)}']
        if not self.take("omit_vs", now, symbol):
            members.append(f'"vs":"{pair[1]}"')
        chance.shuffle(members)
        return "{" + ",".join(members) + "}"

    def price_in_form(self, price, symbol, now):
        forms = {"null_price": "null", "string_price": f'"{price}"', "exponent_price": f"{float(price):.15e}",
                 "integer_price": f"{float(price):.0f}"}
        return next((form for kind, form in forms.items() if self.take(kind, now, symbol)), price)

    def time_in_form(self, symbol, now):
        seconds = now // 1000 - (STALE_SECONDS if self.take("stale_time", now, symbol) else 0)
        return f"{seconds}.{now % 1000:03d}067" if self.take("float_time", now, symbol) else str(seconds)

    def strike(self, fault, now):
        super().strike(fault, now)
        if fault.kind == "lose_subscriptions":
            self.next_updates.clear()

    def shutdown_notice(self, now):
        return dump({"type": "disconnect", "reason": "server_restart", "reconnect": True})

    def error_frame(self, is_nested):
        error = {"code": 4000, "message": "Internal error"}
        return dump({"error": error} if is_nested else error)


OF_A_PRICE = tuple(Kind(name, symbol=True) for name in ("null_price", "stale_time"))


class Stream(StreamEndpoint):
    name = "coingecko_stream"
    ports = {"coingecko-stream-port": 9104}
    path = "/v1"
    setting = "COINGECKO_STREAM_URL"
    shape = CoinGeckoShape()
    status_reply = staticmethod(status_reply)
    own_faults = OF_A_PRICE + tuple(
        Kind(name, symbol=True) for name in ("omit_vs", "float_time", "string_price", "integer_price", "exponent_price")) + (
        Kind("welcome_only"), Kind("unauthorized", ("401", "1008", "disconnect")), Kind("lose_subscriptions", at_once=True),
        Kind("replace_tokens"), Kind("old_acks"), Kind("confirm_code"))

    def __init__(self, world):
        super().__init__(world)
        self.random = Random(world.options.seed + 3)

    def own_refusal(self, request, now):
        if request.path != "/v1":
            return Reply(404, "Not Found", "text/plain")
        plan, key = key_of(request)
        is_welcome = plan == "pro" and key in self.world.options.coingecko_key and is_of_plan(key, plan)
        unauthorized = self.find("unauthorized", now)
        if unauthorized and unauthorized.value == "401":
            self.take("unauthorized", now)
            is_welcome = False
        return None if is_welcome else status_reply(401, "", now)

    def make_session(self, request, peer, line, now):
        return Session(self, peer, line, now)

    def show(self, pair, now):
        for session in self.sessions:
            session.show(pair, now)


# REST.

def with_precision(price, text):
    """As /simple/price prints a number for its `precision`: by default fewer decimals for large prices."""
    value = float(price)
    if text == "full":
        return price
    if text.isdecimal() and len(text) <= 2:
        return f"{value:.{min(int(text), 18)}f}"
    return f"{value:.{0 if value >= 1000 else 2 if value >= 1.1 else 6}f}"


def lookup_of(query):
    """How a request identifies coins, each by its id: by the first of ids, names and symbols."""
    lookups = {"ids": {coin: coin for coin in COINS}, "names": {name: coin for coin, (_, name) in COINS.items()},
               "symbols": {symbol: coin for coin, (symbol, _) in COINS.items()}}
    return next(((query[name], coins) for name, coins in lookups.items() if name in query), None)


class Rest(RestEndpoint):
    name = "coingecko_rest"
    ports = {"coingecko-rest-port": 9105}
    path = "/api/v3"
    setting = "COINGECKO_REST_URL"
    status_reply = staticmethod(status_reply)
    own_faults = OF_A_PRICE + (
        Kind("status", ("503", "401", "403", "418", "429", "451", "500", "504"),
             shapes=("status", "ratelimit_reset", "throttled", "html", "empty")),
        Kind("missing_coin", symbol=True), Kind("missing_currency", symbol=True), Kind("empty"))

    def __init__(self, world):
        super().__init__(world)
        self.cached = {}  # plan: (taken at, price of each pair)
        self.minute = self.keyless_calls = 0

    def answer(self, request, now):
        plan, key = key_of(request)
        if refused := self.key_error(plan, key):
            return refused
        if not plan and self.is_over_keyless_limit(now):
            return status_reply(429, "status", now)
        route = request.path.removeprefix("/api/v3/")
        if route == "ping":
            return json_reply({"gecko_says": "(V3) To the Moon!"})
        if route == "simple/price":
            return self.simple_price(request.query, plan, now)
        if route == "simple/supported_vs_currencies":
            return json_reply(SUPPORTED_CURRENCIES)
        if route == "key":
            return json_reply(PLAN) if plan == "pro" else error_reply(401, 10002, "API Key Missing")
        return json_reply({"error": "Incorrect path. Please check https://docs.coingecko.com/"}, 404)

    def key_error(self, plan, key):
        if not plan:
            return None
        if key not in self.world.options.coingecko_key:
            return error_reply(401, 401, f"invalid {plan} api key usage")
        if is_of_plan(key, plan):
            return None
        if plan == "pro":
            return error_reply(400, 10011, "If you are using Demo API key, please change your root URL from "
                                           "pro-api.coingecko.com to api.coingecko.com")
        return error_reply(400, 10010, "If you are using Pro API key, please change your root URL from api.coingecko.com to "
                                       "pro-api.coingecko.com")

    def is_over_keyless_limit(self, now):
        if now // 60_000 != self.minute:
            self.minute, self.keyless_calls = now // 60_000, 0
        self.keyless_calls += 1
        return 0 < self.world.options.coingecko_keyless_limit < self.keyless_calls

    def snapshot(self, plan, now):
        """When the cached prices were taken, and the prices."""
        cache = self.world.options.coingecko_cache
        limit = CACHE[plan] if cache is None else cache
        if plan not in self.cached or now - self.cached[plan][0] >= limit:
            self.cached[plan] = (now, {pair: self.venue.quotes.price(pair) for pair in PAIRS})
        return self.cached[plan]

    def simple_price(self, query, plan, now):
        if not query.get("vs_currencies"):
            return json_reply({"error": "Missing parameter vs_currencies"}, 422)
        lookup = lookup_of(query)
        if not lookup:
            return json_reply({"error": "Missing parameter ids"}, 422)
        if self.take("empty", now):
            return json_reply("{}")
        asked, coins = lookup
        described = []
        for name in filter(None, asked.split(",")[:MOST_IDS]):
            coin = coins.get(name)
            if coin and not self.take("missing_coin", now, symbol=coin):
                described.append(f'"{name}":{self.describe(coin, query, plan, now)}')
        return json_reply("{" + ",".join(described) + "}")

    def describe(self, coin, query, plan, now):
        taken_at, prices = self.snapshot(plan, now)
        members, is_stale = [], False
        for currency in filter(None, query["vs_currencies"].split(",")):
            symbol = f"{coin}/{currency}"
            price = prices.get((coin, currency))
            if price is None or self.take("missing_currency", now, symbol=symbol):
                continue
            shown = "null" if self.take("null_price", now, symbol=symbol) else with_precision(price, query.get("precision", ""))
            is_stale = bool(self.take("stale_time", now, symbol=symbol)) or is_stale
            members.append(f'"{currency}":{shown}')
        if query.get("include_last_updated_at") == "true":
            members.append(f'"last_updated_at":{taken_at // 1000 - (STALE_SECONDS if is_stale else 0)}')
        return "{" + ",".join(members) + "}"


class CoinGecko(Venue):
    name = "coingecko"
    endpoints = (Stream, Rest)
    settings = {"COINGECKO_PLAN": "none", "COINGECKO_API_KEY": ""}
    options = (
        Option("coingecko-key", "KEY", ["demo-key", "pro-key"], str, "accepted key; repeatable (demo-key and pro-key)"),
        Option("coingecko-every", "TIME", 10_000, parse_period, "between stream updates of a pair (10s)"),
        Option("coingecko-ping-every", "TIME", 10_000, parse_period, "CoinGecko stream (10s)"),
        Option("coingecko-pong-limit", "TIME", 20_000, parse_period, "CoinGecko stream (20s)"),
        Option("coingecko-cache", "TIME", None, parse_duration, "of REST prices (60s; 20s with a pro key)"),
        Option("coingecko-keyless-limit", "N", 30, int, "REST calls a minute without a key (30); 0: no limit"))
    known_prices = f"pairs such as tether/usd ({', '.join(COINS)} in {', '.join(CURRENCIES)})"

    def __init__(self, world, captures=()):
        super().__init__(world, captures)
        self.stream, self.rest = self.endpoints
        self.quotes = Quotes(world)

    def show(self, pair, now):
        self.rest.cached.clear()
        self.stream.show(pair, now)

    def price_change(self, name, wanted, now):
        pair = tuple(name.split("/"))
        if pair not in PAIRS:
            return None
        price = None if wanted is None else decimal_text(name, wanted)

        def change():
            self.quotes.pinned.pop(pair, None)
            if price:
                self.quotes.pinned[pair] = price
            self.show(pair, now)
        return change

    def rouble_changed(self, now):
        for coin in COINS:
            self.show((coin, "rub"), now)

    def state(self):
        return {"coingecko": {"/".join(pair): self.quotes.price(pair) for pair in PAIRS}}


VENUE = CoinGecko
