"""What a fault is injected into: a simulator, a service or three replicas with their stores, relays between them, and clients."""

import json
import re
import signal
import tempfile
import threading
import time
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from private_postgres import PrivatePostgres
from private_redis import PrivateRedis
from processes import Service, Simulator, call

from .fault_judge import FaultJudge, Sample
from .fault_market import DECLARED, Market
from .soak_clients import seconds_of
from .toxics import Network
from .watch import listed_exchangers, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
EVERY, EVERY_OF_REPLICAS = 0.04, 0.08  # seconds between two requests of a reader
ANSWER_LIMIT = 5
CALM_LIMIT = 60
STEADY = 0.7  # seconds for which all must be well
REPLICAS = 3
SIMULATED = ("--speed", "0.2", "--coingecko-every", "2s", "--coingecko-cache", "0s", "--coingecko-keyless-limit", "0")
SETTINGS = {"COINGECKO_PLAN": "analyst", "COINGECKO_API_KEY": "pro-key", "FAILBACK_AFTER": "3s"}
STORE_SETTINGS = {"redis": "REDIS_URL", "postgres": "DATABASE_URL"}
WITHOUT_ROUBLES = {"BTC-USD", "ETH-USD", "USDTTRC-USD", "USDTERC-USD"}
PORT = re.compile(r"(?<=127\.0\.0\.1:)(\d+)")
STREAM = re.compile(r"/\d$| stream$")  # names of feeds
STAMPED = re.compile(r"(\d{4}-\S+Z) \w+ (.*)")
NOTICED = re.compile(r"lost|failing|refused|replacing|cannot|dismissed|not trading|silent|dispute|preferred sources|role is|"
                     r"calls fail|active exchanger")


def read_map():
    text = (ROOT / "src/config/markets.json").read_text(encoding="utf-8")
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


def preferring(venue):
    """The built-in market map with this exchanger first."""
    markets = read_map()
    markets["exchangers"].sort(key=lambda name: name != venue)
    return markets


def declaring(url):
    query = "simple/price?ids=bitcoin&vs_currencies=usd&include_last_updated_at=true&precision=full"
    source = {"url": f"{url}/{query}", "format": "json", "every": "1s", "max_age": "5s"}
    symbol = {"last": "/bitcoin/usd", "time": "/bitcoin/last_updated_at", "min": "50000", "max": "80000"}
    return {"venues": {DECLARED: {"source": source, "symbols": {"BTC/CASHUSD": symbol}}}, "exchangers": [DECLARED],
            "directions": [{"direction": "BTC-CASHUSD", DECLARED: "BTC/CASHUSD", "allowance": "none"}]}


class Reader(threading.Thread):
    """Asks one replica for all courses in both versions: by default, of the venue that fails, and of the others in turn."""

    def __init__(self, service, number, exchangers, venue, judge, every):
        super().__init__(daemon=True)
        self.service, self.number, self.judge, self.every = service, number, judge, every
        others = [name for name in exchangers if name != venue] or ["default"]
        own = venue if venue in exchangers else "default"
        self.turns = [turn for other in others for turn in (
            (2, "default"), (2, own), (1, "default"), (2, other), (1, own), (1, other))]
        self.samples = []
        self.version = 0
        self.may_ask = threading.Event()
        self.may_ask.set()
        self.ended = threading.Event()
        self.start()

    def run(self):
        turn, connection = 0, None
        while not self.ended.wait(self.every):
            if not self.may_ask.is_set():
                connection = None
                continue
            connection = connection or HTTPConnection(urlsplit(self.service.url).netloc, timeout=ANSWER_LIMIT)
            version, target = self.turns[turn % len(self.turns)]
            turn += 1
            if not self.ask(connection, version, target):
                connection.close()

    def ask(self, connection, version, target):
        query = "" if target == "default" else f"?exchanger={target}"
        sample = Sample(time.monotonic(), target, 0, self.number)
        try:
            connection.request("GET", f"/api/v{version}/courses{query}")
            answer = connection.getresponse()
            body = answer.read()
            self.check(sample, version, answer, body)
        except (OSError, HTTPException, ValueError) as failure:
            sample.failed = f"no answer: {failure!r}"
        if self.may_ask.is_set() and not self.ended.is_set():
            self.samples.append(sample)
        return not sample.failed

    def check(self, sample, version, answer, body):
        sample.status = answer.status
        if answer.status not in (200, 503) or (answer.status == 503 and not answer.headers["Retry-After"]):
            sample.failed = f"status {answer.status}: {body[:100]}"
            return
        document = json.loads(body, parse_float=str) if version == 1 else json.loads(body)
        if version == 2:
            if document["version"] < self.version:
                sample.failed = f"version {document['version']} after {self.version}"
            self.version = document["version"]
        self.judge.judge(sample, document)

    def is_well(self, preferred):
        """Each target is complete and right, and the preferred exchanger has served by default for a while."""
        latest = {sample.target: sample for sample in self.samples[-2 * len(self.turns):]}
        since = time.monotonic() - STEADY
        by_default = [sample for sample in self.samples[-len(self.turns):] if sample.target == "default" and sample.at > since]
        return len(latest) == len({target for _, target in self.turns}) and len(by_default) > 2 and not any(
            sample.missing or sample.wrong or sample.old or sample.failed for sample in (*latest.values(), *by_default)) and all(
            sample.exchanger == preferred for sample in by_default)

    def stop(self):
        self.ended.set()
        self.join(15)


class Stack:
    """`kind`: venues, tls, cbr, declared, network or stores. `venue` is preferred to the others."""

    def __init__(self, build, seed, kind, venue, settings):
        self.build, self.kind, self.venue = build, kind, venue
        self.closing = ExitStack()
        self.stores, self.relays, self.network, self.reloads, self.killed = {}, {}, None, 0, []
        try:
            self.start(seed, settings)
        except BaseException:
            self.close()
            raise

    def start(self, seed, settings):
        self.folder = Path(self.closing.enter_context(tempfile.TemporaryDirectory()))
        certificate = ("--tls", "--ca-out", str(self.folder / "ca.pem")) if self.kind == "tls" else ()
        self.simulator = Simulator(self.build, *SIMULATED, "--seed", str(seed), *certificate)
        self.closing.callback(self.simulator.stop)
        self.market = Market(self.simulator)
        self.closing.callback(self.market.stop)
        self.market.start()
        if self.kind in ("network", "stores"):
            self.network = Network()
        self.settings = {**self.relayed(self.simulator.settings()), **SETTINGS, **self.own_settings(), **settings}
        count = self.start_stores() if self.kind == "stores" else 1
        self.services, self.readers = [], []
        self.closing.callback(lambda: [service.stop(signal.SIGKILL) for service in self.services])
        for number in range(count):
            self.services.append(Service(self.build, {**self.settings, **self.store_settings(number)}))
        exchangers = listed_exchangers(self.services[0])
        directions = {"cbr": WITHOUT_ROUBLES, "declared": {"BTC-CASHUSD"}}.get(self.kind)
        self.preferred = exchangers[0]
        for number, service in enumerate(self.services):
            every = EVERY_OF_REPLICAS if self.stores else EVERY
            reader = Reader(service, number, exchangers, self.venue, FaultJudge(self.market, directions), every)
            self.readers.append(reader)
            self.closing.callback(reader.stop)

    def own_settings(self):
        if self.kind == "cbr":
            return {"VENUES": "binance,kraken,cbr"}
        if self.kind == "declared":
            markets = declaring(self.simulator.endpoints["coingecko_rest"])
        elif self.venue not in ("", "binance"):
            markets = preferring(self.venue)
        else:
            return {}
        path = self.folder / "markets.json"
        path.write_text(json.dumps(markets), encoding="utf-8")
        return {"MARKETS_FILE": str(path)}

    def relayed(self, settings):
        """Through a relay for each port of the simulator."""
        if not self.network:
            return settings

        def lead(endpoint, match):
            port = self.network.relay(int(match[0]))
            self.relays.setdefault(endpoint, []).append(port)
            return str(port)

        return {name: PORT.sub(lambda match, name=name: lead(re.sub("_urls?$", "", name.lower()), match), value)
                for name, value in settings.items()}

    def start_stores(self):
        self.stores = {"redis": self.closing.enter_context(PrivateRedis()),
                       "postgres": self.closing.enter_context(PrivatePostgres(port=0))}
        for name, server in self.stores.items():
            self.relays[name] = [self.network.relay(server.port) for _ in range(REPLICAS)]
        return REPLICAS

    def store_settings(self, number):
        return {STORE_SETTINGS[name]: server.url.replace(f":{server.port}/", f":{self.relays[name][number]}/")
                for name, server in self.stores.items()}

    # Faults.

    def do(self, step):
        verb, *arguments = step
        doers = {"fault": self.fault, "poison": self.poison, "reload": self.reload, "restart": self.restart, "wait": time.sleep,
                 "kill": self.kill, "freeze": lambda store: self.stores[store].freeze()}
        doers[verb](*arguments)

    def fault(self, endpoint, kind, details):
        self.simulator.fault(endpoint, kind, **details)

    def poison(self, places, toxic):
        ports = []
        for place in places:
            name, _, who = place.partition(" of ")
            found = self.relays[name]
            if who:
                roles = [service.role() for service in self.services]
                found = [port for port, role in zip(found, roles) if role == who][:1]
            ports += found
        self.network.poison(ports, toxic)

    def kill(self, store):
        self.killed.append(store)
        self.stores[store].kill()

    def reload(self):
        self.reloads += 1
        self.services[0].child.send_signal(signal.SIGHUP)

    def restart(self):
        for reader in self.readers:
            reader.may_ask.clear()
        self.reloads = 0
        self.services.pop().stop()
        self.services.append(Service(self.build, self.settings))
        wait_until(self.serves_dollars, CALM_LIMIT)
        for reader in self.readers:
            reader.service = self.services[0]
            reader.version = 0
            reader.may_ask.set()

    def serves_dollars(self):
        answer = self.services[0].courses()
        return answer and WITHOUT_ROUBLES <= {course["direction"] for course in answer["courses"]}

    def end_faults(self):
        self.simulator.clear()
        if self.network:
            self.network.heal()
        for store in self.stores.values():
            store.thaw()
        while self.killed:
            self.stores[self.killed.pop()].start()

    # What is seen.

    def is_calm(self):
        if not self.market.is_alive():
            raise RuntimeError("no new prices are sent") from self.market.failure
        roles = sorted(service.role() or "" for service in self.services)
        if self.stores and roles != ["follower"] * (REPLICAS - 1) + ["leader"]:
            return False
        settled = sum(bool(re.search("reload: .*(in force|within 30 s)", line)) for line in list(self.services[0].lines))
        is_well = settled >= self.reloads and all(reader.is_well(self.preferred) for reader in self.readers)
        return is_well and self.are_streams_live()

    def are_streams_live(self):
        """REST may serve for a stream that is down, which the next fault of the stream would not touch."""
        exchangers = json.loads(call("GET", self.services[0].url + "/api/v2/exchangers")[2])["exchangers"]
        return all(line["state"] == "live" for each in exchangers for line in each["lines"] if STREAM.search(line["name"]))

    def samples(self):
        return [sample for reader in self.readers for sample in reader.samples]

    def noticed(self, since, about):
        """Seconds until a line of the log shows that something is wrong. `since`: by the clock of the log. `about`: a pattern."""
        times = []
        for service in self.services:
            for line in list(service.lines):
                match = STAMPED.match(line)
                if not match or not re.search(about, match[2]) or not NOTICED.search(match[2]):
                    continue
                at = seconds_of(match[1].replace("Z", "+00:00"))
                if at >= since:
                    times.append(at - since)
                    break
        return min(times, default=None)

    def forget(self):
        """Before a fault."""
        for reader in self.readers:
            del reader.samples[:-6 * len(reader.turns)]

    def close(self):
        self.closing.close()
