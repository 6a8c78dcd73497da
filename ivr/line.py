"""A public line, as data: one TOML file in ``ivr/lines/`` (or LINES_DIR) is one line. Nothing of it is in code.

What may be written in the file: docs/lineas.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from core.countries import COUNTRIES
from desk.lines import DeskLine
from ivr.line_file import FaultyLine, LineSheet
from ivr.line_parts import Menu, Target, read_contacts, read_extensions, read_groups, read_menu
from ivr.line_people import KEYS, TABLES, desk_line
from ivr.line_whatsapp import read_whatsapp
from prompts.source import CONTACT

__all__ = ["FaultyLine", "Line", "Menu", "Target", "line_of", "load_lines"]

SHIPPED = Path(__file__).parent / "lines"
_ID = re.compile(r"[a-z][a-z0-9_-]*")
_OWN = ("id", "entidad", "pais", "numeros", "numeros_salientes", "operador", "inicio", "cierre", "aviso_privacidad")
_MORE = ("principal", "pregunta_algo_mas", "menus", "contactos", "extensiones", "grupos", "whatsapp")


@dataclass(frozen=True)
class Line:
    """What an institution's line is."""

    id: str
    entidad: str
    country: str
    numbers: tuple[str, ...]  #: E.164; the first is what campaigns show as caller
    operador: str  #: E.164: a person, where there is no desk or we have failed
    start: str  #: the menu that answers
    menus: Mapping[str, Menu]
    closing: str  #: the closing script of its campaigns, where a request has none
    privacy: str  #: and the privacy sentence
    desk: DeskLine  #: its people: hours, queues, duty telephones, services
    caller_ids: tuple[str, ...] = ()  #: other numbers that a campaign may show
    contacts: Mapping[str, str] = field(default_factory=dict)  #: said as {contacto_<name>}; telephones as E.164
    groups: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)  #: rung one after the other
    asks_for_more: bool = False  #: «¿algo más?» also after a person said goodbye
    is_principal: bool = False  #: the one that the screens are named after
    file: str = ""  #: the name of its file

    @property
    def zone(self) -> ZoneInfo:
        return COUNTRIES[self.country].zone

    @property
    def values(self) -> dict[str, str]:
        """What every sentence of the line may say, heard or read, whatever the hour."""
        own = {"entidad": self.entidad, "operador": self.operador, "numero": self.numbers[0]}
        return own | {f"{CONTACT}{name}": value for name, value in self.contacts.items()}


def load_lines(lines_dir: Path | None = None) -> dict[str, Line]:
    """Every line by its id, the principal first: the shipped ones and those of ``lines_dir``; the same id replaces.

    Raises FaultyLine.
    """
    if lines_dir is not None and not lines_dir.is_dir():
        raise FaultyLine(f"LINES_DIR: no existe la carpeta {lines_dir}.")
    shipped = {line.id: line for line in _shipped()}
    own = {line.id: line for line in _lines_in(lines_dir)} if lines_dir else {}
    found = [*own.values(), *(line for line in shipped.values() if line.id not in own)]
    _refuse_shared_numbers(found)
    return {line.id: line for line in sorted(found, key=lambda line: not line.is_principal)}


def line_of(lines: Mapping[str, Line], number: str) -> Line | None:
    """The line that a number belongs to: what citizens dial, and what campaigns show and citizens ring back."""
    return next((line for line in lines.values() if number in (*line.numbers, *line.caller_ids)), None)


@cache
def _shipped() -> tuple[Line, ...]:
    """Those that come with the code: read and checked once a process."""
    return tuple(_lines_in(SHIPPED))


def _lines_in(folder: Path) -> list[Line]:
    return [_line(LineSheet.read(path)) for path in sorted(folder.glob("*.toml"))]


def _line(sheet: LineSheet) -> Line:
    sheet.only(*_OWN, *_MORE, *KEYS, *TABLES)
    sheet.needed("id", "entidad", "pais", "numeros", "operador", "inicio", "cierre", "aviso_privacidad", "menus")
    country = sheet.code("pais", COUNTRIES)
    if not _ID.fullmatch(sheet.text("id")):
        raise sheet.fault("id", "id lleva minúsculas, números y guiones, sin acentos.")
    numbers = tuple(sheet.person("numeros", text, country) for text in sheet.texts("numeros"))
    if not numbers:
        raise sheet.fault("numeros", "numeros necesita al menos un teléfono.")
    menus = {name: read_menu(name, each) for name, each in sheet.table("menus").each_table()}
    if sheet.text("inicio") not in menus:
        raise sheet.fault("inicio", f"inicio nombra un menú que no existe: «{sheet.text('inicio')}».")
    extensions = read_extensions(sheet.table("extensiones"), country) if "extensiones" in sheet.data else None
    desk = replace(desk_line(sheet, country, numbers[0]), extensions=extensions)
    line = Line(
        id=sheet.text("id"),
        entidad=sheet.text("entidad"),
        country=country,
        numbers=numbers,
        operador=sheet.person("operador", sheet.text("operador"), country),
        start=sheet.text("inicio"),
        menus=menus,
        closing=sheet.text("cierre"),
        privacy=sheet.text("aviso_privacidad"),
        desk=desk,
        caller_ids=tuple(sheet.person("numeros_salientes", each, country) for each in sheet.texts("numeros_salientes")),
        contacts=read_contacts(sheet.table("contactos"), country),
        groups=read_groups(sheet.table("grupos"), country, extensions),
        asks_for_more=sheet.flag("pregunta_algo_mas"),
        is_principal=sheet.flag("principal"),
        file=sheet.file,
    )
    if "whatsapp" not in sheet.data:
        return line
    return replace(line, desk=replace(desk, chat=read_whatsapp(sheet.table("whatsapp"), desk, line.values)))


def _refuse_shared_numbers(lines: Iterable[Line]) -> None:
    owners: dict[str, str] = {}
    for line in lines:
        for number in (*line.numbers, *line.caller_ids):
            if owners.setdefault(number, line.id) != line.id:
                raise FaultyLine(f"{line.file}: {number} está en dos líneas: {owners[number]} y {line.id}.")
    written: dict[str, str] = {}
    for line in lines:
        if line.desk.chat and written.setdefault(line.desk.chat.number, line.id) != line.id:
            raise FaultyLine(f"{line.file}: dos líneas tienen el mismo número de WhatsApp.")
