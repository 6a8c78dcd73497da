"""What a campaign will be, on its review; and who of it will not be called, a list for each reason."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, render_template
from flask_login import current_user
from sqlalchemy import Row

from campaigns.approval import APPROVERS, VERIFIERS
from campaigns.columns import NOTHING, Places, places_of, shown_document
from campaigns.forecast.excused import UNREACHABLE, excused_people, label_of
from campaigns.forecast.preflight import Preflight
from campaigns.forecast.rates import ENOUGH
from campaigns.forecast.unreachable import unreachable
from campaigns.outcomes import Outcome
from console.access import CAMPAIGNS, requires
from console.addresses import MOST_ROW, asked_number
from console.campaigns.found import campaign_or_404
from console.office import office
from core.privacy import Vault, mask_phone

screen = Blueprint("preflight", __name__)

A_PAGE = 50


@dataclass(frozen=True)
class NotCalled:
    """A row of the list, masked. ``message``: what is wrong with it, where something is."""

    row: Row
    document: str
    phone: str


def shown(told: Preflight | None) -> dict[str, Any]:
    """What the part of the page needs beside it."""
    may_test = current_user.role in APPROVERS | VERIFIERS
    return {"preflight": told, "enough_calls": ENOUGH, "money": money, "may_test": may_test}


def money(amount: Decimal) -> str:
    """``1,234.50``."""
    return f"{amount:,.2f}"


@screen.get("/campanas/<id:campaign_id>/no-se-llaman/<reason>")
@requires(*CAMPAIGNS)
def excused_page(campaign_id: int, reason: str) -> str:
    """Who will not be called for this reason, in the upload's order; ``desde``: the row after which it goes on."""
    label, after = label_of(reason), asked_number("desde", MOST_ROW) or 0
    if not label:
        abort(404)
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        lost = unreachable(tx, here.vault, row) if reason in (UNREACHABLE, Outcome.EXPIRED) else []
        found = excused_people(tx, row, reason, after, A_PAGE + 1, lost)
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
