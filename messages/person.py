"""What was sent to a person (core/person.py): texts, and letters to the people who work on their consultations."""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from cases.person_rows import cases_of
from core.former_post import outbox
from core.person import Forgotten, Kept, Person, opened, told
from core.post import DELIVERED, FAILED, QUEUED, REFUSED, SENT, UNDELIVERED, UNKNOWN, erase, post
from core.privacy import Vault

HOLDS = frozenset({"post.to_sealed", "post.body_sealed", "post.values_sealed"})
_EMPTIED = "vacía: pasó a post, y se elimina en la próxima versión"
NOBODYS = dict.fromkeys(("mail.to_sealed", "mail.body_sealed", "outbox.to_sealed"), _EMPTIED)

_STATES = {
    **{QUEUED: "por enviar", UNKNOWN: "por enviar", SENT: "enviado", DELIVERED: "entregado"},
    **{UNDELIVERED: "no se pudo entregar", REFUSED: "no se pudo enviar", FAILED: "no se pudo enviar"},
}

#: What a text was about, by its sentence; what it said whole is in the line's own words of that day.
_ABOUT = {
    "sms.stopped": "que ya no recibirá mensajes",
    "sms.who_we_are": "quiénes somos",
    "sms.reference": "una referencia que se le dio",
    "sms.birth_date_corrected": "que se corrigió su fecha de nacimiento",
    "sms.name_corrected": "que se corrigió su nombre",
    "sms.name_and_birth_date_corrected": "que se corrigieron su nombre y su fecha de nacimiento",
    "sms.pin_changed": "que su PIN cambió",
}


def kept_of(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    """The texts to their telephones. A letter says only where to look."""
    query = select(post).where(post.c.to_print.in_(who.phone_prints)).order_by(post.c.id)
    for row in tx.execute(query):
        values = json.loads(opened(vault, row.values_sealed) or "{}")
        said = {
            **{"Línea": row.line, "Teléfono": who.phone(opened(vault, row.to_sealed)), "Estado": _STATES[row.state]},
            **{"De qué": _ABOUT.get(row.prompt, "un aviso de la línea") if row.prompt else ""},
            **{"Palabras": opened(vault, row.body_sealed), **values},
        }
        yield Kept("Mensaje de texto", f"post {row.id}", row.queued_at, told(said))


def holding(tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
    """What is still to be sent; and what a process of the version before is writing elsewhere, without a print."""
    if tx.execute(select(outbox.c.id).limit(1)).first() is not None:
        yield "Hay mensajes de la versión anterior que todavía se están pasando: espere unos minutos."
    waits = select(post.c.id).where(_theirs(tx, who), post.c.state.in_((QUEUED, UNKNOWN))).order_by(post.c.id)
    for number in tx.execute(waits).scalars():
        yield f"El mensaje {number} está por enviarse: espere a que salga."


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """That there was one stays, with its line, its kind and its end."""
    yield Forgotten("Mensajes enviados", erase(tx, _theirs(tx, who)))


def _theirs(tx: Connection, who: Person) -> ColumnElement[bool]:
    about = post.c.case_id.in_([row.id for row in cases_of(tx, who)])
    return or_(post.c.to_print.in_(who.phone_prints), about)
