#!/usr/bin/env python3
"""Fills the baseline's database, and signs users in without their passwords.

    fill.py schema --users N --password P [--hash pbkdf2|argon2]     tables, questions, and users u0 to uN-1 with one password
    fill.py sessions --users N                                       a session for each of the first N; prints its cookies

DATABASE_URL and BASELINE_SESSIONS as for the application itself.
"""
import argparse, os, secrets

import psycopg2
from psycopg2.extras import execute_values

import settings


def schema(users, password, kind):
    import passwords
    from questions import CATEGORY, questions

    stored = passwords.hashed(password, kind)
    with psycopg2.connect(settings.DATABASE_URL) as connection, connection.cursor() as cursor:
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.sql")) as file:
            cursor.execute(file.read())
        rows = [(CATEGORY, text, *options, right, explanation) for text, options, right, explanation in questions()]
        execute_values(
            cursor, "INSERT INTO questions (category, question, option_a, option_b, option_c, option_d, correct_answer, explanation) VALUES %s", rows
        )
        cursor.execute(
            "INSERT INTO users (username, email, first_name, password_hash) "
            "SELECT 'u' || i, 'u' || i || '@example.org', 'User' || i, %s FROM generate_series(0, %s - 1) i",
            (stored, users),
        )


def sessions(users):
    # The application's own way to write a session, so that it is what a log-in would have left.
    from application import app

    interface = app.session_interface
    with psycopg2.connect(settings.DATABASE_URL) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, username, first_name FROM users ORDER BY id LIMIT %s", (users,))
        for user_id, username, first_name in cursor.fetchall():
            name = secrets.token_urlsafe(32)
            signed_in = {"_permanent": True, "user_id": user_id, "username": username, "first_name": first_name}
            interface._upsert_session(app.permanent_session_lifetime, signed_in, interface.key_prefix + name)
            print(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("schema", "sessions"))
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--password", default="")
    parser.add_argument("--hash", choices=("pbkdf2", "argon2"), default="pbkdf2")
    given = parser.parse_args()
    if given.what == "schema":
        schema(given.users, given.password, given.hash)
    else:
        sessions(given.users)


if __name__ == "__main__":
    main()
