"""A limit on the memory of a process, by the best means that this machine has."""
import contextlib, os, shutil, subprocess

V2, V1 = "/sys/fs/cgroup", "/sys/fs/cgroup/memory"


class Confined:
    """`prefix` is put before a command, which keeps its process id; `how` says what holds it."""

    def __init__(self, how, prefix, folder=None, peak=None, events=None):
        self.how, self.prefix, self.folder, self.peak_file, self.events = how, prefix, folder, peak, events

    def figure(self, name):
        with open(f"{self.folder}/{name}") as file:
            return file.read()

    def peak_mib(self):
        """The most that was counted, cached files included; none where nothing counts."""
        return round(int(self.figure(self.peak_file)) / 2**20, 1) if self.folder else None

    def killed(self):
        """How often the limit ended a process."""
        if not self.folder:
            return None
        lines = [line.split() for line in self.figure(self.events).splitlines()]
        return next((int(value) for name, value in lines if name == "oom_kill"), 0)


def in_group(root, name, limit, peak, events):
    """A control group of our own below `root`; None when it cannot be made."""
    folder = f"{root}/{name}"
    try:
        os.mkdir(folder)
        # A folder that is no control group is an empty one.
        with open(f"{folder}/{limit[0]}", "r+") as file:
            file.write(str(limit[1]))
    except OSError:
        with contextlib.suppress(OSError):
            os.rmdir(folder)
        return None
    return Confined(f"{root}, {limit[0]}", ["sh", "-c", f'echo $$ > {folder}/cgroup.procs && exec "$@"', "sh"], folder, peak, events)


@contextlib.contextmanager
def confined(mib):
    """systemd's scope where systemd runs, else a control group (v2, v1), else a limit of the process on its data."""
    name, size = f"examhall_bench_{os.getpid()}", mib * 2**20
    made = None
    if os.path.isdir("/run/systemd/system") and shutil.which("systemd-run"):
        told = ["systemd-run", "--scope", "--quiet", f"--unit={name}", "-p", f"MemoryMax={mib}M", "-p", "MemorySwapMax=0"]
        if os.path.exists(f"{V2}/cgroup.controllers") and subprocess.run([*told, "true"], capture_output=True).returncode == 0:
            made = Confined("systemd-run, MemoryMax", told, f"{V2}/system.slice/{name}.scope", "memory.peak", "memory.events")
    made = made or in_group(V2, name, ("memory.max", size), "memory.peak", "memory.events")
    made = made or in_group(V1, name, ("memory.limit_in_bytes", size), "memory.max_usage_in_bytes", "memory.oom_control")
    made = made or Confined("prlimit --data, which fails allocations and kills nothing", ["prlimit", f"--data={size}"])
    try:
        yield made
    finally:
        if made.folder:
            # systemd removes its own.
            with contextlib.suppress(OSError):
                os.rmdir(made.folder)
