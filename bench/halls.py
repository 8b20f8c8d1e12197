"""A server of one's own with an exam and candidates."""
import json, os, resource, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.request
from contextlib import contextmanager

from programs import PGURL, address_of, built, free_port, psql

# Each process gets as many descriptors as the system allows: a candidate is a connection.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


class Hall:
    """A server on a fresh database, with a published exam of choice questions and candidates who have sessions."""

    def __init__(self, engine, folder, questions=65):
        self.examhall, self.engine, self.folder = built("examhall", "EXAMHALL_BIN"), engine, folder
        self.environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DATA_DIR")}
        self.environment |= {"DATA_DIR": f"{folder}/data", "LOG_LEVEL": "warn", "PORT": str(free_port())}
        self.database = None
        if engine == "postgres":
            self.database = f"examhall_bench_{os.getpid()}"
            psql(PGURL, f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
            psql(PGURL, f"CREATE DATABASE {self.database}")
            self.environment["DATABASE_URL"] = address_of(self.database)
        self.url = f"http://127.0.0.1:{self.environment['PORT']}"
        self.server, self.ledgers = None, []
        # What the server is started by, such as something that limits it; must keep the process id.
        self.prefix = []
        self.command("import", self.bank(), "--bank", "bench")
        self.command("exam", "create", "--slug", "bench", "--title", "Bench", "--bank", "bench", "--questions", str(questions),
                     "--time-limit", "3h")
        self.command("exam", "publish", "bench")

    def bank(self):
        path = f"{self.folder}/bank.csv"
        with open(path, "w") as file:
            file.write("question,option_a,option_b,option_c,option_d,correct_answer\n")
            for number in range(130):
                file.write(f"What is {number} plus one?,{number + 1},{number + 2},{number + 3},{number + 4},A\n")
        return path

    def command(self, *arguments):
        subprocess.run([self.examhall, *arguments], env=self.environment, check=True, cwd=self.folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def prepare(self, users):
        self.command("rehearse", "prepare", "--users", str(users), "--exam", "bench", "--sessions", f"{self.folder}/sessions.txt")

    def start(self, **variables):
        """Starts the server and waits until it is ready."""
        log = open(f"{self.folder}/server.log", "a")
        environment = self.environment | {name: str(value) for name, value in variables.items()}
        self.server = subprocess.Popen([*self.prefix, self.examhall, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=log, cwd=self.folder)
        for _ in range(400):
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=1)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        sys.exit("the server is not ready")

    def stop(self):
        if self.server:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait()
            self.server = None

    def figure(self, name):
        """A value of /metrics."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[1])
        return None

    def rehearse(self, users, *options, skip=None, sessions=True, name="crowd", goes_on=None):
        """Starts a rehearsal with a ledger of its own, or with that of the one that it goes on with."""
        ledger = f"{self.folder}/ledger-{goes_on or f'{name}-{len(self.ledgers)}'}"
        if ledger not in self.ledgers:
            self.ledgers.append(ledger)
        told = [self.examhall, "rehearse", "--url", self.url, "--exam", "bench", "--users", str(users), "--json", "--ledger", ledger,
                "--save-p99", "60s", "--retried", "100%", *options]
        if sessions:
            told += ["--sessions", f"{self.folder}/sessions.txt"] + ([] if skip is None else ["--skip", str(skip)])
        errors = open(f"{self.folder}/rehearse-{name}.log", "a") if os.environ.get("QUIET", "1") == "1" else None
        return subprocess.Popen(told, env=self.environment, stdout=subprocess.PIPE, stderr=errors, cwd=self.folder)

    def verify(self):
        """Holds every ledger against the database; how many acknowledged operations were looked up, and what was broken."""
        looked_up, broken = 0, 0
        for ledger in self.ledgers:
            told = subprocess.run([self.examhall, "rehearse", "verify", "--ledger", ledger, "--json"], env=self.environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.folder)
            verdict = json.loads(told.stdout)
            looked_up += verdict["acknowledged"]
            broken += len(verdict["violations"])
        self.ledgers = []
        return {"acknowledged": looked_up, "broken": broken}


PORTS = "/proc/sys/net/ipv4/ip_local_port_range"


# Whoever ends this ends it in order: what was set is set back.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("it was ended"))


@contextmanager
def ports():
    """More ports for candidates while a hall is there, where this user may say so. Linux takes every other one of them first, and when half
    are in use it looks through all of those again for each connection that is made: with the usual 28,000, from the 14,000th on."""
    with open(PORTS) as file:
        usual = file.read()
    try:
        with open(PORTS, "w") as file:
            file.write("15000 65000")
    except OSError:
        print(f"{PORTS} cannot be set: beyond some 14,000 connections, candidates are slow to connect", file=sys.stderr)
        yield
        return
    try:
        yield
    finally:
        with open(PORTS, "w") as file:
            file.write(usual)


@contextmanager
def hall(engine, questions=65):
    folder = tempfile.mkdtemp(prefix="examhall_bench_", dir="/var/tmp")
    made = None
    try:
        with ports():
            made = Hall(engine, folder, questions)
            yield made
    finally:
        if made:
            made.stop()
            if made.database:
                psql(PGURL, f"DROP DATABASE IF EXISTS {made.database} WITH (FORCE)")
        shutil.rmtree(folder)


def report_of(process):
    """What a rehearsal found; its own processor time is counted by whoever waits for it."""
    out = process.communicate()[0]
    try:
        return json.loads(out)
    except json.JSONDecodeError:
        sys.exit(f"the rehearsal ended with {process.returncode} and gave no report: {out[:500]!r}")


def latency(report, kind, field="p99_ms"):
    return next((one[field] for one in report["latencies"] if one["kind"] == kind), None)


def trouble(report):
    """What went wrong in a rehearsal: each must be empty or none."""
    return {"broken": report["broken"], "unexpected": report["unexpected"], "gave_up": report["gave_up"], "sent_again": report["retries"]}
