"""Every query of the dashboard and of the alerts, asked of a Prometheus that scrapes replicas with all that belongs to them.

With KURS_TABLE set to a file's name, the table of queries and values is written there too.
"""

import json
import os
import re
import unittest
from http.client import HTTPConnection

import yaml
from history_stack import HistoryTest, wait_until
from metrics_page import Page
from private_prometheus import CONFIGURATION, PrivatePrometheus
from stack import ROOT, call

from private_redis import PrivateRedis

DASHBOARD = ROOT / "monitoring" / "grafana" / "dashboards" / "kurs.json"
DOCUMENT = ROOT / "docs" / "operating.md"
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
SELECTOR = re.compile(r"(?:kurs_\w+|process_\w+|\bup\b)(?:\{[^}]*\})?")
ELSEWHERE = {'up{job="nginx"}'}  # in the stack in containers only: tests/e2e/test_monitoring.py


def dashboard_queries():
    """(panel, query) in the order of the page."""
    board = json.loads(DASHBOARD.read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def alerts():
    for group in yaml.safe_load((CONFIGURATION / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


class DashboardTest(HistoryTest):
    """Three replicas with some clients, while Binance fails and comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_everything()

    @classmethod
    def run_everything(cls):
        test = cls()  # only for its helper methods
        cls.addClassCleanup(test.doCleanups)
        cls.postgres = test.make_postgres()
        redis = PrivateRedis()
        cls.addClassCleanup(redis.close)
        settings = {"REDIS_URL": redis.url, "FAILBACK_AFTER": "3s", "COINGECKO_PLAN": "demo",
                    "COINGECKO_API_KEY": "demo-key"}
        cls.replicas = [test.start(cls.postgres.url, HTTP_ADDRESS=host, **settings) for host in HOSTS]
        for replica in cls.replicas:
            replica.wait_for_courses(8, exchanger="binance")
        cls.prometheus = PrivatePrometheus(
            {f"replica-{i + 1}": replica.url.removeprefix("http://") for i, replica in enumerate(cls.replicas)})
        cls.addClassCleanup(cls.prometheus.close)
        cls.prometheus.wait_for('count(up{job="kurs"} == 1) == 3')
        cls.let_things_happen()

    @classmethod
    def let_things_happen(cls):
        """Produces failures to count."""
        address = cls.replicas[0].url.removeprefix("http://")
        subscriber = HTTPConnection(address, timeout=10)
        cls.addClassCleanup(subscriber.close)
        subscriber.request("GET", "/api/v2/stream")
        stream = subscriber.getresponse()  # it keeps the connection open
        cls.addClassCleanup(stream.close)
        assert stream.status == 200
        cls.simulator.fault("binance_stream", "corrupt", value="null_price", stream="bookTicker")
        cls.prometheus.wait_for('kurs_refused_values_total{reason="malformed"} > 0')
        cls.simulator.fault("binance_stream", "mute")
        cls.prometheus.wait_for('ALERTS{alertname="KursFailover",alertstate="firing"}')
        cls.simulator.clear()
        cls.prometheus.wait_for('min(kurs_active_venue{venue="binance"}) == 1')
        for replica in cls.replicas:
            for path in ("/api/v1/courses", "/api/v2/courses", "/nowhere", "/api/v2/history/BTC-USD?interval=1s",
                         "/api/v1/courses?exchanger=coingecko&max_age=1"):
                call("GET", replica.url + path)
        cls.prometheus.wait_for('sum(rate(kurs_http_requests_total{status="503"}[1m])) > 0')

    def test_every_query_of_the_dashboard_has_an_answer(self):
        table = []
        for panel, query in dashboard_queries():
            with self.subTest(panel=panel, query=query):
                found = self.prometheus.query(query)
                self.assertTrue(found)
                self.assertFalse([each for each in found if each[1] != each[1]], "not a number")
                table.append((panel, query, shown(found)))
        lines = [f"{panel} | {query} | {values}" for panel, query, values in table]
        print("\n" + "\n".join(lines))
        if os.environ.get("KURS_TABLE"):
            with open(os.environ["KURS_TABLE"], "w", encoding="utf-8") as file:
                file.write("| panel | query | value |\n|---|---|---|\n")
                file.writelines("| {} | `{}` | {} |\n".format(*(cell.replace("|", "\\|") for cell in row))
                                for row in table)

    def test_whatever_an_alert_looks_at_is_there(self):
        checked = 0
        for alert, expression in alerts():
            for selector in set(SELECTOR.findall(expression)) - ELSEWHERE:
                with self.subTest(alert=alert, selector=selector):
                    self.assertTrue(self.prometheus.query(selector))
                    checked += 1
        print(f"{checked} selectors of alerts have series")

    def test_annotations_of_the_dashboard_look_at_what_is_there(self):
        board = json.loads(DASHBOARD.read_text())
        for each in board["annotations"]["list"]:
            self.prometheus.query(each["expr"])
            for selector in SELECTOR.findall(each["expr"]):
                self.assertTrue(self.prometheus.query(selector), selector)

    def test_no_rule_fails(self):
        groups = self.prometheus.get("/api/v1/rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertEqual([(rule["name"], rule["lastError"]) for rule in rules if rule["health"] != "ok"], [])
        self.assertEqual(sorted(rule["name"] for rule in rules), sorted(name for name, _ in alerts()))

    def test_one_leads_and_all_know_the_same_epoch(self):
        self.assertEqual(self.prometheus.query('sum(kurs_replica_role{role="leader"})')[0][1], 1)
        epochs = {value for _, value in self.prometheus.query("kurs_replica_epoch")}
        self.assertEqual(len(epochs), 1)
        self.assertGreater(epochs.pop(), 1e15)

    def test_a_subscriber_is_counted_with_what_it_was_sent(self):
        self.assertEqual(self.prometheus.query('sum(kurs_push_subscribers{transport="event_stream"})')[0][1], 1)
        self.assertGreater(self.prometheus.query("sum(kurs_push_messages_total)")[0][1], 1)

    def test_every_replica_has_counted_the_failover(self):
        found = self.prometheus.query('kurs_failovers_total{from="binance",to="coingecko"}')
        self.assertEqual([value for _, value in found], [1, 1, 1])

    def test_history_that_is_written_is_counted(self):
        before = self.postgres.count_quotes()

        def counted():
            return sum(Page(replica).sum("kurs_archive_written_rows_total") for replica in self.replicas)
        wait_until(lambda: counted() >= before, f"{before} rows are counted")
        self.assertEqual(sum(Page(replica).sum("kurs_archive_lost_rows_total") for replica in self.replicas), 0)

    def test_every_metric_is_documented_and_every_documented_one_exists(self):
        exist = set.union(*(Page(replica).families for replica in self.replicas))
        text = DOCUMENT.read_text()
        documented = set(re.findall(r"`((?:kurs|process)_\w+)(?:\{[^}`]*\})?`", text))
        self.assertEqual(exist - documented, set(), "not in docs/operating.md")
        self.assertEqual(documented - exist, set(), "in docs/operating.md only")
        print(f"{len(exist)} metrics, all documented")

    def test_every_alert_is_explained(self):
        explained = set(re.findall(r"^### (Kurs\w+)", DOCUMENT.read_text(), re.MULTILINE))
        self.assertEqual(explained, {name for name, _ in alerts()})


def shown(found):
    """Some of the values, with the labels that distinguish them."""
    def one(labels, value):
        told = ",".join(str(labels[name]) for name in sorted(labels) if name not in ("__name__", "job", "instance"))
        return f"{told}: {value:.6g}" if told else f"{value:.6g}"
    some = [one(*each) for each in sorted(found, key=lambda each: (-each[1], str(each[0])))[:4]]
    return "; ".join(some) + (f"; and {len(found) - 4} more" if len(found) > 4 else "")


if __name__ == "__main__":
    unittest.main()
