"""A small urgent campaign beside one of hundreds of thousands: ahead of all of it, and soon."""

import threading
import time

import pytest
from sqlalchemy import text

from campaigns.states import CampaignState
from dialer.keeper import Means
from dialer.process import Dialer
from tests.campaigns.builders import attempts_of, running, set_campaign
from tests.dialer.exchange import an_exchange
from tests.service import wait_for
from tests.slow import IS_WHOLE
from tests.trunks import a_trunk, in_use

MANY = 1_000_000 if IS_WHOLE else 200_000
FEW = 20
FELT_WITHIN = 2.0  # seconds after it begins
#: The same people again and again, due after those that were handed in; without triggers, as nobody counts them here.
_MORE = (
    "set local session_replication_role = replica",
    """
    insert into recipient (campaign_id, row, data_sealed, phones, answers)
    select campaign_id, row + 1000 * n, data_sealed, phones, answers from recipient, generate_series(1, :times) n
    where campaign_id = :campaign
    """,
    """
    insert into attempt (campaign_id, recipient_id, phone, due_at, trunk)
    select r.campaign_id, r.id, 0, (select max(due_at) from attempt where campaign_id = :campaign), 'default'
    from recipient r where r.campaign_id = :campaign and r.row > 1000
    """,
)


def a_long_list(db, vault, clock) -> int:
    campaign_id = running(db, vault, clock, 400)
    with db.begin() as tx:
        for statement in _MORE:
            told = {"campaign": campaign_id, "times": MANY // 400}
            tx.execute(text(statement), {name: value for name, value in told.items() if f":{name}" in statement})
    with db.at_once() as tx:
        tx.execute(text("analyze recipient, attempt"))
    return campaign_id


@pytest.mark.slow(25, timed=True)
@pytest.mark.timeout(300)
def test_it_is_not_stuck_behind_a_long_one(db, vault, clock):
    a_long_list(db, vault, clock)
    few = running(db, vault, clock, FEW, 5000, prioridad="9", nombre_campana="Aviso urgente")
    set_campaign(db, few, is_urgent=True, state=CampaignState.PAUSED)
    urgent = {row.id for row in attempts_of(db, few)}
    with an_exchange() as exchange:
        trunk = a_trunk(api_url=exchange.address, calls_per_second=10, max_live_calls=100_000)
        dialer = Dialer(Means(db, vault, clock, in_use(trunk), "http://127.0.0.1:1"))
        thread = threading.Thread(target=dialer.run, daemon=True)
        thread.start()
        try:
            wait_for(lambda: len(exchange.asked) > 10, 30, "the calls of the long list")
            assert not urgent & set(exchange.attempts)
            set_campaign(db, few, state=CampaignState.RUNNING)
            began = time.monotonic()
            wait_for(lambda: urgent <= set(exchange.attempts), 30, "all of the urgent ones")
        finally:
            dialer.stop()
            thread.join(30)
    first = next(n for n, each in enumerate(exchange.attempts) if each in urgent)
    assert exchange.asked[first] - began <= FELT_WITHIN
    assert set(exchange.attempts[first : first + FEW]) == urgent, "all of it ahead of everybody else"
