"""What a frame, a change and an answer take inside the process (tests/bench/pipeline.cpp)."""

import json
import subprocess
from pathlib import Path

from .cores import SERVER_CORE, pinned
from .recording import record

REPETITIONS = 7
PARTS = ("frames", "session", "ingest", "board")


def measure(options):
    recording = record(options.build, options.speed, Path(options.kept) / "frames.tape")
    command = [options.build / "tests/bench/pipeline", recording, "--benchmark_format=json", "--benchmark_min_time=0.05"]
    with pinned(SERVER_CORE):
        frames = run(*command, "--benchmark_filter=^frame/")
        others = run(*command, "--benchmark_filter=^(change|unchanged)", f"--benchmark_repetitions={REPETITIONS}",
                     "--benchmark_enable_random_interleaving=true", "--benchmark_report_aggregates_only=true")
    return {"frames": {each["name"].split("/")[1]: {part: each[part] for part in PARTS} for each in frames},
            "answers": {each["run_name"]: {"ns": each["cpu_time"], "bytes": each.get("bytes")}
                        for each in others if each.get("aggregate_name") == "median"}}


def run(*command):
    said = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return json.loads(said)["benchmarks"]
