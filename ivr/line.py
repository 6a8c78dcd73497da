"""A public line, as data: one TOML file in ``ivr/lines/`` (or LINES_DIR) is one line. Nothing of it is in code."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaigns.hours import COUNTRIES
from core.phones import Phone, parse_phone

SHIPPED = Path(__file__).parent / "lines"


class FaultyLine(Exception):
    """A line's file cannot be used. The message names the file and what is wrong, for whoever wrote it."""


@dataclass(frozen=True)
class Menu:
    """``says`` once on the way in, then ``prompt``; ``keys``: where each key leads."""

    name: str
    prompt: str
    keys: Mapping[str, str]
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """What an institution's line is."""

    id: str
    entidad: str
    country: str
    numbers: tuple[str, ...]  #: E.164; the first is what campaigns show as caller
    operador: str  #: E.164: a person, until there is a desk
    start: str  #: the menu that answers
    menus: Mapping[str, Menu]
    closing: str  #: the closing script of its campaigns, where a request has none
    privacy: str  #: and the privacy sentence
    caller_ids: tuple[str, ...] = field(default=())  #: other numbers that a campaign may show

    @property
    def zone(self):
        return COUNTRIES[self.country].zone


def load_lines(lines_dir: Path | None = None) -> dict[str, Line]:
    """Every line by its id: the shipped ones, then those of ``lines_dir``; the same id replaces. Raises FaultyLine."""
    lines: dict[str, Line] = {}
    for folder in (SHIPPED, lines_dir):
        if folder is None:
            continue
        if not folder.is_dir():
            raise FaultyLine(f"LINES_DIR: no existe la carpeta {folder}.")
        for path in sorted(folder.glob("*.toml")):
            line = _read(path)
            lines[line.id] = line
    _refuse_shared_numbers(lines.values())
    return lines


def line_of(lines: Mapping[str, Line], number: str) -> Line | None:
    """The line that a number belongs to: what citizens dial, and what campaigns show and citizens ring back."""
    return next((line for line in lines.values() if number in (*line.numbers, *line.caller_ids)), None)


def _read(path: Path) -> Line:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        return _line(path, data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FaultyLine(f"{path.name}: {error}") from None
    except KeyError as error:
        raise FaultyLine(f"{path.name}: falta {error}.") from None


def _line(path: Path, data: dict[str, Any]) -> Line:
    known = {"id", "entidad", "pais", "numeros", "operador", "inicio", "cierre", "aviso_privacidad", "menus"}
    unknown = sorted(data.keys() - known - {"numeros_salientes"})
    if unknown:
        raise FaultyLine(f"{path.name}: no se conoce «{unknown[0]}».")
    country = data["pais"]
    if country not in COUNTRIES:
        raise FaultyLine(f"{path.name}: pais debe ser uno de {', '.join(COUNTRIES)}.")
    menus = {
        name: Menu(name, menu["pregunta"], dict(menu["teclas"]), tuple(menu.get("dice", ())))
        for name, menu in data["menus"].items()
    }
    if data["inicio"] not in menus:
        raise FaultyLine(f"{path.name}: inicio nombra un menú que no existe: «{data['inicio']}».")
    return Line(
        id=data["id"],
        entidad=data["entidad"],
        country=country,
        numbers=tuple(_number(path, text, country) for text in data["numeros"]),
        operador=_number(path, data["operador"], country),
        start=data["inicio"],
        menus=menus,
        closing=data["cierre"],
        privacy=data["aviso_privacidad"],
        caller_ids=tuple(_number(path, text, country) for text in data.get("numeros_salientes", ())),
    )


def _number(path: Path, text: str, country: str) -> str:
    phone = parse_phone(text, country)
    if not isinstance(phone, Phone):
        raise FaultyLine(f"{path.name}: «{text}» no es un teléfono de {country}.")
    return phone.e164


def _refuse_shared_numbers(lines: Iterable[Line]) -> None:
    owners: dict[str, str] = {}
    for line in lines:
        for number in (*line.numbers, *line.caller_ids):
            if owners.setdefault(number, line.id) != line.id:
                raise FaultyLine(f"{number} está en dos líneas: {owners[number]} y {line.id}.")
