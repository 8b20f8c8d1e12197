"""The settings of the baseline, all from the environment."""
import multiprocessing, os


def number(name, default):
    return int(os.environ.get(name, default))


DATABASE_URL = os.environ.get("DATABASE_URL", "")
# "after": a pool per worker and gevent. "before": a connection per request and a few workers, each with one request at a time.
FORM = os.environ.get("BASELINE_FORM", "after")
# Where sessions lie, and where a worker writes what its database work took when it ends.
SESSIONS = os.environ.get("BASELINE_SESSIONS", "/tmp/examhall_baseline_sessions")
STATISTICS = os.environ.get("BASELINE_STATISTICS", "")

PORT = number("PORT", 5000)
WORKERS = number("GUNICORN_WORKERS", 2 * multiprocessing.cpu_count() + 1 if FORM == "after" else 4)
WORKER_CONNECTIONS = number("GUNICORN_WORKER_CONNECTIONS", 1000)
MAX_REQUESTS = number("GUNICORN_MAX_REQUESTS", 10_000)
MAX_REQUESTS_JITTER = number("GUNICORN_MAX_REQUESTS_JITTER", 1_000)
TIMEOUT = number("GUNICORN_TIMEOUT", 60)
GRACEFUL_TIMEOUT = number("GUNICORN_GRACEFUL_TIMEOUT", 30)
KEEPALIVE = number("GUNICORN_KEEPALIVE", 2)

DB_POOL_MIN = number("DB_POOL_MIN", 5)
DB_POOL_MAX = number("DB_POOL_MAX", 50)
DB_CONNECT_TIMEOUT = number("DB_CONNECT_TIMEOUT", 10)
DB_STATEMENT_TIMEOUT = number("DB_STATEMENT_TIMEOUT", 30)
