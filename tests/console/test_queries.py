"""What the screens ask of a database that has seen much."""

from sqlalchemy import true, update

from campaigns.outcomes import Outcome
from campaigns.tables import campaign, recipient
from console import queries
from core import audit
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from tests.campaigns.builders import submitted


def test_each_campaign_of_the_list_has_its_own_figures(db: Database, vault: Vault, clock: FixedClock) -> None:
    ids = [submitted(db, vault, clock, people, nombre_campana=f"Lista de {people}").id for people in (2, 3, 4)]
    with db.begin() as tx:
        of_four = (Outcome.MESSAGE_PARTIAL, Outcome.NO_MORE_CALLS, Outcome.ROW_IN_ERROR)  # none of them met its aim
        endings = [(1, 0, Outcome.COLLECTED), (1, 1, Outcome.WRONG_NUMBER)]
        endings += [(2, row, outcome) for row, outcome in enumerate(of_four)]
        for which, row, outcome in endings:
            mine = (recipient.c.campaign_id == ids[which], recipient.c.id.in_(_ids(tx, ids[which])[row : row + 1]))
            tx.execute(update(recipient).where(*mine).values(outcome=outcome, is_final=True))
        listed = queries.campaigns_listed(tx, true(), None, limit=2)
        theirs = queries.campaigns_listed(tx, campaign.c.submitted_by == "nobody", None)
        returned = queries.campaigns_listed(tx, true(), "returned")

    assert [(row.campaign.id, row.done, row.failed, row.left) for row in listed] == [
        (ids[2], 0, 2, 1),
        (ids[1], 1, 1, 1),
    ]
    assert (theirs, returned) == ([], [])


def test_the_trail_is_read_no_further_than_it_is_shown(db: Database, clock: FixedClock) -> None:
    with db.begin() as tx:
        for n in range(6):
            audit.record(tx, clock.now(), "ana", f"campaign.step_{n}", "campaign", 7)
            audit.record(tx, clock.now(), "ana", "campaign.sample_shown", "campaign", 7)
            audit.record(tx, clock.now(), "ana", "campaign.other", "campaign", 8)
        found = queries.trail(tx, 7, {"campaign.sample_shown"}, 3)

    assert [line.action for line in found] == ["campaign.step_5", "campaign.step_4", "campaign.step_3"]


def _ids(tx, campaign_id: int) -> list[int]:
    return [row.id for row in queries.people(tx, campaign_id, None, 10)]
