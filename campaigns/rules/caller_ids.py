"""Which number a citizen's telephone shows: one of the line's, and always the same one to the same person."""

import hashlib
from collections.abc import Sequence


def caller_id_for(pool: Sequence[str], person: bytes) -> str:
    """One of ``pool`` (E.164, not empty): spread evenly over people, and steady while the pool stays.

    A number that joins or leaves the pool moves only those who get it, or had it (rendezvous hashing).
    """
    if len(pool) == 1:
        return pool[0]
    return max(pool, key=lambda number: hashlib.blake2b(person + number.encode(), digest_size=8).digest())
