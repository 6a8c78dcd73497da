"""A campaign of invented people with known fates, launched and followed to its end; and what each must come to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from assembly import Parts
from campaigns.approval import approve
from campaigns.status import status_of
from campaigns.submission import submit
from campaigns.tables import attempt, recipient
from core.roles import Role
from demo.invent import Citizen, citizen, formato
from demo.people import Someone, fate_of, personas

#: fate → (final outcome, calls placed): formato-v1, outcome of a contact. «phones»: one call a telephone.
EXPECTED: dict[str, tuple[str, int | str]] = {
    "collects": ("contacto_titular.dato_recolectado", 1),
    "listens": ("contacto_titular.mensaje_completo", 1),
    "partial": ("contacto_titular.mensaje_parcial", 1),
    "opts_out": ("contacto_titular.no_llamar", 1),
    "no_answer": ("no_contacto.no_contesta", 4),
    "busy": ("no_contacto.ocupado", 4),
    "machine": ("no_contacto.buzon_con_mensaje", 4),
    "hangs_up": ("no_contacto.colgo", 4),
    "silent": ("no_contacto.colgo", 4),
    "not_here": ("contacto_tercero.no_es_la_persona", 4),
    "fails_security": ("contacto_titular.no_supera_seguridad", 3),
    "failed": ("no_contacto.fallida", "phones"),
    "wrong_number": ("contacto_tercero.numero_equivocado", "phones"),
    "opts_out_early": ("contacto_tercero.numero_equivocado", "phones"),
}


@dataclass(frozen=True)
class Placed:
    """One attempt as the database tells it."""

    id: int
    phone: int
    outcome: str
    at: datetime


def people(count: int) -> list[Citizen]:
    return [citizen(number) for number in range(count)]


def personas_of(citizens: list[Citizen]) -> str:
    return personas([Someone(each.phones, each.ddmm, each.last4) for each in citizens])


def launch(made: Parts, citizens: list[Citizen]) -> int:
    """Submits and approves the list; returns the campaign's id."""
    done = submit(made.db, made.vault, made.clock, made.campaign_lines, "test", "lista.csv", formato(citizens))
    assert done.dialled == len(citizens), [each.message for each in done.observations][:5]
    with made.db.begin() as tx:
        approve(tx, made.clock.now(), done.id, "test", Role.SUPERVISOR, at_once=True, reason="prueba")
    return done.id


def is_finished(made: Parts, campaign_id: int) -> bool:
    with made.db.begin() as tx:
        return status_of(tx, made.clock.now(), campaign_id).state == "finished"


def what_came(made: Parts, campaign_id: int) -> dict[int, tuple[str, list[Placed]]]:
    """By number of person: the final outcome, and the calls placed, in order."""
    with made.db.begin() as tx:
        rows = tx.execute(
            select(recipient).where(recipient.c.campaign_id == campaign_id).order_by(recipient.c.row)
        ).all()
        calls = defaultdict(list)
        query = select(attempt).where(attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None))
        for row in tx.execute(query.order_by(attempt.c.id)):
            calls[row.recipient_id].append(Placed(row.id, row.phone, row.outcome, row.started_at))
    assert all(row.is_final for row in rows)
    return {number: (row.outcome, calls[row.id]) for number, row in enumerate(rows)}


def wrong_ends(came: dict[int, tuple[str, list[Placed]]]) -> list[str]:
    """Whoever did not come to what their fate says, as sentences."""
    found = []
    for number, (outcome, calls) in came.items():
        fate = fate_of(number)
        expected, times = EXPECTED[fate]
        wanted = len(citizen(number).phones) if times == "phones" else times
        if (outcome, len(calls)) != (expected, wanted):
            told = [call.outcome for call in calls]
            found.append(f"{number} {fate}: {outcome} after {told}, not {expected} after {wanted}")
    return found
