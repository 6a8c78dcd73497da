"""What in an operator's message may be somebody's own: asked about before it leaves, since by message nobody knows who
reads it (R22). A number may as well be a price, a date a closing day: who writes says so."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from core.documents import Document, DocumentType, check_document
from core.phones import Phone, parse_phone
from desk.chats.plain import plain, together
from prompts.speech import MONTHS

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_DAY = re.compile(r"(?<!\d)\d{1,2}[ /.-]\d{1,2}[ /.-](\d{4}|\d\d)(?!\d)|(?<!\d)(\d{4})[/.-]\d{1,2}[/.-]\d{1,2}(?!\d)")
_DAY_IN_WORDS = re.compile(rf"\d{{1,2}} (?:de )?(?:{'|'.join(MONTHS)}) (?:del? )?(\d{{4}}|\d\d)(?!\d)")
_LETTERED = re.compile(r"(?<![a-z0-9])[a-zñ&]{3,4}[ -]?\d{6}[ -]?[a-z0-9]{3,8}(?![a-z0-9])")
_FIGURES = re.compile(r"\+?\d+(?:[ .-]\d+)*")
_CENTS = re.compile(r"(?<![\d.])\d{1,3}\.\d\d(?![\d.])")
_OF_LETTERS = ((DocumentType.CURP, "una CURP"), (DocumentType.RFC, "un RFC"))
#: Documents of figures alone, by country.
_OF_FIGURES = {
    "SV": ((DocumentType.DUI, 9, 9, "un DUI"), (DocumentType.NIT, 14, 14, "un NIT")),
    "CO": ((DocumentType.CC, 7, 10, "una cédula"),),
}
_ALONE = range(4, 7)  # figures that may be a PIN, and many other things


class MustBeSure(Exception):
    """El mensaje no se envió: lleva algo que puede ser de la persona."""

    def __init__(self, seen: Iterable[str]) -> None:
        super().__init__()
        *most, last = seen
        told = f"{', '.join(most)} y {last}" if most else last
        self.question = (
            f"Su mensaje lleva {told}. Por mensaje no se confirma quién lee: no se dan un PIN ni datos de la persona."
        )

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def personal_data_in(text: str, country: str, today: date, ready: Iterable[str] = ()) -> list[str]:
    """What is seen in it, each as it is told to who writes: «un DUI», «un número de 4 cifras (1500)»; nothing: none.

    ``ready``: texts of the line, which are nobody's.
    """
    for each in ready:
        text = text.replace(each, " ")
    left = _ADDRESS.sub(" ", plain(text))
    days, left = _days(left, today)
    documents, left = _documents(left)
    return list(dict.fromkeys([*days, *documents, *_numbers(together(_CENTS.sub("…", left)), country)]))


def _days(text: str, today: date) -> tuple[list[str], str]:
    """Of a year that is over, as a date of birth is; and what is left without any date."""
    years = [int("".join(filter(None, day))) for day in _DAY.findall(text)] + [
        int(year) for year in _DAY_IN_WORDS.findall(text)
    ]
    whole = [year if year > 99 else year + (2000 if year <= today.year % 100 else 1900) for year in years]
    is_past = any(year < today.year for year in whole)
    return ["una fecha que puede ser de nacimiento"] if is_past else [], _DAY_IN_WORDS.sub("…", _DAY.sub("…", text))


def _documents(text: str) -> tuple[list[str], str]:
    """Those of letters and figures; and what is left without them."""
    found = []
    for written in _LETTERED.findall(text):
        for kind, name in _OF_LETTERS:
            if isinstance(check_document(kind, written, "MX"), Document):
                found.append(name)
                text = text.replace(written, "…")
    return found, text


def _numbers(text: str, country: str) -> Iterator[str]:
    for written in _FIGURES.findall(text):
        figures = "".join(filter(str.isdigit, written))
        if len(figures) in _ALONE:
            yield f"un número de {len(figures)} cifras ({figures})"
        if _is_phone(written, country):
            continue
        for kind, least, most, name in _OF_FIGURES.get(country, ()):
            if least <= len(figures) <= most and isinstance(check_document(kind, figures, country), Document):
                yield name


def _is_phone(written: str, country: str) -> bool:
    """As it stands: what would have to be mended first is none."""
    found = parse_phone(written, country)
    return isinstance(found, Phone) and not found.note
