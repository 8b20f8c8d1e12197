#!/usr/bin/env python3
"""Durable saves over HTTP, generator, server and database on the same cores: batching on against off, on both engines.

    bench/over_http.py [ROUNDS] [SECONDS]      results go to bench/results/over_http.json

Virtual candidates with open papers save one answer per request as fast as they are answered (`examhall rehearse --think 0
--no-submit`), and every acknowledgement is held against the database afterwards. PGURL names a PostgreSQL in which a database
may be made. Then the same candidates save at a fixed rate: how long one waits, beside a probe of the disk's own fsync in the same
minute. What the processes used of the processor is read from /proc, so this runs on Linux only.
"""
import json, os, shutil, signal, statistics, subprocess, sys, tempfile, time, urllib.error, urllib.request

from programs import PGURL, address_of, built, numbers, psql, write_result
from usage import cpu_s, fsync_ms, postgres_cpu_s

ROUNDS, SECONDS = numbers(__doc__, 3, 12)
USERS = 512
RATE = 4_000
PORT = int(os.environ.get("BENCH_PORT", "5900"))


def ready():
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    sys.exit("the server is not ready")


def measured(examhall, environment, folder, batch, seed, think="0"):
    """One slice: a server, its candidates, and the ledger held against the database."""
    environment = {**environment, "SAVE_BATCH": str(batch), "PORT": str(PORT), "LOG_LEVEL": "warn"}
    server = subprocess.Popen([examhall, "serve"], env=environment, stdout=subprocess.DEVNULL, cwd=folder)
    try:
        ready()
        rehearse = lambda seconds, *options: [
            examhall, "rehearse", "--url", f"http://127.0.0.1:{PORT}", "--exam", "bench", "--users", str(USERS), "--think", think,
            "--duration", f"{seconds}s", "--arrivals", "1s", "--resume", "0", "--no-submit", "--seed", str(seed),
            "--sessions", f"{folder}/sessions.txt", "--save-p99", "10s", "--json", *options,
        ]
        quiet = {"env": environment, "stderr": subprocess.DEVNULL, "cwd": folder}
        if think != "0":
            # Papers are drawn and put into memory before: what is measured is the exam, not its bell.
            subprocess.run(rehearse(3), stdout=subprocess.DEVNULL, **quiet)
        command = rehearse(SECONDS, "--ledger", f"{folder}/ledger-{seed}", "--verify")
        before, postgres_before = cpu_s(server.pid), postgres_cpu_s()
        generator = subprocess.Popen(command, stdout=subprocess.PIPE, **quiet)
        # Until shortly before the end: the generator then verifies its ledger, which is no part of what is measured.
        time.sleep(SECONDS - 1)
        used, server_used, postgres_used = cpu_s(generator.pid), cpu_s(server.pid) - before, postgres_cpu_s() - postgres_before
        report = json.loads(generator.communicate()[0])
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        if os.path.exists(f"{folder}/ledger-{seed}"):
            os.remove(f"{folder}/ledger-{seed}")
    return report, used, server_used, postgres_used


def keep(engine, folder, database):
    """Puts the prepared database aside."""
    if engine == "sqlite":
        shutil.copytree(f"{folder}/sqlite/data", f"{folder}/sqlite/prepared")
    else:
        psql(PGURL, f"ALTER DATABASE {database} RENAME TO {database}_prepared")


def renew(engine, folder, database):
    """A slice starts from the prepared database, so that it does not measure what the slices before it have left."""
    if engine == "sqlite":
        shutil.rmtree(f"{folder}/sqlite/data")
        shutil.copytree(f"{folder}/sqlite/prepared", f"{folder}/sqlite/data")
    else:
        psql(PGURL, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        psql(PGURL, f"CREATE DATABASE {database} TEMPLATE {database}_prepared")
        psql(PGURL, "CHECKPOINT")
    os.sync()


def main():
    examhall = built("examhall", "EXAMHALL_BIN")
    folder = tempfile.mkdtemp(prefix="examhall_bench_", dir="/var/tmp")
    database = f"examhall_bench_{os.getpid()}"
    slices = []
    try:
        psql(PGURL, f"CREATE DATABASE {database}")
        for engine in ("sqlite", "postgres"):
            os.makedirs(f"{folder}/{engine}")
            environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
            environment["DATA_DIR"] = f"{folder}/{engine}/data"
            if engine == "postgres":
                environment["DATABASE_URL"] = address_of(database)
            run = lambda *arguments: subprocess.run(
                [examhall, *arguments], env=environment, check=True, cwd=f"{folder}/{engine}", stdout=subprocess.DEVNULL
            )
            run("import", questions(folder), "--bank", "bench")
            run("exam", "create", "--slug", "bench", "--title", "Bench", "--bank", "bench", "--questions", "65", "--time-limit", "3h")
            run("exam", "publish", "bench")
            run("rehearse", "prepare", "--users", str(USERS), "--exam", "bench", "--sessions", f"{folder}/{engine}/sessions.txt")
            keep(engine, folder, database)
            for number in range(ROUNDS):
                for batch in (256, 1):
                    seed = 10 * number + batch
                    renew(engine, folder, database)
                    report, generator, server, postgres = measured(examhall, environment, f"{folder}/{engine}", batch, seed)
                    slices.append({"engine": engine, "batch": batch, **figures(report, generator, server, postgres)})
                    print(json.dumps(slices[-1]), flush=True)
                # At a fixed rate; what is measured is the wait.
                renew(engine, folder, database)
                _, probe = fsync_ms(f"{folder}/{engine}")
                think = f"{round(USERS * 1e3 / RATE)}ms"
                report, generator, server, postgres = measured(examhall, environment, f"{folder}/{engine}", 256, 1_000 + number, think)
                at_rate = figures(report, generator, server, postgres)
                slices.append({"engine": engine, "batch": "at_rate", "fsync_p99_ms": probe, **at_rate})
                print(json.dumps(slices[-1]), flush=True)
    finally:
        for name in (database, f"{database}_prepared"):
            psql(PGURL, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        shutil.rmtree(folder)
    result = summary(slices)
    write_result("over_http", result)
    print(json.dumps(result, indent=2))


def questions(folder):
    """A bank of choice questions."""
    path = f"{folder}/bank.csv"
    with open(path, "w") as file:
        file.write("question,option_a,option_b,option_c,option_d,correct_answer\n")
        for number in range(130):
            file.write(f"What is {number} plus one?,{number + 1},{number + 2},{number + 3},{number + 4},A\n")
    return path


def figures(report, generator, server, postgres):
    """What one slice says. The first and the last two seconds are arrival and end."""
    seconds = report["saves_by_second"][2:-2]
    saves = sum(report["saves_by_second"][:SECONDS - 1])
    micros = lambda used: round(used * 1e6 / saves, 1)
    save = next(latency for latency in report["latencies"] if latency["kind"] == "save")
    verdict = report["verdict"] or {}
    return {
        "saves_per_s": statistics.median(seconds), "p50_ms": save["p50_ms"], "p99_ms": save["p99_ms"],
        "generator_us": micros(generator), "server_us": micros(server), "postgres_us": micros(postgres),
        "acknowledged": report["acknowledged"], "broken": report["broken"], "unexpected": report["unexpected"], "verdict": verdict,
    }


def summary(slices):
    """Medians of the slices, their ratios, and the ceiling that the measured processor time sets."""
    result = {}
    for engine in ("sqlite", "postgres"):
        of = lambda batch: [slice for slice in slices if (slice["engine"], slice["batch"]) == (engine, batch)]
        median = lambda field, batch: round(statistics.median(slice[field] for slice in of(batch)), 1)
        fields = ("saves_per_s", "p50_ms", "p99_ms", "generator_us", "server_us", "postgres_us")
        on, off = ({field: median(field, batch) for field in fields} for batch in (256, 1))
        used = on["generator_us"] + on["server_us"] + (on["postgres_us"] if engine == "postgres" else 0)
        ceiling = os.cpu_count() * 1e6 / used
        fields = ("saves_per_s", "p50_ms", "p99_ms", "fsync_p99_ms", "generator_us", "server_us", "postgres_us")
        result[engine] = {
            "at_fixed_rate": {field: median(field, "at_rate") for field in fields},
            "batching_on": on, "batching_off": off,
            "times_without_batching": round(on["saves_per_s"] / off["saves_per_s"], 2),
            "cpu_us_per_save": round(used, 1), "ceiling_saves_per_s": round(ceiling),
            "share_of_ceiling": round(on["saves_per_s"] / ceiling, 2),
        }
    return result


if __name__ == "__main__":
    main()
