"""Checks the stack's isolation: no root, nothing writable, one port, and a valid composition."""

import tempfile
import unittest
from pathlib import Path

import ports
from composed import REPLICAS, ROOT, SERVICES, run, running

FIRST_LAYER = "COPY /kurs/ship/packages.txt"  # of those that docker/Dockerfile adds
ADDED = 31.7  # MB that the image has beyond its base, to within a tenth: if it has grown for a reason, record it


def setUpModule():
    global STACK
    STACK = running()


def status(pid):
    """A process's status from the kernel."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


class StackTest(unittest.TestCase):
    def test_the_composition_is_sound_for_each_profile(self):
        for profile in ("real", "demo", "load"):
            with self.subTest(profile):
                STACK.compose("--profile", profile, "config", "--quiet")

    def test_no_process_is_root_or_may_become_it(self):
        count = 0
        for service in SERVICES:
            for line in STACK.docker("top", service, "-eo", "pid").splitlines()[1:]:
                found = status(int(line))
                with self.subTest(service=service, process=found["Name"]):
                    count += 1
                    self.assertNotIn("0", found["Uid"] + found["Gid"] + found["Groups"])
                    self.assertEqual(int(found["CapBnd"][0], 16), 0, "capabilities that it could get")
                    self.assertEqual(found["NoNewPrivs"], ["1"])
        print(f"{count} processes of {len(SERVICES)} containers, none of root")

    def test_nobody_can_write_to_the_root_filesystem(self):
        for service in SERVICES:
            with self.subTest(service), self.assertRaisesRegex(RuntimeError, "Read-only file system"):
                STACK.docker("exec", "--user", "0", service, "touch", "/written")

    def test_the_binary_is_hardened(self):
        with tempfile.TemporaryDirectory() as folder:
            binary = f"{folder}/kurs"
            run("docker", "cp", f"{STACK.name(REPLICAS[0])}:/usr/local/bin/kurs", binary)
            print(run(str(ROOT / "tools" / "check_hardening.py"), binary).strip())

    def test_the_image_adds_no_more_to_its_base_than_recorded(self):
        layers = run("docker", "history", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", "kurs").splitlines()
        first = next(number for number, layer in enumerate(layers) if FIRST_LAYER in layer)
        added = sum(int(layer.split()[0]) for layer in layers[:first + 1]) / 1e6
        self.assertAlmostEqual(added, ADDED, delta=ADDED / 10)

    def test_the_replicas_have_no_passwords_of_others(self):
        own = {line.partition("=")[2] for line in STACK.file.read_text().splitlines()
               if line.partition("=")[0] in ("POSTGRES_KURS_PASSWORD", "REDIS_KURS_PASSWORD")}
        others = {line.partition("=")[2] for line in STACK.file.read_text().splitlines()
                  if line.partition("=")[0].endswith("_PASSWORD")} - own
        self.assertEqual((len(own), len(others)), (2, 4))
        for replica in REPLICAS:
            environment = "\n".join(STACK.inspect(replica)["Config"]["Env"])
            self.assertEqual([word for word in others if word in environment], [])

    def test_one_port_is_open_outside(self):
        """Other programs on this machine may open and close ports meanwhile."""
        address = ports.outward_address()
        before, scanned, after = ports.listening(), ports.scan(address), ports.listening()
        ours = {port for port, programs in after.items() if not programs or programs & {"docker-proxy", "dockerd"}}
        self.assertEqual(ours - STACK.others, {STACK.port})
        unlisted = ports.scan(address, scanned - before.keys() - after.keys())
        self.assertEqual(unlisted, set(), "open, and in no list of the kernel")
        self.assertIn(STACK.port, scanned)
        settings = {service: STACK.inspect(service)["HostConfig"] for service in SERVICES}
        self.assertEqual([service for service in SERVICES if settings[service]["PortBindings"]], ["nginx"])
        self.assertNotIn("host", [settings[service]["NetworkMode"] for service in SERVICES])
        print(f"{address}, 65,535 ports: {STACK.port} alone is the stack's")


if __name__ == "__main__":
    unittest.main()
