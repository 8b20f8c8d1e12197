"""gunicorn as the note sets it up: gevent workers in the "after" form, synchronous ones in the "before" form."""
import os

import settings

bind = f"127.0.0.1:{settings.PORT}"
workers = settings.WORKERS
worker_class = "gevent" if settings.FORM == "after" else "sync"
worker_connections = settings.WORKER_CONNECTIONS
max_requests = settings.MAX_REQUESTS
max_requests_jitter = settings.MAX_REQUESTS_JITTER
timeout = settings.TIMEOUT
graceful_timeout = settings.GRACEFUL_TIMEOUT
keepalive = settings.KEEPALIVE
# Each worker imports the application, and opens its pool, after the fork: sockets to the database are never shared.
preload_app = False
loglevel = "warning"


def post_worker_init(worker):
    # For whoever measures: a worker that is told to stop before this may not hear it.
    if settings.STATISTICS:
        open(f"{settings.STATISTICS}/{os.getpid()}.ready", "w").close()


def worker_exit(server, worker):
    import database

    database.write_statistics()
