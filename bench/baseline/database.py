"""Connections to PostgreSQL: from a pool per worker in the "after" form, a new one for each request in the "before" form.

A request takes a connection when it first needs one, and gives it back exactly once, at its end.
"""
import json, os, time

import psycopg2
from flask import g
from psycopg2.extras import execute_values
from psycopg2.pool import ThreadedConnectionPool

import settings

OPTIONS = {
    "dsn": settings.DATABASE_URL,
    "connect_timeout": settings.DB_CONNECT_TIMEOUT,
    "options": f"-c statement_timeout={settings.DB_STATEMENT_TIMEOUT * 1000}",
}
spent = {"statements": 0, "statement_s": 0.0, "connections": 0, "connection_s": 0.0, "connection_errors": 0}
pool = None


def open_pool():
    """Opens this worker's pool; called once, when the worker imports the application."""
    global pool
    if settings.FORM == "after":
        pool = ThreadedConnectionPool(settings.DB_POOL_MIN, settings.DB_POOL_MAX, **OPTIONS)


def connection():
    """The connection of this request."""
    if "connection" not in g:
        began = time.perf_counter()
        try:
            g.connection = pool.getconn() if pool else psycopg2.connect(**OPTIONS)
        except psycopg2.Error:
            # A pool that has none left says so at once (PoolError), it does not wait.
            spent["connection_errors"] += 1
            raise
        spent["connections"] += 1
        spent["connection_s"] += time.perf_counter() - began
    return g.connection


def query(statement, parameters=(), rows=False):
    """Runs a statement; its rows, if it has any to tell."""
    with connection().cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(statement, parameters)
        found = cursor.fetchall() if rows else None
        spent["statement_s"] += time.perf_counter() - began
        spent["statements"] += 1
    return found


def insert_many(statement, rows):
    """Inserts rows by one statement, in the transaction that `commit` ends."""
    with connection().cursor() as cursor:
        began = time.perf_counter()
        execute_values(cursor, statement, rows)
        spent["statement_s"] += time.perf_counter() - began
        spent["statements"] += 1


def commit():
    began = time.perf_counter()
    connection().commit()
    spent["statement_s"] += time.perf_counter() - began


def give_back(error=None):
    """The end of a request."""
    taken = g.pop("connection", None)
    if taken is None:
        return
    if pool:
        # The pool itself rolls back what was not committed, and drops a connection that has broken.
        pool.putconn(taken, close=bool(taken.closed))
    else:
        taken.close()


def write_statistics():
    """What this worker's database work took, for whoever measures."""
    if settings.STATISTICS and spent["statements"]:
        with open(f"{settings.STATISTICS}/{os.getpid()}.json", "w") as file:
            json.dump(spent, file)
