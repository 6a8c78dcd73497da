"""The file that a person is handed: what is kept of them, to be read (``datos.txt``) and to be taken elsewhere
(``datos.json``), and the recordings of what they said."""

import json
import os
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from core.person import Kept, Person
from rights.asking import Asked

_WIDTH = 100
_LINE = "Línea"  # of a thing that is kept: its id, which tells people nothing
#: What is not in the file, and why: docs/derechos.md.
NOT_IN_IT = (
    "El archivo que entregó el área que pidió cada campaña: trae a muchas personas. Su fila sí está aquí.",
    "El registro de auditoría: dice qué se hizo y quién lo hizo, con números y sin datos de nadie.",
    "Las copias de seguridad: tienen lo mismo que aquí se lee, hasta que vencen.",
    "Lo que guarda la empresa de telefonía de sus llamadas y mensajes: se le pide a ella.",
)


@dataclass(frozen=True)
class Package:
    """``institution``: who hands it over; ``zone``: of the hours in it; ``elsewhere``: of a padrón that is not here;
    ``lines``: how each is named to people."""

    asked: Asked
    who: Person
    kept: Sequence[Kept]
    at: datetime
    institution: str
    zone: ZoneInfo
    elsewhere: str = ""
    lines: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def fresh_file(path: Path) -> Iterator[BinaryIO]:
    """A file of its owner alone, which was not there before; nothing is left of it where writing fails. Raises OSError,
    FileExistsError among them."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as target:
            yield target
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write(target: BinaryIO, package: Package) -> None:
    """A ZIP with both, and each recording."""
    files = {
        "datos.txt": _as_text(package).encode(),
        "datos.json": _as_json(package).encode(),
        **{name: data for kept in package.kept for name, data in kept.files.items()},
    }
    moment = package.at.astimezone(package.zone).timetuple()[:6]
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = ZipInfo(name, moment)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, data)
    target.flush()  # what does not fit on the disk is known before it is said to have been handed over
    os.fsync(target.fileno())


def _as_json(package: Package) -> str:
    return json.dumps(
        {
            "institution": package.institution,
            "request": {"number": package.asked.number, "on": package.asked.on.isoformat()},
            "made_at": package.at.isoformat(),
            "person": {"documents": sorted(package.who.documents), "phones": sorted(package.who.phones)},
            "kept": [
                {
                    **{"what": kept.what, "where": kept.where, "since": kept.since.isoformat()},
                    **{"told": dict(kept.told), "files": list(kept.files)},
                }
                for kept in package.kept
            ],
            "not_in_it": [*NOT_IN_IT, *([package.elsewhere] if package.elsewhere else [])],
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_text(package: Package) -> str:
    asked, at = package.asked, package.at.astimezone(package.zone)
    lines = [
        package.institution,
        "Lo que se guarda de usted",
        "",
        f"Solicitud {asked.number}, del {asked.on:%d/%m/%Y}. Preparado el {at:%d/%m/%Y} a las {at:%H:%M}.",
        f"Documento: {', '.join(sorted(package.who.documents))}",
        *([f"Teléfono: {', '.join(sorted(package.who.phones))}"] if package.who.phones else []),
        "",
        f"Se guardan {len(package.kept)} datos, del más antiguo al más reciente. De otras personas no se dice nada:",
        "sus números están tapados.",
    ]
    for kept in package.kept:
        lines += ["", f"{kept.since.astimezone(package.zone):%d/%m/%Y %H:%M}  {kept.what}"]
        for name, value in kept.told.items():
            lines += _item(name, package.lines.get(value, value) if name == _LINE else value)
    left_out = [*NOT_IN_IT, *([package.elsewhere] if package.elsewhere else [])]
    lines += ["", "Lo que no está en este archivo:", *(line for each in left_out for line in _wrapped(f"- {each}", 2))]
    return "\n".join(lines) + "\n"


def _item(name: str, value: str) -> list[str]:
    first, *rest = value.splitlines() or [""]
    return [*_wrapped(f"    {name}: {first}", 6), *(line for each in rest for line in _wrapped(f"      {each}", 6))]


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=" " * indent, break_long_words=False) or [""]
