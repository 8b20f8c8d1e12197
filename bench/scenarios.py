#!/usr/bin/env python3
"""What a hall holds: one scenario per command, server, database and candidates on the same machine, ledgers held against the database.

    bench/scenarios.py steady   [--users 19000] [--think 5] [--seconds 60]     an exam that goes on
    bench/scenarios.py limit    [--users 19000] [--seconds 30]                 the same with ever shorter pauses, until it is too slow
    bench/scenarios.py bell     [--users 18700] [--within 9.35] [--pages]      everybody starts, while 300 save; with what browsers ask for
    bench/scenarios.py end      [--users 10000]                                everybody hands in at the same moment
    bench/scenarios.py sign-ins [--users 2000] [--within 10]                   everybody signs in with a password, while 300 save
    bench/scenarios.py attack   [--users 300] [--attackers 5000]               idle and slow connections, while some save
    bench/scenarios.py sitting  [--questions 20]                               what a whole sitting costs, without signing in
    bench/scenarios.py threads  [--seconds 12]                                 one worker thread, two, and five (2n + 1)
    bench/scenarios.py soak     [--users 2000] [--seconds 1800]                memory over half an hour
    bench/scenarios.py arrivals [--users 2000] [--people 60000] [--seconds 20] three times as many come as get in, while others save
    bench/scenarios.py wave     [--users 2000] [--memory 256]                  ten times as many come, to a server with little memory
    bench/scenarios.py cached-get [--rounds 6] [--seconds 4]                   what is served from memory, beside bare hyper

Each takes --engine sqlite or postgres (both in turn when it is not given). Results go to bench/results/NAME.json, where those of the
other engine stay. A run in which something happened that must not (verdict.py) ends with 1; how quick it was is judged by who reads
it. PGURL names a PostgreSQL in which a database may be made. Reads /proc, so it runs on Linux only. Nothing else should run meanwhile.
"""
import argparse, json, socket, subprocess, sys, threading, time

from cached import cached_get
from crowds import arrivals, wave
from halls import hall, latency, report_of, trouble
from programs import add_to_result, built
from usage import calibration, cpu_s, fsync_ms, postgres_cpu_s, resident, stolen_s
from verdict import faults

SAVERS = 300
# Pauses between two answers that `limit` tries, and what 99 % of the answers and of the starts may take.
THINKS_S = (5.0, 4.5, 4.0, 3.5, 3.0, 2.5, 2.0, 1.5)
WANTED_MS = 50
WANTED_START_MS = 1_000


def time_of(seconds):
    """A length of time as `rehearse` reads it."""
    return f"{round(seconds * 1e3)}ms"


def savers(made, skip, seconds, name):
    """Candidates who are in the middle of their exam: an answer a second, from papers that are open."""
    return made.rehearse(SAVERS, "--think", "1s", "--duration", time_of(seconds), "--arrivals", "3s", "--no-submit", "--no-result",
                         "--seed", str(skip + 1), skip=skip, name=name)


def steady(made, given):
    """Everybody is connected and thinks; memory is what one more of them takes."""
    made.prepare(given.users)
    made.start()
    before, arrivals = resident(made.server.pid), max(20, given.users // 700)
    # Everybody arrives, then it goes on, and all hand in over a while; all at once is what `end` is about.
    length = arrivals + given.seconds + 32
    process = made.rehearse(given.users, "--think", time_of(given.think), "--duration", f"{length}s", "--arrivals", f"{arrivals}s",
                            "--departures", "30s", "--seed", "1", skip=0)
    time.sleep(arrivals + 5)
    used, database, generator = cpu_s(made.server.pid), postgres_cpu_s(), cpu_s(process.pid)
    connections = made.figure('examhall_http_connections{state="open"}')
    time.sleep(given.seconds - 5)
    used, database = cpu_s(made.server.pid) - used, postgres_cpu_s() - database
    generator = cpu_s(process.pid) - generator
    memory = resident(made.server.pid) - before
    report = report_of(process)
    share = lambda seconds: round(seconds / (given.seconds - 5), 3)
    return {
        "connections": connections, "saves_per_s": report["saves_per_s"],
        "save_p50_ms": latency(report, "save", "p50_ms"), "save_p99_ms": latency(report, "save"), "start_p99_ms": latency(report, "start"),
        "cores_server": share(used), "cores_database": share(database), "cores_generator": share(generator),
        "late_share": report["late_share"], "kib_per_user": round(memory / 1024 / given.users, 1), **trouble(report),
    }


def limit(made, given):
    """Ever shorter pauses, until the slowest hundredth of the answers, or of the starts, takes longer than is wanted; and the last pause before."""
    steps, holds = [], None
    for given.think in THINKS_S:
        step = steady(made, given)
        made.stop()
        # Those who come wait first: an answer that is quick because half of the hall has not started yet is no answer.
        took = (step["save_p99_ms"], WANTED_MS), (step["start_p99_ms"], WANTED_START_MS)
        is_too_much = any(p99 is None or p99 > wanted for p99, wanted in took)
        steps.append({"think_s": given.think, **step, "is_too_much": is_too_much})
        print(json.dumps(steps[-1]), file=sys.stderr, flush=True)
        if is_too_much or faults(step):
            break
        holds = given.think
    return {"wanted_ms": WANTED_MS, "holds_at_think_s": holds, "steps": steps}


def bell(made, given):
    """The starts of a whole hall within seconds; those who sit already must not notice."""
    made.prepare(given.users + 2 * SAVERS)
    made.start()
    quiet = report_of(savers(made, 0, 15, "quiet"))
    # A browser asks for the other questions within 15 seconds of its start.
    after = 17 if given.pages else 5
    # They are looked at until shortly after that; what it costs when a whole hall hangs up at once is another matter.
    during = savers(made, SAVERS, given.within + after + 3, "during")
    time.sleep(6)
    pages = ("--pages",) if given.pages else ()
    process = made.rehearse(given.users, "--think", "30s", "--duration", time_of(given.within + after), "--arrivals", time_of(given.within),
                            "--no-submit", "--no-result", "--seed", "2", *pages, skip=2 * SAVERS)
    report, during = report_of(process), report_of(during)
    return {
        "started": report["started"], "start_p50_ms": latency(report, "start", "p50_ms"), "start_p99_ms": latency(report, "start"),
        "start_max_ms": latency(report, "start", "max_ms"), "late_share": report["late_share"],
        "savers_p99_before_ms": latency(quiet, "save"), "savers_p99_during_ms": latency(during, "save"),
        "savers_trouble": trouble(during), **{f"{kind}_p99_ms": latency(report, kind) for kind in ("page", "questions") if pages},
        **({"questions": latency(report, "questions", "count")} if pages else {}), **trouble(report),
    }


def end(made, given):
    """Everybody hands in within the same second."""
    made.prepare(given.users)
    made.start()
    process = made.rehearse(given.users, "--think", "10s", "--duration", "40s", "--arrivals", "20s", "--departures", "0",
                            "--no-result", "--seed", "3", skip=0)
    report = report_of(process)
    return {
        "handed_in": report["handed_in"], "hand_in_p50_ms": latency(report, "submit", "p50_ms"),
        "hand_in_p99_ms": latency(report, "submit"), "save_p99_ms": latency(report, "save"), **trouble(report),
    }


def sign_ins(made, given):
    """A password to check for everybody; hashing must use its threads and hold nobody up."""
    alone = json.loads(subprocess.run([built("bench", "BENCH_BIN"), "hash"], check=True, stdout=subprocess.PIPE).stdout)["hashes_per_s"]
    made.prepare(2 * SAVERS)
    # All come from one address here, far more than a hall's.
    made.start(RATE_LIMITS="off")
    users = ("--think", "60s", "--arrivals", time_of(given.within), "--no-submit", "--no-result", "--seed", "4", "--give-up-after", "10m")
    # Their accounts are made first, over the API.
    accounts = made.rehearse(given.users, "--duration", f"{given.users // 20 + 20}s", *users, sessions=False, name="accounts", goes_on="people")
    report_of(accounts)
    quiet = report_of(savers(made, 0, 15, "quiet"))
    hashes, since = made.figure("examhall_password_hashes_total"), time.monotonic()
    length = given.users // 20 + 20
    during = savers(made, SAVERS, length, "during")
    time.sleep(5)
    storm = made.rehearse(given.users, "--duration", f"{length - 5}s", *users, sessions=False, name="storm", goes_on="people")
    # The rate while the queue is never empty.
    time.sleep(given.within)
    first, at = made.figure("examhall_password_hashes_total"), time.monotonic()
    time.sleep(15)
    rate = (made.figure("examhall_password_hashes_total") - first) / (time.monotonic() - at)
    report, during = report_of(storm), report_of(during)
    return {
        "signed_in": made.figure("examhall_password_hashes_total") - hashes, "seconds": round(time.monotonic() - since),
        "hashes_per_s": round(rate, 1), "threads": made.figure("examhall_password_threads"), "alone_hashes_per_s": round(alone, 1),
        "ratio_per_thread": round(rate / alone / made.figure("examhall_password_threads"), 3),
        "savers_p99_before_ms": latency(quiet, "save"), "savers_p99_during_ms": latency(during, "save"),
        "savers_trouble": trouble(during), **trouble(report),
    }


class Attackers(threading.Thread):
    """Connections that say nothing, a byte of a head now and then, or a head without its body; they come again when they are closed."""

    HEAD = b"POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"

    def __init__(self, port, count):
        super().__init__(daemon=True)
        self.port, self.count, self.ends, self.made = port, count, False, 0

    def run(self):
        held = {}
        while not self.ends:
            for number in range(self.count):
                if self.ends:
                    break
                one = held.get(number)
                try:
                    if one is None:
                        one = held[number] = socket.create_connection(("127.0.0.1", self.port), timeout=2)
                        self.made += 1
                        one.send((b"", b"GET / HTTP/1.1\r\nhost: a\r\n", self.HEAD)[number % 3])
                    else:
                        one.send((b"", b"x: y\r\n", b" ")[number % 3])
                except OSError:
                    held.pop(number, None)
            time.sleep(0.5)
        for one in held.values():
            one.close()


def attack(made, given):
    """Thousands of connections that only take room."""
    made.prepare(2 * given.users)
    made.start()
    candidates = lambda skip, name: made.rehearse(given.users, "--think", "2s", "--duration", "30s", "--arrivals", "10s", "--departures", "5s",
                                                  "--seed", str(skip), skip=skip, name=name)
    quiet = report_of(candidates(0, "quiet"))
    attackers = Attackers(int(made.environment["PORT"]), given.attackers)
    attackers.start()
    while made.figure('examhall_http_connections{state="open"}') < 0.9 * given.attackers:
        time.sleep(0.2)
    report = report_of(candidates(given.users, "during"))
    open_then = made.figure('examhall_http_connections{state="open"}')
    attackers.ends = True
    attackers.join()
    slowest = lambda found: max(one["p99_ms"] for one in found["latencies"])
    return {
        "connections": open_then, "attackers_connected": attackers.made, "p99_before_ms": slowest(quiet), "p99_during_ms": slowest(report),
        **trouble(report),
    }


def used_for(made, counter, seconds):
    """Seconds of processor time that server and database use within a while, and by how much a counter grows."""
    look = lambda: (cpu_s(made.server.pid), postgres_cpu_s(), made.figure(counter))
    before = look()
    time.sleep(seconds)
    return tuple(now - then for now, then in zip(look(), before))


def sitting(made, given):
    """Candidates who answer as fast as they are answered, one after another in each place; processor time of server and database for each."""
    made.prepare(given.users + 600 * given.seconds)
    made.start()
    process = made.rehearse(given.users, "--relay", "--think", "0", "--duration", f"{given.seconds}s", "--arrivals", "0", "--seed", "6", "--re-answer", "20%",
                            "--resume", "2%", skip=0)
    time.sleep(2)
    used, database, done = used_for(made, 'examhall_http_requests_total{class="start",status="2xx"}', given.seconds - 4)
    report = report_of(process)
    ms = lambda seconds: round(seconds * 1e3 / done, 3)
    total = ms(used) + (ms(database) if made.engine == "postgres" else 0)
    return {
        "questions": given.questions, "sittings": done, "sittings_per_s": round(done / (given.seconds - 4), 1),
        "server_ms": ms(used), "database_ms": ms(database) if made.engine == "postgres" else None, "cpu_ms_per_sitting": round(total, 3),
        **trouble(report),
    }


def threads(made, given):
    """Saves as fast as they go, with each number of threads in turn."""
    made.prepare(512 * 6)
    found = {}
    skip = 0
    for number in (1, 2, 5, 2, 1, 5):
        made.start(WORKERS=number, RATE_LIMITS="off")
        process = made.rehearse(512, "--think", "0", "--duration", f"{given.seconds}s", "--arrivals", "1s", "--resume", "0", "--no-submit",
                                "--no-result", "--seed", str(skip), skip=skip)
        skip += 512
        time.sleep(2)
        used, database, jobs = used_for(made, "examhall_committed_jobs_total", given.seconds - 4)
        report = report_of(process)
        made.stop()
        us = lambda seconds: round(seconds * 1e6 / jobs, 1)
        found.setdefault(str(number), []).append(
            {"saves_per_s": round(jobs / (given.seconds - 4)), "server_us": us(used),
             "database_us": us(database) if made.engine == "postgres" else None, "save_p99_ms": latency(report, "save"), **trouble(report)})
    return {"threads": found}


def soak(made, given):
    """The same people for a long time; memory every ten seconds, and how it goes on when it has settled."""
    made.prepare(given.users)
    made.start()
    process = made.rehearse(given.users, "--think", time_of(given.think), "--duration", f"{given.seconds}s", "--arrivals", "30s",
                            "--departures", "10s", "--seed", "7", skip=0)
    memory, since = [], time.monotonic()
    while time.monotonic() - since < given.seconds - 15:
        time.sleep(10)
        memory.append((round(time.monotonic() - since), resident(made.server.pid) >> 10))
    report = report_of(process)
    settled = memory[len(memory) // 3:]
    mean = lambda values: sum(values) / len(values)
    middle = mean([at for at, _ in settled]), mean([kib for _, kib in settled])
    slope = sum((at - middle[0]) * (kib - middle[1]) for at, kib in settled) / sum((at - middle[0]) ** 2 for at, _ in settled)
    noise = max(kib for _, kib in settled) - min(kib for _, kib in settled)
    return {
        "kib": memory, "kib_per_hour": round(slope * 3600), "noise_kib": noise, "save_p99_ms": latency(report, "save"),
        "saves": report["saves"], "handed_in": report["handed_in"], **trouble(report),
    }


SCENARIOS = {"steady": steady, "limit": limit, "bell": bell, "end": end, "sign-ins": sign_ins, "attack": attack, "sitting": sitting,
             "threads": threads, "soak": soak, "cached-get": cached_get, "arrivals": arrivals, "wave": wave}
DEFAULTS = {
    "steady": {"users": 19_000, "seconds": 60, "think": 5.0}, "limit": {"users": 19_000, "seconds": 30},
    "bell": {"users": 18_700, "within": 9.35}, "end": {"users": 10_000},
    "sign-ins": {"users": 2_000, "within": 10}, "attack": {"users": 300}, "sitting": {"users": 256, "seconds": 20}, "threads": {"seconds": 12},
    "soak": {"users": 2_000, "seconds": 1_800, "think": 5.0}, "cached-get": {"seconds": 4, "rounds": 6},
    "arrivals": {"users": 2_000, "think": 5.0, "seconds": 20, "people": 60_000, "after": 60},
    "wave": {"users": 2_000, "think": 5.0, "within": 10, "after": 30, "memory": 256},
}


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("scenario", choices=SCENARIOS)
    asked.add_argument("--engine", choices=("sqlite", "postgres"))
    for name, kind in (("users", int), ("think", float), ("seconds", int), ("within", float), ("rounds", int),
                       ("people", int), ("after", float), ("memory", int)):
        asked.add_argument(f"--{name}", type=kind)
    asked.add_argument("--pages", action="store_true")
    asked.add_argument("--attackers", type=int, default=5_000)
    asked.add_argument("--questions", type=int, default=65)
    given = asked.parse_args()
    for name, value in DEFAULTS[given.scenario].items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    result = {}
    for engine in [given.engine] if given.engine else ["sqlite", "postgres"]:
        with hall(engine, given.questions) as made:
            before = {"calibration": calibration(), "fsync_p50_p99_ms": fsync_ms(made.folder)}
            stolen, since = stolen_s(), time.monotonic()
            found = {**before, **SCENARIOS[given.scenario](made, given)}
            found["stolen_cores"] = round((stolen_s() - stolen) / (time.monotonic() - since), 3)
            if "ledger" not in found:
                found["ledger"] = made.verify()
        result[engine] = found
        print(json.dumps({engine: found}), flush=True)
    add_to_result(f"{given.scenario}-pages" if given.pages else given.scenario, result)
    wrong = faults(result)
    if wrong:
        sys.exit("no figure of this run counts:\n  " + "\n  ".join(wrong))


if __name__ == "__main__":
    main()
