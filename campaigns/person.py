"""What campaigns keep of a person: their row of a list, the calls to them, their answers, exclusions (core/person.py).

Nothing goes of a list that is not over: it would be called with a hole in it. Afterwards their row is left as all rows
are at the end of its days (reports/retention.py). That they are not to be called goes on being heeded, by fingerprint
alone.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, or_, select, update

from campaigns.history.tables import rule_decision
from campaigns.outcomes import Outcome
from campaigns.rules.exclusion_causes import cause_of
from campaigns.rules.exclusions import Kind, wrong_number_print
from campaigns.rules.facts import IS_LIVE
from campaigns.rules.outreach import outreach
from campaigns.states import CampaignState, Channel
from campaigns.tables import attempt, campaign, exclusion, observation, operated_contact, recipient
from campaigns.upload.observations import CONTACTS_SHEET
from campaigns.upload.vocabulary import COLUMN_BY_KEY, key_of
from campaigns.validation.tables import collected_answer
from core.person import ERASED, Forgotten, Kept, Person, opened, plain, told
from core.privacy import Vault

HOLDS = frozenset(
    {
        *("recipient.data_sealed", "recipient.collected_sealed", "operated_contact.reason_sealed"),
        *("collected_answer.corrected_sealed", "exclusion.value_sealed", "exclusion.cause_sealed"),
        "exclusion.removed_because_sealed",
    }
)
NOBODYS = {
    "campaign.request_sealed": "de quien pidió la campaña, y lo que se dice en ella a todos",
    "intake.comparison_sealed": "las filas que cambiaron, enmascaradas",
    "test_call.to_sealed": "de quien prueba la campaña",
    "own_telephone.phone_sealed": "de quien prueba la campaña",
}
_COLUMNS = {
    **{"id_registro": "Número que le dio el área", "tipo_documento": "Tipo de documento"},
    **{"numero_documento": "Número de documento", "fecha_nacimiento": "Fecha de nacimiento"},
    **{f"telefono_{n}": f"Teléfono {n}" for n in (1, 2, 3)},
}
_OVER = (CampaignState.CLOSED, CampaignState.CANCELLED)
_EMPTY = json.dumps({"cells": [], "contact": None})


def kept_of(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    """Of a row what the file said, and what came of each call."""
    for row in _people(tx, who):
        data = json.loads(vault.open(row.data_sealed))
        said = {"Campaña": row.filing_number or str(row.campaign_id), "Área": row.area, "Resultado": _outcome(row)}
        cells = dict(zip(map(_heading, row.headings), data["cells"], strict=False))
        collected = json.loads(opened(vault, row.collected_sealed) or "{}")
        answers = {f"Respuesta {number}": value for number, value in sorted(collected.items())}
        answers |= _corrected(tx, vault, row.id)
        yield Kept("Lista de una campaña", f"recipient {row.id}", row.submitted_at, told({**said, **cells, **answers}))
        for each in tx.execute(select(attempt).where(attempt.c.recipient_id == row.id).order_by(attempt.c.id)):
            yield _attempt(tx, vault, each)
    for row in _looking_for_others(tx, who):
        yield Kept("Su teléfono, en la lista de otra persona", f"attempt {row.id}", row.started_at or row.due_at, {})
    for row in _exclusions(tx, vault, who):
        said = {
            "De": Kind(row.kind).label,
            "Por qué": cause_of(vault, row),
            "Línea": row.line,
            "Dónde": _place(row),
            "Se quitó": _removed_because(vault, row),
        }
        yield Kept("No se le llama", f"exclusion {row.id}", row.since, told(said))


def holding(tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
    """A list that is not over, and a call of which it is not known yet what became."""
    for row in _people(tx, who):
        name = row.filing_number or row.campaign_id
        live = select(attempt.c.id).where(attempt.c.recipient_id == row.id, IS_LIVE)
        if row.state not in _OVER:
            state = f"{CampaignState(row.state).label.lower()}, hasta {row.ends_on:%d/%m/%Y}"
            yield f"Está en la campaña {name} ({state}): espere a que se cierre, o cancélela."
        elif tx.execute(live.limit(1)).first() is not None:
            yield f"Una llamada de la campaña {name} no se sabe cómo terminó: espere a que se sepa."


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """The file that was handed in cannot lose one row: it goes whole, in its time."""
    people = _people(tx, who)
    ids = [row.id for row in people]
    for row in people:
        mine = (observation.c.campaign_id == row.campaign_id, observation.c.row == row.row)
        tx.execute(update(observation).where(*mine, observation.c.sheet == CONTACTS_SHEET).values(value=None))
    calls = select(attempt.c.id).where(attempt.c.recipient_id.in_(ids))
    tx.execute(update(operated_contact).where(operated_contact.c.attempt_id.in_(calls)).values(reason_sealed=None))
    tx.execute(delete(rule_decision).where(rule_decision.c.attempt_id.in_(calls)))
    answers = update(collected_answer).where(collected_answer.c.recipient_id.in_(ids))
    tx.execute(answers.values(given_print=b"", corrected_sealed=None))
    begun = or_(outreach.c.to_print.in_(who.phone_prints), outreach.c.person_print.in_(who.document_prints))
    tx.execute(delete(outreach).where(begun))
    elsewhere, excluded = len(_looking_for_others(tx, who)), _exclusions(tx, vault, who)
    tx.execute(update(attempt).where(attempt.c.recipient_id.in_(ids)).values(to_print=None))
    nothing = dict.fromkeys(("person_print", "answers", "collected_sealed", "zone", "preferred"))
    tx.execute(update(recipient).where(recipient.c.id.in_(ids)).values(**nothing, data_sealed=vault.seal(_EMPTY)))
    yield Forgotten("Filas de listas de campañas", len(ids))
    files = len({row.campaign_id for row in people if row.file_id and row.file_removed_at is None})
    yield Forgotten(
        "Archivos de esas listas", 0, files, "Traen a muchas personas: se borran enteros, cada uno en su plazo."
    )
    others = "Están en la lista de otra persona: se borran con ella, en su plazo."
    yield Forgotten("Llamadas a su teléfono en las que se buscaba a otra persona", 0, elsewhere, others)
    yield from _forget_exclusions(tx, excluded)


def calls_of(tx: Connection, who: Person) -> set[str]:
    """The calls to them, by their sid."""
    ids = [row.id for row in _people(tx, who)]
    asked = select(attempt.c.remote_sid).where(attempt.c.recipient_id.in_(ids), attempt.c.remote_sid.is_not(None))
    return set(tx.execute(asked).scalars())


def _people(tx: Connection, who: Person) -> Sequence[Row]:
    """Their rows of lists, with what each list is; of a row whose document could not be read, by its telephone."""
    dialled = select(attempt.c.recipient_id).where(attempt.c.to_print.in_(who.phone_prints))
    theirs = or_(
        recipient.c.person_print.in_(who.document_prints),
        recipient.c.person_print.is_(None) & recipient.c.id.in_(dialled),
    )
    about = ("area", "state", "ends_on", "filing_number", "headings", "submitted_at", "file_id", "file_removed_at")
    query = select(recipient, *(campaign.c[name] for name in about)).join(campaign)
    return tx.execute(query.where(theirs).order_by(recipient.c.id)).all()


def _looking_for_others(tx: Connection, who: Person) -> Sequence[Row]:
    """The calls to their telephone that were for somebody else, to whom a list had it."""
    theirs = (attempt.c.to_print.in_(who.phone_prints), who.is_anothers(recipient.c.person_print))
    return tx.execute(select(attempt).join(recipient).where(*theirs).order_by(attempt.c.id)).all()


def _corrected(tx: Connection, vault: Vault, recipient_id: int) -> dict[str, str]:
    said = (collected_answer.c.recipient_id == recipient_id, collected_answer.c.corrected_sealed.is_not(None))
    rows = tx.execute(select(collected_answer).where(*said).order_by(collected_answer.c.number))
    return {f"Respuesta {row.number}, corregida": vault.open(row.corrected_sealed) for row in rows}


def _attempt(tx: Connection, vault: Vault, row: Row) -> Kept:
    held = (operated_contact.c.attempt_id == row.id, operated_contact.c.reason_sealed.is_not(None))
    reasons = tx.execute(
        select(operated_contact.c.reason_sealed).where(*held).order_by(operated_contact.c.id)
    ).scalars()
    seconds = str(row.duration_s) if row.duration_s is not None else ""
    said = {"Resultado": _outcome(row), "Segundos": seconds, "Por qué se dejó": "; ".join(map(vault.open, reasons))}
    what = "Mensaje de texto de una campaña" if row.channel == Channel.TEXT else "Llamada de una campaña"
    return Kept(what, f"attempt {row.id}", row.started_at or row.due_at, told(said))


def _exclusions(tx: Connection, vault: Vault, who: Person) -> list[Row]:
    """Of theirs, or of a telephone that is not theirs: those have a print of both together, and are few."""
    theirs = or_(
        (exclusion.c.kind == Kind.PERSON) & exclusion.c.print.in_(who.document_prints),
        (exclusion.c.kind == Kind.PHONE) & exclusion.c.print.in_(who.phone_prints),
        (exclusion.c.kind == Kind.WRONG_NUMBER) & exclusion.c.value_sealed.is_not(None),
    )
    rows = tx.execute(select(exclusion).where(theirs).order_by(exclusion.c.id))
    return [row for row in rows if row.kind != Kind.WRONG_NUMBER or _is_about(vault, row, who)]


def _is_about(vault: Vault, row: Row, who: Person) -> bool:
    phone = vault.open(row.value_sealed)
    to_print = vault.fingerprint("phone", phone)
    return phone in who.phones or any(
        wrong_number_print(to_print, each) == bytes(row.print) for each in who.document_prints
    )


def _forget_exclusions(tx: Connection, excluded: list[Row]) -> Iterator[Forgotten]:
    """Why is a person's words, but for what the line itself writes."""
    ids = [row.id for row in excluded]
    mine: tuple[ColumnElement[bool], ...] = (exclusion.c.id.in_(ids), exclusion.c.value_sealed.is_not(None))
    written = tx.execute(
        update(exclusion).where(*mine).values(value_sealed=None, removed_because=None, removed_because_sealed=None)
    ).rowcount
    by_people = (exclusion.c.id.in_(ids), exclusion.c.added_by != "ivr")
    tx.execute(update(exclusion).where(*by_people).values(cause=ERASED, cause_sealed=None))
    because = "Quien pidió que no se le llame lo pidió para siempre: queda una huella, sin el número."
    yield Forgotten("Números de las exclusiones", written)
    yield Forgotten("Exclusiones", 0, len(ids), because)


def _removed_because(vault: Vault, row: Row) -> str | None:
    return row.removed_because if row.removed_because_sealed is None else vault.open(row.removed_because_sealed)


def _place(row: Row) -> str:
    if row.campaign_id:
        return f"en la campaña {row.campaign_id}"
    if row.campaign_kind:
        return f"en las campañas de la línea que son de «{plain(row.campaign_kind)}»"
    return "en todas las campañas de la línea" if row.line else "en todas las campañas"


def _heading(written: str) -> str:
    """A column of the Formato as people call it; one of the area's own as the area wrote it."""
    column = COLUMN_BY_KEY.get(key_of(written))
    return _COLUMNS.get(column, plain(column)) if column else written


def _outcome(row: Row) -> str:
    return Outcome(row.outcome).label if row.outcome else ""
