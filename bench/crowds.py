"""More people than fit, while others are in their exam: who gets in, who is told to wait, and what those inside notice of it."""
import os, subprocess, threading, time

from confined import confined
from halls import report_of, trouble
from programs import built
from usage import cpu_s

# Those who are under way at once when it is looked how many get in as fast as it goes, and for how long that is looked at, in seconds.
PROBES, PROBED_S = 64, 4
# How much longer a save may take than before and be as usual: ratios of a few milliseconds are noise.
AS_USUAL = lambda before: max(1.5 * before, before + 10)


class Savers:
    """Candidates in the middle of their exam; when each of their answers was sent, and how soon it was acknowledged."""

    def __init__(self, made, count, think, seconds):
        self.count, self.since = count, time.monotonic()
        self.process = made.rehearse(count, "--think", f"{round(think * 1e3)}ms", "--duration", f"{round(seconds)}s", "--arrivals", "8s",
                                     "--no-submit", "--no-result", "--seed", "1", skip=0, name="savers")
        self.ledger = made.ledgers[-1]
        while not os.path.exists(self.ledger):
            time.sleep(0.005)
        self.opened = time.monotonic()

    def now(self):
        """Seconds since the ledger was opened."""
        return time.monotonic() - self.opened

    def saves(self):
        """(sent, took) of each answer in seconds, in the order in which they were sent; `took` is none for what was not acknowledged."""
        sent, took = {}, {}
        with open(self.ledger) as ledger:
            for line in ledger:
                fields = line.split()
                if fields[0] == "S":
                    sent[tuple(fields[2:5])] = int(fields[1]) / 1e6
                elif fields[0] == "K":
                    took.setdefault(tuple(fields[2:5]), int(fields[1]) / 1e6)
        return sorted((at, took[key] - at if key in took else None) for key, at in sent.items())


def within(saves, since, until):
    """What became of the answers that were sent in a while."""
    those = [took for at, took in saves if since <= at < until]
    answered = sorted(took for took in those if took is not None)
    at = lambda share: round(answered[min(int(len(answered) * share), len(answered) - 1)] * 1e3, 1) if answered else None
    return {
        "saves": len(those), "saves_per_s": round(len(those) / (until - since), 1), "p50_ms": at(0.5), "p99_ms": at(0.99),
        "max_ms": at(1), "acknowledged_share": round(len(answered) / max(len(those), 1), 5),
        "within_a_second_share": round(sum(took < 1 for took in answered) / max(len(those), 1), 5),
    }


def usual_again(saves, since, until, before_ms):
    """How many seconds after `since` the slowest hundredth of each second is as before, for three seconds on end."""
    good = 0
    for second in range(int(until - since)):
        p99 = within(saves, since + second, since + second + 1)["p99_ms"]
        good = good + 1 if p99 is not None and p99 <= AS_USUAL(before_ms) else 0
        if good == 3:
            return second - 2
    return None


class Watch(threading.Thread):
    """Looks at figures of the server twice a second; when each was not zero last, and the most that it was."""

    def __init__(self, made, names):
        super().__init__(daemon=True)
        self.made, self.names, self.ends = made, names, threading.Event()
        self.most, self.last = dict.fromkeys(names, 0), dict.fromkeys(names)

    def run(self):
        while not self.ends.wait(0.5):
            for name in self.names:
                try:
                    value = self.made.figure(name) or 0
                except OSError:
                    continue
                self.most[name] = max(self.most[name], value)
                if value > 0:
                    self.last[name] = time.monotonic()

    def stop(self):
        self.ends.set()
        self.join()

    def gone(self, name, since):
        """How long after a moment it was not zero last."""
        return round(max(0, self.last[name] - since), 1) if self.last[name] else 0


WAITING, PRESSURE, OPEN = "examhall_waiting_room_people", "examhall_admission_pressure", 'examhall_http_connections{state="open"}'


def people(made, skip, *options):
    """Starts people who come to the exam."""
    told = [built("bench", "BENCH_BIN"), "arrivals", "--url", made.url, "--exam", "bench", "--sessions", f"{made.folder}/sessions.txt",
            "--skip", str(skip), *map(str, options)]
    return subprocess.Popen(told, stdout=subprocess.PIPE)


def arrivals(made, given):
    """Three times as many come as get in when nobody presses: first it is looked how many that are, then they come."""
    made.prepare(given.users + given.people)
    made.start()
    length = 10 + 10 + PROBED_S + 15 + given.seconds + given.after + 10
    savers = Savers(made, given.users, given.think, length)
    time.sleep(10)
    quiet = savers.now(), savers.now() + 10
    time.sleep(10)
    probed = report_of(people(made, given.users, "--at-once", PROBES, "--seconds", PROBED_S))
    capacity = probed["in"] / probed["took_s"]
    time.sleep(15)
    left = given.people - probed["people"]
    rate = round(3 * capacity, 1)
    # Each needs a session of their own.
    seconds = min(given.seconds, int(left / rate * 10) / 10)
    watch = Watch(made, (WAITING, PRESSURE))
    watch.start()
    begun, used = savers.now(), cpu_s(made.server.pid)
    process = people(made, given.users + probed["people"], "--rate", rate, "--seconds", seconds, "--after", given.after)
    time.sleep(seconds)
    used = cpu_s(made.server.pid) - used
    over = time.monotonic()
    came = report_of(process)
    time.sleep(3)
    watch.stop()
    report = report_of(savers.process)
    saves = savers.saves()
    before, during = within(saves, *quiet), within(saves, begun, begun + seconds)
    return {
        "fits_per_s": round(capacity, 1), "came_per_s": rate, "seconds": seconds,
        "savers_before": before, "savers_during": during,
        "savers_after": within(saves, begun + seconds, begun + seconds + 10),
        "goodput": during["within_a_second_share"], "p99_ratio": round(during["p99_ms"] / before["p99_ms"], 2),
        "usual_again_after_s": usual_again(saves, begun + seconds, saves[-1][0], before["p99_ms"]),
        "waiting_most": watch.most[WAITING], "waiting_until_s_after": watch.gone(WAITING, over),
        "pressure_most": watch.most[PRESSURE], "pressure_until_s_after": watch.gone(PRESSURE, over),
        "cores_server": round(used / seconds, 2), "cores_generator": round(came["generator_cpu_s"] / came["took_s"], 2),
        "people": came, "savers_late_share": report["late_share"], **trouble(report),
    }


def wave(made, given):
    """Ten times as many as are inside come within seconds, to a server that has little memory; who waits keeps the connection."""
    crowd = 10 * given.users
    made.prepare(given.users + crowd)
    with confined(given.memory) as limit:
        made.prefix = limit.prefix
        made.start()
        pid = made.server.pid
        savers = Savers(made, given.users, given.think, 15 + given.within + given.after + 10)
        time.sleep(15)
        quiet = savers.now() - 5, savers.now()
        watch = Watch(made, (OPEN, WAITING, PRESSURE))
        watch.start()
        begun = savers.now()
        process = people(made, given.users, "--rate", crowd / given.within, "--seconds", given.within, "--after", given.after, "--keep")
        came = report_of(process)
        watch.stop()
        report = report_of(savers.process)
        saves = savers.saves()
        found = {
            "memory_mib": given.memory, "held_by": limit.how, "alive": made.server.poll() is None and made.server.pid == pid,
            "peak_mib": limit.peak_mib(), "peak_resident_mib": peak_resident(pid), "killed": limit.killed(),
            "connections_most": watch.most[OPEN], "connections_refused": made.figure("examhall_http_connections_refused_total"),
            "savers_before": within(saves, *quiet), "savers_during": within(saves, begun, begun + given.within),
            "savers_after": within(saves, begun + given.within, begun + given.within + given.after),
            "waiting_most": watch.most[WAITING], "pressure_most": watch.most[PRESSURE], "people": came, **trouble(report),
        }
        # It has left the group before that is removed.
        found["ledger"] = made.verify()
        made.stop()
        made.prefix = []
    return found


def peak_resident(pid):
    """The most of its own memory that a process had in use, in MiB."""
    with open(f"/proc/{pid}/status") as status:
        return round(next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024, 1)
