"""Prometheus beside the stack: it reaches every replica, notices what fails, and is reached from this machine alone.

Grafana is left out, since its image is not everywhere; its queries are asked in tests/system/test_dashboard.py.
"""

import json
import socket
import unittest
import urllib.request
from urllib.parse import quote

from composed import REPLICAS, run, running, wait_until
from ports import outward_address
from private_server import free_port

MONITORING = ("-f", "docker-compose.yml", "-f", "docker-compose.without-grafana.yml",
              "--profile", "demo", "--profile", "monitoring")


def setUpModule():
    global STACK, PORT
    STACK, PORT = running(), free_port()
    with STACK.file.open("a") as file:
        file.write(f"PROMETHEUS_PORT={PORT}\n")
    unittest.addModuleCleanup(lambda: STACK.compose(*MONITORING, "rm", "--stop", "--force", "--volumes", "prometheus"))
    STACK.compose(*MONITORING, "up", "-d", "--wait", "prometheus")


def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10) as answer:
        return json.loads(answer.read())["data"]


def query(expression):
    """{labels: number} as of now."""
    return {tuple(sorted(each["metric"].items())): float(each["value"][1])
            for each in get("/api/v1/query?query=" + quote(expression))["result"]}


class MonitoringTest(unittest.TestCase):
    def test_the_composition_is_sound_with_grafana_and_without(self):
        with_grafana = STACK.compose("--profile", "demo", "--profile", "monitoring", "config", "--services").split()
        without = STACK.compose(*MONITORING, "config", "--services").split()
        self.assertEqual(set(with_grafana) - set(without), {"grafana"})
        self.assertIn("prometheus", without)

    def test_every_replica_is_scraped(self):
        wait_until(lambda: len(query('up{job="kurs"} == 1')) == len(REPLICAS), "all replicas are scraped")
        wait_until(lambda: query('sum(kurs_replica_role{role="leader"}) == 1'), "one leads")
        self.assertEqual(len(query("kurs_build_info")), len(REPLICAS))
        self.assertEqual(query("count by (replica) (kurs_direction_fresh)").keys(),
                         {(("replica", f"replica-{i}"),) for i in (1, 2, 3)})

    def test_a_failover_raises_its_alert(self):
        self.addCleanup(STACK.simulator, "DELETE")
        wait_until(lambda: query('min(kurs_active_venue{venue="binance"}) == 1'), "Binance is active")
        STACK.simulator("POST", endpoint="binance_stream", fault="mute")
        wait_until(lambda: query('ALERTS{alertname="KursFailover",alertstate="firing",to="coingecko"}'), "the alert")

    def test_nginx_that_stands_still_raises_its_alert(self):
        wait_until(lambda: query('up{job="nginx"} == 1'), "nginx is scraped")
        self.addCleanup(STACK.docker, "unpause", "nginx")
        STACK.docker("pause", "nginx")
        wait_until(lambda: query('ALERTS{alertname="KursFrontDown",alertstate="firing"}'), "the alert")
        self.assertFalse(query('ALERTS{alertname="KursReplicaDown",alertstate="firing"}'))

    def test_every_rule_is_loaded_and_none_fails(self):
        def health():
            return [rule["health"] for group in get("/api/v1/rules")["groups"] for rule in group["rules"]]
        wait_until(lambda: set(health()) == {"ok"}, "all rules were evaluated")
        self.assertGreater(len(health()), 10)

    def test_only_this_machine_reaches_it(self):
        address = outward_address()
        if address != "127.0.0.1":
            with socket.socket() as probe:
                probe.settimeout(1)
                self.assertNotEqual(probe.connect_ex((address, PORT)), 0)
        status, *_ = run("docker", "exec", STACK.name("nginx"), "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                         "http://127.0.0.1:8000/metrics").split()
        self.assertEqual(status, "404")

    def test_it_can_do_no_more_than_it_needs(self):
        settings = json.loads(run("docker", "inspect", STACK.name("prometheus")))[0]["HostConfig"]
        self.assertTrue(settings["ReadonlyRootfs"])
        self.assertEqual((settings["CapDrop"], settings["CapAdd"] or []), (["ALL"], []))
        self.assertGreater(settings["Memory"], 0)
        processes = run("docker", "top", STACK.name("prometheus"), "-eo", "pid,uid").splitlines()[1:]
        self.assertNotIn("0", [line.split()[1] for line in processes])


if __name__ == "__main__":
    unittest.main()
