"""Of one person, and of one telephone, one transaction decides at a time: the others see the call that came of it.

The order in which locks are taken, so that no two transactions wait for each other (docs/decisions/0024):

    room → operator → the contact's claim → attempt → person and telephone, here → campaign → recipient

Whoever looks at many people cannot know beforehand whom they will come to, and so cannot take these locks in one order:
they take what is free (``taken``) and wait for nobody. Whoever has chosen one person waits (``wait_for``), once in a
transaction: person and telephone in the order of their numbers.
"""

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import Connection, text

_WAIT = text("select pg_advisory_xact_lock(key) from unnest(cast(:keys as bigint[])) key")
_TAKE = text("select key from unnest(cast(:keys as bigint[])) key where pg_try_advisory_xact_lock(key)")


def wait_for(tx: Connection, who: Iterable[bytes]) -> None:
    """Locks a person and their telephone to the end of the transaction, when whoever has them is done."""
    tx.execute(_WAIT, {"keys": sorted(map(_key, who))}).all()


def taken(tx: Connection, who: Iterable[bytes]) -> frozenset[bytes]:
    """Which of these people and telephones are locked now to the end of this transaction; the others are somebody's."""
    keys = {_key(each): each for each in who}
    return frozenset(keys[key] for key in tx.execute(_TAKE, {"keys": list(keys)}).scalars()) if keys else frozenset()


def _key(who: bytes) -> int:
    """Not the fingerprint's own first bytes: on those the padrón waits, in an order of its own."""
    return int.from_bytes(blake2b(who, digest_size=8, person=b"to be called").digest(), signed=True)
