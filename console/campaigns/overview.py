"""Campañas: every campaign with its state, how far it came, and why it waits."""

import time
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response

from campaigns.counting import tally
from campaigns.rules.explaining import why_campaign
from campaigns.rules.why import Why
from campaigns.states import CampaignState
from console import queries
from console.access import CAMPAIGNS, page_after, requires
from console.campaigns.ends import End, ends_of
from console.campaigns.foretold import end_of
from console.campaigns.found import campaign_or_404, seen
from console.office import office
from console.queries import CampaignListed

screen = Blueprint("campaign_list", __name__)

_FORETELLS_S = 0.3  # seconds of a look at the list: of who comes later in it only the last day is told
_UNDER_WAY = (CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
_FINISHED = (CampaignState.FINISHED, CampaignState.CLOSED)
_IN_REVIEW = (CampaignState.SUBMITTED, CampaignState.UNDER_REVIEW, CampaignState.RETURNED)


@dataclass(frozen=True)
class Line:
    """A row of the list. ``ends``: estimated, while it is under way; ``is_planned``: it has calls to show."""

    listed: CampaignListed
    why: Why | None
    ends: End | None
    is_planned: bool
    is_over: bool


@screen.get("/campanas")
@requires(*CAMPAIGNS)
def page() -> Response | str:
    if not current_user.sees_all_campaigns:
        return redirect(url_for("console.requests.page"))
    wanted = request.args.get("estado", "")
    state = wanted if wanted in list(CampaignState) else None
    here = office()
    now = here.clock.now()
    with here.db.begin() as tx:
        by_state = queries.campaigns_by_state(tx, seen())
        until = time.monotonic() + _FORETELLS_S
        lines = [_line(tx, now, listed, until) for listed in queries.campaigns_listed(tx, seen(), state)]
    return render_template("console/campaign_list.html", lines=lines, by_state=by_state, state=state)


@screen.get("/campanas/<id:campaign_id>")
@requires(*CAMPAIGNS)
def one(campaign_id: int) -> Response:
    """What there is to see of it now: its review, or its calls."""
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        was_called = _was_called(tx, campaign_id)
    if row.state == CampaignState.SUBMITTED and row.submitted_by == current_user.email:
        return redirect(url_for("console.upload.checking", campaign_id=campaign_id))
    is_in_review = row.state in _IN_REVIEW or (row.state == CampaignState.CANCELLED and not was_called)
    where = page_after(current_user.role) if is_in_review else "console.live.page"
    return redirect(url_for(where, campaign_id=campaign_id))


def _line(tx: Connection, now: datetime, listed: CampaignListed, until: float) -> Line:
    row = listed.campaign
    is_over = row.state in (*_FINISHED, CampaignState.CANCELLED)
    if row.state not in _UNDER_WAY:
        is_cancelled = row.state == CampaignState.CANCELLED
        is_planned = _was_called(tx, row.id) if is_cancelled else row.state not in _IN_REVIEW
        return Line(listed, None, None, is_planned, is_over)
    waiting = why_campaign(tx, now, row, trunks=office().trunks.now())
    return Line(listed, waiting[0] if waiting else None, _end(now, row, until), True, is_over)


def _was_called(tx: Connection, campaign_id: int) -> bool:
    """Whether anybody of the campaign was ever called."""
    return any(each.was_called for each in tally.people(tx, campaign_id))


def _end(now: datetime, row: Row, until: float) -> End | None:
    """When it will end, unless too many had to be foretold for this look already."""
    here = office()
    may_tell = ends_of(here).is_known(row.id, row.state) or time.monotonic() < until
    return end_of(here, now, row) if may_tell else None
