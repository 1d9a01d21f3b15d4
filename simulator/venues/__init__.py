"""The simulated venues, a file each. CoinGecko's prices follow Binance's books, so Binance is first."""

from importlib import import_module

NAMES = (
    "binance",
    "coingecko",
    "cbr",
    "kraken",
    "okx",
    "bybit",
    "coinbase",
)
VENUES = tuple(import_module(f".{name}", __package__).VENUE for name in NAMES)
