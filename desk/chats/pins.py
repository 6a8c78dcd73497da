"""A PIN is never sent by message (requirements §7): what looks like one is not let out, whoever writes it."""

import re

_FIGURES = r"(?<![\d-])(?<!\d )\d{4,7}(?! ?\d|-\d)"  # a telephone is longer, or in groups
_YEAR = re.compile(r"(?:19|20)\d\d")  # which no PIN is
_AFTER = re.compile(rf"\b(?:pin|nip|clave)\b\D{{0,40}}?({_FIGURES})", re.IGNORECASE)
_BEFORE = re.compile(rf"({_FIGURES})\D{{0,25}}?\b(?:pin|nip|clave)\b", re.IGNORECASE)
_APART = re.compile(r"(?<=\d)[ .](?=\d\b)")

NEVER_A_PIN = "Un PIN nunca se escribe por mensaje. Diga cómo activarlo o cambiarlo por teléfono."


def says_a_pin(text: str) -> bool:
    """Whether figures of a PIN's length stand beside the word; spelt with spaces too. Years are none."""
    together = _APART.sub("", text)
    found = (match[1] for pattern in (_AFTER, _BEFORE) for match in pattern.finditer(together))
    return any(not _YEAR.fullmatch(figures) for figures in found)
