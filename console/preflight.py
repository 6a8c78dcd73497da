"""What a campaign will be, on its review; and who of it will not be called, a list for each reason."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_login import current_user
from sqlalchemy import Connection, Row

from campaigns.approval import APPROVERS, VERIFIERS
from campaigns.columns import NOTHING, Places, places_of, shown_document
from campaigns.forecast.estimate import Pace
from campaigns.forecast.excused import excused_people, label_of
from campaigns.forecast.preflight import Preflight, preflight
from campaigns.forecast.rates import ENOUGH, seconds_of
from campaigns.forecast.tariffs import tariff_of
from campaigns.sample import Sample
from campaigns.states import CampaignState
from console.access import CAMPAIGNS, requires
from console.found import campaign_or_404, seen
from console.office import Office, office
from core.privacy import Vault, mask_phone

screen = Blueprint("preflight", __name__)

A_PAGE = 50
_BEFORE_IT_STARTS = frozenset({CampaignState.UNDER_REVIEW, CampaignState.APPROVED, CampaignState.SCHEDULED})
_LAST_ROW = 2**31  # no sheet has more rows than an integer of the database


@dataclass(frozen=True)
class NotCalled:
    """A row of the list, masked. ``message``: what is wrong with it, where something is."""

    row: Row
    document: str
    phone: str


def preflight_of(here: Office, tx: Connection, row: Row, samples: Sequence[Sample]) -> Preflight | None:
    """Before its first call, for whoever decides whether there is one; None at any other time."""
    if row.state not in _BEFORE_IT_STARTS or not current_user.sees_all_campaigns:
        return None
    pace = Pace(here.calls_per_second, here.max_live_calls, here.ring_seconds)
    tariff = tariff_of(here.tariffs, row.trunk)
    return preflight(tx, here.clock.now(), row.id, pace, seconds_of(samples), tariff, seen())


def shown(told: Preflight | None) -> dict[str, Any]:
    """What the part of the page needs beside it."""
    may_test = current_user.role in APPROVERS | VERIFIERS
    return {"preflight": told, "enough_calls": ENOUGH, "money": money, "may_test": may_test}


def money(amount: Decimal) -> str:
    """``1,234.50``."""
    return f"{amount:,.2f}"


@screen.get("/campanas/<int:campaign_id>/no-se-llaman/<reason>")
@requires(*CAMPAIGNS)
def excused_page(campaign_id: int, reason: str) -> str:
    """Who will not be called for this reason, in the upload's order; ``desde``: the row after which it goes on."""
    label, after = label_of(reason), request.args.get("desde", 0, type=int)
    if not label or not 0 <= after < _LAST_ROW:
        abort(404)
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        found = excused_people(tx, row, reason, after, A_PAGE + 1)
        places = places_of(row.headings)
        people = [_masked(here.vault, each, places) for each in found[:A_PAGE]]
    return render_template(
        "console/excused.html",
        campaign=row,
        label=label,
        reason=reason,
        people=people,
        after=after,
        has_more=len(found) > A_PAGE,
    )


def _masked(vault: Vault, row: Row, places: Places) -> NotCalled:
    data = json.loads(vault.open(row.data_sealed))
    cells, phones = data["cells"], (data["contact"] or {}).get("phones", [])
    return NotCalled(row, shown_document(cells, places), mask_phone(phones[0]) if phones else NOTHING)
