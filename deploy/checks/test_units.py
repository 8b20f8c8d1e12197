"""What starts, stops and restarts the server: systemd, supervisor and containers."""

import http.client
import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from checks import machine
from checks.hall import Hall, setting
from checks.machine import DEPLOY, ROOT

PROGRAM = "/usr/local/bin/examhall"


def read(path):
    return (DEPLOY / path).read_text()


def value(text, key):
    """The value of the only line `key=value` or `key: value`."""
    (found,) = re.findall(rf"^\s*{key}\s*[=:]\s*(\S+)", text, re.MULTILINE)
    return found


class Systemd(unittest.TestCase):
    def units(self):
        """The folder of the units, with a program that is there."""
        place = machine.folder("units")
        (place / "examhall.service").write_text(machine.substituted(read("systemd/examhall.service"), {PROGRAM: machine.examhall()}))
        (place / "examhall.socket").write_text(read("systemd/examhall.socket"))
        return place

    def test_systemd_takes_the_service_and_the_socket(self):
        place = self.units()
        # It warns of what it does not know, and ends with 0.
        self.assertEqual(machine.run("systemd-analyze", "verify", f"{place}/examhall.service", f"{place}/examhall.socket"), "")

    def test_systemd_finds_the_service_well_confined(self):
        service = str(self.units() / "examhall.service")
        machine.run("systemd-analyze", "security", "--offline=true", "--threshold=20", service)

    def test_the_server_says_to_systemd_what_the_service_relies_on(self):
        place = machine.folder("notify")
        heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(heard.close)
        heard.settimeout(30)
        heard.bind(str(place / "socket"))
        port = machine.free_port()
        environment = {
            "PATH": os.environ["PATH"], "DATA_DIR": str(place), "PORT": str(port),
            "NOTIFY_SOCKET": str(place / "socket"), "WATCHDOG_USEC": "3000000",
        }  # fmt: skip
        server = machine.Process(machine.examhall(), "serve", log=place / "log", env=environment, cwd=place)

        def says(word):
            while True:
                lines = heard.recv(4096).decode().splitlines()
                if any(line.startswith(word) for line in lines):
                    return lines

        says("READY=1")
        self.assertTrue(machine.takes_connections(port), "it said that it is ready, and is not")
        says("WATCHDOG=1")
        server.child.send_signal(signal.SIGHUP)
        (main,) = [int(line.removeprefix("MAINPID=")) for line in says("MAINPID=") if line.startswith("MAINPID=")]
        self.assertNotEqual(main, server.child.pid)
        self.addCleanup(machine.kill, main)
        self.assertEqual(server.child.wait(30), 0)
        self.assertTrue(machine.takes_connections(port))
        says("WATCHDOG=1")
        os.kill(main, signal.SIGTERM)
        says("STOPPING=1")
        machine.until("it has stopped", lambda: not machine.takes_connections(port))

    def test_the_server_serves_on_the_socket_that_systemd_holds(self):
        place, port = machine.folder("activated"), machine.free_port()
        # Another port than the socket's, which is what counts.
        settings = {"DATA_DIR": place, "PORT": machine.free_port()}
        server = machine.Process(
            "systemd-socket-activate", f"--listen=127.0.0.1:{port}", *(f"--setenv={name}={value}" for name, value in settings.items()),
            machine.examhall(), "serve", log=place / "log", cwd=place,
        )  # fmt: skip
        self.addCleanup(server.stop)
        server.listens(port)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/healthz")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.assertFalse(machine.takes_connections(settings["PORT"]))

    def test_the_account_of_the_service_is_one_that_systemd_can_make(self):
        root = machine.folder("root")
        (root / "etc").mkdir()
        machine.run("systemd-sysusers", f"--root={root}", str(DEPLOY / "systemd" / "examhall.sysusers"))
        self.assertIn("/var/lib/examhall", (root / "etc" / "passwd").read_text())
        self.assertEqual(value(read("systemd/examhall.service"), "User"), "examhall")

    def test_a_shell_reads_the_environment_file_as_systemd_does(self):
        # With all that is commented out as well.
        text = re.sub(r"^#([A-Z_]+=)", r"\1", read("systemd/examhall.env"), flags=re.MULTILINE)
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        with tempfile.NamedTemporaryFile("w", suffix=".env") as file:
            file.write(text)
            file.flush()
            told = machine.run("sh", "-c", f"set -a; . {file.name}; exec env", env={})
        for line in lines:
            name, _, plain = line.partition("=")
            self.assertIn(f"{name}={plain.strip(chr(39))}\n", told)


class Supervisor(unittest.TestCase):
    def supervised(self):
        """The server under supervisor, which says that it runs: (supervisor, the server's port, the server's log)."""
        place = machine.folder("supervisor")
        port = machine.free_port()
        (place / "examhall.env").write_text(f"PUBLIC_URL=https://{machine.HOST}\nPORT={port}\n")
        shipped = machine.substituted(read("supervisor/examhall.conf"), {
            "/etc/examhall/examhall.env": str(place / "examhall.env"),
            PROGRAM: machine.examhall(),
            "/var/lib/examhall": str(place),
            "/var/log/supervisor/examhall.log": str(place / "examhall.log"),
            "user=examhall\n": "user=root\n" if os.geteuid() == 0 else "",
        })  # fmt: skip
        main = place / "supervisord.conf"
        user = "user=root\n" if os.geteuid() == 0 else ""
        main.write_text(f"[supervisord]\n{user}nodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile={place}/pid\n\n{shipped}")
        supervisor = machine.Process("supervisord", "-c", str(main), log=place / "log")
        self.addCleanup(supervisor.stop)
        supervisor.listens(port)
        # Before that, it would be tried again whatever is asked for.
        machine.until("it is said to run", lambda: "examhall entered RUNNING state" in supervisor.said())
        return supervisor, port, place / "examhall.log"

    def test_supervisor_starts_the_server_again_after_a_crash_and_stops_it_in_order(self):
        supervisor, port, _ = self.supervised()
        (first,) = machine.children(supervisor.child.pid)
        os.kill(first, signal.SIGKILL)
        machine.until("another one runs", lambda: machine.children(supervisor.child.pid) not in ([], [first]))
        supervisor.listens(port)
        self.assertEqual(supervisor.stop(), 0)
        self.assertIn("stopped: examhall (exit status 0)", supervisor.said())
        self.assertFalse(machine.takes_connections(port))

    def test_supervisor_keeps_the_process_that_it_knows_through_a_hand_over(self):
        supervisor, port, log = self.supervised()
        (known,) = machine.children(supervisor.child.pid)
        os.kill(known, signal.SIGHUP)
        machine.until("the server is another one", lambda: "the process before this one has ended" in log.read_text())
        self.assertEqual(len(machine.children(known)), 1)
        self.assertEqual(machine.children(supervisor.child.pid), [known])
        self.assertTrue(machine.takes_connections(port))
        self.assertNotIn("exited: examhall", supervisor.said())
        self.assertEqual(supervisor.stop(), 0)
        self.assertIn("stopped: examhall (exit status 0)", supervisor.said())
        self.assertFalse(machine.takes_connections(port))


class Containers(unittest.TestCase):
    def test_hadolint_takes_the_dockerfile(self):
        machine.run(machine.hadolint(), str(DEPLOY / "docker" / "Dockerfile"))

    def test_the_image_is_built_from_all_that_cargo_wants_to_see_and_nothing_that_is_ignored(self):
        dockerfile = read("docker/Dockerfile")
        allowed = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
        sources = [source for line in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE) for source in line.split()]
        self.assertEqual(sorted(sources), sorted(allowed))
        context = machine.folder("context")
        for source in sources:
            (context / source).parent.mkdir(parents=True, exist_ok=True)
            (context / source).symlink_to(ROOT / source)
        metadata = machine.run("cargo", "metadata", "--no-deps", "--locked", "--format-version", "1", cwd=context)
        self.assertIn('"name":"examhall"', metadata)
        # What Rust reads while it compiles must be there too.
        for file in (ROOT / "crates").glob("*/src/**/*.rs"):
            for named in re.findall(r'include_(?:str|bytes)!\("([^"]+)"\)', file.read_text()):
                read_from = (file.parent / named).resolve().relative_to(ROOT)
                self.assertTrue(any(read_from.is_relative_to(source) for source in sources), f"{file} includes {named}")

    def test_the_image_has_the_toolchain_that_the_checkout_asks_for(self):
        channel = re.search(r'channel = "([^"]+)"', (ROOT / "rust-toolchain.toml").read_text())[1]
        self.assertIn(f"ENV RUSTUP_TOOLCHAIN={channel}\n", read("docker/Dockerfile"))
        self.assertIn(f"FROM rust:{channel.rpartition('.')[0]}-", read("docker/Dockerfile"))

    def test_the_health_check_of_the_image_tells_a_server_that_lives_from_one_that_does_not(self):
        hall = Hall()
        self.addCleanup(hall.stop)
        alive = [str(DEPLOY / "docker" / "alive")]
        machine.run(*alive, env={"PORT": str(hall.port)})
        hall.stop()
        self.assertEqual(subprocess.run(alive, env={"PORT": str(hall.port)}, capture_output=True, check=False).returncode, 1)

    def compose(self, **environment):
        file = str(DEPLOY / "docker" / "compose.yaml")
        # In a folder where no `.env` of ours helps it.
        return subprocess.run(
            ["docker-compose", "-f", file, "--project-directory", str(DEPLOY / "docker"), "config"],
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_compose_takes_its_file_and_asks_for_what_must_not_have_a_default(self):
        told = self.compose(POSTGRES_PASSWORD="letters", PUBLIC_URL="https://exams.example.org")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("postgres://examhall:letters@database/examhall", told.stdout)
        for missing in ({"POSTGRES_PASSWORD": "letters"}, {"PUBLIC_URL": "https://exams.example.org"}):
            told = self.compose(**missing)
            self.assertNotEqual(told.returncode, 0)
            self.assertIn("deploy/docker/.env", told.stderr)


class Together(unittest.TestCase):
    """Limits that must fit each other, wherever each of them stands."""

    def test_nobody_kills_a_server_before_its_grace_is_over(self):
        grace = int(setting("GRACEFUL_TIMEOUT"))
        for stop in (
            value(read("systemd/examhall.service"), "TimeoutStopSec"),
            value(read("supervisor/examhall.conf"), "stopwaitsecs"),
            re.search(r"stop_grace_period: (\d+)s\n    ulimits", read("docker/compose.yaml"))[1],
        ):
            self.assertGreater(int(stop), grace + 10)

    def test_proxies_wait_longer_than_a_request_may_take_and_close_idle_connections_before_the_server_does(self):
        request, idle = int(setting("REQUEST_TIMEOUT")), int(setting("KEEPALIVE"))
        nginx, haproxy = read("nginx/examhall.conf"), read("haproxy/haproxy.cfg")
        for seconds in re.findall(r"proxy_(?:read|send)_timeout (\d+)s", nginx) + re.findall(r"timeout (?:client|server) (\d+)s", haproxy):
            self.assertGreater(int(seconds), request)
        upstream = nginx.partition("upstream examhall {")[2].partition("}")[0]
        self.assertLess(int(re.search(r"keepalive_timeout (\d+)s", upstream)[1]), idle)

    def test_nginx_lets_through_a_little_more_than_the_server_takes(self):
        def mebibytes(file, name):
            return int(re.search(rf"{name}: usize = (\d+) \* 1024 \* 1024", (ROOT / file).read_text())[1])

        sizes = [int(size) for size in re.findall(r"client_max_body_size (\d+)m;", read("nginx/examhall.conf"))]
        self.assertEqual(sizes, [
            mebibytes("crates/server/src/routes.rs", "BODY_MAX") + 1,
            mebibytes("crates/interchange/src/limits.rs", "FILE_BYTES") + 1,
        ])  # fmt: skip

    def test_every_variable_that_these_files_and_manuals_name_is_one_that_the_server_reads(self):
        named = set(re.findall(r"^#?([A-Z_]+)=", read("systemd/examhall.env"), re.MULTILINE))
        named |= set(re.findall(r"\b([A-Z_]{4,})=", read("docker/Dockerfile"))) - {"RUSTUP_TOOLCHAIN"}
        named |= set(re.findall(r"^      ([A-Z_]+):", read("docker/compose.yaml"), re.MULTILINE)) - {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}
        for file in ("operations.md", "source-requirements.md"):
            named |= set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", (ROOT / "docs" / file).read_text()))
        manual = (ROOT / "docs" / "configuration.md").read_text()
        sources = (ROOT / "crates" / "server" / "src" / "config" / "sources.rs").read_text()
        self.assertEqual({name for name in named if f"`{name}`" not in manual}, set(), "not in docs/configuration.md")
        self.assertEqual({name for name in named if f'"{name}"' not in sources}, set(), "not read by the server")
