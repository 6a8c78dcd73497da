"""What the register of calls keeps of a person: their telephone, for as long as calls say whose they were.

A call has no document, and a telephone may be of a whole house: one that is known to be another's, by the conversation,
the consultation or the campaign that it belongs to, is not theirs.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Row, and_, or_, select, update

from campaigns.person import calls_of as calls_of_campaigns
from campaigns.tables import attempt, recipient
from cases.tables import case_
from core.person import Forgotten, Kept, Person, opened, plain, told
from core.privacy import Vault
from desk.person import calls_of as calls_of_the_desk
from desk.tables import room
from ivr.calls import Direction
from ivr.tables import call

HOLDS = frozenset({"call.citizen_sealed", "call.memory_sealed"})
NOBODYS: dict[str, str] = {}
_DIRECTIONS = {
    Direction.INBOUND: "usted llamó",
    Direction.OUTBOUND: "se le llamó",
    Direction.TEST: "alguien de la institución probó una campaña",
}


def kept_of(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    """What a call remembers is wiped when it ends, and is of nobody else's business while it goes on."""
    for row in _calls(tx, vault, who):
        said = {
            **{"Línea": row.line, "Cómo fue": _DIRECTIONS[Direction(row.direction)]},
            "Teléfono": who.phone(opened(vault, row.citizen_sealed)),
            **{"Recorrido": " > ".join(map(plain, row.path or ())), "Asunto": plain(row.subject)},
            "Segundos": str(row.duration_s) if row.duration_s is not None else "",
        }
        yield Kept("Llamada", f"call {row.sid}", row.started_at, told(said))


def holding(tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
    """A call that goes on."""
    for row in _calls(tx, vault, who):
        if row.ended_at is None:
            yield f"Hay una llamada en curso en la línea {row.line}: espere a que termine."


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """That the call was made stays."""
    sids = [
        row.sid for row in _calls(tx, vault, who) if row.citizen_sealed is not None or row.memory_sealed is not None
    ]
    nothing = {"citizen_sealed": None, "citizen_print": None, "memory_sealed": None}
    tx.execute(update(call).where(call.c.sid.in_(sids)).values(**nothing))
    yield Forgotten("Llamadas", len(sids))


def _calls(tx: Connection, vault: Vault, who: Person) -> list[Row]:
    known = calls_of_the_desk(tx, vault, who) | calls_of_campaigns(tx, who)
    of_somebody_else = (
        select(room.c.id).where(room.c.call_sid == call.c.sid, who.is_anothers(room.c.document_print)),
        select(case_.c.id).where(case_.c.call_sid == call.c.sid, who.is_anothers(case_.c.document_print)),
        select(attempt.c.id)
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .where(attempt.c.id == call.c.attempt_id, who.is_anothers(recipient.c.person_print)),
    )
    from_them = and_(call.c.citizen_print.in_(who.phone_prints), *(~each.exists() for each in of_somebody_else))
    theirs = or_(call.c.sid.in_(known), from_them)
    return list(tx.execute(select(call).where(theirs).order_by(call.c.started_at, call.c.sid)))
