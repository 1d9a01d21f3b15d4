"""The command line: what the simulator itself takes, and what its venues add."""

import argparse

from .text import Rejected
from .venue import Option

LEVELS = ("trace", "debug", "info", "warn", "error", "off")
CONTROL_PORT = {"control-port": 9100}


def number_from(least, most, kind=int):
    def parse(text):
        value = kind(text)
        if not least <= value <= most:
            raise ValueError
        return value
    parse.__name__ = f"number from {least} to {most}"
    return parse


def level(text):
    if text not in LEVELS:
        raise Rejected(f"'{text}' is none of {', '.join(LEVELS)}")
    return text


def explained(parse):
    """As argparse wants it: with the rule in the error message."""
    def checked(text):
        try:
            return parse(text)
        except Rejected as rule:
            raise argparse.ArgumentTypeError(str(rule)) from None
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a {parse.__name__}") from None
    return checked


port = number_from(0, 65535)
OWN = (
    Option("address", "IP", "127.0.0.1", str, "address to listen on (127.0.0.1)"),
    Option("public-host", "HOST", "", str, "host in the printed URLs, instead of the address"),
    Option("tls-name", "HOST", [], str, "a further name in the certificate; repeatable"),
    Option("ca-out", "FILE", "", str, "writes the CA certificate as PEM"),
    Option("seed", "N", 1, number_from(0, 2**64 - 1), "of the price walk (1)"),
    Option("speed", "X", 1, number_from(0.001, 1000, float), "pace of the walk and of replays (1)"),
    Option("replay", "FILE", [], str, "plays a capture of a stream; repeatable"),
    Option("log-level", "LEVEL", "info", level, "trace, debug, info, warn, error or off (info)"))
SWITCHES = {
    "any-ports": "any free port where no other is given",
    "tls": "all ports but the control port speak TLS",
    "replay-hold": "silence after the last frame of a capture",
    "replay-original-time": "replayed frames keep their event time",
    "print-settings": "prints the settings that connect Kurs to this simulator, and exits"}


def default_ports(venues):
    return CONTROL_PORT | {name: port for venue in venues for endpoint in venue.endpoints
                           for name, port in endpoint.ports.items()}


def make_parser(options):
    parser = argparse.ArgumentParser("kurs-sim", description="Simulates the market-data services that Kurs reads.",
                                     allow_abbrev=False)
    for option in options:
        action = "append" if isinstance(option.default, list) else "store"
        parser.add_argument(f"--{option.name}", metavar=option.value, type=explained(option.parse), action=action,
                            help=option.meaning)
    for name, meaning in SWITCHES.items():
        parser.add_argument(f"--{name}", action="store_true", help=meaning)
    return parser


def parse_options(arguments, venues):
    """Ends the program with status 2 and the rule, if an option breaks it."""
    ports = [Option(name, "PORT", default, port, f"({default}); 0: any free port")
             for name, default in default_ports(venues).items()]
    options = [*OWN, *ports, *(option for venue in venues for option in venue.options)]
    parser = make_parser(options)
    parsed = parser.parse_args(arguments)
    for option in options:
        name = option.name.replace("-", "_")
        if getattr(parsed, name) is None:
            setattr(parsed, name, 0 if option in ports and parsed.any_ports else option.default)
    if parsed.ca_out and not parsed.tls:
        parser.error("--ca-out needs --tls")
    return parsed
