"""The lines that this installation has, and the one that a request means (formato-v1.md §2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.upload.fields import Fields
from campaigns.upload.observations import Level
from campaigns.upload.vocabulary import Country, key_of
from core.phones import Phone, parse_phone


@dataclass(frozen=True, slots=True)
class LineKnown:
    """A line that this installation has: ``entity`` as a Formato would name it, ``caller_ids`` in E.164."""

    id: str
    country: str
    entity: str
    caller_ids: frozenset[str] = frozenset()
    text_closing: str = ""  #: with which its texts end: how to receive none; empty: as comes with the service


LinesKnown = Iterable[LineKnown]


def caller_id_of(
    fields: Fields, country: Country | None, lines: Sequence[LineKnown], name: str = "numero_saliente"
) -> str | None:
    """The field (``numero_saliente``; of texts, ``remitente``) in E.164, when a line has it."""
    configured = sorted(set().union(*(line.caller_ids for line in lines))) if lines else []

    def known(text: str) -> str | None:
        found = parse_phone(text, country) if country else None
        number = found.e164 if isinstance(found, Phone) else text.replace(" ", "")
        return number if number in configured else None

    told = "No es un número saliente configurado en esta instalación."
    return fields.optional(name, known, told, ", ".join(configured) or "deje el campo vacío")


def line_of(fields: Fields, country: Country | None, entity: str, lines: Sequence[LineKnown]) -> str | None:
    """The line that the request names, else the only one of the country, else the one of the entity (§2). That it is of
    another entity is said: it may be the same by another name, and it may be a mistake."""
    found = _line_of(fields, country, entity, lines)
    if found and entity and key_of(found.entity) != key_of(entity):
        told = f"La línea «{found.id}» es de «{found.entity}», y esta solicitud es de otra entidad."
        fields.note("E17", "entidad", told, "revise que sea la línea correcta", Level.AVISO)
    return found.id if found else None


def _line_of(fields: Fields, country: Country | None, entity: str, lines: Sequence[LineKnown]) -> LineKnown | None:
    there = [line for line in lines if country is None or line.country == country]
    suggestion = "use " + ", ".join(line.id for line in there) if there else "pida que se configure la línea"
    written = fields.text("linea")
    if written:
        named = [line for line in there if key_of(line.id) == key_of(written)]
        if not named:
            fields.note("E17", "linea", "No hay una línea con ese nombre en ese país.", suggestion)
        return named[0] if named else None
    if len(there) > 1:
        matching = [line for line in there if key_of(line.entity) == key_of(entity)]
        there = matching if len(matching) == 1 else there
    if len(there) == 1:
        return there[0]
    if country:
        told = "Hay varias líneas en ese país: diga cuál." if there else "No hay ninguna línea en ese país."
        fields.note("E17", "linea", told, suggestion)
    return None
