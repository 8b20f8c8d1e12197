"""Dashboard, alerts and their manual: everything they name is there."""

import contextlib
import http.client
import json
import re
import unittest
import urllib.parse

from checks import machine
from checks.hall import Hall
from checks.machine import DEPLOY, ROOT

NAME = r"\b(?:examhall|process)_[a-z0-9_]+"
# What the exposition format adds to the name of a histogram.
PARTS = ("_bucket", "_sum", "_count")


def manual():
    return (ROOT / "docs" / "operations.md").read_text()


def expressions():
    """Every expression of the dashboard, with a value for what Grafana puts in."""
    def within(thing):
        if isinstance(thing, dict):
            if "expr" in thing:
                yield thing["expr"]
            thing = list(thing.values())
        if isinstance(thing, list):
            for part in thing:
                yield from within(part)

    dashboard = json.loads((DEPLOY / "grafana" / "examhall.json").read_text())
    return [text.replace("$__rate_interval", "1m").replace("$instance", ".*") for text in within(dashboard)]


def in_the_source():
    """The metrics that the server declares: some are there on PostgreSQL only."""
    text = (ROOT / "crates" / "server" / "src" / "metrics.rs").read_text()
    declared = re.findall(rf'\b(Counter|Gauge|Histogram) "({NAME})"', text)
    assert len(declared) > 20, "metrics.rs declares its metrics otherwise than this check expects"
    return {f"{name}_total" if kind == "Counter" else name for kind, name in declared}


def exported(hall):
    """The metrics that a server tells a direct neighbour of."""
    status, text = hall.ask("/metrics")
    assert status == 200, f"/metrics was answered {status}; there is nothing to hold the dashboard against"
    kinds = re.findall(r"^# TYPE (\S+) (\S+)", text, re.MULTILINE)
    # Where the format leaves the ending of a counter to its samples, it belongs to the name all the same.
    return {f"{name}_total" if kind == "counter" and not name.endswith("_total") else name for name, kind in kinds}


def plain(name, known):
    """The name without what the exposition format adds to it."""
    for part in PARTS:
        if name not in known and name.endswith(part):
            return name.removesuffix(part)
    return name


class Figures(unittest.TestCase):
    def known(self):
        """All metrics. Some are there on PostgreSQL only, so those that the source names count too."""
        hall = Hall()
        self.addCleanup(hall.stop)
        self.running = exported(hall)
        return self.running | in_the_source()

    def assert_all_known(self, text, what):
        known = self.known()
        named = {plain(name, known) for name in re.findall(NAME, text)}
        self.assertEqual(named - known, set(), f"{what} names figures that the server does not have")
        return named

    def test_every_figure_of_the_dashboard_is_one_that_the_server_has(self):
        self.assertGreater(len(expressions()), 30)
        self.assert_all_known("\n".join(expressions()), "the dashboard")

    def test_every_figure_of_the_alerts_is_one_that_the_server_has(self):
        self.assert_all_known((DEPLOY / "prometheus" / "alerts.yaml").read_text(), "alerts.yaml")

    def test_the_manual_has_exactly_the_figures_that_the_server_has(self):
        named = self.assert_all_known(re.sub(r"examhall_(?:test|chaos|postgres)\w*", "", manual()), "docs/operations.md")
        self.assertEqual({plain(name, named) for name in self.running} - named, set(), "not in docs/operations.md")


class Prometheus(unittest.TestCase):
    def test_prometheus_scrapes_a_server_and_has_something_for_every_panel(self):
        hall = Hall()
        self.addCleanup(hall.stop)
        place, port = machine.folder("scraping"), machine.free_port()
        (place / "token").write_text("a token")
        shipped = (DEPLOY / "prometheus" / "prometheus.yaml").read_text()
        (place / "prometheus.yaml").write_text(machine.substituted(shipped, {
            "/etc/prometheus/examhall.token": str(place / "token"),
            "127.0.0.1:5000": f"127.0.0.1:{hall.port}",
            "scrape_interval: 5s": "scrape_interval: 1s",
            "scrape_timeout: 4s": "scrape_timeout: 1s",
            "alerts.yaml": str(DEPLOY / "prometheus" / "alerts.yaml"),
        }))  # fmt: skip
        prometheus = machine.Process(
            "prometheus", f"--config.file={place}/prometheus.yaml", f"--storage.tsdb.path={place}/data", f"--web.listen-address=127.0.0.1:{port}",
            log=place / "log",
        )  # fmt: skip
        self.addCleanup(prometheus.stop)
        prometheus.listens(port)

        def ask(path):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            with contextlib.closing(connection):
                connection.request("GET", path)
                response = connection.getresponse()
                return response.status, response.read()

        def found(expression):
            status, text = ask(f"/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
            self.assertEqual(status, 200, text)
            return json.loads(text)["data"]["result"]

        machine.until("Prometheus is ready", lambda: ask("/-/ready")[0] == 200)
        # A rate needs two of them.
        machine.until("the server has been scraped", lambda: found("count_over_time(up[1m]) >= 3 and up == 1"))
        on_postgres = re.compile("examhall_db_(backends|max_connections)")
        wanted = [text for text in expressions() if not on_postgres.search(text) and not text.endswith("> 0")]
        self.assertEqual([text for text in wanted if not found(text)], [], "panels that stay empty")
        self.assertEqual(found('ALERTS{alertstate="firing"}'), [])

    def test_prometheus_takes_the_alerts(self):
        machine.run("promtool", "check", "rules", str(DEPLOY / "prometheus" / "alerts.yaml"))

    def test_alerts_leave_a_healthy_hall_alone_and_tell_of_trouble(self):
        machine.run("promtool", "test", "rules", "alerts_test.yaml", cwd=DEPLOY / "prometheus")

    def test_prometheus_takes_the_configuration(self):
        place = machine.folder("prometheus")
        (place / "alerts.yaml").write_text((DEPLOY / "prometheus" / "alerts.yaml").read_text())
        (place / "token").write_text("a token")
        shipped = (DEPLOY / "prometheus" / "prometheus.yaml").read_text()
        (place / "prometheus.yaml").write_text(machine.substituted(shipped, {"/etc/prometheus/examhall.token": str(place / "token")}))
        machine.run("promtool", "check", "config", str(place / "prometheus.yaml"))

    def test_prometheus_understands_every_expression_of_the_dashboard(self):
        rules = [{"record": f"expression:{number}", "expr": text} for number, text in enumerate(expressions())]
        file = machine.folder("expressions") / "rules.yaml"
        # JSON is YAML.
        file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
        self.assertIn(f"{len(rules)} rules found", machine.run("promtool", "check", "rules", str(file)))

    def test_every_alert_leads_to_a_heading_of_the_manual_and_is_listed_there(self):
        alerts = (DEPLOY / "prometheus" / "alerts.yaml").read_text()
        headings = set(re.findall(r"^#+ (.+)$", manual(), re.MULTILINE))
        named = re.findall(r'action: "operations\.md, ([^.,]+)[.,]', alerts)
        self.assertEqual(len(named), alerts.count("- alert:"))
        self.assertEqual(set(named) - headings, set(), "not a heading of docs/operations.md")
        self.assertEqual({name for name in re.findall(r"- alert: (\w+)", alerts) if f"`{name}`" not in manual()}, set(), "not in docs/operations.md")


class Dashboard(unittest.TestCase):
    def test_the_dashboard_has_its_rows_and_no_two_panels_share_a_place(self):
        panels = json.loads((DEPLOY / "grafana" / "examhall.json").read_text())["panels"]
        rows = [panel["title"] for panel in panels if panel["type"] == "row"]
        self.assertEqual(rows, ["Promises", "People", "Answering", "Database", "Machine"])
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken |= cells
