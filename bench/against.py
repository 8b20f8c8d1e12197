#!/usr/bin/env python3
"""Examhall against the stack it replaces (bench/baseline), on the same machine, on the same PostgreSQL, by the same journeys.

    bench/against.py [--rounds N] [--seconds N] [--only PART ...]      results go to bench/results/against.json
    bench/against.py --smoke                                           a few sittings on each side, checked; no figures

The baseline runs in two forms: "before", with a database connection per request and four workers, and "after", with gevent workers and
a pool. Its sides and Examhall take turns; a calibration stands beside each run. Parts: closed (users without a pause: what a
sitting costs), alone (one user: what each step takes), crowd (1,000 users who think: errors) and search (how many users
before it breaks). PGURL names a PostgreSQL in which databases may be made; EXAMHALL_BIN and BENCH_BIN name programs that are
built already, else they are built for release first. Linux only.
"""
import argparse, hashlib, itertools, json, multiprocessing, os, subprocess, sys, tempfile, time

import sides
from against_report import summary, table
from programs import PGURL, built, psql, write_result

PARTS = ("closed", "alone", "crowd", "search")
THINK_S = 5
CROWD = 1_000
GRID = (50, 100, 150, 200, 300, 400, 500, 600, 700, 800, 1_000, 1_200, 1_500, 1_800, 2_200, 2_700, 3_300, 4_000, 5_000, 6_500, 8_000,
        10_000, 12_500, 15_500, 19_000)
# What the baseline is tried with at most; nobody has to wait for what it cannot do.
GRID_MAX = {"before": 3_300, "after": 3_300, "examhall": 19_000}


def calibration():
    """How fast the machine is now: PBKDF2 hashes on all cores at once, per second and per second of processor time, and a loop."""
    cores = os.cpu_count()
    with multiprocessing.Pool(cores) as pool:
        began = time.monotonic()
        used = sum(pool.map(hashing, [5] * cores, chunksize=1))
        took = time.monotonic() - began
    began, total = time.monotonic(), 0
    for number in range(3_000_000):
        total ^= number * number
    return {
        "hashes_per_s": round(5 * cores / took, 2), "hashes_per_cpu_s": round(5 * cores / used, 2), "loop_s": round(time.monotonic() - began, 3)
    }


def hashing(count):
    """The processor time that so many hashes take."""
    began = time.process_time()
    for _ in range(count):
        hashlib.pbkdf2_hmac("sha256", b"calibration", b"0123456789abcdef", 600_000)
    return time.process_time() - began


def busy_s():
    """Seconds that the processors of this machine have worked."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


class Comparison:
    def __init__(self, options, bench, all_sides):
        self.options, self.bench, self.sides = options, bench, all_sides
        self.runs, self.seed = [], 0
        # Only the cluster that is used counts: others may run beside it. A superuser may ask for its first process.
        self.postgres = psql(PGURL, "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)").strip()

    def warm_up(self, side):
        return self.journey(side, side.faces[0], 5, 3)

    def measured(self, *arguments, **options):
        """A run with a calibration before it; None when its users could not begin."""
        before = calibration()
        report = self.journey(*arguments, **options)
        return report and {"calibration": before, **report}

    def journey(self, side, face, users, seconds, think=0, signs_in=False):
        """Runs the generator, and what it tells."""
        self.seed += 1
        command = [
            self.bench, "journey", "--face", face, "--url", side.url, "--users", str(users), "--seconds", str(seconds), "--exam", side.category,
            "--process", str(side.server.pid), "--seed", str(self.seed), "--think", str(think), "--sessions", side.sessions,
            "--postgres", self.postgres,
        ]
        if signs_in:
            command += ["--password", sides.PASSWORD]
        busy, began = busy_s(), time.monotonic()
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if told.returncode:
            return None
        report = json.loads(told.stdout)
        others = busy_s() - busy - sum(report["cpu_s"].values())
        # Putting thinking users into place is work before the measurement, so it would count as others'.
        report["others_cores"] = round(others / (time.monotonic() - began), 3) if not think else None
        return report

    def keep(self, part, side, what, report, **more):
        """Writes a run down."""
        run = {"part": part, "side": side.name, "what": what, **more, "report": report}
        self.runs.append(run)
        figures = "no report" if report is None else (
            f"{report['sittings_per_s']:.1f} sittings/s, {report['sittings_per_cpu_s']:.1f} per CPU-second, p99 {report['all']['p99_ms']:.0f} ms, "
            f"failed {report['failed_share']:.2%}, {report['memory_mb']['proportional']:.0f} MB"
        )
        print(f"{time.strftime('%H:%M:%S')} {part} {side.name} {what} {more or ''}: {figures}", flush=True)
        return run

    def turn(self):
        """All sides, the other way round each time."""
        self.order = self.sides if getattr(self, "order", None) is not self.sides else self.sides[::-1]
        return self.order

    def closed(self):
        own, few = {side.name: side.hash() for side in self.sides}, self.options.users[0]
        for _ in range(self.options.rounds):
            for side in self.turn():
                side.start()
                self.warm_up(side)
                side.taken_off()
                for face, users in itertools.product(side.faces, self.options.users):
                    before, began = side.statistics(), side.rows()[0]
                    report = self.measured(side, face, users, self.options.seconds)
                    after, ended = side.statistics(), side.rows()[0]
                    database = {name: after[name] - before[name] for name in after}
                    if ended - began != report["sittings"]:
                        report["reasons"]["sittings_missing_in_the_database"] = report["sittings"] - (ended - began)
                    self.keep("closed", side, f"signed in, {face}", report, users=users, database=database)
                side.stop()
                self.runs[-1]["app_side"] = side.taken_off()
                side.start()
                for what, hash in (("own", own[side.name]), ("identical", own["examhall"])):
                    # Ours is the one that is checked by both.
                    if what == "own" or side.name != "examhall":
                        side.set_hash(hash)
                        report = self.measured(side, side.faces[0], few, self.options.seconds, signs_in=True)
                        self.keep("closed", side, f"with sign-in, {what} hash", report, users=few, hash=sides.shape(hash))
                side.set_hash(own[side.name])
                side.stop()

    def alone(self):
        for side in self.turn():
            side.start()
            self.warm_up(side)
            for face in side.faces:
                self.keep("alone", side, face, self.measured(side, face, 1, self.options.seconds, signs_in=True))
            side.stop()

    def thinking(self, part, side, users, signs_in):
        side.start()
        report = self.measured(side, side.faces[0], users, self.options.search_seconds, think=THINK_S, signs_in=signs_in)
        run = self.keep(part, side, "with sign-in" if signs_in else "signed in", report, users=users)
        side.stop()
        return run

    def crowd(self):
        for signs_in in (False, True):
            for side in self.turn():
                self.thinking("crowd", side, CROWD, signs_in)

    def search(self):
        """The most users of the grid that a side holds: half of what is left is ruled out by each run."""
        for signs_in in (False, True):
            ranges = {side.name: [0, sum(users <= GRID_MAX[side.name] for users in GRID)] for side in self.sides}
            while any(low < high for low, high in ranges.values()):
                for side in self.turn():
                    low, high = ranges[side.name]
                    if low == high:
                        continue
                    middle = (low + high) // 2
                    report = self.thinking("search", side, GRID[middle], signs_in)["report"]
                    # Who cannot even put its users into place does not hold them.
                    ranges[side.name] = [middle + 1, high] if report and report["holds"] else [low, middle]


def smoke(comparison):
    """A few sittings on each side: nothing fails, and every one of them is in the database with its answers."""
    for side in comparison.sides:
        side.start()
        for face in side.faces:
            before = side.rows()
            report = comparison.journey(side, face, 3, 1, signs_in=True)
            after = side.rows()
            sat = report["sittings"] if report else 0
            is_right = report and report["failed"] == 0 and sat >= 3 and tuple(b - a for a, b in zip(before, after)) == (sat, 20 * sat)
            is_seen = report and report["cpu_s"]["server"] > 0 and report["memory_mb"]["processes"] > 0
            print(f"{side.name} by {face}: {sat} sittings, {after[0] - before[0]} in the database with {after[1] - before[1]} answers")
            if not is_right or not is_seen:
                sys.exit(f"FAILED: {json.dumps(report, indent=2)}")
        side.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the part closed")
    parser.add_argument("--seconds", type=int, default=12, help="length of a run without pauses")
    parser.add_argument("--users", type=int, nargs="+", default=[10, 200], help="users of the runs without pauses; the first of them with sign-in")
    parser.add_argument("--search-seconds", type=int, default=25, help="length of a run with users who think")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="only these parts")
    parser.add_argument("--smoke", action="store_true", help="a few sittings on each side, checked; no figures")
    options = parser.parse_args()
    examhall, bench = built("examhall", "EXAMHALL_BIN"), built("bench", "BENCH_BIN")
    parts = [] if options.smoke else options.only
    users = {name: GRID_MAX[name] if "search" in parts else CROWD if "crowd" in parts else max(options.users) for name in GRID_MAX}
    folder = tempfile.mkdtemp(prefix="examhall_against_", dir="/var/tmp")
    python = sides.python()
    all_sides = [sides.Baseline(form, folder, users[form], python) for form in ("before", "after")]
    all_sides.append(sides.Examhall(examhall, folder, users["examhall"]))
    comparison = Comparison(options, bench, all_sides)
    try:
        for side in all_sides:
            side.prepare()
        if options.smoke:
            smoke(comparison)
            return
        for part in PARTS:
            if part in parts:
                getattr(comparison, part)()
    finally:
        sides.close(all_sides, folder)
    result = summary(comparison.runs)
    write_result("against", result)
    print(table(result))


if __name__ == "__main__":
    main()
