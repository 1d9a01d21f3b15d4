"""How long questions about the past take: bench_history's, as rows."""

import os
import subprocess

import bench_history
from private_postgres import PrivatePostgres


def ask(build, postgres, days, questions):
    """By question: median and p99 in milliseconds, and how many rows the answer has."""
    command = [build / "tests/postgres/history_questions", str(bench_history.FIRST_DAY), str(days), str(questions)]
    environment = {**os.environ, "DATABASE_URL": postgres.url}
    said = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, check=True).stdout
    rows = [line.rsplit(maxsplit=4) for line in said.splitlines()[1:]]
    return {name.strip(): {"p50": float(median), "p99": float(p99), "rows": float(count)} for name, median, p99, _, count in rows}


def measure(options):
    with PrivatePostgres(fsync=True, settings=bench_history.SETTINGS) as postgres:
        bench_history.make_history(options.build, postgres, options.days)
        bench_history.forget_cached(postgres)
        return {"days": options.days, "at first": ask(options.build, postgres, options.days, options.questions),
                "again": ask(options.build, postgres, options.days, options.questions)}
