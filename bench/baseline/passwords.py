"""Password hashes: PBKDF2-SHA256 with 600,000 rounds, and argon2id with the parameters that Examhall uses."""
import argon2
from werkzeug.security import check_password_hash, generate_password_hash

PBKDF2 = "pbkdf2:sha256:600000"
ARGON2 = argon2.PasswordHasher(time_cost=5, memory_cost=7 * 1024, parallelism=1, hash_len=32)


def hashed(password, kind):
    """`kind` is pbkdf2 or argon2."""
    return ARGON2.hash(password) if kind == "argon2" else generate_password_hash(password, PBKDF2)


def fits(password, stored):
    if not stored.startswith("$argon2id$"):
        return check_password_hash(stored, password)
    try:
        return ARGON2.verify(stored, password)
    except argon2.exceptions.VerifyMismatchError:
        return False
