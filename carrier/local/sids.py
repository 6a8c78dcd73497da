"""Names of things as Twilio makes them: two letters and 32 hexadecimal digits."""

from os import urandom


def new_sid(kind: str) -> str:
    """A name never given before. ``kind``: CA a call, SM a message, PN a number, RE a recording."""
    return kind + urandom(16).hex()
