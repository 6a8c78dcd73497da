"""What the desk keeps of a person: conversations, promises to call, messages that they left (core/person.py).

What counts stays as it does at the end of its days (desk/retention.py). ``room_event`` says nothing of anybody.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from cases import person_rows
from core import files, jobs
from core.person import Forgotten, Kept, Person, opened, told
from core.privacy import Vault
from desk.promises import OPEN
from desk.retention import forget_promises, forget_rooms
from desk.states import LegRole, PromiseState, RoomKind, RoomState, VoiceMessageState
from desk.tables import leg, promise, room, voice_message
from desk.voice_messages.fetching import purge
from desk.voice_messages.inbox import FETCH_VOICE_MESSAGE, HERE, SHORTEST
from desk.voice_messages.tables import voice_message_note

HOLDS = frozenset(
    {
        *("room.citizen_sealed", "room.learnt_sealed", "room.place_sealed", "room.override_sealed"),
        *("room.reason_sealed", "leg.address_sealed", "promise.phone_sealed", "promise.learnt_sealed"),
        *("voice_message.phone_sealed", "voice_message_note.note_sealed"),
    }
)
NOBODYS = {"operator.telephone_sealed": "de quien atiende"}
_KINDS = {
    RoomKind.INBOUND: "usted llamó",
    RoomKind.CALLBACK: "se le prometió una llamada",
    RoomKind.CAMPAIGN: "se le llamó por una campaña",
    RoomKind.OUTBOUND: "se le llamó",
}
_PROMISES = {
    PromiseState.WAITING: "por hacer",
    PromiseState.CALLING: "en curso",
    PromiseState.KEPT: "se hizo",
    PromiseState.GIVEN_UP: "no contestó nadie",
    PromiseState.WITHDRAWN: "usted llamó antes",
}


def kept_of(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    """Of a message its recording too, where it is here."""
    for row in _rooms(tx, vault, who):
        yield _room(vault, who, row)
    for row in _promises(tx, who):
        known = _learnt(who, opened(vault, row.learnt_sealed))
        state = "ya no hacía falta" if row.ended_by else _PROMISES[PromiseState(row.state)]
        said = {"Línea": row.line, "Estado": state}
        said["Para cuándo"] = f"{row.due_at.astimezone(UTC):%d/%m/%Y %H:%M} (UTC)" if row.due_at else ""
        said["Teléfono"] = who.phone(opened(vault, row.phone_sealed))
        yield Kept("Llamada prometida", f"promise {row.id}", row.made_at, told({**said, **known}))
    for row in _messages(tx, who):
        note = tx.execute(
            select(voice_message_note.c.note_sealed).where(voice_message_note.c.message_id == row.id)
        ).scalar()
        said = {"Línea": row.line, "Segundos": str(row.seconds), "Lo que se hizo": opened(vault, note)}
        name = f"mensaje-{row.id}.wav"
        is_here = row.state in HERE and row.file_id is not None
        sound = {name: files.fetch(tx, vault, row.file_id)} if is_here else {}
        said |= {"Grabación": name if is_here else "todavía está en la red telefónica"}
        yield Kept("Mensaje de voz", f"voice_message {row.id}", row.left_at, told(said), sound)


def holding(tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
    """A call that goes on, an emergency that nobody confirmed, a call that is owed, a message that nobody attended."""
    for row in _rooms(tx, vault, who):
        if row.state != RoomState.ENDED:
            yield f"La conversación {row.id} está en curso en la línea {row.line}: espere a que termine."
        elif row.is_emergency and row.confirmed is None:
            yield f"La emergencia de la conversación {row.id} no se ha confirmado: confírmela antes."
    for row in _promises(tx, who):
        if row.state in OPEN:
            instead = f", o retírela en la consulta {row.case_id}" if row.case_id is not None else ""
            yield f"Se le prometió una llamada en la línea {row.line} (la {row.id}): espere a que se haga{instead}."
    for row in _messages(tx, who):
        asked = select(voice_message_note.c.message_id).where(voice_message_note.c.message_id == row.id)
        if row.seconds >= SHORTEST and tx.execute(asked).first() is None:
            yield f"El mensaje de voz {row.id} está sin atender: atiéndalo antes."


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """A recording that the carrier has still is deleted there by the job that would have fetched it."""
    rooms = [row.id for row in _rooms(tx, vault, who)]
    forget_rooms(tx, now, rooms)
    yield Forgotten("Conversaciones", len(rooms))
    promises = [row.id for row in _promises(tx, who)]
    forget_promises(tx, now, promises)
    yield Forgotten("Llamadas prometidas", len(promises))
    messages = _messages(tx, who)
    for row in messages:
        purge(tx, now, row, by)
        if not row.is_deleted_remotely:
            jobs.defer(tx, FETCH_VOICE_MESSAGE, message_id=row.id)
    yield Forgotten("Mensajes de voz", len(messages))


def calls_of(tx: Connection, vault: Vault, who: Person) -> set[str]:
    """The calls, by their sid, that were theirs here or in a consultation."""
    rooms = _rooms(tx, vault, who)
    callers = (leg.c.room_id.in_([row.id for row in rooms]), leg.c.role == LegRole.CALLER, leg.c.sid.is_not(None))
    rang = set(tx.execute(select(leg.c.sid).where(*callers)).scalars())
    return rang | {row.call_sid for row in rooms if row.call_sid} | person_rows.calls_of(tx, vault, who)


def _rooms(tx: Connection, vault: Vault, who: Person) -> list[Row]:
    """By what the call told, and by what was noted when it was attended; once they are purged there is nothing more."""
    attended = room.c.id.in_(person_rows.rooms_of(tx, vault, who)) & ~who.is_anothers(room.c.document_print)
    theirs = or_(who.owns(room.c.document_print, room.c.citizen_print), attended)
    return list(tx.execute(select(room).where(theirs, room.c.purged_at.is_(None)).order_by(room.c.id)))


def _promises(tx: Connection, who: Person) -> list[Row]:
    theirs = who.owns(promise.c.document_print, promise.c.phone_print)
    return list(tx.execute(select(promise).where(theirs).order_by(promise.c.id)))


def _messages(tx: Connection, who: Person) -> list[Row]:
    theirs: tuple[ColumnElement[bool], ...] = (
        voice_message.c.phone_print.in_(who.phone_prints),
        voice_message.c.state != VoiceMessageState.PURGED,
    )
    return list(tx.execute(select(voice_message).where(*theirs).order_by(voice_message.c.id)))


def _room(vault: Vault, who: Person, row: Row) -> Kept:
    said = {
        **{"Línea": row.line, "Cola": row.queue, "Cómo empezó": _KINDS[RoomKind(row.kind)]},
        "Teléfono": who.phone(opened(vault, row.citizen_sealed)),
        **_learnt(who, opened(vault, row.learnt_sealed)),
        "Lugar": opened(vault, row.place_sealed),
        "Por qué se le llamó": opened(vault, row.reason_sealed),
        "Por qué se permitió": opened(vault, row.override_sealed),
    }
    return Kept("Llamada atendida por una persona", f"room {row.id}", row.entered_at, told(said))


def _learnt(who: Person, kept: str) -> dict[str, str]:
    known = json.loads(kept) if kept else {}
    path, words = " > ".join(known.get("path", ())), " · ".join(known.get("words", ()))
    return {"Documento": who.document(known.get("document")), "Recorrido": path, "Para qué": words}
