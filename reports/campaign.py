"""The report of one campaign to the area that asked for it (R49, R70): what was asked, done, and what came of it."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from campaigns.intake.reception import number_of
from campaigns.life import NoSuchCampaign
from campaigns.outcomes import Outcome
from campaigns.rules.hours import COUNTRIES
from campaigns.states import CampaignState
from campaigns.tables import campaign, observation, recipient
from campaigns.upload.observations import CODES
from campaigns.upload.vocabulary import COLUMN_BY_KEY, Mode, key_of
from core import audit
from core.privacy import Vault
from reports import sections, words
from reports.counting import Counted, counted
from reports.document import Document, Section, Value

SHOWN_CONTACTS = 200  # in the PDF and on the page; the workbook has them all
CONTACT_HEADINGS = ("Registro", "Tipificación", "Intentos")


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


def counted_of(tx: Connection, vault: Vault, row: Row) -> Counted:
    """What was counted of a campaign, given as its row."""
    about = about_of(vault, row)
    by_operators = row.mode == Mode.OPERADOR
    return counted(tx, row.id, zone_of(row), requested=about.requested, asks=about.asks, by_operators=by_operators)


def report_of(
    tx: Connection, vault: Vault, now: datetime, row: Row, institution: str, found: Counted, name: str = ""
) -> Document:
    """Everything a report says, as it is at ``now``. ``row``: of the campaign; ``found``: of ``counted_of``; ``name``:
    of the files."""
    zone = zone_of(row)
    about = about_of(vault, row)
    trail = audit.history(tx, "campaign", row.id)
    told = [
        sections.figures(found),
        sections.indicators(found.counts),
        sections.outcomes(found),
        sections.tries(found),
        sections.hours(found, zone, now),
        sections.rejected(_observations(tx, row.id), CODES),
        sections.news(trail, zone, found.outcomes.get(Outcome.TECHNICAL, 0)),
        sections.approval(trail, zone),
    ]
    state = CampaignState(row.state)
    is_over = state in (CampaignState.FINISHED, CampaignState.CLOSED, CampaignState.CANCELLED)
    return Document(
        title=row.name,
        subtitle=f"Informe {'final' if is_over else 'de avance'} de la campaña {number_of(row)}",
        name=name or f"informe-{number_of(row).replace(' ', '-')}",
        facts=_facts(row, about, zone, now),
        sections=[each for each in told if each.rows],
        footer=f"{institution} · {number_of(row)} · corte {words.moment(now, zone)} ({words.zone_told(now, zone)})",
        told=_purged(row, zone),
        contacts=_contacts(tx, vault, row),
    )


def contacts(tx: Connection, vault: Vault, row: Row, limit: int | None = None) -> Iterator[tuple[str, str, int]]:
    """(registro, tipificación, intentos) of each person, in the upload's order: nothing of them but the number that the
    area gave to the row. One that is itself a document or a telephone is not said."""
    place = {COLUMN_BY_KEY.get(key_of(heading), ""): n for n, heading in reversed(list(enumerate(row.headings)))}
    columns = (recipient.c.row, recipient.c.data_sealed, recipient.c.outcome, recipient.c.attempts)
    query = select(*columns).where(recipient.c.campaign_id == row.id).order_by(recipient.c.row).limit(limit)
    for person in tx.execute(query.execution_options(yield_per=2000)):
        cells = json.loads(vault.open(person.data_sealed))["cells"] if row.people_purged_at is None else []
        yield _safe_id(cells, place, person.row), words.outcome(person.outcome), person.attempts


def zone_of(row: Row) -> ZoneInfo:
    """Where the campaign is; one that was never understood is nowhere."""
    return COUNTRIES[row.country].zone if row.country in COUNTRIES else ZoneInfo("UTC")


def about_of(vault: Vault, row: Row) -> About:
    """What was asked, of the request as it was kept."""
    kept = json.loads(vault.open(row.request_sealed))
    request: dict[str, Any] = kept["request"] or {}
    script = "\n".join(str(request.get(name) or "") for name in ("mensaje_guion", "mensaje_buzon", "guion_cierre"))
    return About(
        requested=request.get("cantidad_registros") or row.recipients,
        asks=bool(request.get("requiere_preguntas_seguridad")),
        version=str(request.get("formato_version") or "V1"),
        script=hashlib.sha256(script.encode()).hexdigest()[:8],
        own_code=str(request.get("codigo_formato") or ""),
    )


def _facts(row: Row, about: About, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    version = f"Formato Campañas OutBound {about.version}" + (f" ({about.own_code})" if about.own_code else "")
    found = [
        ("Área que la pidió", row.area),
        ("Estado", CampaignState(row.state).label),
        ("Tipo", words.plain(row.kind)),
        ("Modo", "Con operador" if row.mode == Mode.OPERADOR else "Voz automática"),
        ("Periodo", f"{words.day(row.starts_at.astimezone(zone).date())} – {words.day(row.ends_on)}"),
        ("Recibida", words.moment(row.submitted_at, zone)),
        ("Terminó de llamar", words.moment(row.finished_at, zone)),
        ("Formato", version),
        ("Guion", f"versión {about.script} (huella de sus textos)"),
        ("Corte de los datos", words.moment(now, zone)),
    ]
    return [(name, value) for name, value in found if value and value != "—"]


def _purged(row: Row, zone: ZoneInfo) -> str:
    at = row.people_purged_at
    return f"Los datos personales se borraron el {words.moment(at, zone)}; los conteos quedan." if at else ""


def _contacts(tx: Connection, vault: Vault, row: Row) -> Section:
    rows: list[list[Value]] = [list(each) for each in contacts(tx, vault, row, SHOWN_CONTACTS)]
    more = row.recipients > len(rows)
    note = f"Los primeros {len(rows)}; los {row.recipients:,} están en el libro de Excel. " if more else ""
    note += "Sin datos personales: el registro es el número que el área dio a cada fila."
    return Section("Contactos", "Contactos", CONTACT_HEADINGS, rows, note, widths=(3, 5, 1))


def _observations(tx: Connection, campaign_id: int) -> list[tuple[str, str, int]]:
    query = (
        select(observation.c.code, observation.c.level, func.count())
        .where(observation.c.campaign_id == campaign_id)
        .group_by(observation.c.code, observation.c.level)
        .order_by(observation.c.level.desc(), observation.c.code)
    )
    return [(code, level, count) for code, level, count in tx.execute(query)]


def _safe_id(cells: list[str], place: dict[str, int], number: int) -> str:
    """The row's own identifier, unless there is none or it says who they are."""

    def cell(column: str) -> str:
        at = place.get(column, len(cells))
        return cells[at].strip() if at < len(cells) else ""

    found = cell("id_registro")
    personal = {_bare(cell(name)) for name in ("numero_documento", "telefono_1", "telefono_2", "telefono_3")} - {""}
    return f"fila {number}" if not found or _bare(found) in personal else found


def _bare(text: str) -> str:
    """Letters and digits alone, without leading zeros: as people write the same number in several ways."""
    return re.sub(r"[^0-9A-Z]", "", text.upper()).lstrip("0")
