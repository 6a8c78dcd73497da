"""The report of one campaign to the area that asked for it (R49, R70): what was asked, done, and what came of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from campaigns.columns import places_of, safe_id
from campaigns.intake.reception import number_of
from campaigns.life import NoSuchCampaign
from campaigns.outcomes import Outcome
from campaigns.states import TEXTS, CampaignState, Texting
from campaigns.tables import attempt, campaign, observation, recipient
from campaigns.upload.observations import CODES
from campaigns.upload.vocabulary import Mode
from campaigns.validation import calls_wanted
from core import audit
from core.countries import COUNTRIES
from core.privacy import Vault
from reports import sections, texts, words
from reports.counting import ReportFigures, counted
from reports.document import Document, Section
from reports.facts import IS_A_CALL, IS_A_CALL_OVER

_LAST_CALLS = 500
_MODES = {Mode.OPERADOR: "Con operador", TEXTS: "Mensajes de texto"}
CONTACTS_ELSEWHERE = (
    "Los contactos, uno por uno, están en el libro de Excel, sin datos personales: el registro es el número que el "
    "área dio a cada fila."
)
CONTACT_HEADINGS = ("Registro", "Tipificación", "Intentos")
CONTACT_HEADINGS_OF_BOTH = ("Registro", "Tipificación", "Llamadas", "Mensajes")


class About(NamedTuple):
    """What of the request a report needs."""

    requested: int
    asks: bool
    version: str
    script: str
    own_code: str


def campaign_row(tx: Connection, campaign_id: int) -> Row:
    """Raises NoSuchCampaign."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    return row


def counted_of(tx: Connection, vault: Vault, row: Row) -> ReportFigures:
    """What was counted of a campaign, given as its row."""
    about = about_of(vault, row)
    found = counted(
        tx,
        row.id,
        zone_of(row),
        requested=about.requested,
        asks=about.asks,
        by_operators=row.mode == Mode.OPERADOR,
        texting=row.texting,
    )
    if not _is_over(row):
        return found
    return replace(found, counts=replace(found.counts, pending=0), left=found.counts.pending)


def report_of(
    tx: Connection,
    vault: Vault,
    now: datetime,
    row: Row,
    institution: str,
    found: ReportFigures,
    name: str = "",
    people: Mapping[str, str] | None = None,
) -> Document:
    """Everything a report says, as it is at ``now``. ``row``: of the campaign; ``found``: of ``counted_of``; ``name``:
    of the files; ``people``: who works here, by their e-mail."""
    zone = zone_of(row)
    about = about_of(vault, row)
    trail = audit.history(tx, "campaign", row.id)
    headings = CONTACT_HEADINGS_OF_BOTH if _does_both(row) else CONTACT_HEADINGS
    told = [
        *(_of_texts(tx, row, found, zone) if row.mode == TEXTS else _of_calls(tx, vault, now, row, found, zone)),
        sections.rejected(_observations(tx, row.id), CODES),
        sections.news(trail, zone, found.outcomes.get(Outcome.TECHNICAL, 0), people),
        sections.approval(trail, zone, people),
    ]
    return Document(
        title=row.name,
        subtitle=subtitle_of(row),
        name=name or f"informe-{number_of(row).replace(' ', '-')}",
        facts=_facts(row, about, zone, now, _last_call(tx, row)),
        sections=[each for each in told if each.rows],
        footer=f"{institution} · {number_of(row)} · corte {words.moment(now, zone)} ({words.zone_told(now, zone)})",
        told=_purged(row, zone),
        contacts=Section("Contactos", "Contactos", headings, [], CONTACTS_ELSEWHERE),
    )


def _of_calls(
    tx: Connection, vault: Vault, now: datetime, row: Row, found: ReportFigures, zone: ZoneInfo
) -> list[Section]:
    return [
        sections.figures(found),
        sections.indicators(found.counts),
        sections.outcomes(found),
        sections.calls_wanted(calls_wanted.people(tx, vault, row)),
        sections.tries(found),
        sections.hours(found, zone, now),
        *(texts.beside_calls(found.texted, texts.sent_by_hour(tx, row.id, zone)) if found.texted else ()),
    ]


def _of_texts(tx: Connection, row: Row, found: ReportFigures, zone: ZoneInfo) -> list[Section]:
    sent = texts.sent_by_hour(tx, row.id, zone)
    return [texts.figures(found, sent), texts.indicators(found), texts.outcomes(found), texts.hours(sent)]


def subtitle_of(row: Row) -> str:
    """Which report it is, and of which campaign, given as its row."""
    return f"Informe {'final' if _is_over(row) else 'de avance'} de la campaña {number_of(row)}"


def contacts(tx: Connection, vault: Vault, row: Row, limit: int | None = None) -> Iterator[tuple[str | int, ...]]:
    """(registro, tipificación, intentos) of each person, in the upload's order: nothing of them but the number that the
    area gave to the row. One that is itself a document or a telephone is not said. Of a campaign that calls and texts
    the attempts are told apart: llamadas, mensajes."""
    places = places_of(row.headings)
    columns = (recipient.c.row, recipient.c.data_sealed, recipient.c.outcome)
    query = select(*columns, *_attempts_of(row)).where(recipient.c.campaign_id == row.id)
    people = query.order_by(recipient.c.row).limit(limit)
    for number, sealed, outcome, *attempts in tx.execute(people.execution_options(yield_per=2000)):
        cells = json.loads(vault.open(sealed))["cells"] if row.people_purged_at is None else []
        told = words.outcome(outcome, not_yet=words.NOT_TEXTED if row.mode == TEXTS else words.NOT_CALLED)
        yield safe_id(cells, places, number), told, *attempts


def _attempts_of(row: Row) -> list[ColumnElement[int]]:
    """How often somebody was called, or written to; both, of a campaign that does both."""
    if not _does_both(row):
        return [recipient.c.attempts]
    theirs = (attempt.c.recipient_id == recipient.c.id, attempt.c.remote_sid.is_not(None))
    both = (select(func.count()).where(*theirs, what).scalar_subquery() for what in (IS_A_CALL_OVER, ~IS_A_CALL))
    return list(both)


def _does_both(row: Row) -> bool:
    """Whether it calls and texts."""
    return row.texting not in (None, Texting.ONLY)


def zone_of(row: Row) -> ZoneInfo:
    """Where the campaign is; one that was never understood is nowhere."""
    return COUNTRIES[row.country].zone if row.country in COUNTRIES else ZoneInfo("UTC")


def about_of(vault: Vault, row: Row) -> About:
    """What was asked, of the request as it was kept."""
    kept = json.loads(vault.open(row.request_sealed))
    request: dict[str, Any] = kept["request"] or {}
    script = "\n".join(str(request.get(name) or "") for name in ("mensaje_guion", "mensaje_buzon", "guion_cierre"))
    script += request.get("texto_sms") or ""
    return About(
        requested=request.get("cantidad_registros") or row.recipients,
        asks=bool(request.get("requiere_preguntas_seguridad")),
        version=str(request.get("formato_version") or "V1"),
        script=hashlib.sha256(script.encode()).hexdigest()[:8],
        own_code=str(request.get("codigo_formato") or ""),
    )


def _is_over(row: Row) -> bool:
    """Whether nobody is called any more."""
    return row.state in (CampaignState.FINISHED, CampaignState.CLOSED, CampaignState.CANCELLED)


def _last_call(tx: Connection, row: Row) -> datetime | None:
    """When the last call of a campaign that is over ended; of the last ones to begin, which an index knows."""
    if not _is_over(row):
        return None
    what = true() if row.mode == TEXTS else IS_A_CALL
    calls = (
        attempt.c.campaign_id == row.id,
        attempt.c.started_at.is_not(None),
        attempt.c.remote_sid.is_not(None),
        what,
    )
    last = select(attempt.c.ended_at).where(*calls).order_by(attempt.c.started_at.desc()).limit(_LAST_CALLS).subquery()
    return tx.execute(select(func.max(last.c.ended_at))).scalar()


def _facts(row: Row, about: About, zone: ZoneInfo, now: datetime, last_call: datetime | None) -> list[tuple[str, str]]:
    formato = "Formato de solicitud mensajes de texto" if row.mode == TEXTS else "Formato Campañas OutBound"
    version = f"{formato} {about.version}" + (f" ({about.own_code})" if about.own_code else "")
    found = [
        ("Área que la pidió", row.area),
        ("Estado", CampaignState(row.state).label),
        ("Tipo", words.plain(row.kind)),
        (
            "Modo",
            _MODES.get(row.mode, "Voz automática") + (" y mensajes de texto" * _does_both(row)),
        ),
        ("Periodo", f"{words.day(row.starts_at.astimezone(zone).date())} – {words.day(row.ends_on)}"),
        ("Recibida", words.moment(row.submitted_at, zone)),
        ("Terminó de enviar" if row.mode == TEXTS else "Terminó de llamar", words.moment(last_call, zone)),
        ("Formato", version),
        ("Guion", f"versión {about.script} (huella de sus textos)"),
        ("Corte de los datos", words.moment(now, zone)),
    ]
    return [(name, value) for name, value in found if value and value != "—"]


def _purged(row: Row, zone: ZoneInfo) -> str:
    at = row.people_purged_at
    return f"Los datos personales se borraron el {words.moment(at, zone)}; los conteos quedan." if at else ""


def _observations(tx: Connection, campaign_id: int) -> list[tuple[str, str, int]]:
    query = (
        select(observation.c.code, observation.c.level, func.count())
        .where(observation.c.campaign_id == campaign_id)
        .group_by(observation.c.code, observation.c.level)
        .order_by(observation.c.level.desc(), observation.c.code)
    )
    return [(code, level, count) for code, level, count in tx.execute(query)]
