"""Passwords: argon2id hashes, made and checked a few at a time because each takes 64 MiB and a tenth of a second.

Invariant: a name that is not known costs the same time as one that is.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pwdlib
from pwdlib.hashers import argon2

from sharing_hub import errors

MIN_CHARACTERS = 12
MAX_CHARACTERS = 200
AT_ONCE = 2
WAIT_S = 10.0
HASHER = pwdlib.PasswordHash((argon2.Argon2Hasher(time_cost=3, memory_cost=65536, parallelism=4),))
DECOY = "$argon2id$v=19$m=65536,t=3,p=4$qZh3p2zWg7qiSCEFI9ZYbQ$Uo3Iubhs7JP4LqqfoBGerbG4gNH5n3ZuT7b/J/7m2o4"
"""A hash by `HASHER` of bytes nobody knows."""
_turns = threading.BoundedSemaphore(AT_ONCE)


def make_one_time() -> str:
    """Return a random password to be changed at the first login: 20 characters that are read out without doubt."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def hashed(password: str) -> str:
    """Return the hash to keep.

    Raises:
        Unprocessable: too short or too long.
        Busy: too many wait for a hash.
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise errors.Unprocessable(f"a password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters")
    with _turn():
        return HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Say whether the password belongs to the hash; with no hash, or what is none, take as long and say no.

    Raises:
        Busy: too many wait for a hash.
    """
    compared = kept if kept is not None and argon2.Argon2Hasher.identify(kept) else DECOY
    with _turn():
        right = HASHER.verify(password[:MAX_CHARACTERS], compared)
    return right and compared is kept


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT_S):
        raise errors.Busy("too many logins at once", 5)
    try:
        yield
    finally:
        _turns.release()
