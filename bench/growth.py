#!/usr/bin/env python3
"""Saves beside millions of ended attempts, on both engines: what an ended attempt takes up, and what a save costs then.

    bench/growth.py [SEALED] [OPEN] [OPERATIONS] [ENGINE ...]      results go to bench/results/growth.json

A few attempts of 65 shuffled choice questions, a fifth of the answers changed, are sat and handed in through the store; the
others are copies of their rows, each under a public id, a person and a number of its own. Saves of a thousand candidates are
measured before, and again with everything there; and then saves that fall among all open attempts at random. PGURL names a
PostgreSQL in which a database may be made. KEEP=1 leaves the databases.
"""
import contextlib, json, os, shutil, sqlite3, statistics, subprocess, sys, tempfile, time

from programs import PGURL, address_of, built, psql, write_result

SEALED, OPEN, OPERATIONS = (int(n) for n in (sys.argv[1:4] + ["10000000", "150000", "10000000"][len(sys.argv[1:4]):]))
ENGINES = sys.argv[4:] or ["sqlite", "postgres"]
PATTERNS, RATE, SECONDS, ROUNDS = 200, 4000, int(os.environ.get("BENCH_SECONDS", "15")), 3
KEEP = os.environ.get("KEEP") == "1"
TABLES = ("attempts", "sealed_attempts", "grades", "audit_log")


class Sqlite:
    name = "sqlite"
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    random_id = "lower(hex(randomblob(16)))"

    def __init__(self, folder):
        self.address = f"{folder}/examhall.db"

    @contextlib.contextmanager
    def writing(self):
        connection = sqlite3.connect(self.address, isolation_level=None)
        for pragma in ("synchronous=OFF", "cache_size=-4000000", "temp_store=memory", "wal_autocheckpoint=100000"):
            connection.execute(f"PRAGMA {pragma}")
        yield connection.execute
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA optimize")
        connection.close()

    def value(self, query):
        with contextlib.closing(sqlite3.connect(self.address)) as connection:
            return connection.execute(query).fetchone()[0]

    def bytes(self, tables):
        # The whole file: nothing else is added between two of these.
        with contextlib.closing(sqlite3.connect(self.address)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return os.path.getsize(self.address)

    def settle(self):
        # What was copied without syncing would be written while saves are measured, and they would wait for it.
        os.sync()

    def drop(self):
        pass


class Postgres:
    name = "postgres"
    numbers = "WITH n(i) AS (SELECT * FROM generate_series(1::bigint, {count}))"
    random_id = "replace(gen_random_uuid()::text, '-', '')"

    def __init__(self, _):
        self.database = f"examhall_growth_{os.getpid()}"
        self.address = address_of(self.database)
        psql(PGURL, f"CREATE DATABASE {self.database}")

    @contextlib.contextmanager
    def writing(self):
        # The copies refer to what their patterns refer to; looking that up again for each would take most of the time.
        settings = ("SET synchronous_commit = off", "SET session_replication_role = replica")
        yield lambda statement: psql(self.address, *settings, statement)
        psql(self.address, "VACUUM (ANALYZE)")

    def value(self, query):
        return int(psql(self.address, query))

    def bytes(self, tables):
        return self.value("SELECT SUM(pg_total_relation_size(t::regclass)) FROM unnest(ARRAY['%s']) t" % "','".join(tables))

    def settle(self):
        psql(self.address, "CHECKPOINT")
        os.sync()

    def drop(self):
        psql(PGURL, f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")


def copies(engine, count, people):
    """Statements that copy the patterns `count` times over, spread over `people` new persons."""
    numbers = engine.numbers.format(count=count)
    first = {table: engine.value(f"SELECT COALESCE(MAX(id), 0) FROM {table}") for table in ("accounts", "attempts")}
    pattern = "SELECT id FROM attempts WHERE state = 'submitted' ORDER BY id LIMIT {}".format(PATTERNS)
    # The patterns have consecutive numbers of their own: k = 0, 1, ...
    patterns = f"(SELECT id AS pattern, ROW_NUMBER() OVER (ORDER BY id) - 1 AS k FROM ({pattern}) p)"
    a, p = first["attempts"], first["accounts"]
    yield (f"{engine.numbers.format(count=people)} INSERT INTO accounts (id, email, email_key, name, search, password_hash, role, created_at) "
           f"SELECT {p} + i, 'copy' || i || '@example.org', 'copy' || i || '@example.org', 'Copy ' || i, 'copy ' || i, '-', 'candidate', 0 FROM n")
    yield (f"{numbers} INSERT INTO attempts (id, public_id, exam_id, exam_version_id, account_id, number, idempotency_key, state, paper, question_count, "
           "pen_holder, started_at, deadline, submitted_at, answered, digest) "
           f"SELECT {a} + i, {engine.random_id}, t.exam_id, t.exam_version_id, {p} + 1 + (i - 1) % {people}, 1 + (i - 1) / {people}, {engine.random_id}, t.state, t.paper, "
           "t.question_count, t.pen_holder, t.started_at + i * 100, t.deadline + i * 100, t.submitted_at + i * 100, t.answered, t.digest "
           f"FROM n JOIN {patterns} q ON q.k = i % {PATTERNS} JOIN attempts t ON t.id = q.pattern ORDER BY i")
    yield (f"{numbers} INSERT INTO sealed_attempts (attempt_id, document) SELECT {a} + i, t.document "
           f"FROM n JOIN {patterns} q ON q.k = i % {PATTERNS} JOIN sealed_attempts t ON t.attempt_id = q.pattern ORDER BY i")
    yield (f"{numbers} INSERT INTO grades (attempt_id, key_version, points, max_points, percent, passed, detail, graded_at) "
           f"SELECT {a} + i, t.key_version, t.points, t.max_points, t.percent, t.passed, t.detail, t.graded_at + i * 100 "
           f"FROM n JOIN {patterns} q ON q.k = i % {PATTERNS} JOIN grades t ON t.attempt_id = q.pattern ORDER BY i")
    # As many entries as each pattern has, their subject as long as a real one.
    yield (f"{numbers} INSERT INTO audit_log (at, actor_id, action, subject, detail) "
           f"SELECT t.at + i * 100, t.actor_id, t.action, 'attempt ' || c.public_id, t.detail "
           f"FROM n JOIN {patterns} q ON q.k = i % {PATTERNS} JOIN attempts o ON o.id = q.pattern "
           f"JOIN audit_log t ON t.subject = 'attempt ' || o.public_id JOIN attempts c ON c.id = {a} + i ORDER BY i")


def running(engine, count, operations):
    """Statements that make open attempts of the exam that `prepare` made, with operations."""
    a, p = (engine.value(f"SELECT MAX(id) FROM {table}") for table in ("attempts", "accounts"))
    each = max(1, operations // count)
    yield (f"{engine.numbers.format(count=count)} INSERT INTO accounts (id, email, email_key, name, search, password_hash, role, created_at) "
           f"SELECT {p} + i, 'open' || i || '@example.org', 'open' || i || '@example.org', 'Open ' || i, 'open ' || i, '-', 'candidate', 0 FROM n")
    yield (f"{engine.numbers.format(count=count)} INSERT INTO attempts (id, public_id, exam_id, exam_version_id, account_id, number, state, paper, "
           f"question_count, pen_holder, started_at, deadline) SELECT {a} + i, {engine.random_id}, t.exam_id, t.exam_version_id, {p} + i, 1, "
           "t.state, t.paper, t.question_count, 0, t.started_at, t.deadline "
           "FROM n JOIN (SELECT * FROM attempts WHERE state = 'open' ORDER BY id LIMIT 1) t ON true ORDER BY i")
    yield (f"{engine.numbers.format(count=each)}, a(id) AS (SELECT id FROM attempts WHERE id > {a}) "
           "INSERT INTO answer_operations (attempt_id, writer, seq, question, response, verdict, received_at) "
           "SELECT a.id, 0, n.i, 1 + n.i % 65, '{\"choice\":[\"' || substr('abcd', CAST(1 + (a.id * 7 + n.i * 3) % 4 AS INTEGER), 1) || '\"]}', "
           "'counted', 1790000000000 + n.i * 30000 FROM a CROSS JOIN n ORDER BY a.id, n.i")


def measured(bench, engine, among):
    """Saves at a fixed rate and as fast as it goes; medians of a few rounds."""
    engine.settle()
    rounds = []
    for _ in range(ROUNDS):
        one = {}
        for what, options in (("at_rate", ["--rate", str(RATE)]), ("full", [])):
            command = [bench, "--database", engine.address, "saves", "--seconds", str(SECONDS), "--among", str(among), *options]
            one[what] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rounds.append(one)
    median = lambda what, field: round(statistics.median(one[what][field] for one in rounds), 2)
    cpu = lambda what: round(median(what, "cpu_us_per_save") + median(what, "postgres_us_per_save"), 2)
    return {
        "among": rounds[0]["full"]["among"], "saves_per_s": median("full", "saves_per_s"), "cpu_us_per_save": cpu("full"),
        "p99_ms": median("at_rate", "p99_ms"), "p50_ms": median("at_rate", "p50_ms"), "cpu_us_per_save_at_rate": cpu("at_rate"),
    }


def run(bench, engine):
    said = lambda text: print(f"{time.strftime('%H:%M:%S')} {engine.name}: {text}", file=sys.stderr, flush=True)
    grow = lambda *arguments: subprocess.run([bench, "--database", engine.address, *arguments], check=True, stdout=subprocess.DEVNULL)
    grow("prepare", "--attempts", "1000")
    said("measuring an empty database")
    empty = measured(bench, engine, 1000)
    with engine.writing() as write:
        # The patterns are made by another process, which counts from one again.
        write("UPDATE attempts SET public_id = 'prepared-' || id")
    grow("grow", "--sealed", str(PATTERNS))
    said(f"making {SEALED} ended attempts")
    with engine.writing() as write:
        statements = copies(engine, SEALED, max(1, SEALED // 10))
        write(next(statements))
    before = engine.bytes(TABLES)
    with engine.writing() as write:
        for statement in statements:
            write(statement)
            said(statement[statement.index("INSERT"):][:40])
    size = (engine.bytes(TABLES) - before) / SEALED
    said(f"{size:.0f} bytes each; making {OPEN} open attempts")
    with engine.writing() as write:
        for statement in running(engine, OPEN, OPERATIONS):
            write(statement)
    said("measuring")
    grown, spread = measured(bench, engine, 1000), measured(bench, engine, OPEN)
    times = lambda now: {field: round(now[field] / empty[field], 2) for field in ("p99_ms", "p50_ms", "cpu_us_per_save", "cpu_us_per_save_at_rate")}
    return {
        "sealed": SEALED, "open": OPEN, "operations": OPEN * max(1, OPERATIONS // OPEN), "bytes_per_sealed_attempt": round(size),
        "empty": empty, "grown": grown, "grown_times_empty": times(grown), "spread": spread, "spread_times_empty": times(spread),
    }


def main():
    bench, folder, result = built("bench", "BENCH_BIN"), tempfile.mkdtemp(prefix="examhall_growth_", dir="/var/tmp"), {}
    try:
        for engine in (Sqlite, Postgres):
            if engine.name in ENGINES:
                opened = engine(folder)
                try:
                    result[opened.name] = run(bench, opened)
                finally:
                    if not KEEP:
                        opened.drop()
                print(json.dumps({opened.name: result[opened.name]}), flush=True)
    finally:
        if not KEEP:
            shutil.rmtree(folder)
    write_result("growth", result)


if __name__ == "__main__":
    main()
