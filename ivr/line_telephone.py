"""A telephone that a line's file names: its number, or a table that also says whether whoever answers presses a key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ivr.line_file import LineSheet

_OVERFLOW = "telefono "


@dataclass(frozen=True)
class Telephone:
    """``press_to_accept``: what the file says; None: it says nothing, and what is usual of such a number holds."""

    number: str
    press_to_accept: bool | None = None


def telephone(sheet: LineSheet, key: str, given: Any, country: str, *, short: bool = False) -> Telephone:
    """``"2250-0002"`` or ``{ numero = "2250-0002", pide_tecla = false }``. Raises FaultyLine."""
    if isinstance(given, str):
        return Telephone(sheet.dialled(key, given, country, short=short))
    own = LineSheet(sheet.file, sheet.rows, given if isinstance(given, dict) else {}, (*sheet.place, key))
    if not own.data:
        raise sheet.fault(key, f'{key}: escriba el número entre comillas, o {{ numero = "…", pide_tecla = false }}.')
    own.only("numero", "pide_tecla")
    asks = own.flag("pide_tecla") if "pide_tecla" in own.data else None
    return Telephone(sheet.dialled(key, own.text("numero"), country, short=short), asks)


def asking_for_a_key(sheet: LineSheet, country: str) -> dict[str, bool]:
    """What the whole file says of its telephones, by number. Duty telephones and overflows are asked unless it says no.

    Raises FaultyLine where it says both of one number.
    """
    told: dict[str, bool] = {}
    for own, key, each in _said_of(sheet, country):
        if each.press_to_accept is None:
            continue
        if told.setdefault(each.number, each.press_to_accept) != each.press_to_accept:
            raise own.fault(key, f"{key}: ese número pide tecla en un lugar del archivo y en otro no.")
    usual = {each.number: True for own, key, each in _said_of(sheet, country) if key in ("guardia", "desborde")}
    return usual | told


def _said_of(sheet: LineSheet, country: str) -> Iterator[tuple[LineSheet, str, Telephone]]:
    yield from _listed(sheet, "guardia", country)
    for _, queue in sheet.table("colas").each_table():
        for given in queue.listed("desborde"):
            if isinstance(given, dict) or given.startswith(_OVERFLOW):
                yield queue, "desborde", overflow_telephone(queue, given, country)
    groups, contacts = sheet.table("grupos"), sheet.table("contactos")
    for name in groups.data:
        yield from _listed(groups, name, country, only_tables=True)
    for name, given in contacts.data.items():
        if isinstance(given, dict):
            yield contacts, name, telephone(contacts, name, given, country, short=True)


def _listed(
    sheet: LineSheet, key: str, country: str, *, only_tables: bool = False
) -> Iterator[tuple[LineSheet, str, Telephone]]:
    for given in sheet.listed(key):
        if isinstance(given, dict) or not only_tables:
            yield sheet, key, telephone(sheet, key, given, country)


def overflow_telephone(sheet: LineSheet, given: Any, country: str) -> Telephone:
    """``"telefono 2250-0002"`` or the table. Raises FaultyLine."""
    text = given.removeprefix(_OVERFLOW).strip() if isinstance(given, str) else given
    return telephone(sheet, "desborde", text, country)
