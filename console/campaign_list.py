"""Campañas: every campaign with its state, how far it came, and why it waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response

from campaigns.hours import window_of
from campaigns.states import CampaignState
from campaigns.status import status_of
from campaigns.waiting import Why
from console import queries
from console.access import CAMPAIGNS, requires
from console.found import campaign_or_404, owner
from console.office import office
from console.queries import Listed

screen = Blueprint("campaign_list", __name__)

_UNDER_WAY = (CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
_IN_REVIEW = (CampaignState.SUBMITTED, CampaignState.UNDER_REVIEW, CampaignState.RETURNED)


@dataclass(frozen=True)
class Line:
    """A row of the list. ``ends``: estimated while it runs."""

    listed: Listed
    why: Why | None
    ends: datetime | None


@screen.get("/campanas")
@requires(*CAMPAIGNS)
def page() -> str:
    wanted = request.args.get("estado", "")
    state = wanted if wanted in list(CampaignState) else None
    here = office()
    now = here.clock.now()
    with here.db.begin() as tx:
        by_state = queries.campaigns_by_state(tx, owner())
        lines = [_line(tx, now, listed) for listed in queries.campaigns_listed(tx, owner(), state)]
    return render_template("console/campaign_list.html", lines=lines, by_state=by_state, state=state)


@screen.get("/campanas/<int:campaign_id>")
@requires(*CAMPAIGNS)
def one(campaign_id: int) -> Response:
    """What there is to see of it now: its review, or its calls."""
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        was_planned = bool(queries.latest_due(tx, campaign_id).waiting) or row.finished_at is not None
    is_in_review = row.state in _IN_REVIEW or (row.state == CampaignState.CANCELLED and not was_planned)
    where = "console.review.page" if is_in_review else "console.live.page"
    return redirect(url_for(where, campaign_id=campaign_id))


def _line(tx: Connection, now: datetime, listed: Listed) -> Line:
    row = listed.campaign
    if row.state not in _UNDER_WAY:
        return Line(listed, None, row.finished_at)
    waiting = status_of(tx, now, row.id, office().max_live_calls).waiting_because
    return Line(listed, waiting[0] if waiting else None, estimated_end(tx, now, row))


def estimated_end(tx: Connection, now: datetime, row: Row) -> datetime | None:
    """When the last call that is planned now will have been placed, at the pace and inside legal hours. It cannot know
    who will have to be called again."""
    planned = queries.latest_due(tx, row.id)
    if not planned.waiting:
        return None
    window, work = window_of(row), timedelta(seconds=planned.waiting / office().calls_per_second)
    at = window.next_open(max(now, row.starts_at))
    while at:
        spans = window.spans_of(window.local(at).date())
        closes = next((closes for opens, closes in spans if opens <= at < closes), at)
        if at + work <= closes:
            return max(at + work, window.next_open(planned.last) or at)
        work -= closes - at
        at = window.next_open(closes)
    return None
