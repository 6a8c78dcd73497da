"""A file is taken in: opened, its request read, kept encrypted as a campaign with its number (R53, R59, R60).

Its people are looked at afterwards (importing.py).
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, insert, select

from campaigns import life, readers
from campaigns.campaign_line import CampaignLine, line_of, zone_of
from campaigns.intake.filing import number_for
from campaigns.states import TEXTS, CampaignState, Texting
from campaigns.tables import campaign
from campaigns.texting.wording import closing_of
from campaigns.upload import progress
from campaigns.upload.checking import RequestChecked, check_request
from campaigns.upload.reading import read_upload
from campaigns.upload.request import Request
from campaigns.upload.vocabulary import Channel, Country, Mode, TextMoment
from core import audit, files, jobs
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.privacy import Vault
from core.spreadsheets import Opener, Unreadable
from core.trunks import OPERATED

IMPORT = "campaigns.import"  #: the job that looks at its people
_MASKED = "Corrigió el archivo con observaciones, que oculta datos con «•••»: corrija su archivo original y suba ese."


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
    read = looked_at(data, filename, headings, now, lines)
    if read.upload.is_masked:
        raise Unreadable(_MASKED)
    with db.begin() as tx:
        if replaces is not None:
            _refuse_the_same(tx, replaces, data, read)
            _replace(tx, now, replaces, actor)
        file_id = files.keep(tx, vault, now, actor, filename, data)
        values = {
            **_row(vault, now, read, lines, filename),
            "filename": filename,
            "file_id": file_id,
            "sha256": hashlib.sha256(data).hexdigest(),
            "submitted_by": actor,
            "replaces": replaces,
            "filing_number": number_for(tx, now, zone_of(lines)),
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


def looked_at(
    source: bytes | Opener,
    filename: str,
    headings: Sequence[str] | None,
    received: datetime,
    lines: Sequence[CampaignLine],
    *,
    is_repeated: bool = False,
) -> RequestChecked:
    """What there is to say of an upload that was ``received`` then, before its people are. Raises Unreadable."""
    known = tuple(line.known for line in lines)
    return check_request(
        read_upload(source, filename, headings),
        received=received.astimezone(zone_of(lines)).date(),
        lines=known,
        window=_legal_hours,
        is_repeated=is_repeated,
    )


def _legal_hours(country: str) -> list[tuple[frozenset[int], time, time]]:
    found = COUNTRIES.get(country)
    return [(span.weekdays, span.opens, span.closes) for span in found.spans] if found else []


def _refuse_the_same(tx: Connection, campaign_id: int, data: bytes, read: RequestChecked) -> None:
    """What was returned is not corrected by the same file, or its term would never end; unless its columns are taken
    for others this time. Raises NotAllowed."""
    query = select(campaign.c.sha256, campaign.c.headings).where(campaign.c.id == campaign_id)
    row = tx.execute(query.where(campaign.c.state == CampaignState.RETURNED)).first()
    if (
        row is not None
        and row.sha256 == hashlib.sha256(data).hexdigest()
        and row.headings == list(read.upload.headings)
    ):
        raise life.NotAllowed("Es el mismo archivo que se devolvió: corríjalo y súbalo otra vez.")


def _replace(tx: Connection, now: datetime, campaign_id: int, actor: str) -> None:
    if life.state_of(tx, campaign_id, lock=True) != CampaignState.RETURNED:
        raise life.NotAllowed("Solo se corrige una campaña devuelta.")
    life.cancel(tx, now, campaign_id, actor, "corregida por otro archivo")


def _row(
    vault: Vault, now: datetime, read: RequestChecked, lines: Sequence[CampaignLine], filename: str
) -> dict[str, Any]:
    request, fields = read.request, read.fields.texts()
    own = line_of(request, lines) if request else None
    kept: dict[str, Any] = {
        "request": request.as_json() if request else None,
        "fields": fields,
        "closing": own.closing if own else "",
        "privacy": own.privacy if own else "",
        "text_closing": closing_of(own.known) if own else "",
    }
    if read.upload.written != read.upload.headings:
        kept["written"] = list(read.upload.written)
    row = {
        "state": CampaignState.SUBMITTED,
        "name": fields.get("nombre_campana", "") or f"Sin nombre ({filename})",
        "area": fields.get("area_misional", ""),
        "request_sealed": vault.seal(json.dumps(kept, ensure_ascii=False)),
        "headings": list(read.upload.headings),
        "delimiter": read.upload.delimiter,
        "recipients": 0,
        "submitted_at": now,
    }
    return row | (_planned(request, lines) if request else _unplanned(now, fields))


def _planned(request: Request, lines: Sequence[CampaignLine]) -> dict[str, Any]:
    zone = COUNTRIES[request.pais].zone
    own = line_of(request, lines)
    return {
        "kind": request.tipo_campana,
        "mode": TEXTS if request.canal is Channel.SMS else request.modo,
        "texting": texting_of(request),
        "trunk": OPERATED if request.modo is Mode.OPERADOR else "default",
        "line": request.linea,
        "country": request.pais,
        "caller_id": request.numero_saliente or (own.number if own else ""),
        "caller_ids": list(own.caller_ids) if own and own.caller_ids and not request.numero_saliente else None,
        "starts_at": (request.fecha_hora_envio or datetime.combine(request.fecha_inicio, time.min)).replace(
            tzinfo=zone
        ),
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


def texting_of(request: Request) -> Texting | None:
    """In Colombia a text follows no call but the last one, whatever the request says."""
    if request.canal is Channel.VOZ:
        return None
    if request.canal is Channel.SMS:
        return Texting.ONLY
    if request.pais is Country.CO:
        return Texting.AFTER_LAST
    return Texting.BEFORE if request.momento_sms is TextMoment.ANTES else Texting.AFTER_FIRST


def _unplanned(now: datetime, fields: Mapping[str, str]) -> dict[str, Any]:
    """A request that could not be made out: returned, so that nothing of this is ever used but ``kind``, which says
    who may know of it."""
    texts = dict.fromkeys(("mode", "line", "country", "caller_id"), "")
    texts["kind"] = readers.kind_meant(fields.get("tipo_campana", ""))
    numbers = {"max_attempts": 0, "priority": 9, "is_sensitive": True, "is_urgent": False}
    return {**texts, **numbers, "starts_at": now, "ends_on": now.date()}
