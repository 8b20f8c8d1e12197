"""A server with an exam, somebody who sits it as a browser would, and an upstream that tells what a proxy has sent it."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import threading

from checks import machine
from checks.machine import HOST, ROOT

# A password for an account that is gone with its database.
PASSWORD = "correct horse battery"


class Hall:
    """A server on a port of its own, with an exam `cloud`, told that a proxy with HTTPS is in front."""

    def __init__(self, **environment):
        self.folder = machine.folder("hall")
        self.port = machine.free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(self.folder / "data"),
            "PORT": str(self.port),
            "PUBLIC_URL": f"https://{HOST}",
            "TRUSTED_PROXIES": "127.0.0.1,::1",
            **environment,
        }
        bank = ROOT / "demo" / "cloud-fundamentals.examhall.json"
        self.command("import", str(bank), "--bank", "cloud")
        self.command("exam", "create", "--slug", "cloud", "--title", "Cloud", "--bank", "cloud", "--questions", "5", "--time-limit", "30m")
        self.command("exam", "publish", "cloud")
        self.start()

    def command(self, *arguments):
        machine.run(machine.examhall(), *arguments, env=self.environment, cwd=self.folder)

    def start(self):
        log = self.folder / "log"
        self.process = machine.Process(machine.examhall(), "serve", log=log, env=self.environment, cwd=self.folder)
        self.process.listens(self.port)
        machine.until("the server is ready", lambda: self.ask("/readyz")[0] == 200)

    def ask(self, path, headers=None):
        """A direct request: (status, text)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")

    def stop(self):
        return self.process.stop()


class Visitor:
    """Somebody with a browser, at an address of this machine, behind a proxy that speaks TLS on one of its ports."""

    def __init__(self, port, certificate, address="127.0.0.1"):
        self.port, self.address = port, address
        self.context = ssl.create_default_context(cafile=str(certificate))
        self.cookies = {}

    def connect(self, protocols=("http/1.1",)):
        self.context.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(self.address, 0))
        return self.context.wrap_socket(plain, server_hostname=HOST)

    def ask(self, method, path, body=None, headers=None, site="same-origin"):
        """(status, headers, body), with what browsers say about where a request comes from."""
        sent = {"Host": HOST, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors", "Accept": "*/*"}
        if method != "GET":
            sent["Origin"] = f"https://{HOST}" if site == "same-origin" else "https://elsewhere.example"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(HOST, timeout=20)
        connection.sock = self.connect()
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=sent | (headers or {}))
            response = connection.getresponse()
            content = response.read()
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.headers, content.decode(errors="replace")

    def get_json(self, method, path, body=None):
        status, _, text = self.ask(method, path, body)
        assert status in (200, 201), f"{method} {path} was answered {status}: {text}"
        return json.loads(text)

    def sign_up(self):
        return self.ask("POST", "/api/v1/accounts", {"email": "ana@example.org", "name": "Ana", "password": PASSWORD})

    def save(self, attempt, seq):
        """Answers the first question of options with as many as it asks for. Fails unless that is acknowledged."""
        question = next(question for question in attempt["questions"] if question["kind"] == "choice")
        chosen = [option["id"] for option in question["options"][: question.get("choose") or 1]]
        operation = {"seq": seq, "question": question["number"], "response": {"choice": chosen}}
        answer = self.get_json("PUT", f"/api/v1/attempts/{attempt['id']}/answers", {"operations": [operation]})
        assert answer["acknowledged"] == [seq], f"{operation} was answered {answer}"


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A proxy closes connections of its health checks as soon as it has seen enough: nothing to tell of."""


class Upstream:
    """Stands where the server would, and notes what arrives. `drops`: closes connections instead of answering; `ready`: /readyz."""

    def __init__(self, drops=False, ready=200):
        upstream = self
        self.port = machine.free_port()
        self.drops, self.ready = drops, ready
        self.heads = []
        self.bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_it(self):
                if self.path == "/readyz":
                    return self.answer(upstream.ready)
                if self.path == "/healthz":
                    return self.answer(200)
                upstream.heads.append((self.command, self.path, self.headers))
                upstream.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                if upstream.drops:
                    self.close_connection = True
                    return None
                return self.answer(200)

            do_GET = do_PUT = do_POST = handle_it

            def answer(self, status):
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def setting(name):
    """The default of a setting, as docs/configuration.md has it."""
    manual = pathlib.Path(ROOT / "docs" / "configuration.md").read_text()
    row = re.search(rf"^\| `{name}`[^|]*\| `?([^|`]*)`? \|", manual, re.MULTILINE)
    assert row, f"docs/configuration.md has no {name}"
    return row[1].strip()
