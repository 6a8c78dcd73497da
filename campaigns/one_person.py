"""A campaign of one person, for a procedure that has to tell somebody something by telephone (R41): in legal hours,
with the retries, limits and exclusions of every campaign, verified like every campaign's call.

Nobody handed it in, so nobody approves it, is written to or reads its report: only its procedure knows of it.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, insert, literal_column, or_, select

from campaigns import attempts, life
from campaigns.campaign_line import CampaignLine
from campaigns.outcomes import MET, Outcome
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from campaigns.upload.questions import Question
from campaigns.upload.request import Request
from campaigns.upload.vocabulary import (
    CampaignType,
    Channel,
    Country,
    Mode,
    Purpose,
    ReportPeriod,
)
from campaigns.verification import answer_print
from core import audit
from core.countries import COUNTRIES
from core.privacy import Vault

BY = "procedure"  #: who asked for it, in its trail
DAYS = 7  # from the first to the last on which it may call
_MOST_ATTEMPTS = 4
_PRIORITY = 1  # the first of five: somebody waits for it
_FIRST_ROW = 2
_OVER = (CampaignState.FINISHED, CampaignState.CLOSED, CampaignState.CANCELLED)

#: The condition on ``campaign`` under which it is one of these: reserved, and to nobody. Never null.
IS_OF_A_PROCEDURE: ColumnElement[bool] = func.coalesce(func.cardinality(campaign.c.named_readers), 1) == 0


@dataclass(frozen=True)
class OnePerson:
    """Who is called, and what is said. ``question``: the sentence, with ``answer``, its digits: what proves that it is
    them; ``message``: said once they proved it; ``carries_to``: the conversation that they may go on to."""

    name: str  #: of what it is about, for the trail: nothing of a person
    document: str = field(repr=False)
    first_name: str = field(repr=False)
    phone: str = field(repr=False)  #: E.164
    question: str = field(repr=False)
    answer: str = field(repr=False)
    message: str = field(repr=False)
    carries_to: str | None = None


@dataclass(frozen=True)
class Ended:
    """What came of it."""

    outcome: Outcome | None
    was_reached: bool


def call(tx: Connection, vault: Vault, now: datetime, line: CampaignLine, person: OnePerson) -> int:
    """Has them called as soon as the law allows, for a week at most; the campaign's number."""
    request, today = _request(now, line, person), _today(now, line)
    kept = {
        "request": request.as_json(),
        "fields": {},
        "closing": line.closing,
        "privacy": line.privacy,
        "text_closing": "",
    }
    values = {
        **{"state": CampaignState.SCHEDULED, "name": person.name, "area": "", "kind": CampaignType.OTRA},
        **{"mode": Mode.AUTOMATICA, "line": line.known.id, "country": line.known.country},
        **{"caller_id": line.number, "request_sealed": vault.seal(json.dumps(kept, ensure_ascii=False))},
        **{"headings": ["numero_documento"], "delimiter": ",", "filename": "", "file_id": 0, "sha256": ""},
        **{"starts_at": now, "ends_on": today + timedelta(days=DAYS), "max_attempts": _MOST_ATTEMPTS},
        **{"priority": _PRIORITY, "is_sensitive": False, "is_urgent": False, "recipients": 1},
        **{"submitted_at": now, "submitted_by": BY, "named_readers": [], "carries_to": person.carries_to},
    }
    campaign_id: int = tx.execute(insert(campaign).values(**values).returning(campaign.c.id)).scalar_one()
    contact = {"phones": [person.phone], "values": {"primer_nombre": person.first_name}}
    who = {
        **{"campaign_id": campaign_id, "row": _FIRST_ROW, "phones": 1},
        "person_print": vault.fingerprint("document", person.document),
        "data_sealed": vault.seal(json.dumps({"cells": [person.document], "contact": contact}, ensure_ascii=False)),
        "answers": [answer_print(vault, campaign_id, _FIRST_ROW, 0, person.answer)],
    }
    tx.execute(insert(recipient).values(**who))
    attempts.plan(tx, campaign_id, now)
    audit.record(tx, now, BY, "campaign.submitted", "campaign", campaign_id)
    return campaign_id


def ended(tx: Connection, campaign_id: int) -> Ended | None:
    """What came of a campaign of one person; None while they may still be called."""
    row = tx.execute(
        select(recipient.c.outcome, recipient.c.is_final, campaign.c.state)
        .join(campaign, campaign.c.id == recipient.c.campaign_id)
        .where(recipient.c.campaign_id == campaign_id)
    ).first()
    if row is None or not (row.is_final or row.state in _OVER):
        return None
    outcome = Outcome(row.outcome) if row.outcome else None
    return Ended(outcome, was_reached=outcome in MET)


def over_among(tx: Connection, campaign_ids: Collection[int]) -> set[int]:
    """Those of these whose person is not called any more: ``ended`` says what came of each."""
    is_over = or_(recipient.c.is_final, campaign.c.state.in_(_OVER))
    theirs = select(campaign.c.id).join(recipient, recipient.c.campaign_id == campaign.c.id)
    return set(tx.execute(theirs.where(campaign.c.id.in_(campaign_ids), is_over)).scalars())


def close(tx: Connection, now: datetime, campaign_id: int) -> None:
    """It has done what it was for: of nobody else's there is a report to wait for."""
    if life.state_of(tx, campaign_id, lock=True) == CampaignState.FINISHED:
        life.move(tx, now, campaign_id, CampaignState.CLOSED, BY, "era la llamada de un trámite")


def close_ended(tx: Connection, now: datetime) -> int:
    """Every one of them whose list is over: its procedure may have had its answer before the dialer saw that it is, and
    no screen shows them. How many."""
    over = (campaign.c.state == literal_column(f"'{CampaignState.FINISHED}'"), IS_OF_A_PROCEDURE)
    ids = tx.execute(select(campaign.c.id).where(*over).order_by(campaign.c.id)).scalars().all()
    for campaign_id in ids:
        close(tx, now, campaign_id)
    return len(ids)


def _request(now: datetime, line: CampaignLine, person: OnePerson) -> Request:
    """As if somebody had asked for it in the Formato: what the procedure does not say is as when nothing is written."""
    today, digits = _today(now, line), len(person.answer)
    return Request(
        formato_version="",
        entidad=line.known.entity,
        area_misional="",
        nombre_solicitante="",
        correo_solicitante="",
        nombre_campana=person.name,
        objetivo="",
        linea=line.known.id,
        presentacion="",
        tipo_campana=CampaignType.OTRA,
        finalidad=Purpose.NOTIFICACION,
        canal=Channel.VOZ,
        modo=Mode.AUTOMATICA,
        pais=Country(line.known.country),
        fecha_solicitud=today,
        fecha_inicio=today,
        fecha_fin=today + timedelta(days=DAYS),
        horario_inicio=None,
        horario_fin=None,
        dias=None,
        cantidad_registros=1,
        max_intentos=_MOST_ATTEMPTS,
        mensaje_guion=person.message,
        mensaje_buzon="",
        texto_sms="",
        guion_cierre="",
        requiere_preguntas_seguridad=True,
        preguntas=(Question(1, None, person.question, digits, digits),),
        aciertos_minimos=1,
        recolectar=(),
        requiere_validacion=False,
        numero_devolucion_llamada=line.number,
        numero_saliente=None,
        base_legal_tratamiento="",
        contiene_datos_sensibles=False,
        aviso_privacidad="",
        urgente=False,
        justificacion_urgencia="",
        prioridad=_PRIORITY,
        correo_reporte="",
        periodicidad_reporte=ReportPeriod.FINAL,
        observaciones="",
        cargo="",
        telefono_solicitante="",
        poblacion_objetivo="",
        codigo_formato="",
    )


def _today(now: datetime, line: CampaignLine) -> date:
    return now.astimezone(COUNTRIES[line.known.country].zone).date()
