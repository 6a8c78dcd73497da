"""A PIN at rest: a slow hash that is worth nothing without the pepper, which is not in the database."""

import hmac

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from core.privacy import Vault

# 19 MiB, two passes, one lane: about 30 ms on an office server's core. Slower would only make callers wait: ten
# thousand PINs are few whatever one costs, and it is the pepper that keeps them.
_ARGON2ID = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_pin(vault: Vault, pin: str) -> str:
    """The PIN as argon2id over its HMAC with the pepper, in the usual ``$argon2id$…`` form."""
    return _ARGON2ID.hash(_peppered(vault, pin))


def is_hash_of(vault: Vault, hashed: str, pin: str) -> bool:
    """Whether the hash was made of this PIN. Takes about 30 ms."""
    try:
        return _ARGON2ID.verify(hashed, _peppered(vault, pin))
    except VerifyMismatchError:
        return False


def _peppered(vault: Vault, pin: str) -> bytes:
    return hmac.digest(vault.pepper, pin.encode(), "sha256")
