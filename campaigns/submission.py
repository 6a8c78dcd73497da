"""A file becomes a campaign in two steps: received at once, imported in the background; whole or not at all
(R53, R59–R61)."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, insert, select, update

from campaigns import life, readers
from campaigns.intake.filing import number_for
from campaigns.outcomes import Outcome
from campaigns.rules.hours import COUNTRIES
from campaigns.states import CampaignState
from campaigns.tables import OPERATED, campaign, observation, recipient
from campaigns.upload import progress
from campaigns.upload.checking import RequestChecked, check_request
from campaigns.upload.importing import Tally, store_people
from campaigns.upload.lines_known import LineKnown
from campaigns.upload.observations import CONTACTS_SHEET, REQUEST_SHEET, Level, Observation
from campaigns.upload.pieces import Superseded
from campaigns.upload.reading import read_upload
from campaigns.upload.request import Request
from campaigns.upload.vocabulary import Mode
from core import audit, files, jobs
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from core.spreadsheets import Opener, Unreadable

log = logging.getLogger(__name__)

IMPORT = "campaigns.import"  # the job
_TOLD: tuple[str, ...] = ("code", "sheet", "row", "column", "cell", "value", "message", "suggestion")
_NOT_TODAY = "No pudimos revisar el archivo después de varios intentos."


@dataclass(frozen=True)
class CampaignLine:
    """What a campaign takes from the line it belongs to."""

    known: LineKnown
    number: str  #: E.164, shown to whoever is called unless the request names another
    closing: str  #: said last, where the request has no closing script
    privacy: str
    caller_ids: tuple[str, ...] = ()  #: E.164, where it has several: each person always sees the same one


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


@dataclass(frozen=True)
class Importer:
    """What importing files needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    lines: Sequence[CampaignLine]

    def import_campaign(self, campaign_id: int) -> CampaignState | None:
        """See ``import_campaign``."""
        return import_campaign(self.db, self.vault, self.clock, self.lines, campaign_id)

    def import_forgotten(self) -> int:
        """Imports what was received and nobody has been at for minutes: whoever began it was killed. How many."""
        with self.db.begin() as tx:
            waiting = progress.forgotten(tx)
        return sum(self.import_campaign(campaign_id) is not None for campaign_id in waiting)


def receive(
    db: Database,
    vault: Vault,
    clock: Clock,
    lines: Sequence[CampaignLine],
    actor: str,
    filename: str,
    data: bytes,
    replaces: int | None = None,
    *,
    headings: Sequence[str] | None = None,
    by_job: bool = True,
    admit: Callable[[Connection, int], None] | None = None,
) -> int:
    """Takes a file in: opened, its request read, kept encrypted as a campaign ``submitted`` with its radicado. Its
    people are looked at by the job ``campaigns.import``, or, without ``by_job``, by whoever calls this. The id.

    ``replaces``: a returned campaign that this file corrects; it is cancelled. ``headings``: what to take its columns
    for (``read_upload``). ``admit``: called with the id before anything is committed; what it raises undoes it all.
    Raises Unreadable (nothing is stored), and NoSuchCampaign or NotAllowed for ``replaces``.
    """
    now = clock.now()
    read = _read(data, filename, headings, now, lines)
    with db.begin() as tx:
        if replaces is not None:
            _replace(tx, now, replaces, actor)
        file_id = files.keep(tx, vault, now, actor, filename, data)
        values = {
            **_row(vault, now, read, lines, filename),
            "filename": filename,
            "file_id": file_id,
            "sha256": hashlib.sha256(data).hexdigest(),
            "submitted_by": actor,
            "replaces": replaces,
            "filing_number": number_for(tx, now, _zone_of(lines)),
        }
        values["named_readers"] = readers.at_first(tx, values["kind"], actor, replaces)
        campaign_id = tx.execute(insert(campaign).values(**values).returning(campaign.c.id)).scalar_one()
        progress.await_import(tx, campaign_id)
        audit.record(tx, now, actor, "campaign.submitted", "campaign", campaign_id)
        if admit is not None:
            admit(tx, campaign_id)
        if by_job:
            jobs.defer(tx, IMPORT, campaign_id=campaign_id)
    return campaign_id


def import_campaign(
    db: Database, vault: Vault, clock: Clock, lines: Sequence[CampaignLine], campaign_id: int
) -> CampaignState | None:
    """Checks and stores the people of a campaign that was received: it ends ``under_review``, or ``returned`` with its
    observations. None when it waits for no import, or another process has taken this one over.

    It may be killed at any point and done again: it begins anew. What is checked is checked as of the moment when the
    file was received (E03, E15). Raises CannotOpen, ImportBroken.
    """
    with db.begin() as tx:
        tries = progress.begin_try(tx, campaign_id)
        if tries is None:
            return None
        row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
        repeated = _came_before(tx, row, _zone_of(lines))
    try:
        if tries > progress.MOST_TRIES:
            raise Unreadable(_NOT_TODAY)
        opened = partial(files.opened, db, vault, row.file_id)
        read = _read(opened, row.filename, row.headings, row.submitted_at, lines, is_repeated=repeated)
        tally = store_people(db, vault, read, campaign_id, tries)
    except Unreadable as problem:
        return _conclude(db, clock, row, tries, Tally(), [_unreadable(str(problem))], is_returned=True)
    except Superseded:
        log.info("an import was taken over: campaign %s", campaign_id)
        return None
    is_returned = read.close(tally.rows, tally.rows_in_error)
    return _conclude(db, clock, row, tries, tally, read.fields.observations, is_returned=is_returned)


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
    """Receives and imports a file, both here and now. Raises what ``receive`` raises, and ImportBroken."""
    campaign_id = receive(db, vault, clock, lines, actor, filename, data, replaces, by_job=False)
    import_campaign(db, vault, clock, lines, campaign_id)
    with db.begin() as tx:
        return submitted(tx, campaign_id)


def submitted(tx: Connection, campaign_id: int) -> Submitted:
    """What became of a file, with every observation: the request's, then each row's."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
    mine = select(observation).where(observation.c.campaign_id == campaign_id)
    ordered = mine.order_by(observation.c.sheet == CONTACTS_SHEET, observation.c.row, observation.c.id)
    told = [
        Observation(level=Level(each.level), **{name: getattr(each, name) for name in _TOLD})
        for each in tx.execute(ordered)
    ]
    wrong = (recipient.c.campaign_id == campaign_id, recipient.c.outcome == Outcome.ROW_IN_ERROR)
    in_error = tx.execute(select(func.count()).select_from(recipient).where(*wrong)).scalar_one()
    return Submitted(row.id, CampaignState(row.state), row.sha256, row.recipients, row.recipients - in_error, told)


def _read(
    source: bytes | Opener,
    filename: str,
    headings: Sequence[str] | None,
    received: datetime,
    lines: Sequence[CampaignLine],
    *,
    is_repeated: bool = False,
) -> RequestChecked:
    known = tuple(line.known for line in lines)
    return check_request(
        read_upload(source, filename, headings),
        received=received.astimezone(_zone_of(lines)).date(),
        lines=known,
        window=_legal_hours,
        is_repeated=is_repeated,
    )


def _conclude(
    db: Database,
    clock: Clock,
    row: Row,
    tries: int,
    tally: Tally,
    observations: Sequence[Observation],
    *,
    is_returned: bool,
) -> CampaignState | None:
    """The end of an import: from now on the campaign's people can be seen. None if it was cancelled meanwhile."""
    state = CampaignState.RETURNED if is_returned else CampaignState.UNDER_REVIEW
    with db.begin() as tx:
        if not progress.is_current(tx, row.id, tries):
            return None
        if not tally.rows:
            progress.forget_people(tx, row.id)
        progress.end(tx, row.id)
        if life.state_of(tx, row.id, lock=True) != CampaignState.SUBMITTED:
            progress.forget_people(tx, row.id)
            return None
        _store_observations(tx, row.id, observations)
        tx.execute(update(campaign).where(campaign.c.id == row.id).values(recipients=tally.rows))
        life.move(tx, clock.now(), row.id, state, row.submitted_by)
    return state


def _legal_hours(country: str) -> list[tuple[frozenset[int], time, time]]:
    found = COUNTRIES.get(country)
    return [(span.weekdays, span.opens, span.closes) for span in found.spans] if found else []


def _zone_of(lines: Sequence[CampaignLine]) -> ZoneInfo:
    """Where the institution is."""
    return COUNTRIES[lines[0].known.country].zone if lines else ZoneInfo("UTC")


def _came_before(tx: Connection, row: Row, zone: ZoneInfo) -> bool:
    """E15: the same bytes, earlier on the same local day, whatever became of them (formato-v1.md §1)."""
    same = (campaign.c.sha256 == row.sha256, campaign.c.id < row.id)
    moments = tx.execute(select(campaign.c.submitted_at).where(*same)).scalars()
    today = row.submitted_at.astimezone(zone).date()
    return any(moment.astimezone(zone).date() == today for moment in moments)


def _replace(tx: Connection, now: datetime, campaign_id: int, actor: str) -> None:
    if life.state_of(tx, campaign_id, lock=True) != CampaignState.RETURNED:
        raise life.NotAllowed("Solo se corrige una campaña devuelta.")
    life.cancel(tx, now, campaign_id, actor, "corregida por otro archivo")


def _row(
    vault: Vault, now: datetime, read: RequestChecked, lines: Sequence[CampaignLine], filename: str
) -> dict[str, Any]:
    request, fields = read.request, read.fields.texts()
    own = _line_of(request, lines) if request else None
    kept = {
        "request": request.as_json() if request else None,
        "fields": fields,
        "closing": own.closing if own else "",
        "privacy": own.privacy if own else "",
    }
    row = {
        "state": CampaignState.SUBMITTED,
        "name": fields.get("nombre_campana", "") or filename,
        "area": fields.get("area_misional", ""),
        "request_sealed": vault.seal(json.dumps(kept, ensure_ascii=False)),
        "headings": list(read.upload.headings),
        "delimiter": read.upload.delimiter,
        "recipients": 0,
        "submitted_at": now,
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
        "caller_ids": list(own.caller_ids) if own and own.caller_ids and not request.numero_saliente else None,
        "starts_at": datetime.combine(request.fecha_inicio, time.min, zone),
        "ends_on": request.fecha_fin,
        "hours_from": f"{request.horario_inicio:%H:%M}" if request.horario_inicio else None,
        "hours_to": f"{request.horario_fin:%H:%M}" if request.horario_fin else None,
        "weekdays": sorted(request.dias) if request.dias is not None else None,
        "max_attempts": request.max_intentos,
        "priority": request.prioridad,
        "is_sensitive": request.contiene_datos_sensibles,
        "is_urgent": request.urgente,
        "must_validate": request.requiere_validacion and bool(request.recolectar),
    }


def _line_of(request: Request, lines: Sequence[CampaignLine]) -> CampaignLine | None:
    return next((line for line in lines if line.known.id == request.linea), None)


def _unplanned(now: datetime) -> dict[str, Any]:
    """A request that could not be made out: returned, so that nothing of this is ever used."""
    texts = dict.fromkeys(("kind", "mode", "line", "country", "caller_id"), "")
    numbers = {"max_attempts": 0, "priority": 9, "is_sensitive": True, "is_urgent": False}
    return {**texts, **numbers, "starts_at": now, "ends_on": now.date()}


def _unreadable(sentence: str) -> Observation:
    """What is said of a file that turned out to be damaged far from its beginning."""
    fix = "ábralo en su programa, guárdelo otra vez y súbalo"
    return Observation("E01", Level.ERROR, REQUEST_SHEET, None, None, None, "", sentence, fix)


def _store_observations(tx: Connection, campaign_id: int, observations: Sequence[Observation]) -> None:
    rows = [{"campaign_id": campaign_id, **each.as_json()} for each in observations]
    if rows:
        tx.execute(insert(observation), rows)
