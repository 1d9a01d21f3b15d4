"""The stack in containers, one of the drills' own: its own project, addresses, port and passwords, gone at the end.

Faults act on the containers from outside. A crash needs the right to kill processes of others: root, or sudo.
"""

import atexit
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "locust")]
import ports  # noqa: E402
from leader import REDIS_CLI, leader  # noqa: E402
from private_server import free_port, guard  # noqa: E402

PROJECT = "kurs-e2e"
SUBNET = "10.213.78"
DATA = PROJECT + "_data"
REPLICAS = ["demo-1", "demo-2", "demo-3"]
SERVICES = [*REPLICAS, "simulator", "nginx", "postgres", "redis"]
VIEW = """local found = {}
for i, entry in ipairs(redis.call('XRANGE', 'kurs:view', ARGV[1], ARGV[2])) do
  found[i] = entry[1] .. ' ' .. entry[2][2]
end
return found"""


def run(*command, env=None, limit=120):
    """The command's standard output."""
    done = subprocess.run(command, cwd=ROOT, env=env, text=True, capture_output=True, timeout=limit, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}".strip())
    return done.stdout


def wait_until(condition, what, limit=60):
    """Returns the condition's first true value."""
    until = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {limit} s: {what}"
        time.sleep(0.05)
    return found


def compose(file, *words, limit=120):
    """Only the settings of the file count, whatever the environment exports."""
    names = {line.partition("=")[0] for line in Path(file).read_text().splitlines()}
    env = {k: v for k, v in os.environ.items() if k not in names and not k.startswith("COMPOSE_")}
    return run("docker", "compose", "--project-name", PROJECT, "--env-file", str(file), *words, env=env, limit=limit)


def remove(file):
    for name in SERVICES:  # a frozen container cannot be stopped
        subprocess.run(["docker", "unpause", f"{PROJECT}-{name}-1"], capture_output=True, check=False)
    compose(file, "--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "5", limit=300)


class Composed:
    def __init__(self):
        self.file = Path(tempfile.mkdtemp(prefix="kurs-e2e-")) / "env"
        self.port = free_port()
        self.others = set(ports.listening())  # ports that were open before
        run("docker/make-env", str(self.file))
        with self.file.open("a") as file:
            file.write(f"COMPOSE_PROFILES=demo\nKURS_ENV_FILE={self.file}\n"
                       f"KURS_PORT={self.port}\nKURS_SUBNET={SUBNET}\n"
                       "RECORD_FILE=/var/lib/kurs/rates\n"
                       "BOARD_SLOT=50ms\nBOARD_DELAY=100ms\n"  # the judge must meet every view (test_drills.py)
                       "RATE_LIMIT=100000r/s\nRATE_BURST=10000\nCONNECTION_LIMIT=10000\nACCESS_LOG_SHARE=100%\n")
        # Not only atexit: it does not run when this process is killed.
        self._guard = subprocess.Popen([sys.executable, "-B", __file__, "--guard", str(self.file)],
                                       stdin=subprocess.PIPE, start_new_session=True)
        atexit.register(self.close)
        remove(self.file)  # removes leftovers of an interrupted run
        self._build()
        began_at = time.monotonic()
        self.compose("up", "-d", "--wait", limit=300)
        print(f"\nhealthy after {time.monotonic() - began_at:.0f} s", flush=True)

    def _build(self):
        print("\nbuilding the images; the first time takes some minutes", flush=True)
        began_at = time.monotonic()
        self.compose("build", limit=3600)
        size = int(run("docker", "image", "inspect", "-f", "{{.Size}}", "kurs")) / 1e6
        print(f"built in {time.monotonic() - began_at:.0f} s; the runtime image has {size:.0f} MB", flush=True)

    def close(self):
        self._guard.stdin.close()
        self._guard.wait()
        atexit.unregister(self.close)

    def compose(self, *words, limit=120):
        return compose(self.file, *words, limit=limit)

    @staticmethod
    def name(service):
        return f"{PROJECT}-{service}-1"

    def docker(self, verb, *words):
        """The first argument that names a service is replaced by its container."""
        at = next(i for i, word in enumerate(words) if word in SERVICES)
        return run("docker", verb, *words[:at], self.name(words[at]), *words[at + 1:])

    def keep_recordings(self):
        """A folder that stays, with what the replicas have recorded."""
        folder = tempfile.mkdtemp(prefix="kurs-e2e-recordings-")
        run("docker", "cp", f"{self.name(REPLICAS[0])}:/var/lib/kurs/.", folder)  # they share a volume
        return folder

    def inspect(self, service):
        return json.loads(self.docker("inspect", service))[0]

    def crash(self, service):
        """`kill -9` of the container's first process, after which Docker starts it anew, as after any crash.

        `docker kill` sends the same signal, but whom it has killed stays down until he is started.
        """
        pid = str(self.inspect(service)["State"]["Pid"])
        run(*([] if os.geteuid() == 0 else ["sudo", "-n"]), "kill", "-9", pid)

    def cut_off(self, service):
        """From Redis and Postgres, but not from nginx and the venues."""
        run("docker", "network", "disconnect", DATA, self.name(service))

    def connect(self, service):
        if DATA not in self.inspect(service)["NetworkSettings"]["Networks"]:
            run("docker", "network", "connect", DATA, self.name(service))

    def thaw(self, service):
        if self.inspect(service)["State"]["Paused"]:
            self.docker("unpause", service)

    def simulator(self, method, **fault):
        """Adds a fault, or removes all (docs/simulator.md)."""
        body = ["--json", json.dumps(fault)] if fault else []
        self.docker("exec", "simulator", "curl", "-fsS", "-X", method, *body, "http://127.0.0.1:9100/faults")

    def leader(self):
        """The replica that holds the lease; None if there is none or Redis does not respond."""
        return leader(lambda *words: self.docker("exec", "redis", *words))

    def epoch(self):
        """The newest leader's epoch."""
        return int(self.docker("exec", "redis", *REDIS_CLI, "get", "kurs:epoch"))

    def roles(self):
        """The role of each replica from its log: leader, follower or standalone; None while it starts."""
        found = {}
        for replica in REPLICAS:
            log = subprocess.run(["docker", "logs", "--tail", "400", self.name(replica)], text=True,
                                 capture_output=True, check=False).stderr
            told = re.findall(r"replica: role is (\w+)| serves \d+ directions on ", log)
            found[replica] = told[-1] or None if told else None
        return found

    def settle(self):
        """Waits until one replica leads, the others follow, and all serve the same board."""
        def is_settled():
            if sorted(map(str, self.roles().values())) != ["follower", "follower", "leader"] or not self.leader():
                return False
            answers = self.ask_replicas()
            for answer in answers:
                answer.pop("as_of", None)
                for course in answer.get("courses", []):
                    del course["age_ms"]
            return "version" in answers[0] and answers[0] == answers[1] == answers[2]
        wait_until(is_settled, "one leader and two followers that show the same")

    def logs(self, since):
        """The logs of all replicas since that time in milliseconds."""
        said = ""
        for replica in REPLICAS:
            log = subprocess.run(["docker", "logs", "--since", f"{since / 1000:.3f}", self.name(replica)], text=True,
                                 capture_output=True, check=False).stderr
            said += f"{replica}:\n{log}"
        return said

    def passed_on(self, since):
        """{a request's name: the replicas that nginx asked, what each answered and after how many seconds}"""
        lines = self.docker("logs", "--since", f"{since / 1000:.3f}", "nginx").splitlines()
        known = (json.loads(line) for line in lines if line.startswith("{"))
        members = ("replica", "replica_status", "replica_seconds")
        return {each["request_id"]: tuple(each[name] for name in members) for each in known}

    def view(self, since, until):
        """(when Redis took it, epoch) of the entries of the stream that the replicas share; times in milliseconds."""
        answer = self.docker("exec", "redis", *REDIS_CLI, "eval", VIEW, "0", str(since), str(until))
        entries = (line.split() for line in answer.splitlines() if line)
        return [(int(moment.partition("-")[0]), int(epoch)) for moment, epoch in entries]

    def ask_replicas(self):
        """Each replica's own response, requested from inside nginx's container within a few milliseconds."""
        urls = [f"http://replica-{i}:8080/api/v2/courses" for i in (1, 2, 3)]
        answers = self.docker("exec", "nginx", "curl", "-sS", "-w", "\\n", *urls)
        return [json.loads(line) for line in answers.splitlines()]


@functools.cache
def running():
    """One stack for all tests."""
    return Composed()


if __name__ == "__main__" and sys.argv[1:2] == ["--guard"]:
    guard(sys.argv[2], remove)
