"""Assembles the simulator from the list of venues and runs it."""

import asyncio
import logging
import signal
import sys
from pathlib import Path

from .clock import WallClock
from .control import Control
from .faults import FaultTable
from .listener import Listener
from .market import BookLog, RoubleRate
from .messages import read_request, send
from .options import parse_options
from .replay import load_captures
from .text import Rejected, dump
from .venues import VENUES

BEAT = 0.005  # seconds
NAMES_OF_LEVELS = {"trace": logging.DEBUG, "warn": logging.WARNING, "off": logging.CRITICAL + 1}


class World:
    """What all venues share."""

    def __init__(self, options, clock=None):
        self.options = options
        self.clock = clock or WallClock()
        self.faults = FaultTable()
        self.rouble = RoubleRate(options.seed)
        self.books = BookLog()
        self.market = None  # of the venue that the others follow
        self.tls = None


class Simulator:
    """All venues, without their ports."""

    def __init__(self, options, clock=None):
        self.world = World(options, clock)
        captures = load_captures(options.replay, VENUES)
        self.venues = [venue(self.world, captures.get(venue.name, ())) for venue in VENUES]
        self.endpoints = {endpoint.name: endpoint for venue in self.venues for endpoint in venue.endpoints}
        self.streams = [endpoint for endpoint in self.endpoints.values() if endpoint.is_stream]
        self.control = Control(self)
        self.ports = {}  # actual port by the option's name

    def advance(self):
        now = self.world.clock.now()
        self.world.rouble.advance(now)
        for venue in self.venues:
            venue.advance(now)
        for stream in self.streams:
            stream.advance(now)
            stream.flush(now)

    def url(self, scheme, option, path=""):
        host = self.world.options.public_host or self.world.options.address
        port = self.ports.get(option, getattr(self.world.options, option.replace("-", "_")))
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{path}"

    def urls(self, endpoint):
        scheme = ("ws" if endpoint.is_stream else "http") + "s" * self.world.options.tls
        return [self.url(scheme, option, endpoint.path) for option in endpoint.ports]

    def endpoints_report(self):
        """The line printed at startup. An endpoint with several ports has a list of URLs."""
        urls = {name: self.urls(endpoint) for name, endpoint in self.endpoints.items()}
        return {"control": self.url("http", "control-port"),
                **{name: each if len(each) > 1 else each[0] for name, each in urls.items()},
                "ca": self.world.options.ca_out, "settings": self.settings()}

    def settings(self):
        """The settings that connect Kurs to this simulator."""
        settings = {endpoint.setting: ",".join(self.urls(endpoint)) for endpoint in self.endpoints.values()}
        for venue in self.venues:
            settings |= venue.settings
        return settings | ({"TRUSTED_CA_FILE": self.world.options.ca_out} if self.world.options.ca_out else {})

    def state(self):
        replays = [venue.replay for venue in self.venues if venue.replay.tracks]
        progress = {"frames": sum(each.played for each in replays), "total": sum(each.total for each in replays),
                    "done": bool(replays) and all(each.is_done for each in replays)}
        state = {"replay": progress, "connections": {}, "requests": {}}
        for name, endpoint in self.endpoints.items():
            state["connections"][name] = {"open": endpoint.traffic.open, "total": endpoint.traffic.total}
            state["requests"][name] = endpoint.traffic.requests
        for venue in self.venues:
            state |= venue.state()
        return state

    def open_ports(self):
        """The listeners. Throws OSError if a port cannot be bound."""
        options = self.world.options

        async def control(request):
            reply = self.control.answer(await read_request(request), self.world.clock.now())
            for stream in self.streams:
                stream.flush(self.world.clock.now())
            return await send(request, reply)

        listeners = {"control-port": Listener(self.world, options.address, options.control_port, control)}
        for endpoint in self.endpoints.values():
            for line, option in enumerate(endpoint.ports, 1):
                wanted = getattr(options, option.replace("-", "_"))
                listeners[option] = Listener(self.world, options.address, wanted, endpoint.handler(line), endpoint, line)
        self.ports = {option: listener.port for option, listener in listeners.items()}
        return listeners.values()


def prepare_tls(options):
    from .certificates import TlsContexts  # loaded only if needed: it takes a while
    own = [] if options.address in ("127.0.0.1", "0.0.0.0") else [options.address]
    contexts = TlsContexts(options.tls_name + own)
    if options.ca_out:
        try:
            Path(options.ca_out).write_bytes(contexts.authority_pem)
        except OSError:
            raise Rejected(f"--ca-out {options.ca_out}: cannot be written") from None
    return contexts


async def run(simulator):
    if simulator.world.options.tls:
        simulator.world.tls = prepare_tls(simulator.world.options)
    listeners = simulator.open_ports()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    async def beat_forever():
        while True:
            await asyncio.sleep(BEAT)
            simulator.advance()

    tasks = [asyncio.create_task(task) for task in
             (beat_forever(), stop.wait(), *(listener.accept_forever() for listener in listeners))]
    ready = dump(simulator.endpoints_report())
    print(ready, flush=True)
    logging.info("ready: %s", ready)
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


def main(arguments):
    options = parse_options(arguments, VENUES)
    level = NAMES_OF_LEVELS.get(options.log_level) or getattr(logging, options.log_level.upper())
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        simulator = Simulator(options)
        if options.print_settings:
            print("\n".join(f"{name}={value}" for name, value in simulator.settings().items()))
            return 0
        asyncio.run(run(simulator))
    except Rejected as rule:
        print(f"kurs-sim: {rule}", file=sys.stderr)
        return 2
    except OSError as failure:
        print(f"kurs-sim: {failure}", file=sys.stderr)
        return 1
    return 0
