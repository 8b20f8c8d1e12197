"""What processes use of the machine, and how fast that is at the moment. Reads /proc, so it works on Linux only."""
import hashlib, os, re, time

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid):
    """Seconds of processor time that a process has used."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(pid):
    """Bytes of memory that a process has in use."""
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * PAGE


def postgres_cpu_s():
    """Seconds that the processes of PostgreSQL have used, those that have ended included."""
    total = 0.0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                name, rest = re.match(r"\d+ \((.*)\) (.*)", stat.read()).groups()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name == "postgres":
            total += sum(map(int, rest.split()[11:15])) / TICK
    return total


def stolen_s():
    """Seconds that the processors of this machine would have worked and were not let: the host had others to serve."""
    with open("/proc/stat") as file:
        return int(file.readline().split()[8]) / TICK


def calibration():
    """Hashes of 1 MiB in a second on one processor: how fast this machine is at the moment."""
    block, count, end = bytes(1 << 20), 0, time.monotonic() + 1
    while time.monotonic() < end:
        hashlib.sha256(block).digest()
        count += 1
    return count


def fsync_ms(folder):
    """What the disk needs for a small append that is durable, for one second: the middle and the slowest hundredth."""
    took, end = [], time.monotonic() + 1
    with open(f"{folder}/probe", "wb") as probe:
        while time.monotonic() < end:
            begun = time.monotonic()
            os.write(probe.fileno(), bytes(8_192))
            os.fdatasync(probe.fileno())
            took.append((time.monotonic() - begun) * 1e3)
    os.remove(f"{folder}/probe")
    took.sort()
    return round(took[len(took) // 2], 3), round(took[int(len(took) * 0.99)], 3)
