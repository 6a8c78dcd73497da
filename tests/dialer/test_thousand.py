"""People of known fates at 50 calls a second: every outcome, and what followed each, by formato-v1 §7.

A thousand of them with ``make thousand``; in the suite each fate has its share of one hundred, of three with
``make whole``.
"""

import os
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from campaigns.rules.hours import Window
from core.countries import COUNTRIES
from core.database import Database
from demo.invent import citizen
from demo.people import fate_of
from tests.dialer.campaigns import Placed, is_finished, launch, people, personas_of, what_came, wrong_ends
from tests.service import service, wait_for
from tests.slow import IS_WHOLE

CONTACTS = int(os.environ.get("CONTACTS", "300" if IS_WHOLE else "100"))
SV = Window(COUNTRIES["SV"])


@pytest.mark.slow(40)
@pytest.mark.timeout(900)
def test_every_outcome_and_what_followed_it(db: Database, database_url: str, tmp_path: Path) -> None:
    citizens = people(CONTACTS)
    pace = {"CALLS_PER_SECOND": "50", "MAX_LIVE_CALLS": "60", "WEB_WORKERS": "2" if IS_WHOLE else "1"}

    with service(tmp_path, database_url, personas_of(citizens), **pace) as running:
        made = running.parts()
        campaign_id = launch(made, citizens)
        wait_for(lambda: is_finished(made, campaign_id), 800, "the end of the campaign")
        came = what_came(made, campaign_id)
        placed = [entry for entry in running.ledger() if entry["kind"] == "call"]
        made.db.close()

    assert wrong_ends(came) == []
    assert wrong_followups(came) == []
    assert len(placed) == sum(len(calls) for _, calls in came.values()), "the carrier's ledger tells as many calls"


def wrong_followups(came: dict[int, tuple[str, list[Placed]]]) -> list[str]:
    """Pairs of calls to one person that the table does not allow, as sentences."""
    found = []
    for number, (_, calls) in came.items():
        for place, (before, after) in enumerate(pairwise(calls)):
            earlier = calls[place - 1] if place else None
            busy_before = earlier is not None and (earlier.outcome, earlier.phone) == (before.outcome, before.phone)
            problem = _problem(before, after, len(citizen(number).phones), busy_before)
            if problem or not SV.is_open(after.at):
                found.append(f"{number} {fate_of(number)}: {problem or 'out of hours'} ({before} → {after})")
    return found


def _problem(before: Placed, after: Placed, phones: int, busy_before: bool) -> str:
    waited = after.at - before.at
    days = SV.local(after.at).date() - SV.local(before.at).date()
    next_phone = (before.phone + 1) % phones
    match before.outcome:
        case "no_contacto.ocupado" if not busy_before:
            right = after.phone == before.phone and timedelta(minutes=20) <= waited < timedelta(minutes=40)
        case "no_contacto.ocupado" | "no_contacto.no_contesta":
            right = after.phone == next_phone and waited >= timedelta(hours=3) and _band(after) != _band(before)
        case "no_contacto.fallida":
            right = after.phone == next_phone and timedelta(minutes=1) <= waited < timedelta(minutes=10)
        case "no_contacto.buzon_con_mensaje" | "contacto_titular.no_supera_seguridad":
            right = after.phone == before.phone and days >= timedelta(days=1)
        case "contacto_tercero.numero_equivocado":
            right = after.phone == next_phone and days >= timedelta(days=1)
        case "no_contacto.colgo":
            right = after.phone == before.phone and waited >= timedelta(hours=3)
        case "contacto_tercero.no_es_la_persona":
            right = after.phone == before.phone and waited >= timedelta(hours=3) and _band(after) != _band(before)
        case _:
            return "nothing follows a final outcome"
    return "" if right else "not what the table says"


def _band(call: Placed) -> int:
    hour = SV.local(call.at).hour
    return 0 if hour < 12 else 1 if hour < 15 else 2
