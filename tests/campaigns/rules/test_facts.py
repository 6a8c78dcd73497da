"""What is read of the past, and what two who ask at once are told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select

from campaigns.rules.deciding import Decision, Dial, NotNow, Reason
from campaigns.rules.facts import CAMPAIGN_COLUMNS, candidate_of, decisions
from campaigns.tables import attempt, campaign, recipient
from dialer.queries import Taken, take
from tests.campaigns.builders import attempts_of, running, set_attempt


def decided(tx, vault, now, campaign_id: int) -> tuple[Decision, Taken]:
    """What becomes of a campaign's first attempt."""
    row = tx.execute(select(*CAMPAIGN_COLUMNS).where(campaign.c.id == campaign_id)).one()
    found = tx.execute(
        select(
            *(attempt.c.id, attempt.c.campaign_id, attempt.c.recipient_id, attempt.c.phone),
            *(recipient.c.data_sealed, recipient.c.person_print, recipient.c.phones, recipient.c.spent),
            *(recipient.c.outcome, recipient.c.zone, recipient.c.preferred),
        )
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .where(attempt.c.campaign_id == campaign_id)
        .order_by(attempt.c.id)
        .limit(1)
    ).one()
    ((each, to_print, decision),) = decisions(tx, vault, now, {campaign_id: row}, [candidate_of(vault, found)])
    return decision, Taken(each, to_print, "+50322373333")


def test_two_who_ask_at_once_never_call_one_telephone_together(db, vault, clock):
    """Another trunk's dialer, or an operator: whoever comes second waits, and then sees the first one's call."""
    first, second = running(db, vault, clock, 1), running(db, vault, clock, 1, nombre_campana="Otra")
    begun = Event()

    def late() -> Decision:
        with db.begin() as tx:
            begun.set()
            return decided(tx, vault, clock.now(), second)[0]

    with ThreadPoolExecutor(1) as pool:
        with db.begin() as tx:
            decision, taken = decided(tx, vault, clock.now(), first)
            assert isinstance(decision, Dial)
            other = pool.submit(late)
            assert begun.wait(5)
            take(tx, clock.now(), 1, [taken])
        assert other.result(10) == NotNow(Reason.BETWEEN, clock.now() + timedelta(hours=3))


@pytest.mark.parametrize(
    ("past", "counts"),
    [
        ({"state": "placed", "remote_sid": "CA1"}, True),
        ({"state": "asking"}, True),
        ({"state": "unknown"}, True),
        ({"state": "ended", "remote_sid": "CA1", "outcome": "no_contacto.no_contesta"}, True),
        ({"state": "ended", "outcome": "error_tecnico"}, True),  # nobody knows whether it rang
        ({"state": "ended", "remote_sid": "CA1", "outcome": "no_contacto.ocupado"}, False),
        ({"state": "ended", "outcome": "no_contacto.fallida", "refused_code": 21211}, False),
        ({"state": "not_placed"}, False),
        ({"state": "withdrawn"}, False),
        ({"state": "due"}, False),
    ],
)
def test_what_counts_as_a_call_of_another_campaign(db, vault, clock, past, counts):
    other = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, other)[0].id, started_at=clock.now() - timedelta(hours=1), **past)
    campaign_id = running(db, vault, clock, 1, nombre_campana="Otra")
    with db.begin() as tx:
        decision, _ = decided(tx, vault, clock.now(), campaign_id)
    assert isinstance(decision, NotNow if counts else Dial)
