"""A PIN is never sent by message (requirements §7): what looks like one is not let out, whoever writes it."""

import re

from desk.chats.plain import plain, together

_SECRET = (
    r"(?<![a-z])(?:p[\W_]{0,3}i[\W_]{0,3}n(?:es)?|nip|clave|contrasena"
    r"|(?:numero|codigo) (?:secreto|personal|de (?:seguridad|acceso)))(?![a-z])"
)
_CODE = r"(?<![a-z])codigo(?![a-z])"  # of many things: a PIN only where the figures are its own
_FIGURES = r"(?<![\d-])(?<!\d )\d{4,7}(?! ?\d|-\d)"  # a telephone is longer, or in groups
_YEAR = re.compile(r"(?:19|20)\d\d")  # which no PIN is, unless it is called one
_IS_ONE = re.compile(rf"(?:{_SECRET}|{_CODE})(?: nuevo| temporal)?\W{{0,3}}(?:es |sera )?(?:el )?\W{{0,3}}{_FIGURES}")
_AFTER = re.compile(rf"{_SECRET}\D{{0,40}}?({_FIGURES})")
_BEFORE = re.compile(rf"({_FIGURES})\D{{0,25}}?{_SECRET}")
_OTHER = re.compile(r"\$ ?\d[\d.,]*|\d[\d.,]* ?(?:dolares|pesos)|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")  # money, a date

NEVER_A_PIN = "Un PIN nunca se escribe por mensaje. Diga cómo activarlo o cambiarlo por teléfono."


def says_a_pin(text: str) -> bool:
    """Whether figures of a PIN's length stand beside the word; spelt, too, or in words. Years are none."""
    left = together(_OTHER.sub("…", plain(text)))
    if _IS_ONE.search(left):
        return True
    found = (match[1] for pattern in (_AFTER, _BEFORE) for match in pattern.finditer(left))
    return any(not _YEAR.fullmatch(figures) for figures in found)
