"""The sides that bench/against.py compares: the baseline in its two forms, and Examhall, each with its own database."""
import contextlib, glob, json, os, re, shutil, signal, subprocess, sys, time, urllib.error, urllib.request

from programs import PGURL, ROOT, address_of, free_port, psql

sys.path.insert(0, f"{ROOT}/bench/baseline")
import questions

PASSWORD = "seven red umbrellas"
BASELINE = f"{ROOT}/bench/baseline"


def python():
    """The Python that the baseline runs on, installed if it is not there."""
    return subprocess.run([f"{BASELINE}/install.sh"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def wait_for(url, process):
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(f"the server of {url} has ended with code {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    sys.exit(f"{url} does not answer")


class Side:
    """A server that is started and stopped, and its database."""

    def __init__(self, folder, users):
        self.folder, self.port, self.users = f"{folder}/{self.name}", free_port(), users
        self.database = f"examhall_against_{os.getpid()}_{self.name}"
        self.server = None
        os.makedirs(self.folder)
        self.sessions = f"{self.folder}/sessions.txt"
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        with open(f"{self.folder}/log.txt", "ab") as log:
            self.server = subprocess.Popen(self.command(), env=self.environment(), cwd=self.directory(), stdout=log, stderr=log)
        wait_for(self.url + self.health, self.server)

    def stop(self):
        if not self.server:
            return
        for sent, seconds in ((signal.SIGTERM, 10), (signal.SIGQUIT, 10), (signal.SIGKILL, None)):
            if self.server.poll() is None:
                self.server.send_signal(sent)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.server.wait(seconds)
        self.server = None

    def make_database(self):
        psql(PGURL, f"CREATE DATABASE {self.database}")

    def drop_database(self):
        psql(PGURL, f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")

    def statistics(self):
        """What PostgreSQL has counted for this database: milliseconds of executing statements, and sessions begun."""
        # A backend tells what it has done a second later at the latest.
        time.sleep(1.5)
        active, sessions, commits = psql(
            PGURL, f"SELECT active_time, sessions, xact_commit FROM pg_stat_database WHERE datname = '{self.database}'"
        ).strip().split("|")
        return {"active_ms": float(active), "sessions": int(sessions), "commits": int(commits)}


class Baseline(Side):
    health, category, faces = "/health", questions.CATEGORY, ("forms",)

    def __init__(self, form, folder, users, python):
        self.name, self.python = form, python
        super().__init__(folder, users)
        self.statistics_folder = f"{self.folder}/statistics"
        os.makedirs(self.statistics_folder)

    def directory(self):
        return BASELINE

    def command(self):
        return [self.python, "-m", "gunicorn", "-c", "gunicorn.conf.py", "application:app"]

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUNICORN_", "DB_", "BASELINE_"))}
        return kept | {
            "DATABASE_URL": address_of(self.database), "PORT": str(self.port), "BASELINE_FORM": self.name,
            "BASELINE_SESSIONS": f"{self.folder}/sessions", "BASELINE_STATISTICS": self.statistics_folder,
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def start(self):
        for path in glob.glob(f"{self.statistics_folder}/*.ready"):
            os.remove(path)
        super().start()
        workers = 4 if self.name == "before" else 2 * os.cpu_count() + 1
        while len(glob.glob(f"{self.statistics_folder}/*.ready")) < workers and self.server.poll() is None:
            time.sleep(0.05)

    def fill(self, *arguments):
        command = [self.python, "fill.py", *arguments, "--users", str(self.users)]
        return subprocess.run(command, env=self.environment(), cwd=BASELINE, check=True, stdout=subprocess.PIPE, text=True).stdout

    def prepare(self):
        self.make_database()
        self.fill("schema", "--password", PASSWORD)
        psql(address_of(self.database), "VACUUM (ANALYZE)")
        with open(self.sessions, "w") as file:
            file.write(self.fill("sessions"))

    def hash(self):
        return psql(address_of(self.database), "SELECT min(password_hash) FROM users").strip()

    def set_hash(self, hash):
        psql(address_of(self.database), "UPDATE users SET password_hash = '%s'" % hash.replace("'", "''"), "VACUUM users")

    def taken_off(self):
        """What its workers say of their database work since this was last asked; they say it when they end."""
        total = {}
        for path in glob.glob(f"{self.statistics_folder}/*.json"):
            with open(path) as file:
                for name, value in json.load(file).items():
                    total[name] = total.get(name, 0) + value
            os.remove(path)
        return total

    def rows(self):
        """(finished sittings, answers) in the database."""
        found = psql(address_of(self.database), "SELECT (SELECT count(*) FROM quiz_results), (SELECT count(*) FROM quiz_answers)")
        return tuple(int(value) for value in found.strip().split("|"))


class Examhall(Side):
    name, health, category, faces = "examhall", "/readyz", "against", ("api", "pages")

    def __init__(self, program, folder, users):
        self.program = program
        super().__init__(folder, users)

    def directory(self):
        return self.folder

    def command(self):
        return [self.program, "serve"]

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUNICORN_", "DB_"))}
        return kept | {
            "DATABASE_URL": address_of(self.database), "PORT": str(self.port), "DATA_DIR": f"{self.folder}/data",
            "LOG_LEVEL": "warn", "RATE_LIMITS": "off",
        }

    def run(self, *arguments, **options):
        subprocess.run(
            [self.program, *arguments], env=self.environment(), cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **options,
        )

    def prepare(self):
        self.make_database()
        questions.write_csv(f"{self.folder}/questions.csv")
        self.run("import", "questions.csv", "--bank", "against")
        self.run("exam", "create", "--slug", "against", "--title", "Against", "--bank", "against", "--questions", "20", "--time-limit", "3h")
        self.run("exam", "publish", "against")
        self.run(
            "account", "create", "--email", "u0@example.org", "--name", "User0", "--role", "candidate", "--password-stdin",
            input=PASSWORD + "\n", text=True,
        )
        # The others are copies of the first: hashing the same password thousands of times would show nothing.
        psql(
            address_of(self.database),
            "INSERT INTO accounts (email, email_key, name, search, password_hash, role, created_at) "
            "SELECT 'u' || i || '@example.org', 'u' || i || '@example.org', 'User' || i, 'u' || i || '@example.org user' || i, "
            f"password_hash, role, created_at FROM accounts, generate_series(1, {self.users} - 1) i WHERE email = 'u0@example.org'",
        )
        self.run("rehearse", "prepare", "--users", str(self.users), "--exam", "against", "--sessions", self.sessions)
        psql(address_of(self.database), "VACUUM (ANALYZE)")

    def hash(self):
        return psql(address_of(self.database), "SELECT password_hash FROM accounts WHERE email = 'u0@example.org'").strip()

    def set_hash(self, hash):
        """Its own is the only one it has."""

    def taken_off(self):
        return {}

    def rows(self):
        """(finished sittings, questions answered in them) in the database."""
        found = psql(address_of(self.database), "SELECT count(*), COALESCE(sum(answered), 0) FROM attempts WHERE state = 'submitted'")
        return tuple(int(value) for value in found.strip().split("|"))


def close(sides, folder):
    """Ends everything, whatever happened."""
    for side in sides:
        side.stop()
        side.drop_database()
    shutil.rmtree(folder)


def shape(hash):
    """A password hash without its salt and value, to print."""
    return re.match(r"[^$]*(\$argon2id\$v=\d+\$[^$]+)?", hash).group(0).lstrip("$")
