"""What operators of a line read from while they attend: predefined reading and resources, each approved by somebody
(R71). A changed one is another row: what was read out last month can still be looked up."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, cast, insert, select, update
from sqlalchemy.dialects.postgresql import TSQUERY

from cases.problem import Problem
from cases.registers.tables import resource
from core import audit
from core.folding import question, searched

LONGEST = {"title": 120, "purpose": 200, "text": 4000, "link": 500, "approved_by": 120}
HIGHEST = 999  #: place in the order of a line
_MOST = 500
_LINK = re.compile(r"https://[^\s\"'<>]+")


@dataclass(frozen=True)
class Facts:
    """What a resource says. ``link``: an https address, or ""; ``approved_by``: as they are known, not an account."""

    title: str
    purpose: str
    text: str
    link: str
    approved_by: str
    position: int = 1


@dataclass(frozen=True)
class Resource:
    """One, as it is or was read."""

    id: int
    line: str
    facts: Facts
    added_at: datetime
    added_by: str
    retired_at: datetime | None
    retired_by: str | None


class ChangedMeanwhile(Exception):
    """Otra persona cambió o retiró este recurso mientras usted lo tenía abierto. Revise lo que dice ahora."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def read(*, title: str, purpose: str, text: str, link: str, approved_by: str, position: str) -> Facts | list[Problem]:
    """What was typed, or what lacks or is wrong with it."""
    given = {"title": title, "purpose": purpose, "text": text, "link": link, "approved_by": approved_by}
    given = {name: value.strip() for name, value in given.items()}
    found = [
        Problem(name, f"Tiene más de {LONGEST[name]} caracteres.")
        for name, value in given.items()
        if len(value) > LONGEST[name]
    ]
    needed = {"title": "Escriba el título.", "purpose": "Diga para qué sirve.", "approved_by": "Diga quién lo aprobó."}
    found += [Problem(name, sentence) for name, sentence in needed.items() if not given[name]]
    if not given["text"] and not given["link"]:
        found.append(Problem("text", "Escriba el texto, o ponga el enlace donde está."))
    if given["link"] and not _LINK.fullmatch(given["link"]):
        found.append(Problem("link", "Escriba una dirección completa que empiece con https://."))
    place = position.strip() or "1"
    if not (place.isascii() and place.isdigit() and len(place) < 9 and 1 <= int(place) <= HIGHEST):
        found.append(Problem("position", f"Escriba un número de 1 a {HIGHEST}."))
    return found or Facts(**given, position=int(place))


def add(tx: Connection, now: datetime, actor: str, line: str, facts: Facts, *, replaces: int | None = None) -> int:
    """Stores it and returns its id. ``replaces``: the one that it stands for from now on. Raises ChangedMeanwhile."""
    if replaces is not None:
        retire(tx, now, actor, replaces)
    words = " ".join(searched("\n".join((facts.title, facts.purpose, facts.text))))
    values = {**vars(facts), "line": line, "added_at": now, "added_by": actor, "replaces": replaces, "words": words}
    number = tx.execute(insert(resource).values(**values).returning(resource.c.id)).scalar_one()
    audit.record(tx, now, actor, "resource.added", "resource", number, line=line, replaces=replaces)
    return number


def retire(tx: Connection, now: datetime, actor: str, number: int) -> None:
    """It is not shown any more. Raises ChangedMeanwhile: it was not shown already."""
    standing = (resource.c.id == number, resource.c.retired_at.is_(None))
    if not tx.execute(update(resource).where(*standing).values(retired_at=now, retired_by=actor)).rowcount:
        raise ChangedMeanwhile
    audit.record(tx, now, actor, "resource.retired", "resource", number)


def of_line(tx: Connection, line: str) -> list[Resource]:
    """Those of a line, in their order."""
    return found(tx, [line])


def found(tx: Connection, lines: Sequence[str], text: str = "") -> list[Resource]:
    """Those of these lines that have every word of ``text``, or one that begins so; by line, in their order."""
    standing = (resource.c.line.in_(list(lines)), resource.c.retired_at.is_(None))
    query = select(resource).where(*standing).order_by(resource.c.line, resource.c.position, resource.c.id)
    if text.strip():
        query = query.where(resource.c.words.op("@@")(cast(question(text), TSQUERY)))
    return [_resource(row) for row in tx.execute(query.limit(_MOST))]


def one(tx: Connection, number: int, *, hidden_lines: Collection[str] = ()) -> Resource | None:
    """This one, whether it is still shown or not."""
    mine = (resource.c.id == number, resource.c.line.not_in(list(hidden_lines)))
    row = tx.execute(select(resource).where(*mine)).one_or_none()
    return _resource(row) if row else None


def former(tx: Connection, number: int) -> list[Resource]:
    """What it stands for, and what that stood for before, the last first."""
    told: list[Resource] = []
    row = tx.execute(select(resource).where(resource.c.id == number)).first()
    while row is not None and row.replaces is not None and len(told) < _MOST:
        row = tx.execute(select(resource).where(resource.c.id == row.replaces)).one()
        told.append(_resource(row))
    return told


def _resource(row: Row) -> Resource:
    told = {name: getattr(row, name) for name in (*LONGEST, "position")}
    return Resource(row.id, row.line, Facts(**told), row.added_at, row.added_by, row.retired_at, row.retired_by)
