#!/usr/bin/env python3
"""Clients of others read the simulated venues over TLS: ccxt, @binance/spot and @coingecko/coingecko-typescript."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tools"))
from processes import Simulator  # noqa: E402

BOOKS = {"BTCUSDT": ("64117.98", "64118.07"), "ETHUSDT": ("2612.31", "2612.35"), "USDCUSDT": ("1.00011", "1.00012"),
         "SOLUSDT": ("151.26", "151.27"), "XRPUSDT": ("0.5306", "0.5309")}
COINS = {"bitcoin/usd": "64101.123456789", "ethereum/usd": "2611.98765432101", "tether/usd": "0.9997654321",
         "tether/rub": "76.3912345678", "solana/eur": "139.1234567"}
LIMIT = 240  # seconds


def main():
    with tempfile.TemporaryDirectory() as folder:
        authority = str(Path(folder) / "ca.pem")
        simulator = Simulator(None, "--tls", "--ca-out", authority)
        try:
            simulator.pin({symbol: {"bid": bid, "ask": ask} for symbol, (bid, ask) in BOOKS.items()} | COINS)
            environment = {**os.environ, "NODE_EXTRA_CA_CERTS": authority, "KURS_SIMULATOR": json.dumps(simulator.endpoints),
                           "KURS_SYMBOLS": json.dumps(list(BOOKS)), "KURS_COINS": json.dumps(list(COINS))}
            return subprocess.run(["node", HERE / "read.mjs"], env=environment, timeout=LIMIT, check=False).returncode
        finally:
            simulator.stop()


if __name__ == "__main__":
    sys.exit(main())
