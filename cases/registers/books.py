"""What a register asks for and what makes an entry wrong: a book is data, one module each. No database here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from cases.problem import Problem

OLDEST = timedelta(days=366)  # what is older goes into no register any more
LONGEST_WORK = timedelta(days=31)  # from the beginning to the end of one thing
MOST_PEOPLE = 1_000_000
_AHEAD = timedelta(minutes=10)  # a page that was opened by a clock that is a little fast


class Register(StrEnum):
    """Its code is kept in the database and never changes."""

    DIARIA = "DIARIA"
    CAMPO = "CAMPO"
    EVENTOS = "EVENTOS"
    GESTIONES = "GESTIONES"


@dataclass(frozen=True)
class Field:
    """What people write of an entry. ``is_sealed``: it may be somebody's, so it is sealed and is not indexed;
    ``longest``: characters."""

    name: str
    label: str
    longest: int = 2000
    is_sealed: bool = True
    is_required: bool = True
    is_number: bool = False
    help: str = ""


@dataclass(frozen=True)
class Book:
    """A register as its screens and its files know it. ``kinds``: code and what people read; ``day``: it has a date and
    no hour; ``is_personal``: each person's own, which colleagues do not read."""

    register: Register
    title: str
    about: str  #: one sentence, for who looks at it the first time
    kind_label: str
    at_label: str
    kinds: Mapping[str, str]
    fields: tuple[Field, ...]
    ends: bool = False
    is_day: bool = False
    is_personal: bool = False
    follow_up_label: str = "Volver a llamar"

    @property
    def searches_plain(self) -> bool:
        """Whether words are looked for in an index; else the entries of a bounded period are opened."""
        return any(not each.is_sealed for each in self.fields)


@dataclass(frozen=True)
class Written:
    """An entry as it was typed: moments with their zone, None where there is none."""

    kind: str = ""
    at: datetime | None = None
    ended_at: datetime | None = None
    follow_up_at: datetime | None = None
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Told:
    """An entry as it is to be written, right in itself. ``texts``: every field of the book, "" where it is empty."""

    kind: str
    at: datetime
    ended_at: datetime | None = None
    follow_up_at: datetime | None = None
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)


def read(book: Book, written: Written, now: datetime) -> Told | list[Problem]:
    """What was typed, or everything that lacks or is wrong with it, each beside its field."""
    texts = {each.name: written.texts.get(each.name, "").strip() for each in book.fields}
    found = [] if written.kind in book.kinds else [Problem("kind", "Elija una de las opciones.")]
    found += _of_the_times(book, written, now)
    for each in book.fields:
        found += _of_a_text(each, texts[each.name])
    if found or written.at is None:
        return found
    return Told(written.kind, written.at, written.ended_at, written.follow_up_at, texts)


def _of_the_times(book: Book, written: Written, now: datetime) -> list[Problem]:
    found, at, end = [], written.at, written.ended_at
    if at is None:
        found.append(Problem("at", "Escriba cuándo fue."))
    elif not now - OLDEST <= at <= now + _AHEAD:
        found.append(Problem("at", "Escriba un momento del último año, que no sea futuro."))
    if book.ends and at is not None and end is not None and not at < end <= min(at + LONGEST_WORK, now + _AHEAD):
        found.append(Problem("ended_at", "Escriba cuándo terminó: después de empezar, y que no sea futuro."))
    follow_up = written.follow_up_at
    if follow_up is not None and not now < follow_up <= now + OLDEST:
        found.append(Problem("follow_up_at", "Escriba un momento futuro, dentro de un año."))
    return found


def _of_a_text(each: Field, text: str) -> list[Problem]:
    if not text:
        return [Problem(each.name, "Complete este dato.")] if each.is_required else []
    if len(text) > each.longest:
        return [Problem(each.name, f"Tiene más de {each.longest} caracteres.")]
    if each.is_number and not (text.isascii() and text.isdigit() and int(text) <= MOST_PEOPLE):
        return [Problem(each.name, "Escriba un número entero, como 40.")]
    return []
