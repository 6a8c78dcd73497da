"""Where the drill works: a directory, ports and a database of its own, and a copy of the line with numbers to rehearse.

Everything else of the line is its file's: menus, sentences, queues, times, the order of its services.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desk.lines import Service
from ivr.line import Line, load_lines
from rehearsal.place import inherited
from settings import SettingsError

PLACE = "var/drill"
MONDAY = "2026-11-23T10:00:00-06:00"  # a working morning, whatever day the drill is run
_FIRST_SLOT = 500
_ZONES = re.compile(r"^zonas\s*=\s*\[.*?\]\s*$", re.MULTILINE | re.DOTALL)
_SERVICES = re.compile(r"^\[\[servicios\]\].*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Slot:
    """A zone of its own for each call that is rehearsed at the same time, with services that ring for it alone."""

    zone: str
    services: tuple[Service, ...]


def slots(line: Line, count: int) -> list[Slot]:
    """As the zone with most services has them, with other numbers. Raises SettingsError for a line that has none."""
    zones = [None, *line.desk.zones]
    listed = max((line.desk.services_for(zone) for zone in zones), key=len)
    if not listed:
        raise SettingsError(f"La línea «{line.id}» no tiene servicios de emergencia: no hay qué ensayar.")
    return [_slot(n, listed) for n in range(count)]


def _slot(number: int, listed: list[Service]) -> Slot:
    zone = f"Ensayo {number + 1}"
    digits = [f"{_FIRST_SLOT + number:03}{place:03}" for place in range(len(listed))]
    services = [
        Service(each.kind, each.label, each.number[:-6] + last, frozenset({zone}))
        for each, last in zip(listed, digits, strict=True)
    ]
    return Slot(zone, tuple(services))


def line_of_the_drill(line: Line, lines_dir: Path | None, made: list[Slot]) -> str:
    """The text of the line's file, with the zones and services of the slots in place of its own."""
    text = _file_of(line, lines_dir).read_text("utf-8")
    text = _SERVICES.sub("", _ZONES.sub("", text))
    zones = "zonas = " + json.dumps([slot.zone for slot in made], ensure_ascii=False)
    first, rest = text.split("\n[", 1)
    return "\n".join([first, zones, "", "[" + rest, *(_table(each) for slot in made for each in slot.services)])


def _table(service: Service) -> str:
    values = {"clase": service.kind, "nombre": service.label, "numero": service.number, "zonas": list(service.zones)}
    facts = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "\n".join(["[[servicios]]", *facts, ""])


def _file_of(line: Line, lines_dir: Path | None) -> Path:
    own = lines_dir / line.file if lines_dir else None
    return own if own is not None and own.is_file() else Path(__file__).parent.parent / "ivr" / "lines" / line.file


def the_line(line_id: str, lines_dir: Path | None) -> Line:
    """Raises SettingsError for one that there is not, FaultyLine for a fault in its file."""
    lines = load_lines(lines_dir)
    if line_id not in lines:
        raise SettingsError(f"No hay ninguna línea «{line_id}». Hay: {', '.join(lines)}.")
    return lines[line_id]


def environment(environ: Mapping[str, str], place: Path, port: int, database_url: str | None) -> dict[str, str]:
    """That of the drill's processes: nothing of the installation's, neither its accounts nor where it writes."""
    ours = {
        "DATA_DIR": str(place),
        "BIND": f"127.0.0.1:{port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CARRIER_BIND": f"127.0.0.1:{port + 1}",
        "CARRIER_PERSONAS": str(place / "personas.toml"),
        "CLOCK_START": MONDAY,
    }
    return inherited(environ) | ours | ({"DATABASE_URL": database_url} if database_url else {})
