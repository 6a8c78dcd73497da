"""Nobody is called by the dialer while somebody of the house speaks with them, or is about to ring them (0024)."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from campaigns.rules.explaining import why_contact
from desk.on_the_line import on_the_line
from tests.campaigns.builders import attempts_of, people_of, running

_ROOM = """
    insert into room (line, queue, kind, state, place_since, entered_at, queued_at, citizen_print)
    values ('dgs', 'general', :kind, :state, now(), now(), now(), :print)
"""


def speaks(db, vault, phone: str, state: str, kind: str = "INBOUND") -> None:
    with db.begin() as tx:
        print_ = vault.fingerprint("phone", phone)
        tx.execute(text(_ROOM), {"state": state, "kind": kind, "print": print_})


@pytest.mark.parametrize(
    ("kind", "state"),
    [("INBOUND", "WAITING"), ("INBOUND", "TALKING"), ("CALLBACK", "WAITING"), ("OUTBOUND", "OFFERED")],
)
def test_whoever_is_in_a_conversation_is_called_when_it_is_over(db, vault, clock, switch, make, kind, state):
    campaign_id = running(db, vault, clock, 2)
    speaks(db, vault, "+50371000000", state, kind)
    round_ = make()
    assert round_.run() == 1
    assert [order.to for order in switch.orders] == ["+50371000001"]
    first = attempts_of(db, campaign_id)[0]
    assert (first.state, first.due_at) == ("due", clock.now() + timedelta(minutes=2))
    with db.begin() as tx:
        recipient_id = people_of(db, campaign_id)[0].id
        why = why_contact(tx, vault, clock.now(), recipient_id, on_the_line=on_the_line)
        assert "Está en una llamada con la institución" in " ".join(each.sentence for each in why)
        tx.execute(text("update room set state = 'ENDED'"))
    clock.advance(timedelta(minutes=2))
    assert round_.run() == 1
    assert switch.orders[-1].to == "+50371000000"
