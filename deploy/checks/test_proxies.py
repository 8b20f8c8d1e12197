"""nginx and HAProxy, with the configuration that is shipped: other ports and a certificate of our own, and nothing else changed."""

import http.client
import json
import os
import re
import signal
import unittest

from checks import machine
from checks.hall import Hall, Upstream, Visitor
from checks.machine import DEPLOY, HOST

SPOOFED = {"X-Forwarded-For": "192.0.2.66", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example", "Forwarded": "for=192.0.2.66"}


class Nginx:
    """nginx in front of servers on these ports."""

    def __init__(self, *ports):
        place = machine.folder("nginx")
        self.plain, self.port = machine.free_port(), machine.free_port()
        cert, key, _ = machine.certificate()
        self.certificate = cert
        shipped = (DEPLOY / "nginx" / "examhall.conf").read_text()
        if not machine.has_ipv6():
            shipped = re.sub(r"^ *listen \[::\]:.*\n", "", shipped, flags=re.MULTILINE)
        else:
            shipped = machine.substituted(shipped, {"listen [::]:80 ": f"listen [::1]:{self.plain} ", "listen [::]:443 ": f"listen [::1]:{self.port} "})
        line = "    server 127.0.0.1:5000 max_fails=3 fail_timeout=5s;\n"
        shipped = machine.substituted(shipped, {
            line: "".join(line.replace("5000", str(port)) for port in ports),
            "listen 80 ": f"listen 127.0.0.1:{self.plain} ",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "/etc/ssl/exams.example.org/fullchain.pem": str(cert),
            "/etc/ssl/exams.example.org/privkey.pem": str(key),
            "/var/cache/examhall-static": str(place / "cache"),
            "/var/log/nginx/examhall.log": str(place / "access.log"),
            "/etc/nginx/examhall/away.html": str(DEPLOY / "away.html"),
        })  # fmt: skip
        (place / "examhall.conf").write_text(shipped)
        folders = " ".join(f"{kind}_temp_path {place}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.geteuid() == 0 else ""
        main = place / "nginx.conf"
        main.write_text(
            f"{user} daemon off; worker_processes 1; pid {place}/pid; error_log stderr warn;\n"
            f"events {{ worker_connections 512; }}\nhttp {{ {folders} include {place}/examhall.conf; }}\n"
        )
        self.access_log = place / "access.log"
        self.checked = machine.run("nginx", "-t", "-c", str(main), "-p", str(place), "-e", "stderr")
        self.process = machine.Process("nginx", "-c", str(main), "-p", str(place), "-e", "stderr", log=place / "log")
        self.process.listens(self.port)

    def said(self):
        return self.access_log.read_text()

    def stop(self):
        return self.process.stop()


class Haproxy:
    """HAProxy in front of servers on these ports."""

    def __init__(self, *ports):
        place = machine.folder("haproxy")
        self.plain, self.port = machine.free_port(), machine.free_port()
        self.certificate, _, both = machine.certificate()
        line = "    server one 127.0.0.1:5000\n"
        shipped = machine.substituted((DEPLOY / "haproxy" / "haproxy.cfg").read_text(), {
            line: "".join(line.replace("5000", str(port)).replace("one", f"s{port}") for port in ports),
            "bind :80\n": f"bind 127.0.0.1:{self.plain}\n",
            "bind :443 ": f"bind 127.0.0.1:{self.port} ",
            "/etc/haproxy/certs/exams.example.org.pem": str(both),
            "/etc/haproxy/examhall-away.html": str(DEPLOY / "away.html"),
        })  # fmt: skip
        # What this machine lets us open is not what is being checked.
        shipped = machine.substituted(shipped, {"    maxconn 50000\n": "    maxconn 500\n"})
        file = place / "haproxy.cfg"
        file.write_text(shipped)
        self.checked = machine.run("haproxy", "-c", "-dW", "-f", str(file))
        self.process = machine.Process("haproxy", "-db", "-f", str(file), log=place / "log")
        self.process.listens(self.port)

    def said(self):
        return self.process.said()

    def stop(self):
        return self.process.stop()


class Proxies:
    """What holds for both."""

    Proxy = None

    def proxy(self, *ports):
        proxy = self.Proxy(*ports)
        self.addCleanup(proxy.stop)
        return proxy, Visitor(proxy.port, proxy.certificate)

    def upstream(self, **how):
        upstream = Upstream(**how)
        self.addCleanup(upstream.stop)
        return upstream

    def sit(self):
        """An exam through the proxy, and what people see while the server is away."""
        hall = Hall()
        self.addCleanup(hall.stop)
        proxy, ana = self.proxy(hall.port)

        status, headers, page = ana.ask("GET", "/", site="none")
        self.assertEqual(status, 200, page)
        self.assertIn("max-age", headers["Strict-Transport-Security"])
        self.assertIn("default-src", headers["Content-Security-Policy"])
        style = re.search(r"/static/[0-9a-f]+/[^\"']+\.css", page)[0]
        status, headers, _ = ana.ask("GET", style)
        self.assertEqual((status, "immutable" in headers["Cache-Control"]), (200, True))

        status, _, text = ana.ask("POST", "/api/v1/accounts", {"email": "eve@example.org", "name": "Eve", "password": "of no use here"}, site="cross-site")
        self.assertEqual((status, json.loads(text)["code"]), (403, "cross_site"))
        status, _, text = ana.sign_up()
        self.assertEqual(status, 201, text)
        self.assertTrue(all(name.startswith("__Host-") for name in ana.cookies) and ana.cookies, "cookies are bound to HTTPS and this host")
        attempt = ana.get_json("POST", "/api/v1/exams/cloud/attempts", {})
        ana.save(attempt, 1)

        # A body that is too large is refused by the server, which says what to do, and not by the proxy.
        status, _, text = ana.ask("PUT", f"/api/v1/attempts/{attempt['id']}/answers", b"x" * (4 * 1024 * 1024 + 1), {"Content-Type": "application/json"})
        self.assertEqual((status, json.loads(text)["code"]), (413, "too_large"))

        redirected = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=20)
        redirected.request("GET", "/exams?x=1", headers={"Host": HOST})
        answer = redirected.getresponse()
        self.assertEqual((answer.status, answer.headers["Location"]), (301, f"https://{HOST}/exams?x=1"))
        redirected.close()
        with ana.connect(["h2", "http/1.1"]) as connection:
            self.assertEqual(connection.selected_alpn_protocol(), "h2")

        self.assertEqual(hall.stop(), 0)
        for method, path in [("GET", "/"), ("POST", f"/attempts/{attempt['id']}/submit"), ("PUT", f"/api/v1/attempts/{attempt['id']}/answers")]:
            status, headers, page = ana.ask(method, path)
            self.assertEqual((status, headers["Retry-After"], headers["Cache-Control"]), (503, "5", "no-store"), f"{method} {path}")
            self.assertIn("Every answer that was shown as saved is safe", page)
        return hall, proxy, ana, attempt, style

    def go_on(self, hall, ana, attempt):
        """Once the server is back, everything goes on, without anybody touching the proxy."""
        hall.start()
        machine.until("the proxy has noticed that the server is back", lambda: ana.ask("GET", "/exams")[0] == 200)
        ana.save(attempt, 2)
        self.assertIn("digest", ana.get_json("POST", f"/api/v1/attempts/{attempt['id']}/submit"))

    def assert_forwarded(self):
        upstream = self.upstream()
        _, ana = self.proxy(upstream.port)
        self.assertEqual(ana.ask("GET", "/exams?x=1", headers=SPOOFED)[0], 200)
        (_, path, headers), = upstream.heads
        self.assertEqual(path, "/exams?x=1")
        told = {name: headers.get_all(name) for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Host", "Forwarded")}
        self.assertEqual(told, {
            "X-Forwarded-For": ["127.0.0.1"], "X-Forwarded-Proto": ["https"], "X-Forwarded-Host": [HOST], "Host": [HOST], "Forwarded": None,
        })  # fmt: skip

    def sign_in_wrongly(self, proxy, address, headers=None):
        """What somebody at an address is answered who does not know Ana's password."""
        visitor = Visitor(proxy.port, proxy.certificate, address)
        return visitor.ask("POST", "/api/v1/session", {"email": "ana@example.org", "password": "a guess of no use"}, headers)[0]

    def assert_limits_are_those_of_people(self):
        hall = Hall()
        self.addCleanup(hall.stop)
        proxy, ana = self.proxy(hall.port)
        self.assertEqual(ana.sign_up()[0], 201)
        machine.until("who guesses has to wait", lambda: self.sign_in_wrongly(proxy, "127.0.0.2") == 429)
        self.assertEqual(self.sign_in_wrongly(proxy, "127.0.0.2", SPOOFED), 429, "it does not help to claim to be somebody else")
        self.assertEqual(self.sign_in_wrongly(proxy, "127.0.0.3"), 401, "others are not held to it")

    def assert_hand_over_goes_unnoticed(self):
        # As many answers as the hand-over takes long, which nobody gives who sits an exam.
        hall = Hall(RATE_LIMITS="off")
        self.addCleanup(hall.stop)
        proxy, ana = self.proxy(hall.port)
        self.assertEqual(ana.sign_up()[0], 201)
        attempt = ana.get_json("POST", "/api/v1/exams/cloud/attempts", {})
        hall.process.child.send_signal(signal.SIGHUP)
        # The old process may go on for a while: it answers what comes on connections that the proxy has kept.
        seq = after = 0
        while after < 50:
            seq, after = seq + 1, after + ("handed over:" in hall.process.said())
            self.assertLess(seq, 5000, "the hand-over does not come")
            ana.save(attempt, seq)
            self.assertEqual(ana.ask("GET", "/exams")[0], 200)
        self.assertEqual(hall.process.child.poll(), None, "the process that is watched stays")

    def assert_metrics_kept_inside(self):
        upstream = self.upstream()
        _, ana = self.proxy(upstream.port)
        self.assertEqual([ana.ask(method, "/metrics")[0] for method in ("GET", "POST")], [404, 404])
        self.assertEqual(upstream.heads, [])

    def assert_head_first(self):
        upstream = self.upstream()
        _, ana = self.proxy(upstream.port)
        with ana.connect() as connection:
            head = f"PUT /api/v1/attempts/7f/answers HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 10\r\n\r\n12345"
            connection.sendall(head.encode())
            machine.until("the head has arrived", lambda: upstream.heads)
            self.assertEqual(upstream.bodies, [])
            connection.sendall(b"67890")
            self.assertIn(b" 200 ", connection.recv(1000))
        self.assertEqual(upstream.bodies, [b"1234567890"])

    def assert_quiet_log(self):
        upstream = self.upstream()
        proxy, ana = self.proxy(upstream.port)
        ana.ask("GET", "/setup?token=telltale")
        machine.until("the request is logged", lambda: "/setup" in proxy.said())
        self.assertNotIn("telltale", proxy.said())
        self.assertNotIn("127.0.0.1 ", proxy.said())


class WithNginx(Proxies, unittest.TestCase):
    Proxy = Nginx

    def test_without_trusted_proxies_everybody_is_the_proxy(self):
        hall = Hall(TRUSTED_PROXIES="")
        self.addCleanup(hall.stop)
        proxy, ana = self.proxy(hall.port)
        self.assertEqual(ana.sign_up()[0], 201)
        machine.until("who guesses has to wait", lambda: self.sign_in_wrongly(proxy, "127.0.0.2") == 429)
        self.assertEqual(self.sign_in_wrongly(proxy, "127.0.0.3"), 429)

    def test_an_exam_is_sat_through_nginx_and_people_are_told_while_the_server_is_away(self):
        hall, _, ana, attempt, style = self.sit()
        self.assertEqual(ana.ask("GET", style)[0], 200, "static files come from nginx' cache")
        self.go_on(hall, ana, attempt)

    def test_nginx_says_for_whom_it_asks_and_nobody_else_does(self):
        self.assert_forwarded()

    def test_nginx_passes_the_head_of_a_save_on_before_its_body_is_there(self):
        self.assert_head_first()

    def test_behind_nginx_limits_count_people_and_not_the_proxy(self):
        self.assert_limits_are_those_of_people()

    def test_behind_nginx_nobody_notices_a_hand_over(self):
        self.assert_hand_over_goes_unnoticed()

    def test_nginx_keeps_the_figures_of_the_server_inside(self):
        self.assert_metrics_kept_inside()

    def test_nginx_logs_neither_who_asked_nor_tokens(self):
        self.assert_quiet_log()

    def test_nginx_repeats_at_another_server_what_may_be_repeated_and_never_a_post(self):
        one, other = self.upstream(drops=True), self.upstream(drops=True)
        _, ana = self.proxy(one.port, other.port)
        for method, times in [("POST", 1), ("GET", 2)]:
            before = len(one.heads + other.heads)
            self.assertEqual(ana.ask(method, "/exams")[0], 503)
            self.assertEqual(len(one.heads + other.heads) - before, times, method)

    def test_nginx_goes_to_the_other_server_when_one_cannot_be_reached(self):
        upstream = self.upstream()
        _, ana = self.proxy(machine.free_port(), upstream.port)
        self.assertEqual([ana.ask("POST", "/exams", b"x")[0] for _ in range(4)], [200] * 4)
        self.assertEqual(len(upstream.heads), 4)


class WithHaproxy(Proxies, unittest.TestCase):
    Proxy = Haproxy

    def test_an_exam_is_sat_through_haproxy_and_people_are_told_while_the_server_is_away(self):
        hall, _, ana, attempt, _ = self.sit()
        self.go_on(hall, ana, attempt)

    def test_haproxy_says_for_whom_it_asks_and_nobody_else_does(self):
        self.assert_forwarded()

    def test_haproxy_passes_the_head_of_a_save_on_before_its_body_is_there(self):
        self.assert_head_first()

    def test_behind_haproxy_limits_count_people_and_not_the_proxy(self):
        self.assert_limits_are_those_of_people()

    def test_behind_haproxy_nobody_notices_a_hand_over(self):
        self.assert_hand_over_goes_unnoticed()

    def test_haproxy_keeps_the_figures_of_the_server_inside(self):
        self.assert_metrics_kept_inside()

    def test_haproxy_logs_neither_who_asked_nor_tokens(self):
        self.assert_quiet_log()

    def test_haproxy_sends_nothing_twice(self):
        one, other = self.upstream(drops=True), self.upstream(drops=True)
        _, ana = self.proxy(one.port, other.port)
        for method in ("POST", "GET"):
            before = len(one.heads + other.heads)
            self.assertEqual(ana.ask(method, "/exams")[0], 502)
            self.assertEqual(len(one.heads + other.heads) - before, 1, method)

    def test_haproxy_goes_to_the_other_server_when_one_cannot_be_reached(self):
        upstream = self.upstream()
        _, ana = self.proxy(machine.free_port(), upstream.port)
        self.assertEqual([ana.ask("POST", "/exams", b"x")[0] for _ in range(4)], [200] * 4)
        self.assertEqual(len(upstream.heads), 4)

    def test_haproxy_leaves_a_server_out_that_is_not_ready_unless_none_is(self):
        ready, other = self.upstream(), self.upstream(ready=503)
        _, ana = self.proxy(ready.port, other.port)

        def answered_by(upstream):
            before = len(upstream.heads)
            return ana.ask("GET", "/exams")[0] == 200 and len(upstream.heads) > before

        machine.until("the one that is not ready is left out", lambda: all(answered_by(ready) for _ in range(4)))
        ready.ready = 503
        machine.until("both answer, since neither is ready", lambda: answered_by(other))
