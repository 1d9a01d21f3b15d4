"""Where the processor is while Kurs answers: samples of perf's clock, which virtual machines have too."""

import re
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from .http import SCRIPT
from .cores import CLIENT_CORE, pinned
from .servers import Kurs

# The first that fits; functions of the kernel.
KERNEL = {
    "interrupts, timers and the scheduler":
        r"irq|tick|sched|switch|hrtimer|rcu|apic|idle|kvm|pv_|clock|timer|prepare_to_wait|finish_task",
    "epoll": r"ep_|epoll|eventfd|eventpoll|poll",
    "TCP, sending and receiving":
        r"tcp|ip_|inet|sock|skb|net|nf_|dev_|loopback|__qdisc|eth_|dst_|csum|alloc|kmem|slab|kfree|copy|memcpy|bpf|lock|"
        r"fdget|fget|fput|import|iov|security|apparmor|recv|send|fentry",
    "entering and leaving the kernel": r"syscall|entry|exit_to|do_sys|ret_from|x64_sys|asm_"}
# Functions that only ticks use.
TICKS = (r"kurs::(\(anonymous namespace\)::)?(to_rate|read_plain|read_level|RangeTrack|Comparison|Jury|Pricer|TickFilter|Rate|"
         r"Draft|Intake|Arbiter|Board|Failover|median|cross_rate|find_consensus|Tops|Stream|Silence|Metrics|"
         r"binance|bybit|coinbase|coingecko|kraken|okx)|websocket|prometheus|Rb_tree")


def group_of(module, symbol):
    if module.startswith("[kernel") or module.startswith("[nf") or module in ("[ip_tables]", "[unknown]"):
        return "kernel: " + next((name for name, pattern in KERNEL.items() if re.search(pattern, symbol)), "other")
    if module.startswith("libsimdjson") or re.search(TICKS, symbol):
        return "Kurs: ticks, from a venue's frame to the board"
    if module == "kurs":
        return "Kurs: requests, with Asio and Beast"
    return "libraries of C and C++, for both"


def measure(options):
    kurs = Kurs(options.build, options.speed)
    try:
        with pinned(CLIENT_CORE):
            wrk = subprocess.Popen(["wrk", "-t1", "-c64", "-d7s", "-s", SCRIPT, kurs.url], stdout=subprocess.DEVNULL)
        time.sleep(1)
        with tempfile.TemporaryDirectory() as folder:
            data = str(Path(folder) / "perf.data")
            target = str(kurs.pids()[0])
            record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "4999", "-p", target, "-o", data, "--", "sleep", "5"]
            subprocess.run(record, check=True, capture_output=True)
            report = ["perf", "report", "-i", data, "--stdio", "--sort", "dso,symbol", "-t", "\x1f"]
            said = subprocess.run(report, check=True, text=True, capture_output=True).stdout
        wrk.wait()
    finally:
        kurs.stop()
    rows = [line.split("\x1f")[:3] for line in said.splitlines() if "\x1f" in line and not line.startswith("#")]
    samples = [(float(share.strip().rstrip("%")), module.strip(), symbol.strip()) for share, module, symbol in rows]
    groups = Counter()
    for share, module, symbol in samples:
        groups[group_of(module, symbol)] += share
    return {"groups": dict(groups.most_common()), "functions": [list(each) for each in samples[:60]]}
