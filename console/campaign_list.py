"""Campañas: every campaign with its state, how far it came, and why it waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection, Row, select
from werkzeug.wrappers import Response

from campaigns.rules.hours import window_of
from campaigns.rules.why import Why
from campaigns.states import CampaignState
from campaigns.status import status_of
from campaigns.tables import recipient
from console import queries
from console.access import CAMPAIGNS, requires
from console.found import campaign_or_404, owner, stranger
from console.office import office
from console.queries import Listed

screen = Blueprint("campaign_list", __name__)

_UNDER_WAY = (CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
_FINISHED = (CampaignState.FINISHED, CampaignState.CLOSED)
_IN_REVIEW = (CampaignState.SUBMITTED, CampaignState.UNDER_REVIEW, CampaignState.RETURNED)


@dataclass(frozen=True)
class Line:
    """A row of the list. ``ends``: estimated, while it is under way; ``is_planned``: it has calls to show."""

    listed: Listed
    why: Why | None
    ends: datetime | None
    is_planned: bool
    is_over: bool


@screen.get("/campanas")
@requires(*CAMPAIGNS)
def page() -> str:
    wanted = request.args.get("estado", "")
    state = wanted if wanted in list(CampaignState) else None
    here = office()
    now = here.clock.now()
    with here.db.begin() as tx:
        by_state = queries.campaigns_by_state(tx, owner(), stranger())
        lines = [_line(tx, now, listed) for listed in queries.campaigns_listed(tx, owner(), state, stranger=stranger())]
    return render_template("console/campaign_list.html", lines=lines, by_state=by_state, state=state)


@screen.get("/campanas/<int:campaign_id>")
@requires(*CAMPAIGNS)
def one(campaign_id: int) -> Response:
    """What there is to see of it now: its review, or its calls."""
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        was_called = _was_called(tx, campaign_id)
    if row.state == CampaignState.SUBMITTED and row.submitted_by == current_user.email:
        return redirect(url_for("console.upload.checking", campaign_id=campaign_id))
    is_in_review = row.state in _IN_REVIEW or (row.state == CampaignState.CANCELLED and not was_called)
    where = "console.review.page" if is_in_review else "console.live.page"
    return redirect(url_for(where, campaign_id=campaign_id))


def _line(tx: Connection, now: datetime, listed: Listed) -> Line:
    row = listed.campaign
    is_over = row.state in (*_FINISHED, CampaignState.CANCELLED)
    if row.state not in _UNDER_WAY:
        is_cancelled = row.state == CampaignState.CANCELLED
        is_planned = _was_called(tx, row.id) if is_cancelled else row.state not in _IN_REVIEW
        return Line(listed, None, None, is_planned, is_over)
    waiting = status_of(tx, now, row.id, office().max_live_calls).waiting_because
    return Line(listed, waiting[0] if waiting else None, estimated_end(tx, now, row), True, is_over)


def _was_called(tx: Connection, campaign_id: int) -> bool:
    """Whether anybody of the campaign was ever called."""
    anyone = select(recipient.c.id).where(recipient.c.campaign_id == campaign_id, recipient.c.attempts > 0)
    return tx.execute(anyone.limit(1)).first() is not None


def estimated_end(tx: Connection, now: datetime, row: Row) -> datetime | None:
    """When the last call that is planned now will have been placed, at the pace and inside legal hours; None where
    that is now, or nobody knows. It cannot know who will have to be called again: ``ends_on`` is the last day."""
    if row.state == CampaignState.PAUSED:
        return None
    planned = queries.latest_due(tx, row.id)
    found = _last_placed(row, now, planned) if planned.waiting else None
    return found if found and found >= now + timedelta(minutes=2) else None


def _last_placed(row: Row, now: datetime, planned: Row) -> datetime | None:
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
