"""Somebody who does not exist, in the shape of somebody of the list: whom a test call speaks of."""

import re
from collections.abc import Mapping

from prompts.speech import MONTHS, WEEKDAYS

NAME, WHOLE_NAME, TOWN = "María", "María Ejemplo Inventada", "San Ejemplo"
#: What a right answer to a security question is in a test call, by the question's code; figures in their order else.
_ANSWERS = {"NACIMIENTO_DDMM": "0503", "NACIMIENTO_AAAA": "1980", "EXPEDICION_MMAA": "0320", "HOGAR_INTEGRANTES": "4"}
_FIGURES = "1234567890"
#: Words that say nothing of anybody, so that a date or an amount still sounds like one.
_KEPT = frozenset(
    {
        *("a", "al", "con", "de", "del", "e", "el", "en", "hasta", "la", "las", "los", "o", "para", "por", "y"),
        *("un", "una", "dólar", "dólares", "peso", "pesos", "centavos", "usd", "cop", "mxn"),
        *(*MONTHS, *WEEKDAYS, "mañana", "tarde", "noche", "am", "pm", "hora", "horas", "día", "días"),
    }
)
_STAMP = re.compile(r"(?<!\d)(?:(\d{4}-\d{2}-\d{2})|(\d{1,2}/\d{1,2}/\d{4})|(\d{1,2}:\d{2})|((?:19|20)\d\d))(?!\d)")
_STAMPS = ("2026-06-15", "15/06/2026", "10:30", "2026")
_WORD = re.compile(r"[^\W\d_]+")


def invented_values(values: Mapping[str, str]) -> dict[str, str]:
    """What stands for a person's own in every text of the campaign; what they lack is lacking here too."""
    fixed = {"primer_nombre": NAME, "nombre_completo": WHOLE_NAME, "municipio": TOWN}
    return {name: (fixed.get(name) or invented(value)) if value else "" for name, value in values.items()}


def invented(value: str) -> str:
    """A text of the same shape and about the same length, of which not one name or figure is left as it was."""
    told, kept = [], 0
    for found in _STAMP.finditer(value):
        told += [_spelt(value[kept : found.start()]), _STAMPS[(found.lastindex or 1) - 1]]
        kept = found.end()
    return "".join([*told, _spelt(value[kept:])])


def _spelt(value: str) -> str:
    words = _WORD.sub(lambda found: found[0] if found[0].lower() in _KEPT else _as_long_as(found[0]), value)
    figures = iter(range(len(words)))
    return re.sub(r"\d", lambda _: _FIGURES[next(figures) % len(_FIGURES)], words)


def _as_long_as(word: str) -> str:
    """«ejemplo», more than once for a very long word."""
    told = " ".join(["ejemplo"] * max(1, len(word) // 12))
    return told.capitalize() if word[0].isupper() else told


def right_answer(code: str, digits: int) -> str:
    """What is to be keyed in for a question of the bank, or for one of ``digits`` figures at most."""
    return _ANSWERS.get(code) or _FIGURES[:digits]
