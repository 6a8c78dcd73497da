"""A file becomes a campaign: checked first, then stored whole in one transaction, or not at all (R53, R59–R61)."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, insert, select

from campaigns import life
from campaigns.outcomes import Outcome
from campaigns.rules.hours import COUNTRIES
from campaigns.states import CampaignState
from campaigns.tables import OPERATED, campaign, observation
from campaigns.upload.checking import Checked, check
from campaigns.upload.contacts import Contact
from campaigns.upload.lines_known import LineKnown
from campaigns.upload.observations import Observation
from campaigns.upload.questions import answers_for
from campaigns.upload.request import Request
from campaigns.upload.row_rules import Row
from campaigns.upload.vocabulary import Mode
from campaigns.verification import answer_print
from core import audit, files
from core.clock import Clock
from core.database import Database
from core.privacy import Vault


@dataclass(frozen=True)
class CampaignLine:
    """What a campaign takes from the line it belongs to."""

    known: LineKnown
    number: str  #: E.164, shown to whoever is called unless the request names another
    closing: str  #: said last, where the request has no closing script
    privacy: str


@dataclass(frozen=True)
class Submitted:
    """What became of a file. ``observations`` as ``submit --json`` prints them."""

    id: int
    state: CampaignState
    sha256: str
    recipients: int
    dialled: int
    observations: list[Observation] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state.value,
            "sha256": self.sha256,
            "recipients": self.recipients,
            "observations": [each.as_json() for each in self.observations],
        }


def submit(
    db: Database,
    vault: Vault,
    clock: Clock,
    lines: Sequence[CampaignLine],
    actor: str,
    filename: str,
    data: bytes,
    replaces: int | None = None,
) -> Submitted:
    """Checks and stores an upload: ``under_review``, or ``returned`` with its observations.

    ``replaces``: a returned campaign that this file corrects; it is cancelled. Raises Unreadable (nothing is stored),
    and NoSuchCampaign or NotAllowed for ``replaces``.
    """
    now = clock.now()
    known = tuple(line.known for line in lines)
    checked = check(
        data,
        filename,
        received=_local_day(now, known),
        lines=known,
        window=_legal_hours,
        already_received=_received_today(db, now, known),
    )
    with db.begin() as tx:
        if replaces is not None:
            _replace(tx, now, replaces, actor)
        file_id = files.keep(tx, vault, now, actor, filename, data)
        campaign_id = tx.execute(
            insert(campaign)
            .values(**_row(vault, now, checked, lines, actor, filename, file_id), replaces=replaces)
            .returning(campaign.c.id)
        ).scalar_one()
        observations = _store_people(tx, vault, campaign_id, checked)
        _store_observations(tx, campaign_id, observations)
        audit.record(tx, now, actor, "campaign.submitted", "campaign", campaign_id, recipients=checked.recipients)
        state = CampaignState.RETURNED if checked.returned else CampaignState.UNDER_REVIEW
        life.move(tx, now, campaign_id, state, actor)
    return Submitted(campaign_id, state, checked.sha256, checked.recipients, checked.dialled, observations)


def _legal_hours(country: str) -> list[tuple[frozenset[int], time, time]]:
    found = COUNTRIES.get(country)
    return [(span.weekdays, span.opens, span.closes) for span in found.spans] if found else []


def _local_day(now: datetime, lines: tuple[LineKnown, ...]) -> date:
    """Today, where the institution is."""
    zone = COUNTRIES[lines[0].country].zone if lines else UTC
    return now.astimezone(zone).date()


def _received_today(db: Database, now: datetime, lines: tuple[LineKnown, ...]) -> Callable[[str], bool]:
    """E15: the same bytes, on the same local day, whatever became of them (formato-v1.md §1)."""
    today = _local_day(now, lines)
    zone = COUNTRIES[lines[0].country].zone if lines else UTC

    def received(sha256: str) -> bool:
        with db.begin() as tx:
            moments = tx.execute(select(campaign.c.submitted_at).where(campaign.c.sha256 == sha256)).scalars()
            return any(moment.astimezone(zone).date() == today for moment in moments)

    return received


def _replace(tx: Connection, now: datetime, campaign_id: int, actor: str) -> None:
    if life.state_of(tx, campaign_id, lock=True) != CampaignState.RETURNED:
        raise life.NotAllowed("Solo se corrige una campaña devuelta.")
    life.cancel(tx, now, campaign_id, actor, "corregida por otro archivo")


def _row(
    vault: Vault,
    now: datetime,
    checked: Checked,
    lines: Sequence[CampaignLine],
    actor: str,
    filename: str,
    file_id: int,
) -> dict[str, Any]:
    request = checked.request
    own = _line_of(request, lines) if request else None
    kept = {
        "request": request.as_json() if request else None,
        "fields": checked.fields,
        "closing": own.closing if own else "",
        "privacy": own.privacy if own else "",
    }
    row = {
        "state": CampaignState.SUBMITTED,
        "name": checked.fields.get("nombre_campana", "") or filename,
        "area": checked.fields.get("area_misional", ""),
        "request_sealed": vault.seal(json.dumps(kept, ensure_ascii=False)),
        "headings": list(checked.headings),
        "delimiter": checked.upload.delimiter,
        "filename": filename,
        "file_id": file_id,
        "sha256": checked.sha256,
        "recipients": checked.recipients,
        "submitted_at": now,
        "submitted_by": actor,
    }
    return row | (_planned(request, lines) if request else _unplanned(now))


def _planned(request: Request, lines: Sequence[CampaignLine]) -> dict[str, Any]:
    zone = COUNTRIES[request.pais].zone
    own = _line_of(request, lines)
    return {
        "kind": request.tipo_campana,
        "mode": request.modo,
        "trunk": OPERATED if request.modo is Mode.OPERADOR else "default",
        "line": request.linea,
        "country": request.pais,
        "caller_id": request.numero_saliente or (own.number if own else ""),
        "starts_at": datetime.combine(request.fecha_inicio, time.min, zone),
        "ends_on": request.fecha_fin,
        "hours_from": f"{request.horario_inicio:%H:%M}" if request.horario_inicio else None,
        "hours_to": f"{request.horario_fin:%H:%M}" if request.horario_fin else None,
        "weekdays": sorted(request.dias) if request.dias is not None else None,
        "max_attempts": request.max_intentos,
        "priority": request.prioridad,
        "is_sensitive": request.contiene_datos_sensibles,
        "is_urgent": request.urgente,
    }


def _line_of(request: Request, lines: Sequence[CampaignLine]) -> CampaignLine | None:
    return next((line for line in lines if line.known.id == request.linea), None)


def _unplanned(now: datetime) -> dict[str, Any]:
    """A request that could not be made out: returned, so that nothing of this is ever used."""
    texts = dict.fromkeys(("kind", "mode", "line", "country", "caller_id"), "")
    numbers = {"max_attempts": 0, "priority": 9, "is_sensitive": True, "is_urgent": False}
    return {**texts, **numbers, "starts_at": now, "ends_on": now.date()}


_COPY = (
    "copy recipient (campaign_id, row, person_print, data_sealed, phones, answers, outcome, is_final) from stdin"
    " with (format binary)"
)
_TYPES = ("int8", "int4", "bytea", "bytea", "int2", "bytea[]", "text", "bool")


def _store_people(tx: Connection, vault: Vault, campaign_id: int, checked: Checked) -> list[Observation]:
    """Copies everyone in, those in error too, and returns every observation."""
    observations = list(checked.request_observations)
    with tx.connection.driver_connection.cursor() as cursor, cursor.copy(_COPY) as copy:  # type: ignore[union-attr]
        copy.set_types(_TYPES)
        for row in checked.rows():
            observations += row.observations
            copy.write_row(_person(vault, campaign_id, checked.request, row))
    return observations


def _person(vault: Vault, campaign_id: int, request: Request | None, row: Row) -> tuple:
    contact = row.contact
    sealed = vault.seal(json.dumps({"cells": row.cells, "contact": _kept(contact)}, ensure_ascii=False))
    outcome = _never_dialled(contact)
    return (
        campaign_id,
        row.number,
        vault.fingerprint("document", contact.numero_documento) if contact else None,
        sealed,
        len(contact.telefonos) if contact else 0,
        _answers(vault, campaign_id, request, row.number, contact),
        outcome.value if outcome else None,
        outcome is not None,
    )


def _never_dialled(contact: Contact | None) -> Outcome | None:
    if contact is None:
        return Outcome.ROW_IN_ERROR
    return Outcome.EXCLUDED if contact.no_llamar else None


def _kept(contact: Contact | None) -> dict[str, Any] | None:
    """What the conversation and the dialer need of a person."""
    return {"phones": list(contact.telefonos), "values": contact.variables()} if contact else None


def _answers(
    vault: Vault, campaign_id: int, request: Request | None, row: int, contact: Contact | None
) -> list[bytes | None] | None:
    if request is None or contact is None or not request.requiere_preguntas_seguridad:
        return None
    right = answers_for(request.preguntas, contact)
    return [answer_print(vault, campaign_id, row, n, answer) if answer else None for n, answer in enumerate(right)]


def _store_observations(tx: Connection, campaign_id: int, observations: Iterable[Observation]) -> None:
    rows = [{"campaign_id": campaign_id, **each.as_json()} for each in observations]
    if rows:
        tx.execute(insert(observation), rows)
