"""Names of things as Twilio makes them: two letters and 32 hexadecimal digits."""

import re
from os import urandom


def is_sid(text: str, kind: str) -> bool:
    """Whether a text is a sid of that kind (CA, CF, ...)."""
    return re.fullmatch(rf"{kind}[0-9a-f]{{32}}", text) is not None


def new_sid(kind: str) -> str:
    """A name never given before. ``kind``: CA a call, SM a message, PN a number, RE a recording."""
    return kind + urandom(16).hex()
