"""The simulated CoinGecko and Bank of Russia."""

import json
import unittest

from bench import START, Bench

from simulator.messages import Request
from simulator.venues.cbr import moscow_date
from simulator.venues.coingecko import status_reply

SUBSCRIBE = json.dumps({"command": "subscribe", "identifier": '{"channel":"CGSimplePrice"}'})
SIMPLE_PRICE = "/api/v3/simple/price?vs_currencies=usd,xyz&include_last_updated_at=true&precision=full&ids=tether,nocoin"


def message(**data):
    return json.dumps({"command": "message", "identifier": '{"channel":"CGSimplePrice"}', "data": json.dumps(data)})


SET_TOKENS = message(coin_id=["tether", "nocoin"], vs_currencies=["usd"], action="set_tokens")


class QuotesTest(Bench):
    def test_pinned_tether_moves_all_dollar_prices(self):
        quotes = self.venues["coingecko"].quotes
        self.pin({"tether/usd": "0.93"})
        self.assertEqual(quotes.price(("tether", "usd")), "0.93")
        self.assertAlmostEqual(float(quotes.price(("bitcoin", "usd"))), 64118 * 0.93, delta=1)
        self.assertIsNone(quotes.price(("bitcoin", "xyz")))


class RestTest(Bench):
    options = ("--coingecko-keyless-limit", "3")

    def ask(self, target, **headers):
        return self.body("coingecko_rest", target, **headers)

    def test_unknown_coins_and_currencies_are_left_out(self):
        body = self.ask(SIMPLE_PRICE)
        self.assertEqual({coin: list(members) for coin, members in body.items()}, {"tether": ["usd", "last_updated_at"]})
        self.assertEqual(body["tether"]["last_updated_at"], START // 1000)

    def test_coins_are_found_by_symbol_and_by_name_too(self):
        def ask(lookup):
            return self.ask(f"/api/v3/simple/price?vs_currencies=usd&{lookup}", x_cg_pro_api_key="pro-key")
        price = ask("ids=tether")["tether"]["usd"]
        self.assertEqual(ask("symbols=usdt,btc")["usdt"]["usd"], price)
        self.assertEqual(ask("names=Tether,Bitcoin")["Tether"]["usd"], price)
        self.assertEqual(len(ask("symbols=usdt,tether,nocoin")), 1, "an id is not a symbol")
        self.assertIn("tether", ask("symbols=btc&names=Ethereum&ids=tether"), "ids come first")
        self.assertIn("Ethereum", ask("symbols=btc&names=Ethereum"), "then names")
        self.fault("coingecko_rest", "missing_coin", symbol="tether")
        self.assertEqual(len(ask("symbols=usdt,btc")), 1, "a fault applies to the coin under every name")

    def test_precision(self):
        self.pin({"bitcoin/usd": "64321.987654321", "tether/usd": "0.9876543210123"})
        for precision, shown in (("", ("64322", "0.987654")), ("&precision=2", ("64321.99", "0.99")),
                                 ("&precision=full", ("64321.987654321", "0.9876543210123"))):
            body = self.get("coingecko_rest", "/api/v3/simple/price?ids=bitcoin,tether&vs_currencies=usd" + precision,
                            x_cg_demo_api_key="demo-key").body
            self.assertEqual(body, f'{{"bitcoin":{{"usd":{shown[0]}}},"tether":{{"usd":{shown[1]}}}}}')

    def test_the_cache_lasts_twenty_seconds_for_pro_and_sixty_for_others(self):
        def updated_at(ms, **headers):
            self.clock.ms = ms
            return self.ask(SIMPLE_PRICE, **headers)["tether"]["last_updated_at"] - START // 1000
        pro, demo = {"x_cg_pro_api_key": "pro-key"}, {"x_cg_demo_api_key": "demo-key"}
        self.assertEqual([updated_at(0, **pro), updated_at(0, **demo)], [0, 0])
        self.assertEqual([updated_at(20_000, **pro), updated_at(59_000, **demo), updated_at(60_000, **demo)], [20, 0, 60])

    def test_keys_are_checked(self):
        for header, key, status in (("demo", "demo-key", 200), ("pro", "pro-key", 200), ("pro", "bad", 401),
                                    ("pro", "demo-key", 400), ("demo", "pro-key", 400)):
            headers = {f"x_cg_{header}_api_key": key}
            self.assertEqual(self.get("coingecko_rest", "/api/v3/ping", **headers).status, status, headers)
        self.assertEqual(self.get("coingecko_rest", "/api/v3/ping?x_cg_pro_api_key=pro-key").status, 200)

    def test_calls_without_a_key_are_limited_by_the_minute(self):
        statuses = [self.get("coingecko_rest", "/api/v3/ping").status for _ in range(4)]
        self.assertEqual(statuses, [200, 200, 200, 429])
        self.clock.ms = 60_000
        self.assertEqual(self.get("coingecko_rest", "/api/v3/ping").status, 200)

    def test_faults_change_one_pair(self):
        self.fault("coingecko_rest", "null_price", symbol="tether/usd")
        self.fault("coingecko_rest", "stale_time")
        self.assertEqual(self.ask(SIMPLE_PRICE)["tether"], {"usd": None, "last_updated_at": START // 1000 - 7200})

    def test_too_many_requests_has_five_shapes(self):
        replies = {shape: status_reply(429, shape, 1_773_026_820_000)
                   for shape in ("status", "ratelimit_reset", "throttled", "html", "empty")}
        self.assertIn("Rate Limit", replies["status"].body)
        self.assertEqual(replies["ratelimit_reset"].headers, {"x-ratelimit-reset": "2026-03-09 03:28:00 +0000"})
        self.assertEqual((replies["throttled"].body, replies["html"].type, replies["empty"].body), ("Throttled", "text/html", ""))


class StreamTest(Bench):
    def setUp(self):
        super().setUp()
        self.peer, self.session = self.connect("coingecko_stream", "/v1")

    def say(self, *texts):
        for text in texts:
            self.session.on_text(text, self.clock.now())

    def last(self):
        return json.loads(self.peer.last)

    def test_it_wants_a_pro_key(self):
        def refusal(target, **headers):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            refused = self.simulator.endpoints["coingecko_stream"].refusal(Request.to(target, headers=named), 1, START)
            return refused and refused.status
        self.assertIsNone(refusal("/v1", x_cg_pro_api_key="pro-key"))
        self.assertIsNone(refusal("/v1?x_cg_pro_api_key=pro-key"))
        self.assertEqual(refusal("/v1"), 401)
        self.assertEqual(refusal("/v1", x_cg_pro_api_key="demo-key"), 401)
        self.assertEqual(refusal("/v2", x_cg_pro_api_key="pro-key"), 404)
        self.fault("coingecko_stream", "unauthorized", count=1)
        self.assertEqual(refusal("/v1", x_cg_pro_api_key="pro-key"), 401)
        self.assertIsNone(refusal("/v1", x_cg_pro_api_key="pro-key"))

    def test_the_dialogue(self):
        self.assertEqual(json.loads(self.peer.texts[0])["code"], 3000)
        self.assertEqual(self.last()["type"], "welcome")
        self.say(SUBSCRIBE)
        self.assertEqual(self.last()["type"], "confirm_subscription")
        self.say(SET_TOKENS)
        self.assertEqual(self.peer.texts[3:], ['{"code":2000,"message":"Subscribed to tether in usd"}',
                                               '{"code":2000,"message":"Subscribed to nocoin in usd"}'])
        self.peer.sent.clear()
        self.run_until(10_002)
        updates = [json.loads(text) for text in self.peer.texts if '"p"' in text]
        self.assertEqual({update["i"] for update in updates}, {"tether"}, "never the unknown coin")
        self.say(message(coin_id=["tether"], action="unset_tokens"))
        self.assertEqual(self.last()["message"], "Unsubscription is successful for tether")

    def test_what_it_does_not_understand(self):
        for text, code in (("nope", 4000), ('{"command":"subscribe"}', 4000), (SET_TOKENS, 4000)):
            self.say(text)
            self.assertEqual(self.last()["code"], code)
        self.say('{"command":"subscribe","identifier":"{\\"channel\\":\\"Other\\"}"}')
        self.assertEqual(self.last()["type"], "reject_subscription")
        self.say(SUBSCRIBE, message(coin_id=[f"coin {number}" for number in range(101)]))
        self.assertEqual(self.last()["code"], 4001)

    def test_updates_take_on_faulty_forms(self):
        self.say(SUBSCRIBE, SET_TOKENS)

        def update(fault):
            self.clear()
            self.fault("coingecko_stream", fault)
            self.pin({"tether/usd": "0.93"})
            return self.last()
        self.assertNotIn("vs", update("omit_vs"))
        self.assertIsInstance(update("float_time")["t"], float)
        self.assertEqual(update("string_price")["p"], "0.93")
        self.assertIsNone(update("null_price")["p"])
        self.assertEqual(update("integer_price")["p"], 1)
        self.assertEqual(update("stale_time")["t"], START // 1000 - 7200)
        update("exponent_price")
        self.assertIn('"p":9.300000000000000e-01', self.peer.last)

    def test_lost_subscriptions_leave_the_heartbeat(self):
        self.say(SUBSCRIBE, SET_TOKENS)
        self.fault("coingecko_stream", "lose_subscriptions")
        self.peer.sent.clear()
        self.run_until(5000)
        self.assertEqual([json.loads(text)["type"] for text in self.peer.texts], ["ping"])

    def test_faults_of_new_connections(self):
        self.fault("coingecko_stream", "welcome_only", count=1)
        self.assertEqual(len(self.connect("coingecko_stream", "/v1")[0].sent), 1)
        self.fault("coingecko_stream", "unauthorized", value="disconnect", count=1)
        peer, _ = self.connect("coingecko_stream", "/v1")
        self.assertIn("disconnect", peer.last)
        self.assertEqual(peer.ending, (1008, "unauthorized"))


class BankOfRussiaTest(Bench):
    def document(self):
        return self.get("cbr", "/scripts/XML_daily.asp").body.decode("cp1251")

    def test_it_quotes_the_dollar_for_the_day(self):
        self.assertEqual(self.get("cbr", "/scripts/XML_daily.asp").type, "application/xml; charset=windows-1251")
        self.assertIn('<ValCurs Date="23.11.2026" name="Foreign Currency Market">', self.document())
        self.assertIn("<CharCode>USD</CharCode><Nominal>1</Nominal><Name>Доллар США</Name><Value>76,4096</Value>"
                      "<VunitRate>76,4096</VunitRate>", self.document())
        self.assertIn("<Nominal>100</Nominal><Name>Тенге</Name><Value>14,7716</Value><VunitRate>0,147716<", self.document())
        self.assertEqual(self.get("cbr", "/other").status, 404)
        self.assertEqual(moscow_date(START + 21 * 3_600_000), "24.11.2026")

    def test_faults_change_the_document(self):
        self.pin({"USD/RUB": "77.1"})
        self.assertIn("<Value>77,1</Value>", self.document())
        self.fault("cbr", "wrong_date", value="21.11.2025")
        self.assertIn("21.11.2025", self.document())
        self.fault("cbr", "zero_price")
        self.assertIn("<Value>0,0000</Value>", self.document())
        self.fault("cbr", "no_usd")
        self.assertNotIn("USD", self.document())


if __name__ == "__main__":
    unittest.main()
