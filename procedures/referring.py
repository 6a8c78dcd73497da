"""A reference of the directory for whoever called (R75; Línea 131, Consejería 6): said by voice, or sent by SMS to the
telephone of their case with their leave. Never by SMS on a sensitive line: others may read that telephone."""

from datetime import datetime

from sqlalchemy import Connection

from cases.consultations.consultations import PendingCase, contact_of
from cases.events import EventKind, note
from core import audit, post
from core.phones import is_mobile
from core.post import TextMessage
from core.privacy import Vault
from desk.directory.queries import DirectoryEntry
from desk.lines import DeskLine
from prompts.speech import phone_figures

SENSITIVE = "En esta línea no se envían mensajes: dé la referencia de viva voz."
NO_MOBILE = "El caso no tiene un celular al que se pueda enviar un mensaje: dé la referencia de viva voz."
NO_LEAVE = "Pregunte si la persona acepta recibir el mensaje, y márquelo: sin eso no se envía."
ELSEWHERE = "Esa referencia es del directorio de otra línea."
NOWHERE = "Esa entrada no tiene un teléfono que se pueda dar."


class CannotRefer(Exception):
    """It was not given. The message is a sentence in Spanish."""


def why_no_text(tx: Connection, vault: Vault, line: DeskLine | None, case: PendingCase) -> str:
    """Why a reference may not go by SMS to whoever a case is of, a sentence; "": it may. Raises NoSuchCase."""
    if line is None or line.is_sensitive or case.is_anonymous:
        return SENSITIVE
    phone = contact_of(tx, vault, case.id).phone
    return "" if phone and is_mobile(phone) else NO_MOBILE


def say(tx: Connection, vault: Vault, now: datetime, case: PendingCase, entry: DirectoryEntry, actor: str) -> None:
    """It was given by voice: the case's history says which. Raises CannotRefer."""
    _check(case, entry)
    told = f"Referencia dada de viva voz: {entry.name}."
    note(tx, vault, now, actor, EventKind.ADDED, case_id=case.id, text=told, reference=entry.id)
    audit.record(tx, now, actor, "reference.said", "case", case.id, entry=entry.id)


def text(
    tx: Connection,
    vault: Vault,
    now: datetime,
    line: DeskLine | None,
    case: PendingCase,
    entry: DirectoryEntry,
    actor: str,
    *,
    has_leave: bool,
) -> None:
    """Leaves it in the post, once a case and entry, and their leave in the case's history. Raises CannotRefer."""
    _check(case, entry)
    if why := why_no_text(tx, vault, line, case):
        raise CannotRefer(why)
    if not has_leave:
        raise CannotRefer(NO_LEAVE)
    if not entry.telephone:
        raise CannotRefer(NOWHERE)
    phone = contact_of(tx, vault, case.id).phone
    assert phone is not None and line is not None, "why_no_text saw to it"
    message = TextMessage(
        "reference",
        phone,
        case.line,
        prompt="sms.reference",
        values={"persona": entry.name, "number": _figures(entry.telephone, line.country)},
        case_id=case.id,
        once=f"reference:{case.id}:{entry.id}",
    )
    post.leave(tx, vault, now, message)
    told = f"Aceptó recibir por SMS la referencia de {entry.name}."
    note(tx, vault, now, actor, EventKind.ADDED, case_id=case.id, text=told, reference=entry.id, by="SMS")
    audit.record(tx, now, actor, "reference.texted", "case", case.id, entry=entry.id)


def _check(case: PendingCase, entry: DirectoryEntry) -> None:
    if entry.line != case.line:
        raise CannotRefer(ELSEWHERE)


def _figures(telephone: str, country: str) -> str:
    try:
        return phone_figures(telephone, country)
    except ValueError:  # a short public number
        return telephone
