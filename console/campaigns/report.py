"""The report of one campaign: as it is now, the ones that were made and sent, and why it is not closed yet (R49)."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from sqlalchemy import Connection, Row, select
from werkzeug.wrappers import Response

from campaigns import readers
from campaigns.states import CampaignState
from console import queries
from console.access import CAMPAIGNS, requires
from console.beside import IS_OLD, Beside, counted_beside
from console.campaigns.found import campaign_or_404
from console.downloads import XLSX
from console.mail import LETTER_KEEPERS
from console.office import Office, office
from console.people import names_of_people
from core import audit, files
from core.mail_address import EMAIL_PRINT, mask_address, valid_address
from core.post import post
from reports import sending
from reports.campaign import counted_of, report_of, subtitle_of
from reports.counting import ReportFigures
from reports.document import Document
from reports.kinds import LABELS
from reports.tables import report

screen = Blueprint("campaign_report", __name__)

_NOT_BEGUN = (CampaignState.SUBMITTED, CampaignState.UNDER_REVIEW, CampaignState.RETURNED)
_TYPES = {"xlsx": XLSX, "pdf": "application/pdf"}


@dataclass(frozen=True)
class Progress:
    """What was counted of a campaign, and when."""

    at: datetime
    counted: ReportFigures


def progress_of(here: Office) -> Beside[Progress]:
    """What everybody is told who reads how a campaign went."""
    what = "a campaign could not be counted for its report"
    return here.keep("campaign reports", lambda: counted_beside(here.freshness.count_s, what))


@screen.get("/campanas/<id:campaign_id>/informe")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> str:
    here = office()
    now = here.clock.now()
    with here.db.begin() as tx:
        row = _row(tx, campaign_id)
    if row.state in _NOT_BEGUN:
        abort(404, "campaign")
    if request.args.get("contar"):
        progress_of(here).forget(row.id)
    found = progress_of(here).of(row.id, row.state, lambda: _count(here, row))
    with here.db.begin() as tx:
        told = _told(here, tx, row, found) if found else None
        made = _made(tx, campaign_id)
        final = sending.final_of(tx, campaign_id)
    is_waiting = row.state == CampaignState.FINISHED
    is_unsent = is_waiting and final is not None and final.mail_state != "sent"
    return render_template(
        "console/campaign_report.html",
        campaign=row,
        document=told,
        subtitle=subtitle_of(row),
        at=found.at if found else None,
        is_old=found is not None and now - found.at > IS_OLD,
        is_lost=found is None and progress_of(here).is_known(row.id, row.state),
        made=[(each, mask_address(here.vault.open(each.to_sealed)) if each.to_sealed else None) for each in made],
        labels=LABELS,
        why_open=sending.why_open(final) if is_waiting else "",
        may_send=is_unsent and current_user.role in LETTER_KEEPERS,
        is_campaigns_reader=_is_reader(row),
    )


@screen.get("/campanas/<id:campaign_id>/informe/<id:report_id>.<any(xlsx, pdf):kind>")
@requires(*CAMPAIGNS)
def file(campaign_id: int, report_id: int, kind: str) -> Response:
    """One that was made, as it was then."""
    here = office()
    with here.db.begin() as tx:
        _row(tx, campaign_id)
        mine = (report.c.id == report_id, report.c.campaign_id == campaign_id)
        made = tx.execute(select(report).where(*mine)).first()
        file_id = (made.xlsx_file_id if kind == "xlsx" else made.pdf_file_id) if made else None
        if made is None or file_id is None:
            abort(404, "campaign")
        data = files.fetch(tx, here.vault, file_id)
        facts = {"kind": kind, "report": made.kind}
        audit.record(
            tx, here.clock.now(), current_user.email, "campaign.report_downloaded", "campaign", campaign_id, **facts
        )
    return send_file(BytesIO(data), _TYPES[kind], as_attachment=True, download_name=f"{made.name}.{kind}")


@screen.post("/campanas/<id:campaign_id>/informe/enviar")
@requires(*LETTER_KEEPERS)
def send(campaign_id: int) -> Response:
    """The word of the final report to another address, or once more to the same."""
    here = office()
    now, to = here.clock.now(), valid_address(request.form.get("correo", ""))
    back = redirect(url_for(".page", campaign_id=campaign_id))
    if to is None:
        flash("Escriba una dirección de correo válida. No se envió nada.", "danger")
        return back
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        final = sending.final_of(tx, campaign_id)
        if row.state != CampaignState.FINISHED or final is None or final.mail_state == "sent":
            flash("El informe ya se envió, o todavía no está hecho.", "warning")
            return back
        sending.send_again(
            tx, here.vault, now, row, final, to, public_url=here.public_url, institution=here.institution
        )
        audit.record(tx, now, current_user.email, "campaign.report_readdressed", "campaign", campaign_id)
    flash("Se enviará de inmediato. La campaña se cierra cuando salga.", "success")
    return back


def _count(here: Office, row: Row) -> Progress:
    """In a transaction of its own: of a million people whoever looks does not wait for it."""
    now = here.clock.now()
    with here.db.begin() as tx:
        return Progress(now, counted_of(tx, here.vault, row))


def why_not_closed(campaign_id: int) -> str:
    """Why a campaign that is finished is not closed yet: for its page."""
    with office().db.begin() as tx:
        return sending.why_not_closed(tx, campaign_id)


def _row(tx: Connection, campaign_id: int) -> Row:
    """For whoever may see the campaign, and for whoever a report of it was written to."""
    print_ = office().vault.fingerprint(EMAIL_PRINT, current_user.email.lower())
    addressed = (report.c.campaign_id == campaign_id, report.c.to_print == print_)
    row = queries.campaign_row(tx, campaign_id)
    if row is not None and tx.execute(select(report.c.id).where(*addressed).limit(1)).first() is not None:
        return row
    return campaign_or_404(tx, campaign_id)


def _told(here: Office, tx: Connection, row: Row, found: Progress) -> Document:
    people = names_of_people(tx)
    return report_of(tx, here.vault, found.at, row, here.institution, found.counted, people=people)


def _is_reader(row: Row) -> bool:
    """Whether the visitor may look at the campaign itself too."""
    with office().db.begin() as tx:
        return readers.may_read(tx, office().vault, row.id, current_user.email, current_user.role)


def _made(tx: Connection, campaign_id: int) -> list[Row]:
    """Those that were made, newest first, each with its letter."""
    query = (
        select(report, post.c.state.label("mail_state"), post.c.sent_at, post.c.problem, post.c.to_sealed)
        .outerjoin(post, post.c.id == report.c.mail_id)
        .where(report.c.campaign_id == campaign_id)
    )
    return list(tx.execute(query.order_by(report.c.id.desc())))
