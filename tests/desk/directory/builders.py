"""Invented people of a directory."""

from datetime import date, datetime
from itertools import islice, product

from sqlalchemy import Connection

from core.database import Database, metadata
from desk.directory import keeping
from desk.directory.facts import Category, Extension, Facts
from desk.directory.tables import directory_entry, directory_key

LINE = "issemym"
TODAY = date(2026, 11, 23)

_FIRST = ("Ana", "José", "María", "Íñigo", "Lucía", "Andrés", "Belén", "Carlos", "Zoé", "Óscar", "Raúl", "Sofía")
_LAST = ("García", "López", "Núñez", "Muñoz", "Pérez", "Ibáñez", "Ángeles", "de la Cruz", "Quiroz", "Zúñiga", "Wong")


def make_tables(db: Database) -> None:
    """Those of the directory, where no migration made them yet."""
    metadata.create_all(db.engine, tables=[directory_entry, directory_key])


def added(
    tx: Connection,
    now: datetime,
    name: str,
    *,
    line: str = LINE,
    extension: str | None = "1410",
    telephone: str | None = None,
    unit: str = "",
    role: str = "",
    category: Category = Category.INSTITUCION,
    verified_on: date | None = TODAY,
) -> int:
    """An entry in the directory."""
    facts = Facts(
        name=name,
        unit=unit,
        role=role,
        extension=Extension(extension) if extension else None,
        telephone=telephone,
        category=category,
        verified_on=verified_on,
    )
    return keeping.add(tx, now, "ana@ejemplo.gob", line, facts)


def names(number: int) -> list[str]:
    """As many different names as asked for, of three words or more."""
    told = (f"{first} {second} {last} {other}" for last, other, first, second in product(_LAST, _LAST, _FIRST, _FIRST))
    distinct = list(islice(told, number))
    return [f"{name} {_letters(place)}" for place, name in enumerate(distinct + distinct)][:number]


def _letters(number: int) -> str:
    """A word of its own for each number."""
    word = ""
    while True:
        number, rest = divmod(number, 26)
        word += chr(ord("a") + rest)
        if not number:
            return word.title()
