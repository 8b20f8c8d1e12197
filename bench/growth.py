#!/usr/bin/env python3
"""Saves beside millions of ended attempts, on both engines: what an ended attempt takes up, and what a save costs then.

    bench/growth.py [SEALED] [OPEN] [OPERATIONS] [ENGINE ...]      results go to bench/results/growth.json

A few attempts of 65 shuffled choice questions, a fifth of the answers changed, are sat and handed in through the store; the
others are copies of their rows, each under ids and a key of its own as long as real ones. Then saves are measured in turn: of a
thousand candidates in a database with nothing else in it, of a thousand beside everything, and among all open attempts at random.
PGURL names a PostgreSQL in which databases may be made. KEEP=FOLDER keeps what was made, and takes what was kept before; with
MEASURE=0 nothing is measured yet.
"""
import contextlib, json, os, shutil, sqlite3, statistics, subprocess, sys, tempfile, time

from programs import PGURL, address_of, built, numbers, psql, write_result

SEALED, OPEN, OPERATIONS = numbers(__doc__, 10_000_000, 150_000, 10_000_000)
ENGINES = sys.argv[4:] or ["sqlite", "postgres"]
PATTERNS, RATE, SECONDS, ROUNDS = 200, 4000, int(os.environ.get("BENCH_SECONDS", "15")), 3
KEEP = os.environ.get("KEEP")
TABLES = ("attempts", "grades", "audit_log")


class Sqlite:
    name = "sqlite"
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    random_id = "lower(hex(randomblob(16)))"

    def __init__(self, folder, name):
        self.address = f"{folder}/{name}.db"

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

    def __init__(self, folder, name):
        self.database = os.path.basename(folder).lower() + "_" + name
        self.address = address_of(self.database)
        if psql(PGURL, f"SELECT 1 FROM pg_database WHERE datname = '{self.database}'").strip() != "1":
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
           "pen_holder, started_at, deadline, submitted_at, answered, digest, record) "
           f"SELECT {a} + i, {engine.random_id}, t.exam_id, t.exam_version_id, {p} + 1 + (i - 1) % {people}, 1 + (i - 1) / {people}, {engine.random_id}, t.state, t.paper, "
           "t.question_count, t.pen_holder, t.started_at + i * 100, t.deadline + i * 100, t.submitted_at + i * 100, t.answered, t.digest, t.record "
           f"FROM n JOIN {patterns} q ON q.k = i % {PATTERNS} JOIN attempts t ON t.id = q.pattern ORDER BY i")
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


def said(engine, text):
    print(f"{time.strftime('%H:%M:%S')} {engine.name}: {text}", file=sys.stderr, flush=True)


def run(bench, engine, *arguments):
    said(engine, " ".join(arguments))
    return subprocess.run([bench, "--database", engine.address, *arguments], check=True, capture_output=True, text=True).stdout


def make(bench, empty, grown):
    """Both databases; how many bytes an ended attempt takes up in the second."""
    for engine in (empty, grown):
        run(bench, engine, "prepare", "--attempts", "1000")
        with engine.writing() as write:
            # The patterns are made by another process, which counts from one again.
            write("UPDATE attempts SET public_id = 'prepared-' || id")
    run(bench, grown, "grow", "--sealed", str(PATTERNS))
    with grown.writing() as write:
        statements = copies(grown, SEALED, max(1, SEALED // 10))
        write(next(statements))
    before = grown.bytes(TABLES)
    with grown.writing() as write:
        for statement in statements:
            write(statement)
            said(grown, statement[statement.index("INSERT"):][:40])
    size = (grown.bytes(TABLES) - before) / SEALED
    said(grown, f"{size:.0f} bytes each; making {OPEN} open attempts")
    with grown.writing() as write:
        for statement in running(grown, OPEN, OPERATIONS):
            write(statement)
    return {"sealed": SEALED, "open": OPEN, "operations": OPEN * max(1, OPERATIONS // OPEN), "bytes_per_sealed_attempt": round(size)}


def measured(bench, empty, grown):
    """Saves at a fixed rate and as fast as it goes; medians of a few rounds in which all take turns."""
    among = {"empty": (empty, 1000), "grown": (grown, 1000), "spread": (grown, OPEN)}
    rounds = {name: [] for name in among}
    for engine in (empty, grown):
        engine.settle()
    for _ in range(ROUNDS):
        for name, (engine, count) in among.items():
            one = {}
            for what, options in (("at_rate", ["--rate", str(RATE)]), ("full", [])):
                one[what] = json.loads(run(bench, engine, "saves", "--seconds", str(SECONDS), "--among", str(count), *options))
            # What one has written is not to be written out while the next is measured.
            engine.settle()
            rounds[name].append(one)
    result = {}
    for name, ones in rounds.items():
        median = lambda what, field: round(statistics.median(one[what][field] for one in ones), 2)
        cpu = lambda what: round(median(what, "cpu_us_per_save") + median(what, "postgres_us_per_save"), 2)
        result[name] = {
            "among": ones[0]["full"]["among"], "saves_per_s": median("full", "saves_per_s"), "cpu_us_per_save": cpu("full"),
            "p99_ms": median("at_rate", "p99_ms"), "p50_ms": median("at_rate", "p50_ms"), "cpu_us_per_save_at_rate": cpu("at_rate"),
            "p99_ms_of_each_round": [round(one["at_rate"]["p99_ms"], 2) for one in ones],
        }
    for name in ("grown", "spread"):
        fields = ("p99_ms", "p50_ms", "cpu_us_per_save", "cpu_us_per_save_at_rate")
        result[f"{name}_times_empty"] = {field: round(result[name][field] / result["empty"][field], 2) for field in fields}
    return result


def main():
    bench, result = built("bench", "BENCH_BIN"), {}
    folder = KEEP or tempfile.mkdtemp(prefix="examhall_growth_", dir="/var/tmp")
    os.makedirs(folder, exist_ok=True)
    try:
        for engine in (Sqlite, Postgres):
            if engine.name not in ENGINES:
                continue
            empty, grown, note = engine(folder, "empty"), engine(folder, "grown"), f"{folder}/{engine.name}.json"
            try:
                if os.path.exists(note):
                    with open(note) as file:
                        made = json.load(file)
                else:
                    made = make(bench, empty, grown)
                    with open(note, "w") as file:
                        json.dump(made, file)
                if os.environ.get("MEASURE") != "0":
                    result[engine.name] = made | measured(bench, empty, grown)
                    print(json.dumps({engine.name: result[engine.name]}), flush=True)
            finally:
                if not KEEP:
                    empty.drop()
                    grown.drop()
    finally:
        if not KEEP:
            shutil.rmtree(folder)
    if result:
        write_result("growth", result)


if __name__ == "__main__":
    main()
