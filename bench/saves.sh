#!/usr/bin/env bash
# Durable saves, in one run on one machine: the store alone against pgbench doing the same single-row write, and batching on
# against off. Slices alternate, so that what else the machine does falls on all alike; the medians and their ratios count.
#
#   bench/saves.sh [ROUNDS] [SECONDS]      results go to bench/results/saves.json
#
# The programs are compiled first. PGURL names the database postgres of a server with fsync on, in which a database is made and
# dropped; unset, it is this machine's on port 5432.
set -euo pipefail
cd "$(dirname "$0")/.."
for number; do
    case $number in *[!0-9]* | "")
        sed -n '2,8s/^# \{0,1\}//p' bench/saves.sh
        case $number in -h | --help) exit 0 ;; *) exit 64 ;; esac
    esac
done
rounds=${1:-5} seconds=${2:-5}
server=${PGURL:-postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable}
cargo build --release --locked --quiet -p bench
bench=$(cargo metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/bench
work=$(mktemp -d "${TMPDIR:-/var/tmp}/examhall_bench.XXXXXX")
database=examhall_bench_$$
psql -XqtA "$server" -c "CREATE DATABASE $database"
trap 'psql -XqtA "$server" -c "DROP DATABASE IF EXISTS $database WITH (FORCE)"; rm -rf "$work"' EXIT
url=${server/\/postgres\?/\/$database?}
[ "$url" != "$server" ] || { echo "PGURL must name the database postgres" >&2; exit 1; }

"$bench" --database "$url" prepare >/dev/null
"$bench" --database "$work/examhall.db" prepare >/dev/null

# The same write, one row to a transaction: the attempt is locked, must be open and in time, and the row is appended.
cat >"$work/save.sql" <<'SQL'
\set attempt random(1, 1000)
\set seq random(1, 2000000000)
INSERT INTO answer_operations (attempt_id, writer, seq, question, response, verdict, received_at)
SELECT id, 1, :seq, 1, '{"choice":["b"]}', 'counted', 1790000000000 FROM
    (SELECT id FROM attempts WHERE id = :attempt AND state = 'open' AND (deadline IS NULL OR deadline >= 1790000000000)
     FOR NO KEY UPDATE) held
ON CONFLICT DO NOTHING;
SQL

for _ in $(seq "$rounds"); do
    for clients in 1 4 16 64; do
        rate=$(pgbench -n -M prepared -c "$clients" -j 2 -T "$seconds" -f "$work/save.sql" "$url" 2>/dev/null |
            sed -n 's/^tps = \([0-9.]*\).*/\1/p')
        echo "{\"what\":\"pgbench\",\"clients\":$clients,\"saves_per_s\":$rate}"
    done
    for database in "$url" "$work/examhall.db"; do
        for batch in 256 1; do
            "$bench" --database "$database" saves --seconds "$seconds" --batch "$batch" | sed 's/^{/{"what":"store",/'
        done
    done
    fsync=$(dd if=/dev/zero of="$work/probe" bs=8k count=64 oflag=dsync 2>&1 | sed -n 's/.*, \([0-9.e-]*\) s,.*/\1/p')
    echo "{\"what\":\"fsync\",\"ms\":$(awk "BEGIN { print $fsync * 1000 / 64 }")}"
done | tee "$work/slices"

mkdir -p bench/results
python3 - "$work/slices" <<'PY' | tee bench/results/saves.json
import json, statistics, sys
slices = [json.loads(line) for line in open(sys.argv[1])]
def median(field, **like):
    values = [s[field] for s in slices if all(s.get(k) == v for k, v in like.items())]
    return round(statistics.median(values), 2)
pg = {c: median("saves_per_s", what="pgbench", clients=c) for c in (1, 4, 16, 64)}
result = {"pgbench_saves_per_s": pg, "fsync_ms": median("ms", what="fsync")}
for engine in ("postgres", "sqlite"):
    on, off = ({"what": "store", "engine": engine, "batch": b} for b in (256, 1))
    rate = median("saves_per_s", **on)
    result[engine] = {
        "saves_per_s": rate,
        "without_batching": median("saves_per_s", **off),
        "cpu_us_per_save": median("cpu_us_per_save", **on),
        "postgres_us_per_save": median("postgres_us_per_save", **on),
        "times_best_pgbench": round(rate / max(pg.values()), 2),
        "times_one_connection": round(rate / pg[1], 2),
        "times_without_batching": round(rate / median("saves_per_s", **off), 2),
    }
print(json.dumps(result, indent=2))
PY
