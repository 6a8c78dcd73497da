"""The review of an upload: how many will be called, what there is to say of each row, and what will be heard."""

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response

from campaigns.approval import APPROVERS, LONGEST_NOTE, SUPERVISORS, VERIFIERS, needs_supervisor, verify, why_supervisor
from campaigns.sample import Sample
from campaigns.states import TEXTS, CampaignState
from campaigns.texting.plain import set_plain
from campaigns.upload.observations import CODES, mask_field
from campaigns.upload.request import Request
from console import queries
from console.access import CAMPAIGNS, UPLOADERS, requires
from console.beside import IS_OLD
from console.campaigns.found import campaign_or_404, is_own, seen
from console.campaigns.preflight import shown
from console.campaigns.requests import comparison_of, correct_by
from console.campaigns.review_count import count_of, forget, is_lost, preflight_for
from console.campaigns.samples import samples_of
from console.office import Office, office
from core import audit

screen = Blueprint("review", __name__)

FIRST_ROWS, MOST_ROWS = 10, 200
#: What the trail tells and nobody has to read on the page.
_SMALL_MATTERS = {
    *("campaign.planned", "campaign.sample_shown", "campaign.written_to", "campaign.annotated_downloaded"),
    "campaign.answers_shown",
}
_MODES = {"AUTOMATICA": "voz automática", "OPERADOR": "con operador", TEXTS: "mensajes de texto"}


@dataclass(frozen=True)
class RequestAsked:
    """What the request says. ``fields``: (name, value as it may be shown, what is said of it)."""

    fields: list[tuple[str, str, list[Row]]] = field(repr=False)
    notes: list[Row]
    request: Request | None = field(repr=False)


@screen.get("/campanas/<id:campaign_id>/revision")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> str:
    here = office()
    code, level = request.args.get("codigo"), request.args.get("nivel")
    limit = MOST_ROWS if request.args.get("todas") else FIRST_ROWS
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
    if request.args.get("contar"):
        forget(here, row)
    count = count_of(here, row)
    groups = count.groups if count else []
    with here.db.begin() as tx:
        trail = audit.history(tx, "campaign", campaign_id)
        found = {
            "asked": _asked(here, tx, row),
            "count": count,
            "is_lost": count is None and is_lost(here, row),
            "is_old": count is not None and here.clock.now() - count.at > IS_OLD,
            "rows": queries.observations_of_rows(tx, campaign_id, code, level, limit) if count else [],
            "samples": _samples(here, tx, row, trail) if count else [],
            **shown(preflight_for(tx, count)),
            **_story(tx, row, trail),
        }
        may = _may(row, is_own=is_own(tx, row), is_verified=found["verified"] is not None)
    in_all = sum(group.found for group in groups if code in (None, group.code) and level in (None, group.level))
    return render_template(
        "console/review.html",
        campaign=row,
        figures=count.figures if count else None,
        groups=groups,
        mode=_MODES.get(row.mode, ""),
        codes=CODES,
        code=code,
        level=level,
        in_all=in_all,
        may=may,
        longest_note=LONGEST_NOTE,
        **found,
    )


def _story(tx: Connection, row: Row, trail: list[dict]) -> dict[str, Any]:
    """Who did what with it, until when it may be corrected, and what was."""
    return {
        "returned": next((each for each in trail if each["action"] == "campaign.returned"), None),
        "verified": next((each for each in trail if each["action"] == "campaign.verified"), None),
        "corrected_by": queries.replaced_by(tx, row.id, seen()),
        "correct_by": correct_by(tx, row, trail),
        "comparison": comparison_of(tx, row),
        "history": [each for each in trail if each["action"] not in _SMALL_MATTERS],
    }


@screen.post("/campanas/<id:campaign_id>/verificar")
@requires(*VERIFIERS)
def verified(campaign_id: int) -> Response:
    """A professional looked at it (R60)."""
    here = office()
    with here.db.begin() as tx:
        campaign_or_404(tx, campaign_id)
        verify(tx, here.clock.now(), campaign_id, current_user.email, current_user.role, request.form.get("note", ""))
    flash("Quedó verificada.", "success")
    return redirect(url_for(".page", campaign_id=campaign_id))


@screen.post("/campanas/<id:campaign_id>/letras")
@requires(*APPROVERS)
def letters(campaign_id: int) -> Response:
    """Whether its texts are sent in the letters that cost less."""
    here, is_plain = office(), request.form.get("plain") == "1"
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        set_plain(tx, here.clock.now(), campaign_id, current_user.email, is_plain=is_plain)
    forget(here, row)
    flash("Se enviará sin tildes." if is_plain else "Se enviará como está escrito.", "success")
    return redirect(url_for(".page", campaign_id=campaign_id))


def _may(row: Row, *, is_own: bool, is_verified: bool) -> dict[str, Any]:
    """What the visitor may do with it now; ``needs_supervisor``: why somebody else must approve it."""
    role, state = current_user.role, row.state
    waits = state == CampaignState.UNDER_REVIEW
    now = office().clock.now()
    takes_more = waits and needs_supervisor(row, now, at_once=False)
    approvers = SUPERVISORS if takes_more else APPROVERS
    return {
        "approve": waits and role in approvers,
        "needs_supervisor": why_supervisor(row, now, at_once=False) if waits and role in APPROVERS - approvers else "",
        "rehearse": role in APPROVERS,
        "choose_letters": waits and role in APPROVERS,
        "return": waits and role in APPROVERS,
        "cancel": state in (CampaignState.UNDER_REVIEW, CampaignState.RETURNED) and (role in APPROVERS or is_own),
        "correct": state == CampaignState.RETURNED and role in UPLOADERS,
        "refuse": state == CampaignState.RETURNED and is_own,
        "verify": waits and role in VERIFIERS and not is_verified,
        "original": row.submitted_by == current_user.email,
    }


def _asked(here: Office, tx: Connection, row: Row) -> RequestAsked:
    kept = json.loads(here.vault.open(row.request_sealed))
    notes = queries.observations_of_request(tx, row.id)
    by_field: dict[str | None, list[Row]] = {}
    for note in notes:
        by_field.setdefault(note.column, []).append(note)
    written = {name: value for name, value in kept["fields"].items() if value}
    fields = [(name, mask_field(name, value), by_field.get(name, [])) for name, value in written.items()]
    return RequestAsked(fields, notes, Request.from_json(kept["request"]) if kept["request"] else None)


def _samples(here: Office, tx: Connection, row: Row, trail: list[dict]) -> list[Sample]:
    """Of what may be called, or might have been. Whoever sees them sees a first name, and what the message says of
    three people: the first time is written down."""
    was_approved = any(each["action"] == f"campaign.{CampaignState.APPROVED}" for each in trail)
    if row.state != CampaignState.UNDER_REVIEW and not was_approved:
        return []
    samples, now = samples_of(here, tx, row), here.clock.now()
    seen = ("campaign.sample_shown", current_user.email)
    if samples and seen not in [(each["action"], each["actor"]) for each in trail]:
        audit.record(tx, now, current_user.email, "campaign.sample_shown", "campaign", row.id, people=len(samples))
    return samples
